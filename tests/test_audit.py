"""The trace: it can be written from anywhere, read within reach, and never changed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, transaction

from accounts import audit
from accounts.models import AuditEvent
from colibox.lib import origin, tenancy


def test_an_event_outside_any_account_is_written_without_any_reach(cast: SimpleNamespace) -> None:
    with tenancy.scope():
        audit.record("signed in", by=cast.partner)
        assert not AuditEvent.objects.exists()
    assert AuditEvent.objects.get().actor == cast.partner.uuid


def test_an_event_says_by_which_way_and_from_where(cast: SimpleNamespace) -> None:
    with origin.of(origin.Origin(channel="screen", ip="192.0.2.7", request_id="abc")):
        audit.record("person changed", by=cast.owner, account_id=cast.north.pk, after={"tags": ["LYON"]})
    event = AuditEvent.objects.get()
    assert (event.channel, event.ip, event.request_id, event.after) == (
        "screen",
        "192.0.2.7",
        "abc",
        {"tags": ["LYON"]},
    )


def test_an_account_sees_its_own_events_only(cast: SimpleNamespace) -> None:
    audit.record("person changed", by=cast.owner, account_id=cast.north.pk)
    with tenancy.scope(accounts=[cast.south.pk]):
        assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_no_event_is_ever_changed(cast: SimpleNamespace, act: str) -> None:
    audit.record("person changed", by=cast.owner, account_id=cast.north.pk)
    events = AuditEvent.objects.all()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        events.update(verb="nothing happened") if act == "update" else events._raw_delete("default")
    assert AuditEvent.objects.get().verb == "person changed"


def test_an_event_of_an_account_out_of_reach_is_refused(cast: SimpleNamespace) -> None:
    with (
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
        tenancy.scope(accounts=[cast.south.pk]),
    ):
        audit.record("person changed", by=cast.stranger, account_id=cast.north.pk)
