"""A mail is queued with the change it tells about, or not at all; and the page never waits for the worker."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from django.db import DatabaseError, transaction
from django.db.models.functions import Now

from colibox.embedded import process
from colibox.embedded.valkey import Valkey
from colibox.environment import celery_url
from colibox.lib import doorbell, outbox, tenancy
from colibox.lib.outbox import queueing
from colibox.lib.outbox.models import Mail
from tests.outbox import letters

State = Mail.State


@pytest.mark.django_db
class TestQueueing:
    def test_is_undone_with_the_change(self) -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            outbox.queue(letters.hello, to="aline@example.com")
            raise RuntimeError
        assert not Mail.objects.exists()

    def test_the_same_key_twice_makes_one_mail_and_spoils_nothing(self) -> None:
        for words in ("first", "second"):
            outbox.queue(letters.hello, key="invitation:1:1", to="aline@example.com", words=words)
        assert [mail.args["words"] for mail in Mail.objects.all()] == ["first"]

    def test_without_a_key_makes_a_mail_each_time(self) -> None:
        for _ in range(2):
            outbox.queue(letters.hello, to="aline@example.com")
        assert Mail.objects.count() == 2

    def test_takes_no_facts_that_the_email_does_not_ask_for(self) -> None:
        with pytest.raises(TypeError, match="missing a required argument"):
            outbox.queue(letters.hello, of="aline@example.com")
        with pytest.raises(TypeError, match="not JSON serializable"):
            outbox.queue(letters.hello, to=date(2026, 11, 22))

    def test_takes_no_function_that_is_not_marked_as_an_email(self) -> None:
        def unmarked() -> None: ...

        with pytest.raises(LookupError, match="unmarked is not marked"):
            outbox.queue(unmarked)  # type: ignore[arg-type]

    def test_a_thousand_mails_takes_one_statement(self, django_assert_num_queries: Callable[[int], Any]) -> None:
        drafts = [outbox.draft(letters.hello, key=f"import:1:{n % 900}", to="a@example.com") for n in range(1000)]
        with django_assert_num_queries(1):
            outbox.queue_many(drafts)
        assert Mail.objects.count() == 900

    def test_nothing_does_nothing(self) -> None:
        outbox.queue_many([])
        assert not Mail.objects.exists()


@pytest.mark.django_db
class TestTheBell:
    def test_is_rung_once_a_transaction(self, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
        with django_capture_on_commit_callbacks() as callbacks:
            for n in range(5):
                with transaction.atomic():
                    outbox.queue(letters.hello, to=f"p{n}@example.com")
        [callback] = callbacks
        assert callback.args == (queueing.DELIVER,)

    def test_is_rung_although_an_earlier_part_was_undone(
        self, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        with django_capture_on_commit_callbacks() as callbacks:
            with pytest.raises(RuntimeError), transaction.atomic():
                outbox.queue(letters.hello, to="undone@example.com")
                raise RuntimeError
            outbox.queue(letters.hello, to="kept@example.com")
        [callback] = callbacks
        assert callback.args == (queueing.DELIVER,)


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """A Valkey of this test's own, that it may stop and start."""
    run = Path(f"/tmp/colibox-{uuid.uuid4().hex[:8]}")
    run.mkdir(mode=0o700)
    service = Valkey(tmp_path, run, tmp_path / "log", options=("--appendonly", "no"))
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", celery_url(service.url()))
    handle = SimpleNamespace(server=service.start())

    def stop() -> None:
        process.end(handle.server, with_signal=service.stop_signal, grace=5)

    def start() -> None:
        handle.server = service.start()

    def waiting() -> int:
        with redis.Redis(unix_socket_path=str(service.socket)) as client:
            return int(client.llen("mail"))

    handle.stop, handle.start, handle.waiting = stop, start, waiting
    yield handle
    stop()
    run.rmdir()


