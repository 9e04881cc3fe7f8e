"""`manage.py import_accounts`: accounts and their owners, from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser
from django.db import transaction

from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand, Refusal
from rights.actions import opening
from rights.actions.opening import Held
from rights.management.commands.create_account import differences, held

REQUIRED = ("number", "company", "email")
FACTS = ("contract", "payment", "address_1", "address_2", "postcode", "town", "country")
KNOWN = (*REQUIRED, "rights", "language", *FACTS)
LARGEST = 20_000_000


class Command(OperatorCommand):
    """Each row by itself; a file may come again, what is there as asked stays as it is."""

    help = (
        "Open the accounts of a CSV file and invite their owners. Columns, named in the first line: number, company,\n"
        "email; and if wanted rights (all, none or codes), language (fr, en), contract, payment, address_1,\n"
        "address_2, postcode, town, country. UTF-8 or Windows-1252; semicolons, commas or tabs."
    )
    example = "import_accounts accounts.csv --dry-run"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the CSV file")

    def answer(self, *, file: Path, **options: Any) -> Facts:
        created, same, refused = 0, 0, []
        for line, row in _rows(file):
            try:
                with transaction.atomic():
                    new = _open(row)
            except (Refusal, Misuse, ValidationError) as error:
                why = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
                refused.append({"line": line, "number": row["number"], "why": why})
                continue
            created, same = created + new, same + (not new)
        self.found_fault = bool(refused)
        return {"created": created, "unchanged": same, "refused": refused}


def _open(row: dict[str, str]) -> bool:
    """Open the account of a row; whether it is new."""
    wanted = held(row["rights"]) if row.get("rights") else None
    if account := CustomerAccount.objects.filter(number=row["number"]).first():
        if other := differences(account, row["company"], row["email"], wanted):
            raise Refusal(f"It is there, and differs: {'; '.join(other)}.")
        return False
    facts: dict[str, Any] = {name: row[name] for name in FACTS if row.get(name)}
    account = opening.open_account(number=row["number"], company=row["company"], email=row["email"], **facts)
    opening.entitle(account=account, held=wanted or Held.all())
    opening.invite_owner(account=account, email=row["email"], language=row.get("language") or "fr")
    return True


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the file with the number of their line. Raises Misuse when it cannot be read."""
    text = _text(path)
    first = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=max(";,\t", key=first.count))
    header = [name.strip().casefold() for name in next(lines, [])]
    if missing := [name for name in REQUIRED if name not in header]:
        raise Misuse(f"{path}: the first line does not name {', '.join(missing)}.")
    if unknown := [name for name in header if name not in KNOWN]:
        raise Misuse(f"{path}: nothing is known of {', '.join(unknown)}; columns are {', '.join(KNOWN)}.")
    for cells in lines:
        if any(cell.strip() for cell in cells):
            values = [cell.strip() for cell in cells] + [""] * len(header)
            yield lines.line_num, dict(zip(header, values, strict=False))


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise Misuse(f"{path} cannot be read: it is no file, or larger than {LARGEST // 1_000_000} MB.")
        data = path.read_bytes()
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
