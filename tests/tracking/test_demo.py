"""The parcels and pickup points of the demonstration."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Max, Q

from colibox.lib import tenancy
from tracking import events, numbers, pickup, places, products
from tracking.demo.parcels import Maker
from tracking.demo.stories import Happening, Journey, Site, tell
from tracking.events import Status
from tracking.labels import Label
from tracking.models import Claim, Parcel, PickupPoint, TrackingEvent
from tracking.scopes import scopes_of
from users.models import User

NOW = datetime(2026, 11, 20, 18, tzinfo=ZoneInfo("Europe/Paris"))


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["home", "pickup", "overseas", "abroad", "customs"])
def test_a_story_goes_on_in_time_from_step_to_step(kind: str) -> None:
    sites = [Site(name, "59000") for name in ("LILLE", "BREST", "DOUVRIN", "LE RHEU")]
    created = NOW.replace(month=9, day=1)
    outcomes = set()
    for n in range(300):
        story = tell(Journey(sites[0], sites[1], sites[2], sites[3], kind), created, Random(n), NOW)
        assert story == tell(Journey(sites[0], sites[1], sites[2], sites[3], kind), created, Random(n), NOW)
        times = [happening.at for happening in story]
        assert times == sorted(set(times))
        assert times[0] == created
        assert times[-1] <= NOW
        _goes_on(story)
        outcomes.add(events.BY_CODE[story[-1].code].status)
    assert {Status.ANNOUNCED, Status.PROBLEM, Status.DELIVERED, Status.RETURNED} <= outcomes


def _goes_on(story: list[Happening]) -> None:
    """Steps never go back but on the way back to the sender; nothing comes after a delivery."""
    codes = [happening.code for happening in story]
    there = codes[: codes.index("RE1") + 1] if "RE1" in codes else codes
    steps = [events.BY_CODE[code].step for code in there]
    assert steps == sorted(steps)
    assert not {"DI1", "DI2"} & set(codes[:-1])


@pytest.mark.django_db
def test_the_network_is_believable_and_stays_as_it_is_when_made_again() -> None:
    assert "60 pickup points added.\n500 parcels added." in demo("--parcels", "500", "--pickup-points", "60")
    with tenancy.everything():
        parcels = list(Parcel.objects.select_related("account"))
        made = {parcel.number: parcel.addressee for parcel in parcels}
        _parcels_are_believable(parcels)
        _states_are_those_of_the_events()
        _points_are_believable()
        _what_waits_has_its_label()
        assert set(Claim.objects.values_list("state", flat=True)) == set(Claim.State.values)
        assert "added" not in demo("--parcels", "500", "--pickup-points", "60")
        assert "100 parcels added." in demo("--parcels", "600")
        again = dict(Parcel.objects.filter(number__in=made).values_list("number", "addressee"))
        assert again == made


def _parcels_are_believable(parcels: list[Parcel]) -> None:
    assert all(numbers.is_valid(parcel.number) for parcel in parcels)
    assert {parcel.product for parcel in parcels} == set(products.BY_CODE)
    at_home = [parcel for parcel in parcels if parcel.country == "FR"]
    assert all(places.find(parcel.postcode, parcel.town) for parcel in at_home)
    assert all(products.BY_CODE[parcel.product].goes_to(parcel.country) for parcel in parcels)
    assert len({parcel.account_id for parcel in parcels}) == 6
    points = set(PickupPoint.objects.values_list("identifier", flat=True))
    assert all(parcel.pickup_point in points for parcel in parcels if parcel.product == "HD")
    for username in ("a.berlioz", "m.oconnor", "l.fontaine", "p.aznar", "900138", "850061"):
        assert Parcel.objects.seen(scopes_of(User.objects.get(username=username))).exists(), username


def _what_waits_has_its_label() -> None:
    """Parcels that somebody franked and that are still to be handed over can be printed again."""
    announced = [parcel for parcel, _ in Maker("colibox", NOW).batch(0) if parcel["event"] == "DR1"]
    franked = [parcel for parcel in announced if parcel["franked_by_id"]]
    assert franked
    assert all(Label.from_dict(parcel["label"]).number == parcel["number"] for parcel in franked)
    assert not [parcel for parcel in announced if parcel["label"] and parcel not in franked]


def _states_are_those_of_the_events() -> None:
    latest = Parcel.objects.alias(at=Max("events__at"), told=Count("events"))
    assert not latest.exclude(event_at=F("at")).exists()
    assert not latest.filter(told=0).exists()
    wrong = Q(parcel__event_at=F("at")) & ~Q(parcel__event=F("code"), parcel__place=F("place"))
    assert not TrackingEvent.objects.filter(wrong).exists()
    assert not TrackingEvent.objects.filter(at__gt=datetime.now(UTC)).exists()
    assert not Parcel.objects.filter(step=5, delivered_at=None).exists()


def _points_are_believable() -> None:
    points = list(PickupPoint.objects.all())
    assert {point.kind for point in points} >= {"A2P", "BPR"}
    for point in points:
        point.full_clean()
        town = places.find(point.postcode, point.town)
        assert town is not None
        assert pickup.distance((point.latitude, point.longitude), (town.latitude, town.longitude)) < 15_000
        assert len(point.hours) == 7
        assert any(pickup.spans(day) for day in point.hours)
    lille = places.locate("59800", "Lille")
    assert lille is not None
    assert len(pickup.nearest(lille, limit=5)) == 5