class TestABroker:
    def test_that_is_there_hears_the_bell(self, broker: SimpleNamespace) -> None:
        doorbell.ring(queueing.DELIVER)
        assert broker.waiting() == 1

    def test_that_is_stopped_costs_a_moment_and_one_line_of_log(
        self, broker: SimpleNamespace, caplog: pytest.LogCaptureFixture
    ) -> None:
        doorbell.ring(queueing.DELIVER)
        broker.stop()
        began = time.monotonic()
        for _ in range(10):
            doorbell.ring(queueing.DELIVER)
        assert time.monotonic() - began < 3, "ten times half a second would be five"
        [line] = caplog.records
        assert line.levelname == "WARNING" and line.exc_info is None
        assert "The broker does not answer" in line.message

    def test_that_hangs_costs_half_a_second_once(self, broker: SimpleNamespace) -> None:
        doorbell.ring(queueing.DELIVER)
        broker.server.send_signal(19)  # SIGSTOP
        began = time.monotonic()
        for _ in range(10):
            doorbell.ring(queueing.DELIVER)
        assert time.monotonic() - began < 3, "ten times half a second would be five"
        broker.server.send_signal(18)  # SIGCONT

    def test_that_came_back_hears_the_bell_again(self, broker: SimpleNamespace) -> None:
        doorbell.ring(queueing.DELIVER)
        broker.stop()
        doorbell.ring(queueing.DELIVER)
        broker.start()
        doorbell.broker.until = 0.0  # its five seconds are over
        doorbell.ring(queueing.DELIVER)
        assert broker.waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_a_mail_queued_while_the_broker_is_away_is_committed_and_due(
    broker: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    broker.stop()
    with transaction.atomic():
        outbox.queue(letters.hello, to="aline@example.com")
    assert Mail.objects.due().count() == 1
    assert len(caplog.records) == 1


@pytest.mark.django_db
class TestTenancy:
    def test_a_mail_about_an_account_is_visible_in_its_reach_only(self, cast: SimpleNamespace) -> None:
        about = cast.owner.uuid
        outbox.queue(letters.hello, account_id=cast.north.pk, about=about, to="a@example.com")
        with tenancy.scope(accounts=[cast.south.pk]):
            assert not Mail.objects.exists()
            assert outbox.trouble([about]) == {}
        with tenancy.scope(accounts=[cast.north.pk]):
            assert Mail.objects.count() == 1

    def test_a_mail_cannot_be_queued_for_an_account_out_of_reach(self, cast: SimpleNamespace) -> None:
        with (
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
            tenancy.scope(accounts=[cast.south.pk]),
        ):
            outbox.queue(letters.hello, account_id=cast.north.pk, to="a@example.com")

    def test_a_key_that_another_account_has_used_tells_nothing(self, cast: SimpleNamespace) -> None:
        outbox.queue(letters.hello, key="same", account_id=cast.north.pk, to="a@example.com")
        with tenancy.scope(accounts=[cast.south.pk]):
            outbox.queue(letters.hello, key="same", account_id=cast.south.pk, to="b@example.com")
            assert not Mail.objects.exists()

    def test_a_mail_outside_any_account_needs_no_reach_and_is_in_nobody_s(self, cast: SimpleNamespace) -> None:
        for accounts in ([], [cast.south.pk]):
            with tenancy.scope(accounts=accounts):
                outbox.queue(letters.hello, to="a@example.com")
                assert not Mail.objects.exists()
                assert not Mail.objects.update(state=State.DROPPED)
                assert not Mail.objects.all().delete()[0]
        assert set(Mail.objects.values_list("state", flat=True)) == {State.PENDING}


@pytest.mark.django_db
class TestTrouble:
    def test_is_the_newest_mail_where_it_has_not_gone(self, django_assert_num_queries: Callable[[int], Any]) -> None:
        waiting, failed, gone, mended, silent = (uuid.uuid4() for _ in range(5))

        def mail(about: uuid.UUID, state: str) -> Mail:
            draft = outbox.draft(letters.hello, about=about, to="a@example.com")
            outbox.queue_many([draft])
            mails = Mail.objects.filter(key=draft.key)
            mails.update(state=state, error="550 5.1.1" if state == State.FAILED else "")
            return mails.get()

        mail(waiting, State.FAILED)
        mail(silent, State.PENDING)  # since a moment only
        expected = {waiting: mail(waiting, State.PENDING), failed: mail(failed, State.FAILED)}
        mail(mended, State.FAILED)
        mail(mended, State.DROPPED)
        mail(gone, State.DROPPED)
        Mail.objects.filter(about=waiting).update(created_at=Now() - timedelta(minutes=3))
        expected[waiting].refresh_from_db()
        with django_assert_num_queries(1):
            found = outbox.trouble([waiting, failed, gone, mended, silent])
        assert found == expected
        assert not found[waiting].failed
        assert found[failed].failed and "550 5.1.1" in found[failed].explanation
