"""Which parcels somebody sees: by account, by tag, by key; the page and the definition agree."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rights.access import rights_of
from rights.models import AccountLink, Entitlement, Grant
from tests.conftest import make_account, make_link
from tests.tracking.conftest import make_parcel
from tracking.beginnings import Beginning
from tracking.models import Parcel, TrackingEvent
from tracking.newest import Place, newest
from tracking.scopes import scopes_of, served, service_scopes


def seen(person: object) -> set[Parcel]:
    """What somebody sees, by the definition and by the page, which have to agree."""
    scopes = scopes_of(person)  # type: ignore[arg-type]
    by_definition = set(Parcel.objects.seen(scopes))
    assert set(newest(Parcel.objects.all(), scopes, limit=100)) == by_definition
    return by_definition


def test_an_administrator_sees_their_account_and_no_other(cast: SimpleNamespace) -> None:
    mine, foreign = make_parcel(cast.north), make_parcel(cast.south)
    assert seen(cast.owner) == {mine}
    assert seen(cast.stranger) == {foreign}
    assert seen(cast.colleague) == set()


def test_a_tag_is_compared_without_case_and_accents_on_its_own_account(cast: SimpleNamespace) -> None:
    cast.partner_link.tags = ["ENTREPÔT"]
    cast.partner_link.save()
    bears = make_parcel(cast.north, tag="Entrepot")
    make_parcel(cast.north, tag="ENTREPOT 2")
    make_parcel(cast.north)
    consolidated = make_parcel(cast.south)
    assert seen(cast.partner) == {bears, consolidated}


def test_a_key_shows_what_bears_it_and_what_its_owner_franked(cast: SimpleNamespace) -> None:
    Grant.objects.filter(link=cast.partner_link, right="tool_tag").update(right="tool_key")
    AccountLink.objects.filter(pk=cast.partner_south_link.pk).update(state="suspended")
    bears = make_parcel(cast.north, user_key=cast.partner.user_key)
    franked = make_parcel(cast.north, franked_by=cast.partner)
    both = make_parcel(cast.north, user_key=cast.partner.user_key, franked_by=cast.partner)
    make_parcel(cast.north, tag="LYON")
    make_parcel(cast.south, user_key=cast.partner.user_key)
    assert seen(cast.partner) == {bears, franked, both}


def test_the_web_service_right_does_not_widen_the_tool(cast: SimpleNamespace) -> None:
    """The tag of the tool narrows the service, never the other way round."""
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="tracking_ws", given_by_name="ADMIN")
    bears = make_parcel(cast.north, tag="LYON")
    make_parcel(cast.north)
    assert seen(cast.partner) == {bears}
    held = {cast.partner_link: rights_of([cast.partner_link])[cast.partner_link.pk]}
    assert list(Parcel.objects.seen(service_scopes(cast.partner, held))) == [bears]


def test_a_tag_that_the_account_lost_still_narrows_the_web_service(cast: SimpleNamespace) -> None:
    """What a contract takes away must not show more."""
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="tracking_ws", given_by_name="ADMIN")
    Entitlement.objects.filter(account=cast.north, right="tool_tag").delete()
    bears = make_parcel(cast.north, tag="LYON")
    make_parcel(cast.north)
    held = {cast.partner_link: rights_of([cast.partner_link])[cast.partner_link.pk]}
    assert list(Parcel.objects.seen(service_scopes(cast.partner, held))) == [bears]


def test_customer_service_answers_about_what_that_right_shows_and_no_more(cast: SimpleNamespace) -> None:
    Grant.objects.filter(link=cast.partner_link, right="tool_tag").update(right="tool_consolidated")
    Grant.objects.create(
        account=cast.north,
        link=cast.partner_link,
        right="tool_service_key",
        choice="tool_service",
        given_by_name="ADMIN",
    )
    parcel, mine = make_parcel(cast.north), make_parcel(cast.north, franked_by=cast.partner)
    assert seen(cast.partner) == {parcel, mine}
    assert set(Parcel.objects.seen(served(scopes_of(cast.partner)))) == {mine}
    assert served(scopes_of(cast.colleague)) == []


def test_a_place_in_the_list_is_read_as_it_was_written(cast: SimpleNamespace) -> None:
    parcel = make_parcel(cast.north)
    parcel.refresh_from_db()
    place = Place(parcel.created_at, parcel.pk)
    assert Place.read(str(place)) == place
    assert [Place.read(text) for text in ("", "1.5-3", "x", f"{9**15}.000001-1", "1.000001-" + "9" * 19)] == [None] * 5


def test_pages_follow_each_other_newest_first(cast: SimpleNamespace) -> None:
    now = timezone.now()
    parcels = [make_parcel(cast.north, created_at=now - timedelta(hours=hours)) for hours in (3, 1, 2, 1)]
    scopes = scopes_of(cast.owner)
    first = newest(Parcel.objects.all(), scopes, limit=3)
    assert first == [parcels[3], parcels[1], parcels[2]]
    after = Place(first[-1].created_at, first[-1].pk)
    assert newest(Parcel.objects.all(), scopes, limit=3, after=after) == [parcels[0]]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_latest_event_says_the_status_in_whatever_order_events_come(
    cast: SimpleNamespace, order: tuple[int, ...]
) -> None:
    parcel, now = make_parcel(cast.north), timezone.now()
    happened = [("PC1", 5, "Nantes"), ("ET1", 2, "Orléans"), ("MD2", 2, "Lyon")]
    for code, hours, place in (happened[i] for i in order):
        TrackingEvent.objects.create(
            account_id=cast.north.pk, parcel=parcel, code=code, at=now - timedelta(hours=hours), place=place
        )
    parcel.refresh_from_db()
    assert (parcel.event, parcel.status, parcel.step, parcel.place) == ("MD2", "out", 4, "Lyon")


def test_an_event_cannot_hang_on_another_accounts_parcel(cast: SimpleNamespace) -> None:
    parcel = make_parcel(cast.north)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrackingEvent.objects.create(account_id=cast.south.pk, parcel=parcel, code="PC1", at=timezone.now())


@pytest.mark.parametrize("few", [1, 10_000])
def test_pages_over_many_accounts_leave_nothing_out_however_they_are_looked_for(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """By walking and by how they begin, a page at a time: the same as all of them, sorted."""
    monkeypatch.setattr("tracking.newest.FEW", few)
    draw, now = Random(few), timezone.now()
    accounts = [make_account(str(910000 + n), f"Comptoir {n}") for n in range(7)]
    for account in accounts:
        make_link(account, cast.partner, rights=["tool_consolidated"])
    for _ in range(60):
        hours = timedelta(hours=draw.randrange(12))
        names = draw.choice(["Camille Durand", "Camille Dumas", "Durand Camille", "Éric Petit"])
        make_parcel(draw.choice(accounts[: draw.randint(1, 7)]), addressee=names, created_at=now - hours)
    scopes = [scope for scope in scopes_of(cast.partner) if scope.account in accounts]
    beginnings = [None, Beginning("addressee_key", ("camille du", "durand")), Beginning("number", ("6C",))]
    for beginning in [*beginnings, Beginning("addressee_key", ("nobody",))]:
        parcels = Parcel.objects.seen(scopes).order_by("-created_at", "-id")
        wanted = list(parcels.filter(beginning.condition) if beginning else parcels)
        shown: list[Parcel] = []
        after = None
        while page := newest(Parcel.objects.all(), scopes, limit=4, after=after, beginning=beginning):
            shown += page
            after = Place(page[-1].created_at, page[-1].pk)
        assert shown == wanted
