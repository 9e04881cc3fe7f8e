"""`manage.py doctor`: what it finds, and that it says how to mend it."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from colibox.lib.health import checks, heartbeat, tasks
from colibox.lib.outbox.models import Mail
from tests.operators.calls import call


def examined() -> dict[str, Any]:
    code, said, _ = call("doctor", "--json")
    facts = json.loads(said)
    assert code == (0 if facts["ok"] else 1)
    return {check["name"]: check for check in facts["checks"]}


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have none; they are not waited for."""
    monkeypatch.setattr(checks, "WORKERS_SECONDS", 0.05)


@pytest.mark.django_db
def test_what_is_there_is_well_and_what_is_not_has_a_remedy() -> None:
    found = examined()
    well = {"database", "role", "row-level security", "migrations", "clock", "outbox", "cache", "broker", "storage"}
    assert {name for name in well if not found[name]["ok"]} == set()
    assert all(check["ok"] or check["fix"] for check in found.values())
    assert "mail" in found["worker"]["said"] and "--queues" in found["worker"]["fix"]


@pytest.mark.django_db
def test_people_read_a_line_for_each() -> None:
    code, said, _ = call("doctor")
    assert code == 1
    assert "ok     role                colibox_app owns nothing" in said
    assert "FAULT  beat" in said and "→ Start celery -A colibox beat" in said


@pytest.mark.django_db
def test_the_sign_of_life_of_the_clock() -> None:
    with pytest.raises(checks.Fault, match="Nothing was heard"):
        checks.beat()
    tasks.beat()
    assert checks.beat() == "rang 0 s ago"
    cache.set(heartbeat.KEY, time.time() - 300)
    with pytest.raises(checks.Fault, match="Last heard of"):
        checks.beat()


@pytest.mark.django_db
def test_a_clock_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr("colibox.lib.health.checks.timezone.now", lambda: now + timedelta(minutes=3))
    found = examined()["clock"]
    assert not found["ok"] and "chrony" in found["fix"]


@pytest.mark.django_db
def test_a_mail_server_that_is_away(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    found = examined()["mail"]
    assert not found["ok"] and "EMAIL_URL" in found["fix"] and found["seconds"] < checks.SMTP_SECONDS + 1


def test_without_a_database_the_rest_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise checks.Fault("connection refused", "Start PostgreSQL; check DATABASE_URL.")

    monkeypatch.setattr(checks, "database", away)
    found = examined()
    assert not found["database"]["ok"] and "clock" not in found and found["storage"]["ok"]


@pytest.mark.django_db
def test_a_mail_that_waits(cast: SimpleNamespace) -> None:
    Mail.objects.create(kind="x", key="late", created_at=timezone.now() - timedelta(hours=1))
    Mail.objects.update(created_at=timezone.now() - timedelta(hours=1))
    found = examined()["outbox"]
    assert not found["ok"] and "manage.py outbox" in found["fix"]


@pytest.mark.django_db
def test_debug_is_no_setting_for_others(settings: Any) -> None:
    settings.DEBUG = True
    assert "DEBUG" in examined()["settings"]["fix"]
