"""Pickup points: the nearest ones, their hours and holidays."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracking import pickup, places
from tracking.models import PickupPoint

LILLE = (50.633, 3.059)
EVERY_DAY = ["10:00-12:00 12:00-20:15"] * 6 + [pickup.CLOSED]


def make_point(identifier: str, where: pickup.Position, **fields: Any) -> PickupPoint:
    """A shop that takes parcels."""
    given = {
        "identifier": identifier, "name": "TABAC DE LA GARE", "kind": "A2P", "address_1": "1 PLACE DE LA GARE",
        "postcode": "59000", "town": "LILLE", "hours": EVERY_DAY, "latitude": where[0], "longitude": where[1], **fields,
    }  # fmt: skip
    return PickupPoint(**given)


@pytest.mark.django_db
def test_the_nearest_points_are_those_that_measuring_all_of_them_gives() -> None:
    chance = Random(5)
    towns = places.sample(chance, 600)
    around = [(town.latitude + chance.gauss(0, 0.02), town.longitude + chance.gauss(0, 0.03)) for town in towns]
    PickupPoint.objects.bulk_create(make_point(f"{n:06}", where) for n, where in enumerate(around))
    for where in [LILLE, (44.5, 3.5), (48.86, 2.35), *around[:20]]:
        measured = sorted((pickup.distance(where, other), f"{n:06}") for n, other in enumerate(around))
        near = [(identifier, round(metres)) for metres, identifier in measured if metres <= pickup.RADII[-1]][:20]
        assert [(found.point.identifier, found.metres) for found in pickup.nearest(where)] == near


@pytest.mark.django_db
def test_a_search_asks_the_database_a_few_times_at_most() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert pickup.nearest(LILLE) == []
    assert len(queries) == len(pickup.RADII)


@pytest.mark.django_db
def test_only_points_that_can_take_the_parcel_are_found() -> None:
    PickupPoint.objects.bulk_create([
        make_point("000001", LILLE, heaviest=20_000),
        make_point("000002", LILLE, heaviest=30_000, kind="BPR"),
        make_point("000003", LILLE, active=False),
        make_point("000004", LILLE, closed=[["2026-08-01", "2026-08-21"]]),
    ])  # fmt: skip

    def found(**asked: Any) -> list[str]:
        return [near.point.identifier for near in pickup.nearest(LILLE, **asked)]

    assert found() == ["000001", "000002", "000004"]
    assert found(weight=20_001) == ["000002"]
    assert found(shops=False) == ["000002"]
    assert found(on=date(2026, 8, 1)) == found(on=date(2026, 8, 21)) == ["000001", "000002"]
    assert found(on=date(2026, 8, 22)) == ["000001", "000002", "000004"]
    assert found(limit=1) == ["000001"]
    assert pickup.by_id("000001") is not None
    assert pickup.by_id("000003") is None
    assert pickup.by_id("999999") is None


def test_hours_are_read_as_published() -> None:
    assert pickup.spans("10:00-12:00 12:00-20:15") == [("10:00", "20:15")]
    assert pickup.spans("09:00-12:30 14:00-19:00") == [("09:00", "12:30"), ("14:00", "19:00")]
    assert pickup.spans("09:00-12:30 00:00-00:00") == [("09:00", "12:30")]
    assert pickup.spans(pickup.ALWAYS) == [("00:01", "23:59")]
    assert pickup.spans(pickup.CLOSED) == pickup.spans("") == []


def test_a_point_is_closed_on_its_closing_day_and_in_its_holidays() -> None:
    point = make_point("000001", LILLE, closed=[["2026-08-01", "2026-08-21"]])
    friday, saturday, sunday = date(2026, 7, 31), date(2026, 8, 1), date(2026, 7, 26)
    assert pickup.is_open(point, friday)
    assert not pickup.is_open(point, saturday)
    assert not pickup.is_open(point, sunday)
    assert pickup.holiday(point, saturday) == (saturday, date(2026, 8, 21))
    assert pickup.opens(point, sunday) == date(2026, 7, 27)
    assert pickup.opens(point, saturday) == date(2026, 8, 22)
    assert pickup.opens(make_point("000002", LILLE, hours=[pickup.CLOSED] * 7), friday) is None
