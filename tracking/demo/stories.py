"""What happens to a made-up parcel from its announcement on, as it happens to real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from random import Random
from typing import NamedTuple

from tracking import places
from tracking.demo import words


class Site(NamedTuple):
    """Where something happens, as it is told."""

    place: str
    postcode: str
    country: str = "FR"


class Happening(NamedTuple):
    """One event to come."""

    code: str
    at: datetime
    site: Site


class Journey(NamedTuple):
    """From where to where, and how: home, pickup, overseas, abroad or customs."""

    start: Site
    end: Site
    start_hub: Site
    end_hub: Site
    kind: str


NOWHERE = Site("", "")
ROISSY = Site(words.AIRPORT[1], words.AIRPORT[0])
FAR = ("overseas", "customs")


def tell(journey: Journey, created: datetime, chance: Random, until: datetime) -> list[Happening]:
    """All that has happened until then to a parcel announced at that time."""
    return list(takewhile(lambda happening: happening.at <= until, _story(journey, created, chance)))


def _story(journey: Journey, created: datetime, chance: Random) -> Iterator[Happening]:
    """In order of time. Happenings are made only as far as somebody listens."""
    yield Happening("DR1", created, NOWHERE)
    if chance.random() < 0.02:
        return  # announced and never handed over
    at = _evening(created, chance)
    yield Happening("PC1", at, journey.start)
    at += _hours(chance, 2, 5)
    yield Happening("ET1", at, journey.start_hub)
    if journey.kind in ("home", "pickup"):
        if journey.end_hub != journey.start_hub:
            at = _night(at, chance, nights=chance.choice((1, 1, 1, 2)))
            yield Happening("ET1", at, journey.end_hub)
    else:
        for happening in _travel(journey, at, chance):
            at = happening.at
            yield happening
    if chance.random() < 0.05:
        at += _hours(chance, 1, 3)
        yield Happening("PB1", at, journey.end_hub)
        if chance.random() < 0.2:
            return  # nobody has found it since
        at = _morning(at, chance)
        yield Happening("PB2", at, journey.end_hub)
    yield from _arrival(journey, at, chance)


def _travel(journey: Journey, at: datetime, chance: Random) -> Iterator[Happening]:
    """Out of the country or over the sea, through customs where there are any."""
    at = _night(at, chance)
    yield Happening("ET2" if journey.kind != "overseas" else "ET1", at, ROISSY)
    at += timedelta(days=chance.randint(1, 3)) + _hours(chance, 1, 9)
    yield Happening("ET3", at, journey.end)
    if journey.kind in FAR:
        at += _hours(chance, 2, 6)
        yield Happening("DO1", at, journey.end)
        if chance.random() < 0.1:
            at += _hours(chance, 2, 4)
            yield Happening("DO3", at, journey.end)
            at += timedelta(days=chance.randint(1, 5))
        at = _morning(at, chance)
        yield Happening("DO2", at, journey.end)


def _arrival(journey: Journey, at: datetime, chance: Random) -> Iterator[Happening]:
    """Out for delivery, and what comes of it."""
    at = _morning(at, chance)
    if journey.kind == "pickup":
        yield from _counter(journey, at + _hours(chance, 2, 6), chance)
        return
    yield Happening("MD2", at, journey.end)
    at += _hours(chance, 1, 5)
    outcome = chance.random()
    if outcome < 0.88:
        yield Happening("DI1", at, journey.end)
    elif outcome < 0.94:
        yield from _counter(journey, at + _hours(chance, 2, 4), chance)
    elif outcome < 0.98:
        yield Happening("ND1", at, journey.end)
        at = _morning(at, chance)
        yield Happening("MD2", at, journey.end)
        yield Happening("DI1", at + _hours(chance, 1, 5), journey.end)
    else:
        yield Happening("ND1", at, journey.end)
        yield from _return(journey, at + _hours(chance, 1, 4), chance)


def _counter(journey: Journey, at: datetime, chance: Random) -> Iterator[Happening]:
    """Waiting to be fetched, for two weeks at most."""
    yield Happening("AG1", at, journey.end)
    if chance.random() < 0.93:
        days = min(int(chance.expovariate(0.5)), 13)
        yield Happening("DI1", _morning(at, chance) + timedelta(days=days) + _hours(chance, 1, 10), journey.end)
    else:
        yield from _return(journey, _morning(at + timedelta(days=14), chance), chance)


def _return(journey: Journey, at: datetime, chance: Random) -> Iterator[Happening]:
    yield Happening("RE1", at, journey.end)
    at = _night(at, chance)
    yield Happening("ET1", at, journey.start_hub)
    yield Happening("DI2", _morning(at, chance) + _hours(chance, 1, 4), journey.start)


def _hours(chance: Random, least: int, most: int) -> timedelta:
    return timedelta(seconds=chance.randrange(least * 3600, most * 3600))


def _evening(at: datetime, chance: Random) -> datetime:
    """When the van has been round: that day, or the next working day for what was announced late."""
    day = at if at.hour < 16 else at + timedelta(days=1)
    return _working(day).replace(hour=17, minute=0) + _hours(chance, 0, 2)


def _night(at: datetime, chance: Random, nights: int = 1) -> datetime:
    return (at + timedelta(days=nights)).replace(hour=1, minute=0) + _hours(chance, 0, 4)


def _morning(at: datetime, chance: Random) -> datetime:
    """When the round begins, the same day for what came in the night."""
    day = at if at.hour < 6 else at + timedelta(days=1)
    return _working(day).replace(hour=7, minute=0) + timedelta(minutes=chance.randrange(90))


def _working(day: datetime) -> datetime:
    return day + timedelta(days=1) if day.weekday() == 6 else day


@lru_cache(maxsize=50_000)
def hub(latitude: float, longitude: float) -> Site:
    """Where the parcels of a place in France are sorted."""
    return min(_hubs(), key=lambda each: (each[0] - latitude) ** 2 + ((each[1] - longitude) * 0.7) ** 2)[2]


@lru_cache(maxsize=1)
def _hubs() -> list[tuple[float, float, Site]]:
    located = ((places.locate(postcode, town), Site(town, postcode)) for postcode, town in words.HUBS)
    return [(*where, site) for where, site in located if where]
