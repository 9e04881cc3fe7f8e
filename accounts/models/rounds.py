"""How far the portal's daily rounds have come, so that a clock that stood catches up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import models
from django.utils import timezone

FARTHEST = 31
"""So many days are caught up at most: what is older is no news."""


class Round(models.Model):
    """The last day on which something that is to be done each day was done."""

    name = models.CharField(primary_key=True, max_length=40)
    day = models.DateField()

    class Meta:
        verbose_name = "round"

    def __str__(self) -> str:
        return f"{self.name}: {self.day}"


@contextmanager
def last_round(name: str, *, days: int = 0) -> Iterator[date]:
    """The day of the last round of this name, and no later than so many days ago; what is within is today's.

    One transaction at a time: who makes the round twice finds the first one done.
    """
    today = timezone.localdate()
    Round.objects.get_or_create(name=name, defaults={"day": today})
    made = Round.objects.select_for_update().get(name=name)
    yield max(min(made.day, today - timedelta(days=days)), today - timedelta(days=FARTHEST))
    Round.objects.filter(name=name).update(day=today)
