"""`manage.py import_accounts`: accounts and their owners, from a CSV file."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import CustomerAccount
from colibox.lib.commands import Misuse, Refusal
from colibox.lib.intake import files
from colibox.lib.intake.command import IntakeCommand
from colibox.lib.intake.files import Column, Row
from rights.actions import opening
from rights.actions.opening import Held
from rights.management.commands.create_account import differences, held

FACTS = ("contract", "payment", "address_1", "address_2", "postcode", "town", "country")
text = files.text(150)


class Command(IntakeCommand):
    """Each row by itself; a file may come again, what is there as asked stays as it is."""

    help = "Open the accounts of a CSV file and invite their owners by e-mail; one that is there is never changed."
    example = "import_accounts accounts.csv --dry-run"
    all_known = True  # of a misspelt “rights”, an account would hold all
    columns = (
        Column("number", text, "the account number, six digits", required=True),
        Column("company", text, "the company's name", required=True),
        Column("email", text, "of who is to own the account", required=True),
        Column("rights", files.text(2000), "all, none, or the codes of some; all when empty"),
        Column("language", files.one_of(["FR", "EN"]), "of the invitation, fr or en; fr when empty", default="fr"),
        *(Column(name, text, "") for name in FACTS),
    )

    def write(self, rows: list[Row]) -> tuple[int, int]:
        return sum(_opened(row) for row in rows), 0


def _opened(row: Row) -> bool:
    """Open the account of a row; whether it is new. What cannot be done is a reason to refuse the row."""
    try:
        with transaction.atomic():
            return _open(row.values)
    except (Refusal, Misuse) as error:
        row.refuse("rights" if isinstance(error, Misuse) else "number", str(error))
    except ValidationError as error:
        row.refuse("row", " ".join(error.messages))
    return False


def _open(given: dict[str, Any]) -> bool:
    wanted = held(given["rights"]) if given["rights"] else None
    if account := CustomerAccount.objects.filter(number=given["number"]).first():
        if other := differences(account, given["company"], given["email"], wanted):
            raise Refusal(f"It is there, and differs: {'; '.join(other)}.")
        return False
    facts = {name: given[name] for name in FACTS if given[name]}
    account = opening.open_account(number=given["number"], company=given["company"], email=given["email"], **facts)
    opening.entitle(account=account, held=wanted or Held.all())
    opening.invite_owner(account=account, email=given["email"], language=given["language"].lower())
    return True
