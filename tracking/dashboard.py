"""The figures of accounts over the last days: parcels a day, how long deliveries took, what has become of them.

They are counted along one index that holds all they need, account by account, and kept for some minutes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from colibox.lib.days import midnight

PERIODS = (30, 90)
"""Over how many days figures are shown, today included."""
KEPT = 300
"""For how many seconds figures are shown without counting anew."""

COUNTS = """
    SELECT of.account, counted.* FROM unnest(%(accounts)s::bigint[]) AS of(account) CROSS JOIN LATERAL (
        SELECT width_bucket(created_at, %(midnights)s::timestamptz[]) AS day, status,
            width_bucket(delivered_at, %(midnights)s::timestamptz[]) AS delivered, count(*)
        FROM tracking_parcel WHERE account_id = of.account AND created_at >= %(since)s
        GROUP BY day, status, delivered
    ) AS counted
"""
"""Days by their midnights: to convert each moment into a day of its time zone takes twice as long as all the rest."""


@dataclass
class Figures:
    """What was counted of the parcels created in a period, at a moment."""

    at: datetime
    by_day: Counter[date] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    by_time: Counter[int] = field(default_factory=Counter)
    """Of those delivered, how many days lay between their announcement and their delivery."""

    @property
    def total(self) -> int:
        return self.by_day.total()

    @property
    def median(self) -> int | None:
        """Half of the deliveries took so many days or fewer."""
        half, counted = self.by_time.total() / 2, 0
        for days in sorted(self.by_time):
            counted += self.by_time[days]
            if counted >= half:
                return days
        return None

    def note(self, day: date, status: str, took: int | None, number: int) -> None:
        """So many parcels of this day have become this; `took` so many days if they were delivered."""
        self.by_day[day] += number
        self.by_status[status] += number
        if took is not None:
            self.by_time[max(took, 0)] += number

    def add(self, other: Figures) -> None:
        """Take in the figures of another account."""
        self.at = min(self.at, other.at)
        self.by_day += other.by_day
        self.by_status += other.by_status
        self.by_time += other.by_time


def period(days: int) -> list[date]:
    """So many days up to today."""
    today = timezone.localdate()
    return [today - timedelta(days=ago) for ago in reversed(range(days))]


def figures(accounts: Iterable[int], days: int) -> dict[int, Figures]:
    """The figures of each of these accounts, which are to be in reach; one statement for those not kept."""
    keys = {f"figures:{pk}:{days}": pk for pk in accounts}
    kept: Mapping[str, Figures] = cache.get_many(keys)
    found = {keys[key]: known for key, known in kept.items()}
    if missing := [pk for pk in keys.values() if pk not in found]:
        counted = _count(missing, days)
        cache.set_many({f"figures:{pk}:{days}": known for pk, known in counted.items()}, KEPT)
        found |= counted
    return found


def together(all_of_them: Iterable[Figures]) -> Figures:
    """The figures of several accounts as if they were one."""
    total = Figures(timezone.now())
    for each in all_of_them:
        total.add(each)
    return total


def _count(accounts: list[int], days: int) -> dict[int, Figures]:
    now, dates = timezone.now(), period(days)
    counted = {pk: Figures(now) for pk in accounts}
    midnights = [midnight(day) for day in dates]
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"accounts": accounts, "midnights": midnights, "since": midnights[0]})
        for pk, day, status, delivered, number in cursor.fetchall():
            took = None if delivered is None else delivered - day
            counted[pk].note(dates[day - 1], status, took, number)
    return counted
