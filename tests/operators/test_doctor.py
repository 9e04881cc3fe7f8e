"""`manage.py doctor`: what it finds, and that it says how to mend it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from celery import current_app
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from colibox.lib.health import checks, heartbeat, tasks
from colibox.lib.outbox.models import Mail
from tests.operators.calls import call

ROOT = Path(__file__).parents[2]


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
    assert None not in {check["ok"] for check in found.values()}
    assert "mail" in found["worker"]["said"] and "--queues" in found["worker"]["fix"]


@pytest.mark.django_db
def test_people_read_a_line_for_each() -> None:
    code, said, _ = call("doctor")
    assert code == 1
    assert "ok     role                colibox_app owns nothing" in said
    assert "FAULT  beat" in said and "→ Start celery -A colibox beat" in said


@pytest.fixture
def owner(transactional_db: None) -> Iterator[Callable[[str], None]]:
    """The owner of the tables, while the trace stands as in production: tests that commit may empty it otherwise."""
    role = urlsplit(os.environ["DATABASE_URL"]).username
    opened = psycopg2.connect(os.environ["DATABASE_OWNER_URL"], dbname=connection.settings_dict["NAME"])  # type: ignore[no-untyped-call]
    opened.autocommit = True

    def do(sql: str) -> None:
        with opened.cursor() as cursor:
            cursor.execute(sql.format(role=role, tables=", ".join(checks.TRACE)))

    do('REVOKE TRUNCATE ON {tables} FROM "{role}"')
    for table in checks.TRACE[:3]:
        do(f"ALTER TABLE {table} ENABLE TRIGGER never_emptied")
    yield do
    for table in checks.TRACE[:3]:
        do(f"ALTER TABLE {table} DISABLE TRIGGER never_emptied")
    do('GRANT TRUNCATE ON {tables} TO "{role}"')
    opened.close()


def test_a_trace_that_could_be_rewritten(owner: Callable[[str], None]) -> None:
    assert checks.trace().startswith("append-only")
    for harm, amends, said in (
        (
            'GRANT UPDATE, DELETE ON accounts_auditseal TO "{role}"',
            'REVOKE UPDATE, DELETE ON accounts_auditseal FROM "{role}"',
            "rewrite the trace: DELETE accounts_auditseal, UPDATE accounts_auditseal",
        ),
        (
            "ALTER TABLE accounts_auditevent DISABLE TRIGGER append_only",
            "ALTER TABLE accounts_auditevent ENABLE TRIGGER append_only",
            "without append_only on accounts_auditevent",
        ),
    ):
        owner(harm)
        with pytest.raises(checks.Fault, match=said) as fault:
            checks.trace()
        assert "As the owner" in fault.value.fix or "dump" in fault.value.fix
        owner(amends)
    assert checks.trace().startswith("append-only")


def test_events_that_nobody_seals(owner: Callable[[str], None]) -> None:
    happened = (
        "INSERT INTO accounts_auditevent (at, actor_name, subject_name, verb, before, after, channel, reference,"
        " request_id) VALUES (now() - interval '5 minutes', 'Colibox', '', 'x', '{{}}', '{{}}', 'system', '', '')"
    )
    owner(happened)
    assert checks.seals() == "nothing waits for long"
    owner("ALTER TABLE accounts_auditevent DISABLE TRIGGER append_only")
    owner("UPDATE accounts_auditevent SET at = now() - interval '2 hours'")
    owner("ALTER TABLE accounts_auditevent ENABLE TRIGGER append_only")
    with pytest.raises(checks.Fault, match="Nothing was sealed since") as fault:
        checks.seals()
    assert "pg_terminate_backend" in fault.value.fix


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
    assert not found["ok"] and "ahead of the database" in found["said"] and "chrony" in found["fix"]


@pytest.mark.django_db
def test_a_database_whose_clock_went_back(cast: SimpleNamespace) -> None:
    Mail.objects.create(kind="x", key="of the future")
    Mail.objects.update(created_at=timezone.now() + timedelta(hours=1))
    found = examined()["clock"]
    assert not found["ok"] and "from now" in found["said"]


@pytest.mark.django_db
def test_a_clock_that_went_back_does_not_pass_for_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set(heartbeat.KEY, time.time() + 3600)
    with pytest.raises(checks.Fault, match="a clock went back"):
        checks.beat()
    now = time.time()
    monkeypatch.setattr("colibox.lib.health.checks.time.time", lambda: now + 60)
    with pytest.raises(checks.Fault, match="apart from ours"):
        checks.broker()


@pytest.mark.django_db
def test_a_mail_server_that_is_away(settings: Any) -> None:
    assert "No e-mail leaves" in examined()["mail"]["said"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    found = examined()["mail"]
    assert not found["ok"] and "127.0.0.1:1: Connection refused" in found["said"]
    assert "EMAIL_URL" in found["fix"] and found["seconds"] < checks.SMTP_SECONDS + 1


def test_without_redis_each_says_whose_fault_it_is(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    found = {name: checks._ask(name, checks.OTHERS[name]) for name in ("cache", "broker", "worker", "beat")}
    assert [found[name].fix for name in ("cache", "broker")] == [checks.START_REDIS] * 2
    assert (found["worker"].ok, found["worker"].said) == (None, "not examined: the broker does not answer")
    assert (found["beat"].ok, found["beat"].said) == (None, "not examined: the cache does not answer")


def test_a_folder_that_is_not_there_or_full(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.ENVIRONMENT = SimpleNamespace(static_root=tmp_path / "absent")
    with pytest.raises(checks.Fault, match=r"absent \(STATIC_ROOT\)"):
        checks.storage()
    settings.ENVIRONMENT = SimpleNamespace(static_root=None)
    monkeypatch.setattr(
        "colibox.lib.health.checks.shutil.disk_usage", lambda place: SimpleNamespace(free=1, total=10**12)
    )
    with pytest.raises(checks.Fault, match="MB left"):
        checks.storage()

    def unwritable() -> Any:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr("colibox.lib.health.checks.tempfile.gettempdir", unwritable)
    with pytest.raises(checks.Fault, match="No temporary file can be written") as fault:
        checks.storage()
    assert "TMPDIR" in fault.value.fix


def test_settings_that_do_not_go_together(settings: Any) -> None:
    settings.PUBLIC_BASE_URL, settings.ALLOWED_HOSTS = "https://portal.example", ["other.example"]
    assert "ALLOWED_HOSTS" in checks._ask("settings", checks.sound_settings).fix
    settings.ALLOWED_HOSTS, settings.SECURE, settings.SECURE_PROXY_SSL_HEADER = ["portal.example"], True, None
    assert "TRUSTED_PROXY_COUNT" in checks._ask("settings", checks.sound_settings).fix


def test_settings_that_cannot_be_read_are_told_in_their_sentences() -> None:
    environment = {**os.environ, "SECRET_KEY": "short", "DEBUG": "", "EMAIL_URL": "pigeon://"}
    call = [sys.executable, "manage.py", "doctor", "--json"]
    ended = subprocess.run(call, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert "SECRET_KEY must be set" in json.loads(ended.stdout)["refused"] and "EMAIL_URL must start" in ended.stderr


def test_without_a_database_the_rest_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> str:
        raise checks.Fault("connection refused", "Start PostgreSQL; check DATABASE_URL.")

    monkeypatch.setattr(checks, "database", away)
    found = examined()
    assert found["database"]["ok"] is False and found["clock"]["ok"] is None and found["storage"]["ok"]


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
