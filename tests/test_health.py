"""What machines ask: is it alive, is it ready."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from colibox import views


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    views._migrations_are_applied.cache_clear()
    yield
    views._migrations_are_applied.cache_clear()


@pytest.fixture
def no_redis(settings: Any) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nonexistent.sock"}}
    caches["default"]


def test_it_is_alive_without_asking_the_database(client: Client, no_redis: None) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.content) == (200, b"ok")
    assert response["Cache-Control"] == "no-store, private"
    assert not response.cookies


@pytest.mark.django_db
def test_it_is_ready_when_everything_answers(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "redis": "ok"}
    assert not response.cookies


@pytest.mark.django_db
def test_it_is_ready_without_redis_for_pages_still_answer(client: Client, no_redis: None) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "redis": "failed"}


@pytest.mark.django_db
def test_it_is_not_ready_while_a_migration_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Behind(MigrationExecutor):
        def migration_plan(self, *args: Any, **kwargs: Any) -> Any:
            return ["one to go"]

    with monkeypatch.context() as patch:
        patch.setattr(views, "MigrationExecutor", Behind)
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["migrations"] == "failed"
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_it_asks_for_the_migrations_once(client: Client, django_assert_num_queries: Any) -> None:
    client.get("/readyz")
    with django_assert_num_queries(1):
        client.get("/readyz")


@pytest.mark.django_db(transaction=True)
def test_it_is_not_ready_without_a_database_and_says_no_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "/nonexistent")
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json() == {"database": "failed", "migrations": "failed", "redis": "ok"}
        assert client.get("/livez").status_code == 200
    connection.close()
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_it_is_only_asked(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_it_is_asked_over_plain_http_behind_the_proxy(client: Client, settings: Any, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path).status_code == 200
    assert client.get("/").status_code == 301
