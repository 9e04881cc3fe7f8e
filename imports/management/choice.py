"""Which import a command speaks of, and how it is told."""

from __future__ import annotations

from django.core.management.base import CommandParser

from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse
from imports.models import ImportJob


def account(number: str) -> CustomerAccount:
    """The account of this number. Raises Misuse."""
    found = CustomerAccount.objects.filter(number=number).first()
    if found is None:
        raise Misuse(f"There is no account {number}.")
    return found


def one(number: str, job: int) -> ImportJob:
    """The import of this number, of the account of that one. Raises Misuse."""
    found = ImportJob.objects.for_account(account(number)).select_related("account", "by__user").filter(number=job)
    if not found:
        raise Misuse(f"There is no import {job} on the account {number}.")
    return found[0]


def one_import(parser: CommandParser) -> None:
    """What a command is told of the import that it is about."""
    parser.add_argument("account", help="the account number")
    parser.add_argument("number", type=int, help="the number of the import")


def told(job: ImportJob) -> Facts:
    """How far it has come."""
    return {
        "import": f"{job.account.number}/{job.number}",
        "state": str(job.state),
        "rows": job.total,
        "applied": job.applied,
        "refused": job.refused,
        "file": job.filename,
        "by": job.sender,
        "failures": job.failures or "",
        "problem": job.problem,
        "worked_at": job.worked_at.isoformat(timespec="seconds"),
    }
