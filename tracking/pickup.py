"""Pickup points as people look for them: the nearest ones, and when they are open."""

from __future__ import annotations

from datetime import date, timedelta
from math import asin, cos, pi, radians, sin, sqrt
from typing import NamedTuple

from django.db.models import BooleanField, F, FloatField, QuerySet
from django.db.models.expressions import Expression, RawSQL, Value
from django.db.models.functions import ASin, Cos, Power, Radians, Sin, Sqrt

from tracking.models import PickupPoint

Position = tuple[float, float]
"""Latitude and longitude, in degrees."""

EARTH = 6_371_009.0
A_DEGREE = EARTH * pi / 180
RADII = (3_000, 20_000, 130_000)
"""Metres: a search begins with the first circle and goes on to the next until enough points are found."""
MOST = 20

CLOSED = "00:00-00:00 00:00-00:00"
ALWAYS = "00:01-12:00 12:00-23:59"
ON_HOLIDAY = """EXISTS (
    SELECT FROM jsonb_array_elements("tracking_pickuppoint"."closed") AS holiday
    WHERE %s BETWEEN holiday ->> 0 AND holiday ->> 1)"""


class Near(NamedTuple):
    """A pickup point and how far it is, in metres."""

    point: PickupPoint
    metres: int


def by_id(identifier: str) -> PickupPoint | None:
    """The point of this identifier, unless it takes no parcels any more."""
    return PickupPoint.objects.filter(identifier=identifier, active=True).first()


def nearest(
    where: Position, *, weight: int = 1, shops: bool = True, on: date | None = None, limit: int = MOST
) -> list[Near]:
    """The nearest points that take a parcel of so many grams, the nearest first; none beyond the last circle.

    Without `shops` only post offices and the carrier's own sites; with `on`, those on holiday that day are left out.
    """
    points = PickupPoint.objects.filter(active=True, heaviest__gte=weight)
    if not shops:
        points = points.exclude(kind=PickupPoint.Kind.SHOP)
    if on:
        points = points.exclude(RawSQL(ON_HOLIDAY, (on.isoformat(),), BooleanField()))  # noqa: S611 (a constant)
    found: list[Near] = []
    for radius in RADII:
        found = _within(points, where, radius, limit)
        if len(found) == limit:
            break
    return found


def _within(points: QuerySet[PickupPoint], where: Position, radius: int, limit: int) -> list[Near]:
    """The nearest points of a circle: those of the box around it, which an index finds, measured."""
    latitude, longitude = where
    height = radius / A_DEGREE
    width = height / max(cos(radians(latitude)), 0.01)
    box = points.filter(
        latitude__range=(latitude - height, latitude + height), longitude__range=(longitude - width, longitude + width)
    )
    measured = box.annotate(metres=_metres(where)).filter(metres__lte=radius).order_by("metres", "identifier")[:limit]
    return [Near(point, round(point.metres)) for point in measured]


def _metres(where: Position) -> Expression:
    """The distance from a position as the database works it out (haversine)."""
    latitude, longitude = (Value(radians(degrees), FloatField()) for degrees in where)
    up = Power(Sin((Radians(F("latitude")) - latitude) / 2), 2)
    along = Power(Sin((Radians(F("longitude")) - longitude) / 2), 2)
    return ASin(Sqrt(up + Cos(latitude) * Cos(Radians(F("latitude"))) * along)) * Value(2 * EARTH)


def distance(one: Position, other: Position) -> float:
    """The metres between two positions."""
    (lat1, lon1), (lat2, lon2) = (map(radians, position) for position in (one, other))
    up, along = sin((lat2 - lat1) / 2) ** 2, sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(sqrt(up + cos(lat1) * cos(lat2) * along))


def spans(published: str) -> list[tuple[str, str]]:
    """The opening hours of a day, as published, for reading: what touches is joined, a closed day has none."""
    joined: list[tuple[str, str]] = []
    for span in published.split():
        start, _, end = span.partition("-")
        if start == end:
            continue
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, end))
    return joined


def holiday(point: PickupPoint, day: date) -> tuple[date, date] | None:
    """The first and last day of the holidays that this day is in."""
    periods = ((date.fromisoformat(first), date.fromisoformat(last)) for first, last in point.closed)
    return next((period for period in periods if period[0] <= day <= period[1]), None)


def is_open(point: PickupPoint, day: date) -> bool:
    """Whether one can fetch a parcel there on that day."""
    return bool(spans(point.hours[day.weekday()])) and holiday(point, day) is None


def opens(point: PickupPoint, after: date) -> date | None:
    """The first day from that one on when it is open, within a month."""
    days = (after + timedelta(days=n) for n in range(31))
    return next((day for day in days if is_open(point, day)), None)
