"""`manage.py import_cancel`: call an import off."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from colibox.lib.commands import Facts, OperatorCommand
from imports import actions
from imports.management import choice


class Command(OperatorCommand):
    """What was applied stays, the blocks under way are undone; twice is once."""

    help = "Call an import off: what was applied stays, what is under way is undone, the rest is left out."
    example = "import_cancel 900138 12"

    def arguments(self, parser: CommandParser) -> None:
        choice.one_import(parser)

    def answer(self, *, account: str, number: int, **options: Any) -> Facts:
        job = choice.one(account, number)
        if job.finished:
            return {**choice.told(job), "done": "nothing: it is finished"}
        actions.cancel_by_carrier(job=job)
        return {**choice.told(choice.one(account, number)), "done": "cancelled"}
