"""`manage.py export_account`: all that the portal keeps of one account, as a ZIP file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from accounts import audit
from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand, whole
from rights import dossiers

MINE_ALONE = 0o600


class Command(OperatorCommand):
    """Written beside its place and moved there when it is whole: run again, it takes the place of the former one."""

    help = (
        "Write all that is kept of an account into a ZIP file: account, people and their rights, places, profiles,\n"
        "contacts, documents, reviews, history and its seals, as CSV and JSON. No password, key or token is in it."
    )
    example = "export_account 900138 --output 900138.zip"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account number")
        parser.add_argument("--output", type=Path, help="where the file goes (default: account-NUMBER.zip, here)")

    def answer(self, *, account: str, output: Path | None, **options: Any) -> Facts:
        found = CustomerAccount.objects.filter(number=account).first()
        if found is None:
            raise Misuse(f"There is no account {account}.")
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10min'")
        path = output or Path(f"account-{account}.zip")
        counts = _write(found, Path(os.devnull) if self.dry_run else path)
        audit.record("account exported", by=None, account_id=found.pk, after={"rows": sum(counts.values())})
        return {"account": account, "file": "" if self.dry_run else str(path), **counts}


def _write(account: CustomerAccount, path: Path) -> dict[str, int]:
    """The whole file or none."""
    if path == Path(os.devnull):
        with path.open("wb") as nowhere:
            return dossiers.write(account, nowhere)
    with whole(path, MINE_ALONE) as file:
        return dossiers.write(account, file)
