"""A real Celery worker, killed while it sends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from celery import current_app
from django.db import connection
from django.db.models import F

from colibox.lib import doorbell, outbox
from colibox.lib.outbox import queueing, tasks
from colibox.lib.outbox.models import Mail
from tests.outbox import letters
from tests.outbox.conftest import HANG, PostOffice

ROOT = Path(__file__).parents[2]
CONCURRENCY = 2
CELERY = ("-m", "celery", "-A", "colibox", "worker", "-Q", "mail", "-c", str(CONCURRENCY))
DELIVER = ("-c", "import django; django.setup(); from colibox.lib import outbox; outbox.deliver()")
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(transactional_db: None, post_office: PostOffice, settings: object) -> Iterator[Start]:
    """Starts a process of the portal, the worker for one, on this test's database, broker and mail server."""
    url = urlsplit(os.environ["DATABASE_URL"])
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}")),
        "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",  # type: ignore[attr-defined]
    }
    workers: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, start_new_session=True)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        if worker.poll() is None:
            kill(worker)
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()


def kill(worker: subprocess.Popen[bytes]) -> None:
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.05)


def test_a_worker_killed_twice_while_it_sends_loses_no_mail(start_worker: Start, post_office: PostOffice) -> None:
    post_office.wait_at["data"] = 0.02
    expected = {f"p{n:03}@example.com" for n in range(150)}
    outbox.queue_many(outbox.draft(letters.hello, to=address) for address in expected)
    for enough in (20, 60):
        worker = start_worker(*CELERY)
        for _ in range(CONCURRENCY):
            doorbell.ring(queueing.DELIVER)
        until(lambda enough=enough: len(post_office.taken) >= enough)  # type: ignore[misc]
        kill(worker)
        assert Mail.objects.filter(state__in=Mail.UNSETTLED).count() >= 1
        Mail.objects.update(next_try_at=F("next_try_at") - timedelta(minutes=3))  # its leases end

    post_office.wait_at.clear()
    start_worker(*CELERY)
    doorbell.ring(queueing.DELIVER)
    until(lambda: not Mail.objects.filter(state__in=Mail.UNSETTLED).exists())
    copies = Counter(post_office.addressees)
    assert set(copies) == expected
    assert set(Mail.objects.values_list("state", flat=True)) == {Mail.State.SENT}
    sessions = CONCURRENCY * (1 + tasks.HELPERS)
    assert sum(copies.values()) - len(expected) <= 2 * sessions, "at most what each session had on the wire"
    assert sum(copies.values()) - len(expected) <= Mail.objects.filter(doubts__gt=0).count()


@pytest.mark.parametrize("copies", [1, 2], ids=["before its text", "before the receipt"])
def test_a_process_killed_in_the_middle_of_a_batch_doubts_one_mail(
    start_worker: Start, post_office: PostOffice, copies: int
) -> None:
    script = post_office.at_rcpt if copies == 1 else post_office.at_data
    script["p07@example.com"] = [HANG]
    expected = [f"p{n:02}@example.com" for n in range(20)]
    outbox.queue_many(outbox.draft(letters.hello, to=address) for address in expected)
    process = start_worker(*DELIVER)
    until(lambda: post_office.hangs)
    kill(process)
    states = Counter(Mail.objects.values_list("state", flat=True))
    assert states == {"sent": 7, "sending": 1, "pending": 12}

    Mail.objects.update(next_try_at=F("next_try_at") - timedelta(minutes=3))  # its lease ends
    start_worker(*DELIVER).wait(40)
    assert Counter(post_office.addressees) == {**dict.fromkeys(expected, 1), "p07@example.com": copies}
    assert {message["message-id"] for message in post_office.taken if "p07" in message["to"]} == {
        f"<{Mail.objects.get(args__to='p07@example.com').uuid}@colibox.example>"
    }
    assert set(Mail.objects.values_list("state", "doubts")) == {("sent", 0), ("sent", 1)}
