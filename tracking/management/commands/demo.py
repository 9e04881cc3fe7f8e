"""`manage.py demo`: believable French data to try the portal with."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import translation

from accounts import demo as accounts_demo
from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.commands import Facts, Misuse, OperatorCommand
from rights.demo import people as demo
from tracking.demo import build_claims, build_parcels, build_points

DEFAULT_PASSWORD = "colibox-demo-2026"  # noqa: S105 (printed, for demonstrations)


ADDED = {
    "people": "",
    "pickup_points": "pickup points added",
    "parcels": "parcels added",
    "claims": "claims filed",
    "documents": "documents added",
}
"""What is said of what was made, in this order."""


def at_least_none(text: str) -> int:
    """How many of something, as typed."""
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text} is no number of things to make")
    return int(text)


class Command(OperatorCommand):
    """Idempotent: run again, it adds only what is missing."""

    help = "Make accounts, people, parcels and pickup points to try the portal with; what is there already stays."
    example = "demo --people 10000 --account 900138 --parcels 100000 --pickup-points 2000"
    at_once = False
    interrupted = "Interrupted: whole parts are left; run it again to go on."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=at_least_none, default=0, help="advanced users to make up on one account")
        parser.add_argument("--account", default="900138", help="the account they are on (default: 900138)")
        parser.add_argument("--parcels", type=at_least_none, default=0, help="parcels to make up over all accounts")
        parser.add_argument("--pickup-points", type=at_least_none, default=0, help="pickup points to make up")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when any account exists")

    def answer(self, *, people: int, account: str, if_empty: bool, **options: Any) -> Facts:
        password = os.environ.get("COLIBOX_DEMO_PASSWORD") or DEFAULT_PASSWORD
        if if_empty and not demo.is_empty():
            return {"done": "nothing: there are accounts"}
        with translation.override(settings.LANGUAGE_CODE):
            signs = demo.build(password)
            self._check(account)
            made = {
                "people": demo.crowd(account, people, password),
                "pickup_points": build_points(options["pickup_points"]),
                "parcels": build_parcels(options["parcels"], self._progress),
                "claims": build_claims() if options["parcels"] else 0,
                "documents": accounts_demo.build("900138"),
            }
        signed = [{"username": sign.username, "what": sign.what} for sign in signs]
        return {"account": account, **made, "password": password, "signs": signed}

    def tell(self, facts: Facts) -> None:
        """What was added, and who may sign in: in the words that the first start shows."""
        if "signs" not in facts:
            return
        added = {**ADDED, "people": f"people added on {facts['account']}"}
        for name, what in added.items():
            if facts[name]:
                self.stdout.write(f"{facts[name]:,} {what}.")
        if self.dry_run:
            self.stdout.write("Nothing was done: this is what would be.")
            return
        self.stdout.write("Demo people, password " + self.style.SUCCESS(facts["password"]) + ":")
        for sign in facts["signs"]:
            self.stdout.write(f"  {sign['username']:<12} {sign['what']}")

    def _check(self, account: str) -> None:
        with transaction.atomic(), tenancy.everything():
            if not CustomerAccount.objects.filter(number=account).exists():
                raise Misuse(f"There is no account {account}.")

    def _progress(self, done: int) -> None:
        """For somebody who watches."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:,} parcels ", ending="")
