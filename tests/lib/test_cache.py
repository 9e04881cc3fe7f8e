"""The cache and the limits that count in it, with Redis and while Redis is away."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis

from colibox.embedded import process
from colibox.embedded.valkey import Valkey
from colibox.lib import throttle
from colibox.lib.cache import ForgivingRedisCache, shared_cache
from tests.together import together


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A Valkey of this test's own, that it may stop and start."""
    run = Path(f"/tmp/colibox-{uuid.uuid4().hex[:8]}")
    run.mkdir(mode=0o700)
    service = Valkey(tmp_path, run, tmp_path / "log", options=("--appendonly", "no"))
    handle = SimpleNamespace(url=service.url(), process=service.start())

    def stop() -> None:
        process.end(handle.process, with_signal=service.stop_signal, grace=5)

    def start() -> None:
        handle.process = service.start()

    handle.stop, handle.start = stop, start
    yield handle
    stop()
    run.rmdir()


@pytest.fixture
def cache(server: SimpleNamespace, settings: Any) -> Iterator[ForgivingRedisCache]:
    """The portal's cache, on that Valkey."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": server.url}}
    yield shared_cache()
    shared_cache().fallback.clear()


class TestWhileRedisAnswers:
    def test_what_is_set_is_found_by_other_processes(self, cache: ForgivingRedisCache, server: SimpleNamespace) -> None:
        cache.set("a", {"b": 1})
        assert cache.get("a") == {"b": 1}
        with redis.Redis.from_url(server.url) as client:
            assert client.exists("colibox:1:a")

    def test_a_window_ends_by_itself(self, cache: ForgivingRedisCache, server: SimpleNamespace) -> None:
        assert [cache.count("k", seconds=2) for _ in range(3)] == [1, 2, 3]
        with redis.Redis.from_url(server.url) as client:
            left = client.pttl("colibox:1:k")
        assert 0 < left <= 2000
        time.sleep(left / 1000 + 0.05)
        assert cache.count("k", seconds=2) == 1

    def test_a_later_attempt_does_not_prolong_the_window(
        self, cache: ForgivingRedisCache, server: SimpleNamespace
    ) -> None:
        cache.count("k", seconds=100)
        cache.count("k", seconds=9000)
        with redis.Redis.from_url(server.url) as client:
            assert client.ttl("colibox:1:k") <= 100

    def test_twenty_attempts_at_once_are_all_counted(self, cache: ForgivingRedisCache) -> None:
        allowed = together(*[partial(throttle.allow, "k", limit=5, seconds=60)] * 20)
        assert sorted(allowed) == [False] * 15 + [True] * 5

    def test_a_limit_is_per_key(self, cache: ForgivingRedisCache) -> None:
        assert [throttle.allow("a", limit=1, seconds=60) for _ in range(2)] == [True, False]
        assert throttle.allow("b", limit=1, seconds=60)

    def test_a_limit_takes_what_people_type_and_keeps_none_of_it(
        self, cache: ForgivingRedisCache, server: SimpleNamespace
    ) -> None:
        typed = "sign-in:Zoé d'Arc \n" + "x" * 5000
        assert [throttle.allow(typed, limit=1, seconds=60) for _ in range(2)] == [True, False]
        with redis.Redis.from_url(server.url) as client:
            [key] = client.scan_iter()
        assert b"Arc" not in key and len(key) < 100

    def test_a_limit_of_none_allows_nothing(self, cache: ForgivingRedisCache) -> None:
        assert not throttle.allow("a", limit=0, seconds=60)


class TestWhileRedisIsStopped:
    @pytest.fixture(autouse=True)
    def stopped(self, cache: ForgivingRedisCache, server: SimpleNamespace) -> None:
        cache.get("a")
        server.stop()

    def test_every_operation_goes_on_in_this_process(self, cache: ForgivingRedisCache) -> None:
        assert cache.add("a", 1) and not cache.add("a", 2)
        cache.set("b", 2, timeout=60)
        cache.set_many({"c": 3})
        assert (cache.get("b"), cache.has_key("b"), "b" in cache) == (2, True, True)
        assert cache.get_many(["b", "c"]) == {"b": 2, "c": 3}
        assert cache.incr("b") == 3 and cache.decr("b") == 2
        assert cache.touch("b", 60) and cache.delete("b")
        assert cache.get_or_set("d", 4) == 4
        cache.delete_many(["c"])
        cache.clear()
        assert cache.get("d", "gone") == "gone"

    def test_the_log_says_so_once_and_nobody_waits(
        self, cache: ForgivingRedisCache, caplog: pytest.LogCaptureFixture
    ) -> None:
        began = time.monotonic()
        for _ in range(100):
            cache.get("a")
        assert time.monotonic() - began < 3
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "Redis does not answer" in caplog.text

    def test_limits_still_count(self, cache: ForgivingRedisCache) -> None:
        assert [throttle.allow("k", limit=2, seconds=60) for _ in range(4)] == [True, True, False, False]

    def test_a_strict_limit_allows_nothing(self, cache: ForgivingRedisCache) -> None:
        assert not throttle.allow("k", limit=2, seconds=60, strict=True)

    def test_it_is_found_again_when_it_is_back(self, cache: ForgivingRedisCache, server: SimpleNamespace) -> None:
        cache.set("a", "alone")
        assert cache.outage.until > 0.0, "left alone for two seconds"
        cache.outage.until += 60  # however long the start takes
        server.start()
        assert cache.get("a") == "alone"
        cache.outage.until = 0.0
        cache.set("a", "together")
        with redis.Redis.from_url(server.url) as client:
            assert client.exists("colibox:1:a")

    def test_a_programming_error_is_still_one(self, cache: ForgivingRedisCache) -> None:
        with pytest.raises(ValueError, match="not found"):
            cache.incr("never-set")


def test_a_redis_that_hangs_is_waited_for_once(
    cache: ForgivingRedisCache, server: SimpleNamespace, settings: Any
) -> None:
    cache.get("a")
    server.process.send_signal(19)  # SIGSTOP
    began = time.monotonic()
    for _ in range(5):
        assert cache.get("a") is None
    assert time.monotonic() - began < 6, "five times two seconds would be ten"
    server.process.send_signal(18)  # SIGCONT


def test_it_knows_whether_redis_answers(cache: ForgivingRedisCache, server: SimpleNamespace) -> None:
    assert cache.answers()
    server.stop()
    assert not cache.answers()
    server.start()
    assert cache.answers()
