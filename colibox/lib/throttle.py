"""Counters of attempts per key and window, for what must not be tried, or called, without end."""

import time

from colibox.lib import keys
from colibox.lib.cache import shared_cache

MINUTE = 60


def allow(key: str, *, limit: int, seconds: int, strict: bool = False) -> bool:
    """Count one attempt; False once the limit of this fixed window is passed.

    While Redis is away each process counts alone; a strict limit then allows nothing.
    """
    attempts = shared_cache().count(_counter(key), seconds=seconds, alone=not strict)
    return attempts is not None and attempts <= limit


def give_back(key: str, *, seconds: int) -> None:
    """Take back one attempt that `allow` counted, where it turned out not to be one."""
    shared_cache().count(_counter(key), seconds=seconds, by=-1)


def wait(key: str, *, limit: int) -> int | None:
    """Count one call in this minute of the clock: None, or the seconds to wait once the limit is passed; 0 is none."""
    minute, second = divmod(int(time.time()), MINUTE)
    if not limit or allow(f"{key}:{minute}", limit=limit, seconds=MINUTE):
        return None
    return MINUTE - second


def _counter(key: str) -> str:
    return f"throttle:{keys.digest(key)}"
