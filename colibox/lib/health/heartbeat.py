"""The sign of life that the clock leaves through a worker, every half minute."""

from __future__ import annotations

import time

from django.core.cache import cache

KEY = "heartbeat"
KEPT = 24 * 3600
LATE = 120.0
"""After how many seconds the clock, the broker or the worker is taken for stopped."""


def leave() -> None:
    """The clock rang, and a worker heard it."""
    cache.set(KEY, time.time(), timeout=KEPT)


def age() -> float | None:
    """For how many seconds nothing was heard, less than none if a clock went back; None: nothing within a day."""
    left: float | None = cache.get(KEY)
    return None if left is None else time.time() - left
