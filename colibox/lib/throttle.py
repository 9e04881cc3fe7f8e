"""A counter of attempts per key and window, for what must not be tried without end."""

from django.core.cache import cache


def allow(key: str, *, limit: int, seconds: int) -> bool:
    """Count one attempt; False once the limit of this fixed window is passed."""
    name = f"throttle:{key}"
    if cache.add(name, 1, timeout=seconds):
        return limit >= 1
    try:
        return int(cache.incr(name)) <= limit
    except ValueError:
        return cache.add(name, 1, timeout=seconds)
