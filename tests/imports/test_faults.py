"""Workers' processes killed for real, at each point and at random: the end is that of an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from celery import current_app
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import F

from accounts.models import AuditEvent
from colibox.lib import doorbell, tenancy
from colibox.lib.outbox.models import Mail
from imports import actions, work
from imports.models import Block, ImportJob
from rights.models import AccountLink, Grant
from tests.conftest import make_account, make_link, make_person
from tests.imports.conftest import people, person, text

ROOT = Path(__file__).parents[2]
READING = [
    "import claimed", "file on disk", "first rows read", "all rows read", "read, not committed", "read and committed",
]  # fmt: skip
RUNNING = [
    "import claimed", "rows of the block fetched", "links written", "grants written", "events written",
    "mails queued", "block applied", "second block under way", "progress written", "block committed",
    "end announced",
]  # fmt: skip
ROWS = [*people(45), person(1), person(50, right="perhaps"), person(51).replace("@", " at ")]
"""Enough for five blocks: the last rows are refused."""


@contextmanager
def looking() -> Iterator[None]:
    """A transaction that sees every account."""
    with transaction.atomic(), tenancy.everything():
        yield


@pytest.fixture
def environment(transactional_db: None) -> dict[str, str]:
    """What a process needs to work on this test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])
    path = f"/{connection.settings_dict['NAME']}"
    return {**os.environ, "DATABASE_URL": urlunsplit(url._replace(path=path))}


@pytest.fixture
def owners(transactional_db: None) -> list[AccountLink]:
    """The administrators of two accounts that are alike."""
    with looking():
        accounts = [make_account("900138", "Comptoir du Nord"), make_account("850061", "Sud Expéditions")]
        people = [make_person(account.number, kind="standard") for account in accounts]
        return [make_link(account, user, role="owner") for account, user in zip(accounts, people, strict=True)]


def send(by: AccountLink, rows: list[str]) -> ImportJob:
    with looking():
        file = ContentFile(text(rows).encode(), name="people.csv")
        return actions.upload(by=by, file=file, token=uuid4(), language="en")


def start(job: ImportJob, by: AccountLink) -> None:
    with looking():
        actions.start(job=job, by=by)


def now(job: ImportJob) -> ImportJob:
    with looking():
        return ImportJob.objects.get(pk=job.pk)


def work_undisturbed(job: ImportJob) -> None:
    """Do all that there is to do on this import, and on no other."""
    while claimed := work.claim(job.pk):
        work.advance(claimed)


def end_leases() -> None:
    """As if a minute had passed; a file is not blamed for so many deaths in a row."""
    with looking():
        for held in (ImportJob, Block):
            held.objects.update(lease_until=F("lease_until") - timedelta(seconds=46), failures=0)


@pytest.fixture
def kill_at(environment: dict[str, str]) -> Iterator[Callable[[str], None]]:
    """Runs a worker's process to the point where it dies."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.imports.killed"]
    piped = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=piped, stdout=piped, text=True) as nursery:
        points, ends = nursery.stdin, nursery.stdout
        assert points and ends

        def kill_at(point: str) -> None:
            print(point, file=points, flush=True)
            assert (point, ends.readline()) == (point, f"{-signal.SIGKILL}\n")
            end_leases()

        yield kill_at
        points.close()


def left_behind(job: ImportJob) -> dict[str, Any]:
    """All that an import leaves, without what differs from run to run."""
    with looking():
        job = ImportJob.objects.get(pk=job.pk)
        links = AccountLink.objects.filter(account=job.account_id, kind="advanced")
        emails, emails_of = dict(links.values_list("uuid", "email")), dict(links.values_list("pk", "email"))
        grants = Grant.objects.filter(account=job.account_id).values_list("link", "right")
        mails = Mail.objects.filter(account_id=job.account_id).values_list("kind", "about")
        events = AuditEvent.objects.filter(account_id=job.account_id, channel="import")
        return {
            "job": (job.state, job.total, job.applied, job.tally, job.planned),
            "rows": list(job.rows.order_by("number").values_list("number", "plan", "status", "faults")),
            "links": sorted(links.values_list("email", "state", "tags", "generation", "version")),
            "grants": sorted((emails_of[link], right) for link, right in grants if link in emails_of),
            "mails": Counter((kind, emails.get(about, "") if about else "") for kind, about in mails),
            "events": Counter(events.values_list("verb", "subject_name")),
        }


def undisturbed(by: AccountLink, rows: list[str]) -> dict[str, Any]:
    """What this file leaves on an account where nobody is killed."""
    job = send(by, rows)
    work_undisturbed(job)
    start(job, by)
    work_undisturbed(job)
    return left_behind(job)


def test_workers_killed_at_every_point_leave_what_one_leaves_that_lives(
    owners: list[AccountLink], kill_at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    north, south = owners
    wanted = undisturbed(south, ROWS)
    job = send(north, ROWS)
    for point in READING:
        kill_at(point)
    work_undisturbed(job)
    start(job, north)
    for point in RUNNING:
        kill_at(point)
    monkeypatch.setattr(work, "BLOCK", 10)
    work_undisturbed(job)
    assert left_behind(job) == wanted
    assert wanted["job"][:3] == ("done", len(ROWS), len(ROWS))


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the worker of imports that `make run` starts, on this test's database and broker."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "-A", "colibox", "worker", "-Q", "imports", "-c", "2", "-l", "ERROR"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            kill(process)
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()


def kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.02)


def test_a_worker_killed_at_random_loses_and_doubles_nothing(
    owners: list[AccountLink], worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    north, south = owners
    rows = people(5000)
    wanted = undisturbed(south, rows)
    job = send(north, rows)
    work_undisturbed(job)
    start(job, north)
    for _ in range(2):
        process, applied = worker(), now(job).applied
        doorbell.ring("imports.tasks.work_on")
        until(lambda applied=applied: now(job).applied > applied or now(job).finished)  # type: ignore[misc]
        time.sleep(random.random() / 2)
        kill(process)
        end_leases()
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()  # the broker forgets everything, too
    worker()
    for _ in range(10):
        doorbell.ring("imports.tasks.work_on")
    until(lambda: now(job).finished)
    assert left_behind(job) == wanted


def test_a_cut_from_the_database_in_the_middle_of_a_block_delays_it_only(
    owners: list[AccountLink], worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    north, south = owners
    rows = people(4100)
    wanted = undisturbed(south, rows)
    job = send(north, rows)
    work_undisturbed(job)
    start(job, north)
    worker()
    doorbell.ring("imports.tasks.work_on")
    until(lambda: now(job).applied > 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND usename = current_user"  # none of the server's own, such as autovacuum
        )
    end_leases()
    until(lambda: doorbell.ring("imports.tasks.work_on") or now(job).finished)  # type: ignore[func-returns-value]
    assert left_behind(job) == wanted
