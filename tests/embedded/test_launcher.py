"""`make run` for real: one portal that is started, killed in every way and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from colibox.embedded import postgres, process, programs
from colibox.embedded.postgres import Postgres
from colibox.embedded.schema import Schema
from tests.embedded.conftest import PATIENCE, Run

pytestmark = pytest.mark.xdist_group("launcher")

Launch = Callable[..., Run]


def test_the_first_start_says_where_the_portal_is_and_who_can_sign_in(first_run: Run, portal: Run) -> None:
    assert f"http://localhost:{first_run.port}/" in first_run.said
    assert f"http://localhost:{first_run.port}/mailbox/" in first_run.said
    assert "900138" in first_run.said
    assert portal.get("/livez") == 200
    assert portal.get("/readyz") == 200
    assert portal.get("/mailbox/") == 200


def test_secrets_are_readable_by_their_owner_alone(portal: Run) -> None:
    secrets = portal.var / "secrets.json"
    assert secrets.stat().st_mode & 0o077 == 0
    assert len(set(json.loads(secrets.read_text()).values())) == 4


def test_a_command_runs_beside_the_portal_with_what_it_runs_with(portal: Run) -> None:
    kept = portal.var / "environment"
    assert kept.stat().st_mode & 0o777 == 0o600
    script = f"set -a; . '{kept}'; exec '{sys.executable}' manage.py demo --people 3"
    env = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["sh", "-c", script], env=env, cwd=programs.ROOT, capture_output=True, text=True)
    assert "3 people added on 900138" in done.stdout, done.stderr


def test_what_serves_does_not_know_the_password_of_the_owner(portal: Run) -> None:
    password = json.loads((portal.var / "secrets.json").read_text())[postgres.OWNER]
    for words in ("granian", "--queues mail,celery", "--queues imports", "celery -A colibox beat", "aiosmtpd"):
        environ = Path(f"/proc/{portal.child(words)}/environ").read_text()
        assert password not in environ
        assert "DATABASE_OWNER_URL" not in environ


def test_a_start_migrates_unless_the_files_and_what_was_applied_are_as_before(portal: Run) -> None:
    secrets = json.loads((portal.var / "secrets.json").read_text())
    database = Postgres(portal.var, portal.var / "run", portal.var / "log" / "postgres.log", secrets)
    schema = Schema(database, portal.var / "migrated")
    assert schema.is_current()
    database.ask("INSERT INTO django_migrations (app, name, applied) VALUES ('users', '9999_of_another', now())")
    assert not schema.is_current()
    database.ask("DELETE FROM django_migrations WHERE name = '9999_of_another'")
    assert schema.is_current()


def test_a_second_launcher_on_the_same_folder_says_who_has_it(portal: Run, launch: Launch) -> None:
    second = launch(portal.var)
    assert second.process.wait(PATIENCE) == 1
    assert f"already runs on {portal.var} (process {portal.process.pid})" in second.said
    assert "Traceback" not in second.said
    assert portal.get("/livez") == 200


def test_a_taken_port_is_named_in_a_sentence(portal: Run, launch: Launch, place: Path) -> None:
    second = launch(place / "other", PORT=portal.port)
    assert second.process.wait(PATIENCE) == 1
    assert f"Port {portal.port} is taken by another program" in second.said
    assert "PORT=" in second.said


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("granian", "The web server"),
        ("--queues mail,celery", "The worker"),
        ("--queues imports", "The import worker"),
        ("celery -A colibox beat", "The scheduler"),
        ("aiosmtpd", "The mailbox"),
        ("valkey-server", "Valkey"),
        ("bin/postgres", "PostgreSQL"),
    ],
)
def test_a_killed_process_is_started_again(portal: Run, words: str, name: str) -> None:
    portal.another(words, portal.kill(words))
    assert f"{name} ended (killed by SIGKILL); it starts again" in portal.said
    portal.until(lambda: portal.get("/readyz") == 200)


def test_a_database_killed_while_it_starts_is_started_once_more(portal: Run) -> None:
    killed: list[int] = []
    for seconds in (0.0, 0.15, 0.3):  # before it answers, while it gets its roles, or right after
        portal.another("bin/postgres", *killed)
        time.sleep(seconds)
        killed.append(portal.kill("bin/postgres", *killed))  # another one where a start failed meanwhile
    portal.another("bin/postgres", *killed)
    portal.until(lambda: portal.get("/readyz") == 200)


def test_a_signal_ends_everything(portal: Run) -> None:
    family = portal.family()
    assert portal.end(signal.SIGTERM) == 0
    assert family.alive() == []
    assert "Stopped." in portal.said


def test_a_signal_while_the_database_starts_again_ends_everything(portal: Run) -> None:
    portal.another("bin/postgres", portal.kill("bin/postgres"))
    family = portal.family()
    assert portal.end(signal.SIGINT) == 0
    assert family.alive() == []


def test_a_killed_launcher_leaves_nobody_behind_while_the_workers_start(portal: Run) -> None:
    leaves_nobody_behind(portal)


def leaves_nobody_behind(portal: Run) -> None:
    family = portal.family()
    portal.end(signal.SIGKILL)
    process.wait_until(lambda: not family.alive(), seconds=60)
    assert family.alive() == []


def test_a_start_right_after_the_launcher_was_killed_works(portal: Run, again: Callable[[], Run]) -> None:
    portal.end(signal.SIGKILL)
    assert again().get("/readyz") == 200


def test_a_start_right_after_everything_was_killed_at_once_works(portal: Run, again: Callable[[], Run]) -> None:
    programs = (
        "granian",
        "--queues mail,celery",
        "--queues imports",
        "beat",
        "aiosmtpd",
        "valkey-server",
        "bin/postgres",
    )
    family = portal.family()
    for pid in [portal.process.pid, *(portal.another(words) for words in programs)]:
        os.kill(pid, signal.SIGKILL)
    portal.process.wait(PATIENCE)
    second = again()
    second.until(lambda: family.alive() == [])  # the kernel takes a moment to bury what was killed
    assert second.get("/readyz") == 200
    assert "900138" in second.said


def test_a_killed_launcher_leaves_nobody_behind_once_the_workers_wait_at_the_broker(portal: Run) -> None:
    time.sleep(4)
    leaves_nobody_behind(portal)


def test_what_the_environment_gives_is_not_embedded(first_run: Run, launch: Launch, place: Path) -> None:
    given = {name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
    given |= {"EMAIL_URL": "smtp://localhost:25", "STATIC_ROOT": str(first_run.var / "static")}
    run = launch(place / "given", **given).until_ready()
    assert run.get("/readyz") == 200
    assert [run.child(words) for words in ("bin/postgres", "valkey-server", "aiosmtpd")] == [None] * 3
    assert run.get("/mailbox/") == 404
    assert "900138" not in run.said  # nobody else's database is filled with demo people
    assert run.end(signal.SIGHUP) == 0


def test_every_fault_of_the_environment_is_a_sentence(launch: Launch, place: Path) -> None:
    run = launch(place / "faults", SECRET_KEY="short", EMAIL_URL="carrier-pigeon://")
    assert run.process.wait(PATIENCE) == 1
    assert "SECRET_KEY must be" in run.said
    assert "EMAIL_URL must start with" in run.said
    assert "Traceback" not in run.said


@pytest.mark.parametrize("port", ["80x", "0", "70000"])
def test_a_port_that_is_none_is_refused(launch: Launch, place: Path, port: str) -> None:
    run = launch(place / "faults", PORT=port)
    assert run.process.wait(PATIENCE) == 1
    assert f"PORT must be a number from 1 to 65535, not “{port}”." in run.said


def test_a_folder_that_cannot_be_made_is_named_in_a_sentence(launch: Launch, place: Path) -> None:
    (place / "file").touch()
    run = launch(place / "file" / "var")
    assert run.process.wait(PATIENCE) == 1
    assert "set COLIBOX_VAR" in run.said
    assert "Traceback" not in run.said
