"""`manage.py set_account`: what an account says of itself put right, closed, opened again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.actions import accounts as actions
from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand
from colibox.lib.trace import SHORTEST_REASON


class Command(OperatorCommand):
    """Idempotent: what is as asked stays so, and the command says so."""

    help = (
        "Put right what a customer account says of itself, close it, or open it again; its owner is told by e-mail.\n"
        "The number never changes; the owner and the rights have commands and pages of their own."
    )
    example = 'set_account 900140 --company "Atelier Lumen SAS" --reason "ticket 48213, new extract of the register"'

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account number")
        known = {"contract": CustomerAccount.Contract.values, "payment": CustomerAccount.Payment.values}
        for name in actions.FIELDS:
            option, words = f"--{name.replace('_', '-')}", name.replace("_", " ")
            parser.add_argument(option, choices=known.get(name), help=f"its {words}")
        state = parser.add_mutually_exclusive_group()
        state.add_argument("--close", action="store_true", help="let nobody in any more; nothing is deleted")
        state.add_argument("--open", action="store_true", help="let everybody in again")
        parser.add_argument("--reason", default="", help="why, in ten characters or more; the owner reads it")

    def answer(self, *, account: str, reason: str, close: bool, **options: Any) -> Facts:
        found = CustomerAccount.objects.filter(number=account).first()
        if found is None:
            raise Misuse(f"There is no account {account}.")
        if len(reason.strip()) < SHORTEST_REASON:
            raise Misuse('Say why: --reason "ticket 48213, letter of the head".')
        facts = {name: options[name] for name in actions.FIELDS if options[name] is not None}
        if not (facts or close or options["open"]):
            raise Misuse("Say what to put right, such as --company, or --close or --open.")
        done = (
            ["put right"]
            if facts and actions.change_account(account=found, facts=facts, reason=reason, by=None)
            else []
        )
        if close and actions.close_account(account=found, reason=reason, by=None):
            done.append("closed")
        if options["open"] and actions.reopen_account(account=found, reason=reason, by=None):
            done.append("opened again")
        found.refresh_from_db()
        told = {name: str(getattr(found, name)) for name in actions.FIELDS}
        return {"account": account, "state": found.state, **told, "done": ", ".join(done) or "nothing: it is so"}
