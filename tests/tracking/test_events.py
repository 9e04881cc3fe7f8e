"""What happens to parcels: the published codes, and the status and steps kept by the database."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.utils import translation

from colibox.lib import database, tenancy
from tests.conftest import make_account
from tests.tracking.conftest import make_parcel
from tracking import events
from tracking.events import Status
from tracking.models import Parcel, TrackingEvent

PUBLISHED = {
    1: {"DR1", "DR2"},
    2: {"PC1", "PC2"},
    3: {"ET1", "ET2", "ET3", "ET4", "EP1", "DO1", "DO2", "DO3", "ID0", "PB1", "PB2", "DI3"},
    4: {"MD2", "ND1", "AG1", "RE1"},
    5: {"DI0", "DI1", "DI2"},
}
"""The codes of Suivi v2 by the step of their time line."""

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
STORY = [("DR1", 0), ("PC1", 20), ("ET1", 30), ("PB1", 40), ("PB2", 45), ("MD2", 60), ("DI1", 64)]


def test_the_table_of_codes_is_the_published_one() -> None:
    assert {step: {kind.code for kind in events.KINDS if kind.step == step} for step in events.STEPS} == PUBLISHED
    assert len(events.BY_CODE) == len(events.KINDS)


def test_each_code_stands_for_one_status_and_each_status_but_cancelled_for_some_code() -> None:
    coded = [code for status in Status for code in events.codes(status)]
    assert sorted(coded) == sorted(events.BY_CODE)
    assert [status for status in Status if not events.codes(status)] == [Status.CANCELLED]


def test_every_code_has_a_name_in_both_languages() -> None:
    for language in ("fr", "en"):
        with translation.override(language):
            names = [str(events.label(code)) for code in events.BY_CODE]
        assert all(names)
        assert len(set(names)) == len(names)
    assert events.label("XX9") == "XX9"


@pytest.mark.parametrize("order", list(permutations(STORY))[::997])
def test_the_latest_event_says_the_status_in_whatever_order_events_arrive(
    cast: SimpleNamespace, order: tuple[tuple[str, int], ...]
) -> None:
    parcel = make_parcel(cast.north)
    for code, hours in order:
        TrackingEvent.objects.create(
            account_id=cast.north.pk, parcel=parcel, code=code, at=NOON + timedelta(hours=hours), place="LYON"
        )
    parcel.refresh_from_db()
    assert (parcel.event, parcel.status, parcel.step, parcel.place) == ("DI1", Status.DELIVERED, 5, "LYON")
    assert parcel.event_at == parcel.delivered_at == NOON + timedelta(hours=64)


def test_each_code_gives_its_status_and_step(cast: SimpleNamespace) -> None:
    for kind in events.KINDS:
        _gives_its_status_and_step(cast, kind)


def _gives_its_status_and_step(cast: SimpleNamespace, kind: events.Kind) -> None:
    parcel = make_parcel(cast.north)
    event = TrackingEvent.objects.create(account_id=cast.north.pk, parcel=parcel, code=kind.code, at=NOON)
    parcel.refresh_from_db()
    assert (parcel.status, parcel.step, event.step) == (kind.status, kind.step, kind.step)
    assert (parcel.delivered_at is not None) == (kind.step == 5)


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_leave_the_latest_event_on_each_parcel() -> None:
    """Each transaction is blind to the other's events until it ends, and both come to all parcels, in other orders."""
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        parcels = [make_parcel(north) for _ in range(40)]
    written, waiting = threading.Event(), threading.Event()

    def tell(code: str, hours: int, order: list[Parcel]) -> None:
        at = NOON + timedelta(hours=hours)
        rows = [(north.pk, parcel.pk, code, at, "LYON") for parcel in order]
        database.insert(TrackingEvent, ("account_id", "parcel_id", "code", "at", "place"), rows)

    def deliver() -> None:
        try:
            with transaction.atomic(), tenancy.everything():
                tell("DI1", 9, parcels)
                written.set()
                waiting.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=deliver)
    thread.start()
    assert written.wait(20)
    threading.Timer(0.3, waiting.set).start()
    with transaction.atomic(), tenancy.everything():
        tell("MD2", 7, parcels[::-1])
    thread.join(20)
    with transaction.atomic(), tenancy.everything():
        assert set(Parcel.objects.values_list("event", flat=True)) == {"DI1"}
