"""`manage.py import_resume`: have workers take an import up again now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from colibox.lib.commands import Facts, OperatorCommand, Refusal
from imports import actions
from imports.management import choice
from imports.models import ImportJob


class Command(OperatorCommand):
    """Its leases end now, so that nobody waits for a worker that is gone; a worker that lives writes nothing twice."""

    help = "Have an import under way taken up again at once, as if its worker were gone."
    example = "import_resume 900138 12"

    def arguments(self, parser: CommandParser) -> None:
        choice.one_import(parser)

    def answer(self, *, account: str, number: int, **options: Any) -> Facts:
        job = choice.one(account, number)
        if job.finished:
            return {**choice.told(job), "done": "nothing: it is finished"}
        if job.state not in ImportJob.WORKED_ON:
            raise Refusal(f"Import {number} waits for its sender's go-ahead: only they can give it, on its page.")
        actions.resume(job=job)
        return {**choice.told(choice.one(account, number)), "done": "handed out again"}
