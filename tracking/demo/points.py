"""Made-up pickup points in real towns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from colibox.lib import database
from rights.demo import people as demo
from tracking import pickup, places
from tracking.demo import words
from tracking.models import PickupPoint
from tracking.places import Town

FIRST_IDENTIFIER = 100_001
AROUND_A_COMPANY = 8
COLUMNS = (
    "identifier", "name", "kind", "address_1", "postcode", "town", "hint", "latitude", "longitude", "heaviest",
    "accessible", "parking", "handling_tool", "sorting", "lot", "plan_version", "hours", "closed",
)  # fmt: skip
KINDS = ("A2P", "LOCKER", "BPR", "ACP", "CDI")
WEIGHTS = (60, 10, 23, 4, 3)
HOURS = {
    "A2P": ("09:00-12:30 14:00-19:00", "10:00-12:00 12:00-20:15", "07:00-13:00 13:00-19:30", "08:30-12:30 15:00-19:30"),
    "LOCKER": (pickup.ALWAYS,),
    "BPR": ("09:00-12:00 14:00-17:30", "09:00-13:00 13:00-18:00", "08:30-12:00 13:30-17:00"),
    "ACP": ("08:00-12:00 13:30-18:00",),
    "CDI": ("14:00-18:00 00:00-00:00", "09:00-12:00 15:30-18:00"),
}


@transaction.atomic
def build(count: int) -> int:
    """Bring the made-up points to so many; how many were added."""
    chance = Random(f"{words.SEED} points")  # noqa: S311
    made = [_point(FIRST_IDENTIFIER + n, town, chance) for n, town in enumerate(_towns(count, chance))]
    before = PickupPoint.objects.count()
    database.insert(PickupPoint, COLUMNS, made, skip_conflicts=True)
    return PickupPoint.objects.count() - before


def _towns(count: int, chance: Random) -> Iterator[Town]:
    """Some around each company of the demonstration, the others where people live."""
    own = [town for company in demo.COMPANIES if (town := places.find(company.postcode, company.town))]
    return iter((own * AROUND_A_COMPANY + places.sample(chance, count))[:count])


def _point(number: int, town: Town, chance: Random) -> tuple[Any, ...]:
    (kind,) = chance.choices(KINDS, WEIGHTS)
    heaviest = 20_000 if kind in ("A2P", "LOCKER") else 30_000
    street = f"{chance.randrange(1, 120)} {chance.choice(words.WAYS)} {chance.choice(words.NAMES)}"
    spread = 0.004 + min(town.population, 60_000) / 4_000_000
    return (
        f"{number:06}", _name(kind, town, chance), "A2P" if kind == "LOCKER" else kind, places.routing(street),
        town.postcode, town.routing, chance.choice(words.HINTS),
        round(town.latitude + chance.gauss(0, spread), 6), round(town.longitude + chance.gauss(0, spread * 1.4), 6),
        heaviest, chance.random() < 0.7, chance.random() < 0.4, heaviest > 20_000 and chance.random() < 0.5,
        f"{town.postcode[:2]}R{chance.randrange(1, 9):02}", "VER0", "3", _hours(kind, chance), _closed(kind, chance),
    )  # fmt: skip


def _name(kind: str, town: Town, chance: Random) -> str:
    quarter = chance.choice(words.QUARTERS)
    return {
        "A2P": chance.choice(words.SHOPS),
        "LOCKER": f"CONSIGNE PICKUP {town.routing} {quarter}",
        "BPR": f"BUREAU DE POSTE {town.routing} {quarter}",
        "ACP": f"AGENCE COLIS {town.routing}",
        "CDI": f"CENTRE DE DISTRIBUTION {town.routing}",
    }[kind][:80]


def _hours(kind: str, chance: Random) -> list[str]:
    """Monday to Sunday: shops often close on Monday or Sunday, offices on Saturday afternoon."""
    day = chance.choice(HOURS[kind])
    if kind == "LOCKER":
        return [day] * 7
    saturday = day if kind == "A2P" else "09:00-12:00 00:00-00:00"
    sunday = "09:00-12:30 00:00-00:00" if kind == "A2P" and chance.random() < 0.2 else pickup.CLOSED
    monday = pickup.CLOSED if kind == "A2P" and chance.random() < 0.3 else day
    return [monday, day, day, day, day, saturday, sunday]


def _closed(kind: str, chance: Random) -> list[list[str]]:
    """One shop in three has holidays that are known: under way, or in the months to come."""
    draw, starts, lasts = chance.random(), chance.randrange(-10, 200), chance.randrange(6, 21)
    if kind != "A2P" or draw > 0.33:
        return []
    first: date = timezone.localdate() + timedelta(days=starts)
    return [[first.isoformat(), (first + timedelta(days=lasts)).isoformat()]]
