"""Mass mails leave at the pace that is set, all workers together, and let the others pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from colibox.lib import outbox
from colibox.lib.outbox import holding
from colibox.lib.outbox.models import Mail
from tests.outbox import letters
from tests.outbox.conftest import PostOffice

BULK = Mail.Priority.BULK


def queue(count: int) -> None:
    outbox.queue_many(outbox.draft(letters.hello, to=f"mass{n}@example.com", priority=BULK) for n in range(count))


def seconds_to_deliver() -> float:
    began = time.monotonic()
    outbox.deliver()
    return time.monotonic() - began


@contextmanager
def workers(count: int) -> Iterator[None]:
    """So many at once, each on a connection of its own; they have ended at the end."""

    def work() -> None:
        try:
            outbox.deliver()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(60)


@pytest.mark.django_db(transaction=True)
class TestThePace:
    def test_is_kept_from_batch_to_batch(self, post_office: PostOffice, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 20
        queue(20)
        assert 0.5 < seconds_to_deliver() < 6
        assert len(set(post_office.addressees)) == len(post_office.addressees) == 20

    def test_is_that_of_all_workers_together(self, post_office: PostOffice, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 20
        queue(20)
        began = time.monotonic()
        with workers(4):
            pass
        assert time.monotonic() - began > 0.5
        assert len(set(post_office.addressees)) == len(post_office.addressees) == 20

    def test_also_holds_below_one_batch_a_second(self, post_office: PostOffice, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 2
        queue(3)
        assert 0.7 < seconds_to_deliver() < 8

    def test_is_not_waited_for_when_there_is_nothing_to_send(self, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 1
        assert seconds_to_deliver() < 0.9

    def test_leaves_a_second_worker_free_for_others(self, post_office: PostOffice, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 5
        queue(10)
        with workers(1):
            until(lambda: len(post_office.taken) > 0)
            outbox.deliver()
            assert len(post_office.taken) < 8, "it did not wait until the first one had sent them"

    def test_zero_is_none(self, post_office: PostOffice, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 0
        queue(holding.BATCH + 10)
        assert outbox.deliver(helpers=1) == holding.BATCH + 10
        assert len(set(post_office.addressees)) == holding.BATCH + 10

    def test_holds_no_mail_that_somebody_waits_for(self, post_office: PostOffice, settings: Any) -> None:
        settings.MAILS_PER_SECOND = 5
        queue(10)
        with workers(1):
            until(lambda: len(post_office.taken) > 0)
            outbox.queue(letters.hello, to="somebody.waits@example.com")
            until(lambda: "somebody.waits@example.com" in post_office.addressees)
            assert post_office.addressees.index("somebody.waits@example.com") < 7, "most of the others still wait"


def until(condition: Any) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit, "it takes too long"
        time.sleep(0.01)
