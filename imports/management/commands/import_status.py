"""`manage.py import_status`: the imports of an account, or those under way, and how far they have come."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from colibox.lib.commands import Facts, OperatorCommand
from imports.management import choice
from imports.models import ImportJob

SHOWN = 50


class Command(OperatorCommand):
    """Changes nothing."""

    help = "Say how far imports have come: those under way, or the latest of one account."
    example = "import_status 900138"
    tries = False

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", nargs="?", default="", help="the account number; those under way without it")
        parser.add_argument("number", nargs="?", type=int, help="the number of one import of the account")

    def answer(self, *, account: str, number: int | None, **options: Any) -> Facts:
        if number is not None:
            jobs = [choice.one(account, number)]
        elif account:
            jobs = list(ImportJob.objects.for_account(choice.account(account)).select_related("account")[:SHOWN])
        else:
            under_way = ImportJob.objects.filter(state__in=ImportJob.WORKED_ON).select_related("account")
            jobs = list(under_way.order_by("worked_at")[:SHOWN])
        return {"imports": [choice.told(job) for job in jobs]}
