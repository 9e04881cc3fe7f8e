"""Histories of years: what is rare in them, and the days asked for, are found in as many steps as in short ones."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import acts, audit, stretches
from accounts.history import Asked, Told, Trail, of_account, of_person
from accounts.models import AuditEvent
from colibox.lib import origin, tenancy

HISTORY = "/accounts/900138/history/"


def write(cast: SimpleNamespace, *names: str, verb: str = "site added") -> None:
    told = [audit.Event(verb, None, name) for name in names]
    audit.record_many(told, by=cast.owner, account_id=cast.north.pk)


@pytest.fixture
def a_page_looks_at_20(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "LOOKED_THROUGH", 20)


def walked(client: Client, query: str) -> tuple[list[str], int]:
    """The sites named on the pages of a history from the newest to the oldest, and how many pages there were."""
    seen, address, pages = [], HISTORY + query, 0
    while address:
        page, pages = client.get(address).content.decode(), pages + 1
        seen += re.findall(r"(Rare-\d+)", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = HISTORY + older[1].replace("&amp;", "&") if older else ""
    return seen, pages


def test_what_is_rare_is_looked_for_a_stretch_at_a_time(
    cast: SimpleNamespace, client: Client, a_page_looks_at_20: None
) -> None:
    write(cast, "Rare-1", *["Often"] * 50, "Rare-2", *["Often"] * 30)
    client.force_login(cast.owner)
    first = client.get(f"{HISTORY}?about=rare").content.decode()
    assert "Rien de tel depuis le" in first and "Rare-" not in first
    seen, pages = walked(client, "?about=rare")
    assert seen == ["Rare-2", "Rare-1"]
    assert pages <= 6


def test_what_follows_is_looked_for_a_stretch_at_a_time_too(cast: SimpleNamespace, a_page_looks_at_20: None) -> None:
    write(cast, "Rare-1", *["Often"] * 50, "Rare-2")
    first = AuditEvent.objects.get(subject_name="Rare-1")
    trail = Trail(Asked(about="rare", after=first.pk), [of_account(cast.north.pk)])
    assert not trail.page and trail.newer_url
    trail = Trail(Asked(about="rare", after=first.pk + 45), [of_account(cast.north.pk)])
    assert [told.event.subject_name for told in trail.page] == ["Rare-2"]


def test_several_sources_are_looked_through_down_to_one_event(cast: SimpleNamespace, a_page_looks_at_20: None) -> None:
    write(cast, *["Often"] * 40, "Rare-1")
    sources = of_person(cast.owner.uuid, [cast.owner_link.uuid])
    trail = Trail(Asked(about="rare"), sources)
    assert [told.event.subject_name for told in trail.page] == ["Rare-1"]
    assert trail.reached and trail.older_url
    assert trail.count() == (1, True)


def test_a_file_says_how_many_events_it_holds_without_counting_a_long_history(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(cast, *["Often"] * 30)
    monkeypatch.setattr("accounts.history.COUNTED", 20)
    assert Trail(Asked(), [of_account(cast.north.pk)]).count() == (20, True)
    assert Trail(Asked(), [of_account(cast.south.pk)]).count() == (0, False)


@pytest.mark.django_db(transaction=True)
def test_days_are_found_by_halves(owner: Any) -> None:
    """Two events an hour for 100 days, of another account, too: the keys of one day are bounded by those beside it."""
    owner(
        "INSERT INTO accounts_auditevent (at, account_id, actor_name, subject_name, verb, before, after, channel,"
        " reference, request_id) SELECT now() - interval '30 minutes' * (4800 - n / 2), 1 + mod(n, 2), 'A', n::text,"
        " 'site added', '{}', '{}', 'screen', '', '' FROM generate_series(1, 9600) AS n"
    )
    day = timezone.localdate() - timedelta(days=40)
    with transaction.atomic(), tenancy.scope(accounts=[1]):
        with CaptureQueriesContext(connection) as queries:
            trail = Trail(Asked(since=day, until=day), [of_account(1)])
            assert {told.day for told in trail.page} == {day}
            assert trail.count() == (48, False)
        assert len(queries) <= 4
        looked_at = trail._looked_at[0].count()
    assert 48 <= looked_at <= 48 * 3 + 600


def test_a_name_that_looks_like_an_entity_is_escaped_once() -> None:
    subject = uuid4()
    event = AuditEvent(verb="person suspended", subject=subject, subject_name="amp", actor_name="L'Hermite & fils")
    drawn = acts.linked(Told(event), {subject: "/there/"})
    assert "L&#x27;Hermite &amp; fils" in drawn and '<a href="/there/">amp</a>' in drawn
    assert "&amp;amp;" not in drawn


def test_an_act_is_told_with_all_that_it_brought_on_whichever_page(
    cast: SimpleNamespace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.history.SIZE", 10)
    told = [audit.Event("person attached", uuid4(), f"Personne {number}") for number in range(11)]
    with origin.of(origin.Origin(channel="screen", reference=f"bulk:{uuid4()}")):
        audit.record_many(told, by=cast.owner, account_id=cast.north.pk)
    client.force_login(cast.owner)
    with CaptureQueriesContext(connection) as queries:
        first = client.get(HISTORY).content.decode()
    assert "et 10 autres, par le même acte" in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older and "et 10 autres, par le même acte" in client.get(HISTORY + older[1]).content.decode()
    assert len(queries) <= 20


def test_one_s_own_history_says_on_which_account(cast: SimpleNamespace, client: Client) -> None:
    for account, link in ((cast.north, cast.partner_link), (cast.south, cast.partner_south_link)):
        audit.record("dates changed", by=cast.owner, account_id=account.pk, subject=link.uuid, subject_name="Aline")
    client.force_login(cast.partner)
    page = client.get("/profile/history/").content.decode()
    assert f">{cast.north}</span>" in page and f">{cast.south}</span>" in page
    file = b"".join(client.post("/profile/history/export/").streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert file[0].endswith(";Compte") and str(cast.south) in file[1] and str(cast.north) in file[2]
