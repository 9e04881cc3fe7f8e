"""`manage.py import_pickup_points`: the points where parcels are fetched, from a file."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from colibox.lib import database
from colibox.lib.commands import Facts
from colibox.lib.intake import files
from colibox.lib.intake.command import IntakeCommand
from colibox.lib.intake.files import Column, Fault, Row
from tracking import pickup, places, products
from tracking.models import PickupPoint

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPAN = r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d"
HOURS = re.compile(rf"{SPAN}(?: {SPAN})?")
NOTHING = "00:00-00:00"

PLAIN = (
    "identifier", "name", "kind", "address_1", "address_2", "address_3", "postcode", "town", "country", "hint",
    "heaviest", "accessible", "parking", "handling_tool", "network", "sorting", "lot", "plan_version", "closed",
    "active",
)  # fmt: skip
WRITTEN = (*PLAIN, "latitude", "longitude", "hours")


def hours(value: str) -> str:
    """The hours of a day as the carrier publishes them, always two spans; closed when empty."""
    if not value:
        return pickup.CLOSED
    if not HOURS.fullmatch(value):
        raise Fault(f"“{value[:40]}” is not “10:00-12:00 14:00-19:00”; leave it empty for a closed day.")
    return value if " " in value else f"{value} {NOTHING}"


def holidays(value: str) -> list[list[str]]:
    """Periods of days, first/last."""
    try:
        periods = [[date.fromisoformat(day) for day in period.split("/")] for period in value.split()]
    except ValueError:
        periods = [[]]
    if any(len(period) != 2 or period[0] > period[1] for period in periods):
        raise Fault(f"“{value[:40]}” is not “2026-08-01/2026-08-21”, first and last day; several with spaces between.")
    return [[day.isoformat() for day in period] for period in periods]


def degrees(most: int) -> Any:
    """Degrees with a point or a comma; none when empty."""
    read = files.number(-most, most)
    return lambda value: read(value) if value else None


class Command(IntakeCommand):
    """A point is known by its identifier: one that is there is brought up to date."""

    help = "Bring pickup points from a CSV file: new ones are added, others brought up to date."
    example = "import_pickup_points points.csv --complete"
    columns = (
        Column("identifier", files.matching(r"\d{6}", "an identifier of six digits"), "six digits", required=True),
        Column("name", files.text(80), "", required=True),
        Column("kind", files.one_of(PickupPoint.Kind.values), ", ".join(PickupPoint.Kind.values), required=True),
        Column("address_1", files.text(80), "number and street", required=True),
        Column("address_2", files.text(80), ""),
        Column("address_3", files.text(80), ""),
        Column("postcode", files.text(12), "", required=True),
        Column("town", files.text(80), "", required=True),
        Column("country", files.matching("[A-Z]{2}", "a country code of two letters"), "FR when empty", default="FR"),
        Column("hint", files.text(120), "how to find it"),
        Column("latitude", degrees(90), "degrees; the town's when empty"),
        Column("longitude", degrees(180), "degrees; the town's when empty"),
        Column("heaviest", files.whole(1, products.HEAVIEST), "grams; 20000 when empty", default="20000"),
        Column("accessible", files.yes_or_no, "1 or 0: for people with reduced mobility"),
        Column("parking", files.yes_or_no, "1 or 0"),
        Column("handling_tool", files.yes_or_no, "1 or 0"),
        Column("network", files.text(4), "R03 when empty", default="R03"),
        Column("sorting", files.text(8), ""),
        Column("lot", files.text(8), ""),
        Column("plan_version", files.text(4), ""),
        *(Column(day, hours, "10:00-12:00 14:00-19:00; empty: closed") for day in DAYS),
        Column("closed", holidays, "2026-08-01/2026-08-21 2026-12-24/2027-01-02"),
        Column("active", files.yes_or_no, "1 or 0: takes parcels; 1 when empty", default="1"),
    )

    def arguments(self, parser: CommandParser) -> None:
        super().arguments(parser)
        parser.add_argument(
            "--complete", action="store_true", help="points that the file does not list take no parcels any more"
        )

    def answer(self, *, complete: bool, **options: Any) -> Facts:  # type: ignore[override]
        self.listed: set[str] = set()
        self.complete = complete
        return super().answer(**options)

    def write(self, rows: list[Row]) -> tuple[int, int]:
        points = {row.values["identifier"]: values for row in rows if (values := _values(row))}
        there = {point[0]: point for point in _there(points)}
        self.listed.update(points)
        new = [values for identifier, values in points.items() if identifier not in there]
        changed = [values for identifier, values in points.items() if there.get(identifier, values) != values]
        database.insert(PickupPoint, WRITTEN, new)
        database.update(PickupPoint, WRITTEN, changed)
        return len(new), len(changed)

    def finish(self) -> Facts:
        """Close the points that a complete file does not list, unless some of its rows could not be used."""
        if not self.complete:
            return {}
        if self.refusals:
            return {"closed": 0, "why": "rows were refused: points that the file does not list stay as they are"}
        unlisted = PickupPoint.objects.filter(active=True).exclude(identifier__in=self.listed)
        return {"closed": unlisted.update(active=False)}


def _there(identifiers: Any) -> Any:
    return PickupPoint.objects.filter(identifier__in=list(identifiers)).values_list(*WRITTEN)


def _values(row: Row) -> tuple[Any, ...]:
    """The point of a row as it is written; about where its town is, unless the row says where."""
    given = row.values
    where = given["latitude"], given["longitude"]
    if None in where:
        found = places.locate(given["postcode"], given["town"]) if given["country"] == "FR" else None
        if found is None:
            row.refuse("latitude", "is missing and the town is not known; fill in latitude and longitude.")
            return ()
        where = found
    return (*(given[name] for name in PLAIN), *where, [given[day] for day in DAYS])
