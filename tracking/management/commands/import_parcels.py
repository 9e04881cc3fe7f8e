"""`manage.py import_parcels`: parcels from a file."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models import CustomerAccount
from colibox.lib import database, keys
from colibox.lib.commands import Facts
from colibox.lib.intake import files
from colibox.lib.intake.command import IntakeCommand
from colibox.lib.intake.files import Column, Fault, Row
from tracking import numbers, places, products
from tracking.models import Parcel
from users.models import User

WRITTEN = (
    "account_id", "number", "product", "reference", "is_pass", "addressee", "postcode", "town", "country", "weight",
    "tag", "user_key", "pickup_point", "franked_by_id", "franked_by_name", "created_at", "event_at",
)  # fmt: skip
READ = (
    "number", "product", "reference", "pass", "addressee", "postcode", "town", "country", "weight", "tag", "user_key",
    "pickup_point",
)  # fmt: skip


def parcel_number(value: str) -> str:
    """A parcel number however it is typed; its check digit is not asked for."""
    found = numbers.read(value)
    if not numbers.ACCEPTED.fullmatch(found):
        raise Fault(f"“{value[:40]}” is not a parcel number: 11 to 15 letters and digits.")
    return found


def user_key(value: str) -> str:
    """A user key however it is typed; its check symbol has to agree."""
    found = keys.read_user_key(value) if value else ""
    if found is None:
        raise Fault(f"“{value[:40]}” is not a user key; look it up on the person's own page.")
    return found


def created(value: str) -> Any:
    """When the parcel was announced; now, unless the file says when."""
    return files.moment(value) if value else timezone.now()


class Command(IntakeCommand):
    """A parcel is known by its number: one that is there stays as it is."""

    help = "Bring parcels from a CSV file. A number that is there already stays as it is, so a file may come twice."
    example = "import_parcels parcels.csv --account 900138 --refused refused.csv"
    columns = (
        Column("account", files.matching(r"\d{6}", "an account number of six digits"), "account number; or --account"),
        Column("number", parcel_number, "11 to 15 letters and digits", required=True),
        Column("product", files.one_of(list(products.BY_CODE)), ", ".join(products.BY_CODE), required=True),
        Column("addressee", files.text(110), "name of the addressee", required=True),
        Column("postcode", files.text(12), "checked in France and its territories"),
        Column("town", files.text(80), ""),
        Column("country", files.matching("[A-Z]{2}", "a country code of two letters"), "FR when empty", default="FR"),
        Column("weight", files.whole(1, products.HEAVIEST), f"grams, 1 to {products.HEAVIEST}", required=True),
        Column("reference", files.text(30), "the client's own"),
        Column("pass", files.yes_or_no, "1 or 0"),
        Column("tag", files.matching(".{1,40}", "a tag of 40 characters at most"), ""),
        Column("user_key", user_key, "the key that the parcel bears"),
        Column("franked_by", files.text(150), "user name of who franked it"),
        Column("pickup_point", files.matching(r"\d{6}", "an identifier of six digits"), "identifier, six digits"),
        Column("created", created, "2026-11-22T14:05 or 22/11/2026 14:05, French time; now when empty"),
    )

    def arguments(self, parser: CommandParser) -> None:
        super().arguments(parser)
        parser.add_argument("--account", default="", help="the account of the rows that name none")

    def answer(self, *, account: str, **options: Any) -> Facts:  # type: ignore[override]
        self.account = account
        return super().answer(**options)

    def write(self, rows: list[Row]) -> tuple[int, int]:
        accounts = self._accounts(rows)
        people = _people(rows)
        numbers_ = [row.values["number"] for row in rows]
        there = dict(Parcel.objects.filter(number__in=numbers_).values_list("number", "account_id"))
        for row in rows:
            self._check(row, accounts, people, there)
        new = [self._new(row.values, accounts, people) for row in rows if _is_new(row, there)]
        return len(database.insert(Parcel, WRITTEN, new, skip_conflicts=True, returning=True)), 0

    def _accounts(self, rows: list[Row]) -> dict[str, int]:
        named = {row.values["account"] or self.account for row in rows}
        return dict(CustomerAccount.objects.filter(number__in=named).values_list("number", "pk"))

    def _check(
        self, row: Row, accounts: dict[str, int], people: dict[str, tuple[int, str]], there: dict[str, int]
    ) -> None:
        """What a row can only be told beside the others."""
        given = row.values
        account = given["account"] or self.account
        if account not in accounts:
            row.refuse("account", f"there is no account {account}." if account else "is missing; or give --account.")
        elif there.get(given["number"], accounts[account]) != accounts[account]:
            row.refuse("number", "is that of a parcel of another account.")
        if given["franked_by"] and given["franked_by"].lower() not in people:
            row.refuse("franked_by", f"there is no user {given['franked_by']}.")
        if given["country"] in FRENCH and not places.is_postcode(given["postcode"]):
            row.refuse("postcode", f"“{given['postcode']}” is no postcode of France; five digits.")

    def _new(self, given: dict[str, Any], accounts: dict[str, int], people: dict[str, tuple[int, str]]) -> list[Any]:
        by = people.get(given["franked_by"].lower(), (None, ""))
        account = accounts[given["account"] or self.account]
        return [account, *(given[name] for name in READ), *by, given["created"], given["created"]]


FRENCH = products.FRANCE | products.OVERSEAS


def _is_new(row: Row, there: dict[str, int]) -> bool:
    return not row.faults and row.values["number"] not in there


def _people(rows: list[Row]) -> dict[str, tuple[int, str]]:
    """Those who franked, by user name in lower case: their key and name."""
    named = {row.values["franked_by"].lower() for row in rows} - {""}
    users = User.objects.alias(lower=Lower("username")).filter(lower__in=named) if named else []
    return {user.username.lower(): (user.pk, user.full_name) for user in users}
