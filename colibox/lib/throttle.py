"""A counter of attempts per key and window, for what must not be tried without end."""

from colibox.lib import keys
from colibox.lib.cache import shared_cache


def allow(key: str, *, limit: int, seconds: int, strict: bool = False) -> bool:
    """Count one attempt; False once the limit of this fixed window is passed.

    While Redis is away each process counts alone; a strict limit then allows nothing.
    """
    attempts = shared_cache().count(f"throttle:{keys.digest(key)}", seconds=seconds, alone=not strict)
    return attempts is not None and attempts <= limit
