"""`manage.py import_events`: what happened to parcels, from a file."""

from __future__ import annotations

from colibox.lib import database
from colibox.lib.intake import files
from colibox.lib.intake.command import IntakeCommand
from colibox.lib.intake.files import Column, Row
from tracking import events
from tracking.management.commands.import_parcels import parcel_number
from tracking.models import Parcel, TrackingEvent

READ = ("code", "at", "place", "postcode", "country")


class Command(IntakeCommand):
    """An event is known by its parcel, code and time; the database keeps each parcel's status by its latest one."""

    help = "Bring events of parcels from a CSV file, in any order. One that is there already stays as it is."
    example = "import_events events.csv --refused refused.csv"
    columns = (
        Column("number", parcel_number, "of a parcel that is there", required=True),
        Column("code", files.one_of(list(events.BY_CODE)), "a published code: PC1, ET1, MD2, DI1 …", required=True),
        Column("at", files.moment, "2026-11-22T14:05 or 22/11/2026 14:05, French time", required=True),
        Column("place", files.text(80), "the site, as people read it"),
        Column("postcode", files.text(12), "of the site"),
        Column("country", files.matching("[A-Z]{2}", "a country code of two letters"), "FR when empty", default="FR"),
    )

    def write(self, rows: list[Row]) -> tuple[int, int]:
        numbers = {row.values["number"] for row in rows}
        found = Parcel.objects.filter(number__in=numbers).values_list("number", "account_id", "pk")
        parcels = {number: (account, pk) for number, account, pk in found}
        for row in rows:
            if row.values["number"] not in parcels:
                row.refuse("number", "there is no such parcel; bring it with import_parcels first.")
        new = [(*parcels[row.values["number"]], *(row.values[name] for name in READ)) for row in rows if not row.faults]
        columns = ("account_id", "parcel_id", *READ)
        return len(database.insert(TrackingEvent, columns, new, skip_conflicts=True, returning=True)), 0
