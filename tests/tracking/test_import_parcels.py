"""Files of parcels, events and pickup points from the command line: once, again, broken, interrupted."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from colibox.lib.commands import INTERRUPTED, REFUSED
from colibox.lib.intake import command as intake
from colibox.lib.intake.files import Fault, File, moment
from tracking.events import Status
from tracking.management.commands.import_parcels import Command as ImportParcels
from tracking.models import Parcel, PickupPoint, TrackingEvent

PARCELS = """account;number;product;addressee;postcode;town;weight;reference;tag;franked_by;created
900138;6C 03323 76997 5;DOS;Zoé Müller;69003;LYON;1250;CMD-1;lyon;C.Martin;2026-11-02T09:30
900138;6a15984040331;DOM;=Dupont;97400;SAINT DENIS;800;;;;02/11/2026 10:00
850061;6A07657471207;DOM;Œuvrard;59000;LILLE;30000;;;;
"""
EVENTS = """number,code,at,place
6C03323769975,PC1,2026-11-02T18:00,LYON
6C03323769975,DI1,2026-11-04T10:15:00+00:00,LYON
6C03323769975,MD2,2026-11-04 7:00,LYON
"""
POINTS = """identifier;name;kind;address_1;postcode;town;monday;tuesday;closed;heaviest;latitude;longitude
062049;TABAC DE LA GARE;A2P;1 PLACE DE LA GARE;59000;LILLE;10:00-12:00 12:00-20:15;\
09:00-12:00;2026-08-01/2026-08-21;;50,637;3.07
930001;LYON PART DIEU;BPR;35 RUE BOUCHUT;69003;LYON;;;;30000;;
"""
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def bring(tmp_path: Path) -> Any:
    """Runs a command on a file with this text; what it answers, what it complains of, and its exit code."""

    def run(command: str, text: str | bytes, *arguments: str) -> tuple[dict[str, Any], str, int]:
        path, out, err, code = tmp_path / "file.csv", StringIO(), StringIO(), 0
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            call_command(command, str(path), *arguments, "--json", stdout=out, stderr=err)
        except SystemExit as end:
            code = int(end.code or 0)
        return json.loads(out.getvalue()), err.getvalue(), code

    return run


def counts(said: dict[str, Any]) -> dict[str, int]:
    return {name: said[name] for name in ("created", "updated", "unchanged", "refused")}


def test_parcels_come_once_however_often_the_file_comes(cast: SimpleNamespace, bring: Any) -> None:
    said, err, code = bring("import_parcels", PARCELS)
    assert (counts(said), err, code) == ({"created": 3, "updated": 0, "unchanged": 0, "refused": 0}, "", 0)
    assert counts(bring("import_parcels", PARCELS)[0]) == {"created": 0, "updated": 0, "unchanged": 3, "refused": 0}
    parcel = Parcel.objects.get(number="6C03323769975")
    assert (parcel.account, parcel.weight, parcel.tag, parcel.franked_by) == (cast.north, 1250, "LYON", cast.colleague)
    assert (parcel.addressee, parcel.addressee_key) == ("Zoé Müller", "zoe muller")
    assert parcel.created_at == parcel.event_at == datetime(2026, 11, 2, 9, 30, tzinfo=PARIS)
    assert Parcel.objects.filter(account=cast.south).count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_files_are_read_as_spreadsheets_write_them(
    cast: SimpleNamespace, bring: Any, encoding: str, separator: str
) -> None:
    text = PARCELS.replace(";", separator).replace("\n", "\r\n").encode(encoding)
    assert bring("import_parcels", text)[2] == 0
    names = {"Zoé Müller", "=Dupont", "Œuvrard"}
    assert set(Parcel.objects.values_list("addressee", flat=True)) == names


def test_bad_rows_are_refused_with_their_reason_and_stop_nobody(
    cast: SimpleNamespace, bring: Any, tmp_path: Path
) -> None:
    bad = [
        ("000000;6C03323770070;DOS;A;69003;LYON;1;;;;", "account: there is no account 000000."),
        (";6C03323770070;DOS;A;69003;LYON;1;;;;", "account: is missing; or give --account."),
        ("900138;6C033;DOS;A;69003;LYON;1;;;;", "number: “6C033” is not a parcel number"),
        ("900138;6C03323770070;XYZ;A;69003;LYON;1;;;;", "product: “XYZ” is not known; use one of DOM, DOS"),
        ("900138;6C03323770070;DOS;;69003;LYON;1;;;;", "addressee: is missing; fill it in."),
        ("900138;6C03323770070;DOS;A\x00B;69003;LYON;1;;;;", "addressee: has a character that cannot be shown"),
        ("900138;6C03323770070;DOS;A;96000;LYON;1;;;;", "postcode: “96000” is no postcode of France"),
        *(
            (f"900138;6C03323770070;DOS;A;69003;LYON;{weight};;;;", "weight: ")
            for weight in ("0", "-1", "30001", "NaN", "1.5", "", "9" * 400, "١٢")
        ),
        (
            "900138;6C03323770070;DOS;A;69003;LYON;1;" + "R" * 31 + ";;;",
            "reference: has 31 characters; shorten it",
        ),
        ("900138;6C03323770070;DOS;A;69003;LYON;1;;;nobody;", "franked_by: there is no user nobody."),
        ("900138;6C03323770070;DOS;A;69003;LYON;1;;;;tomorrow", "created: “tomorrow” is not a time"),
        ("900138;6C03323770070;DOS;A;69003;LYON;1;;;;2999-01-01", "created: “2999-01-01” is not between"),
        ("850061;6C03323769975;DOS;A;69003;LYON;1;;;;", "number: is that of a parcel of another account."),
        ("900138;6C03323770070", "product: is missing; fill it in."),
        ('900138;6C03323770070;DOS;"' + "A" * 140_000 + '";69003;LYON;1;;;;', "line: cannot be taken apart"),
    ]
    bring("import_parcels", PARCELS)
    text = PARCELS.splitlines()[0] + "\n" + "".join(f"{line}\n\n" for line, _ in bad)
    refused = tmp_path / "refused.csv"
    text += "900138;6C03323770070;DOS;B;69003;LYON;1;;;;\n"
    said, _err, code = bring("import_parcels", text, "--refused", str(refused))
    assert (said["created"], said["unchanged"], said["refused"], code) == (1, 0, len(bad), REFUSED)
    with refused.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for (_, reason), row in zip(bad, rows, strict=True):
        assert reason in row["reason"]
    assert said["reasons"][0] == {"line": 2, "why": "account: there is no account 000000."}
    assert len(said["reasons"]) == intake.SHOWN and "not_shown" not in said


def test_a_refused_row_is_corrected_and_brought_again(cast: SimpleNamespace, bring: Any, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"
    bring("import_parcels", PARCELS.replace("DOM;=Dupont", "DOX;=Dupont"), "--refused", str(refused))
    assert bring("import_parcels", refused.read_text("utf-8-sig").replace("DOX", "DOM"))[2] == 0
    assert Parcel.objects.get(number="6A15984040331").addressee == "=Dupont"


def test_a_dry_run_counts_and_writes_nothing(cast: SimpleNamespace, bring: Any) -> None:
    said, _err, _code = bring("import_parcels", PARCELS + PARCELS.splitlines()[1], "--dry-run")
    assert (said["created"], said["unchanged"], said["dry_run"]) == (3, 1, True)
    assert not Parcel.objects.exists()


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"a;b\n1;2\n", b"\x00" * 50, "número;peso\n".encode("utf-16")])
def test_what_is_no_such_file_says_so(cast: SimpleNamespace, bring: Any, text: bytes) -> None:
    said = "The first line does not name the column number, product" if text[2:] else "This file is empty"
    with pytest.raises(CommandError, match=said):
        bring("import_parcels", text)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(st.text(max_size=12), max_size=30).map(";".join).map(str.encode)))
def test_no_bytes_after_the_first_line_break_the_reading(junk: bytes) -> None:
    header = PARCELS.splitlines()[0].encode()
    for row in File(BytesIO(header + b"\n" + junk), ImportParcels.columns).rows():
        assert bool(row.faults) or row.values["weight"] > 0


@pytest.mark.parametrize(
    "text",
    ["0001-01-01", "9999-12-31T23:59:59-23:59", "9999-12-31", "2026-11-02T10:00+99:00", "2026-13-01", "٢٠٢٦"],
)
def test_a_time_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Fault, match="is not"):
        moment(text)


def test_a_file_that_is_not_there_says_so() -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_parcels", "/nowhere/at/all.csv")


def test_whole_batches_are_left_by_who_interrupts(
    cast: SimpleNamespace, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = ImportParcels.write, []

    def interrupted(self: ImportParcels, rows: list[Any]) -> tuple[int, int]:
        calls.append(write(self, rows))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    monkeypatch.setattr(intake, "BATCH", 2)
    monkeypatch.setattr(ImportParcels, "write", interrupted)
    said, err, code = bring("import_parcels", PARCELS)
    assert (said["created"], code) == (2, INTERRUPTED) and "run it again to go on" in err
    assert Parcel.objects.count() == 2
    said, _err, code = bring("import_parcels", PARCELS)
    assert (said["created"], said["unchanged"], code) == (1, 2, 0)


def test_what_the_database_alone_refuses_costs_its_row_only(
    cast: SimpleNamespace, bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lenient = [replace(column, read=int) if column.name == "weight" else column for column in ImportParcels.columns]
    monkeypatch.setattr(ImportParcels, "columns", lenient)
    said, _err, _code = bring("import_parcels", PARCELS.replace("1250", "31000"))
    assert (said["created"], said["refused"]) == (2, 1)
    assert "parcel_weight_in_limits" in said["reasons"][0]["why"]


def test_events_come_in_any_order_and_once(cast: SimpleNamespace, bring: Any) -> None:
    bring("import_parcels", PARCELS)
    assert counts(bring("import_events", EVENTS)[0]) == {"created": 3, "updated": 0, "unchanged": 0, "refused": 0}
    assert counts(bring("import_events", EVENTS)[0]) == {"created": 0, "updated": 0, "unchanged": 3, "refused": 0}
    parcel = Parcel.objects.get(number="6C03323769975")
    assert (parcel.status, parcel.event) == (Status.DELIVERED, "DI1")
    assert list(TrackingEvent.objects.filter(parcel=parcel).order_by("at").values_list("code", flat=True)) == [
        "PC1", "MD2", "DI1",
    ]  # fmt: skip
    said, _err, code = bring(
        "import_events", EVENTS + "6C03323770070,PC1,2026-11-02,X\n6C03323769975,XX1,2026-11-02,X\n"
    )
    assert (said["unchanged"], said["refused"], code) == (3, 2, REFUSED)
    unknown, wrong = said["reasons"]
    assert unknown == {"line": 5, "why": "number: there is no such parcel; bring it with import_parcels first."}
    assert wrong["line"] == 6 and wrong["why"].startswith("code: “XX1” is not known")


def test_pickup_points_are_added_brought_up_to_date_and_closed(db: None, bring: Any) -> None:
    assert bring("import_pickup_points", POINTS)[0]["created"] == 2
    assert bring("import_pickup_points", POINTS)[0]["unchanged"] == 2
    shop, office = PickupPoint.objects.order_by("identifier")
    assert (shop.latitude, shop.heaviest, shop.closed) == (50.637, 20_000, [["2026-08-01", "2026-08-21"]])
    assert shop.hours[:3] == ["10:00-12:00 12:00-20:15", "09:00-12:00 00:00-00:00", "00:00-00:00 00:00-00:00"]
    assert (round(office.latitude), round(office.longitude)) == (46, 5)
    changed = POINTS.replace("TABAC DE LA GARE", "TABAC DU PARC")
    said = bring("import_pickup_points", changed)[0]
    assert counts(said) == {"created": 0, "updated": 1, "unchanged": 1, "refused": 0}
    one = "\n".join(POINTS.splitlines()[:2])
    assert bring("import_pickup_points", one, "--complete")[0]["closed"] == 1
    assert list(PickupPoint.objects.filter(active=True).values_list("name", flat=True)) == ["TABAC DE LA GARE"]
    said = bring("import_pickup_points", POINTS.replace("062049", "0"), "--complete")[0]
    assert (said["closed"], said["updated"]) == (0, 1) and "rows were refused" in said["why"]


@pytest.mark.parametrize(
    ("was", "becomes", "reason"),
    [
        ("062049", "6204", "identifier: “6204” is not an identifier of six digits."),
        (";A2P;", ";XXX;", "kind: “XXX” is not known; use one of A2P, BPR, ACP, CDI."),
        ("09:00-12:00", "9h-12h", "tuesday: “9h-12h” is not “10:00-12:00 14:00-19:00”"),
        ("2026-08-01/2026-08-21", "2026-08-21/2026-08-01", "closed: “2026-08-21/2026-08-01” is not"),
        ("2026-08-01/2026-08-21", "août", "closed: “août” is not"),
        ("50,637", "91", "latitude: “91” is not a number from -90 to 90."),
        ("50,637", "nan", "latitude: “nan” is not a number"),
        ("30000", "30001", "heaviest: “30001” is not a whole number from 1 to 30000."),
        ("69003;LYON", "96000;NOWHERE", "latitude: is missing and the town is not known"),
    ],
)
def test_a_bad_pickup_point_names_its_field_and_what_to_do(
    db: None, bring: Any, was: str, becomes: str, reason: str
) -> None:
    said, _err, code = bring("import_pickup_points", POINTS.replace(was, becomes))
    assert (said["created"], said["unchanged"], said["refused"], code) == (1, 0, 1, REFUSED)
    assert reason in said["reasons"][0]["why"]
