"""The shared cache, which a stopped Redis makes less exact and never breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from colibox.lib.outage import Outage

REST = 2.0
"""For how many seconds a process does not ask again a Redis that did not answer."""

_outages: dict[str, Outage] = {}  # each thread has a cache object of its own; what one learns, all know


def _forgiving(name: str) -> Callable[..., Any]:
    """This operation on Redis, or on the process's own memory while Redis is away."""

    def operation(self: ForgivingRedisCache, *args: Any, **kwargs: Any) -> Any:
        if not self.outage.lasts:
            try:
                return getattr(RedisCache, name)(self, *args, **kwargs)
            except RedisError as error:
                self.outage.begin(error)
        return getattr(self.fallback, name)(*args, **kwargs)

    operation.__name__ = name
    return operation


class ForgivingRedisCache(RedisCache):
    """Redis, and each process's own memory while Redis does not answer: limits still count, more loosely.

    What is kept here may therefore be lost, and may differ between processes for a while.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.outage = _outages.setdefault(server, Outage("Redis", seconds=REST))
        self.fallback = LocMemCache(server, {name: value for name, value in params.items() if name != "OPTIONS"})

    add = _forgiving("add")
    get = _forgiving("get")
    set = _forgiving("set")
    touch = _forgiving("touch")
    delete = _forgiving("delete")
    get_many = _forgiving("get_many")
    has_key = _forgiving("has_key")
    incr = _forgiving("incr")
    set_many = _forgiving("set_many")
    delete_many = _forgiving("delete_many")
    clear = _forgiving("clear")

    def count(self, key: str, *, seconds: int, by: int = 1, alone: bool = True) -> int | None:
        """One more (or so many) under this key, which is forgotten some seconds after the first: how many now.

        While Redis is away this process counts alone, or the answer is None where that is not enough.
        """
        if not self.outage.lasts:
            try:
                return self._count(key, seconds, by)
            except RedisError as error:
                self.outage.begin(error)
        if not alone:
            return None
        if self.fallback.add(key, by, timeout=seconds):
            return by
        return int(self.fallback.incr(key, by))

    def _count(self, key: str, seconds: int, by: int) -> int:
        """In one transaction, so that no counter is ever left without its end."""
        name = self.make_and_validate_key(key)
        with self._cache.get_client(name, write=True).pipeline(transaction=True) as pipe:
            pipe.set(name, 0, ex=seconds, nx=True)
            pipe.incr(name, by)
            return int(pipe.execute()[1])

    def answers(self) -> bool:
        """Whether Redis itself answers now."""
        try:
            return bool(self._cache.get_client().ping())
        except RedisError:
            return False


def shared_cache() -> ForgivingRedisCache:
    """The default cache, by its own type."""
    cache = caches["default"]
    assert isinstance(cache, ForgivingRedisCache)
    return cache
