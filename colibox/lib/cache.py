"""The shared cache, which a stopped Redis slows down and never breaks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class ForgivingRedisCache(RedisCache):
    """Redis, and each process's own memory while Redis does not answer: limits still count, more loosely."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.fallback = LocMemCache("forgiving", {"KEY_PREFIX": params.get("KEY_PREFIX", "")})

    def _or_fall_back(self, method: str, *args: Any, **kwargs: Any) -> Any:
        call: Callable[..., Any] = getattr(super(), method)
        try:
            return call(*args, **kwargs)
        except RedisError as error:
            logger.warning("The cache does not answer (%s); this process counts alone.", type(error).__name__)
            return getattr(self.fallback, method)(*args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_fall_back("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_fall_back("set", *args, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_fall_back("add", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_fall_back("incr", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_fall_back("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._or_fall_back("delete", *args, **kwargs)
