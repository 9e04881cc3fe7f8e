"""Each mail goes once, whatever the mail server, the worker or the clock do."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.mail import get_connection
from django.db import InterfaceError, OperationalError, connection
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from colibox.lib import outbox, tenancy
from colibox.lib.outbox import delivery, holding, tasks
from colibox.lib.outbox.models import Mail
from tests.outbox import letters
from tests.outbox.conftest import CUT, PostOffice
from tests.together import together

State = Mail.State
REFUSED = "550 5.1.1 <nobody@example.com> does not live here"


def queue(to: str, email: outbox.Email = letters.hello, **options: Any) -> Mail:
    draft = outbox.draft(email, to=to, **options)
    outbox.queue_many([draft])
    return Mail.objects.get(key=draft.key)


def now_is_later(**by: float) -> None:
    """As if that much time had passed for every mail, by the database's clock."""
    ago = timedelta(**by)
    Mail.objects.update(next_try_at=F("next_try_at") - ago, created_at=F("created_at") - ago)


def waits(mail: Mail) -> float:
    """Minutes until the next try."""
    pause = ExpressionWrapper(F("next_try_at") - Now(), output_field=DurationField())
    found: timedelta = Mail.objects.annotate(pause=pause).get(pk=mail.pk).pause  # type: ignore[attr-defined]
    return found.total_seconds() / 60


@pytest.mark.django_db
class TestAMailThatGoes:
    def test_is_marked_as_sent_by_the_database_s_clock(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com", words="Bonjour Aline.")
        assert outbox.deliver() == 1
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.error) == (State.SENT, 1, "")
        assert mail.sent_at is not None and mail.sent_at >= mail.created_at
        assert post_office.addressees == ["aline@example.com"]
        assert "Bonjour Aline." in post_office.taken[0].get_payload(decode=True).decode()  # type: ignore[union-attr]

    def test_has_a_message_id_of_its_own_for_ever(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        outbox.deliver()
        assert post_office.taken[0]["message-id"] == f"<{mail.uuid}@colibox.example>"
        assert post_office.taken[0]["auto-submitted"] == "auto-generated"

    def test_is_not_sent_again_by_a_task_delivered_twenty_times(self, post_office: PostOffice) -> None:
        queue("aline@example.com")
        assert [tasks.deliver() for _ in range(20)] == [1] + [0] * 19
        assert len(post_office.taken) == 1

    def test_shares_its_connection_with_the_others(self, post_office: PostOffice) -> None:
        outbox.queue_many(outbox.draft(letters.hello, to=f"p{n}@example.com") for n in range(60))
        assert outbox.deliver() == 60
        assert post_office.sessions == 1
        assert len(set(post_office.addressees)) == 60

    def test_goes_before_the_mass_mails_that_were_queued_earlier(self, post_office: PostOffice) -> None:
        for n in range(3):
            queue(f"import{n}@example.com", priority=Mail.Priority.BULK)
        queue("somebody.waits@example.com")
        outbox.deliver()
        assert post_office.addressees[0] == "somebody.waits@example.com"

    def test_is_made_with_its_own_account_in_reach_and_no_other(
        self, post_office: PostOffice, cast: SimpleNamespace
    ) -> None:
        queue("a@example.com", letters.accounts_in_reach, account_id=cast.north.pk)
        queue("b@example.com", letters.accounts_in_reach)
        queue("c@example.com", letters.accounts_in_reach, account_id=cast.south.pk)
        queue("d@example.com", letters.accounts_in_reach, account_id=cast.north.pk)
        outbox.deliver()
        bodies = [message.get_payload(decode=True).decode().strip() for message in post_office.taken]  # type: ignore[union-attr]
        assert bodies == ["Comptoir du Nord", "", "Sud Expéditions", "Comptoir du Nord"]


@pytest.mark.django_db
class TestARefusal:
    def test_that_is_final_is_kept_with_its_code_but_without_the_server_s_words(self, post_office: PostOffice) -> None:
        mail = queue("nobody@example.com")
        post_office.at_rcpt["nobody@example.com"] = [REFUSED]
        assert outbox.deliver() == 0
        mail.refresh_from_db()
        assert (mail.state, mail.error, mail.sent_at) == (State.FAILED, "550 5.1.1", None)
        now_is_later(hours=3)
        assert outbox.deliver() == 0

    def test_of_one_mail_lets_the_others_through(self, post_office: PostOffice) -> None:
        post_office.at_rcpt["b@example.com"] = [REFUSED]
        post_office.at_data["c@example.com"] = ["552 5.3.4 Too big"]
        mails = {name: queue(f"{name}@example.com") for name in "abcd"}
        assert outbox.deliver() == 2
        states = {name: Mail.objects.get(pk=mail.pk).state for name, mail in mails.items()}
        assert states == {"a": State.SENT, "b": State.FAILED, "c": State.FAILED, "d": State.SENT}

    @pytest.mark.parametrize("reply", ["450 4.2.0 Greylisted", "451 Try later", "452 4.2.2 Full"])
    def test_that_is_temporary_is_tried_again_later_and_later(self, post_office: PostOffice, reply: str) -> None:
        mail = queue("aline@example.com")
        post_office.at_rcpt["aline@example.com"] = [reply] * 6
        pauses = []
        for _ in range(6):
            assert outbox.deliver() == 0
            pauses.append(round(waits(mail)))
            now_is_later(minutes=61)
        assert pauses == [1, 5, 15, 30, 60, 60]
        assert outbox.deliver() == 1
        mail.refresh_from_db()
        assert (mail.state, mail.attempts, mail.doubts, mail.error) == (State.SENT, 7, 0, "")

    def test_that_closes_the_session_is_followed_by_a_new_one(self, post_office: PostOffice) -> None:
        post_office.at_data["a@example.com"] = ["421 4.3.2 Closing"]
        first, second = queue("a@example.com"), queue("b@example.com")
        assert outbox.deliver() == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, first.error, second.state) == (State.PENDING, "421 4.3.2", State.SENT)
        assert post_office.sessions == 2

    def test_that_lasts_a_day_is_final(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        post_office.at_rcpt["aline@example.com"] = ["450 Busy"] * 40
        for _ in range(30):
            outbox.deliver()
            now_is_later(minutes=61)
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (State.FAILED, "450")
        assert mail.attempts == 25

    def test_after_a_day_without_a_worker_still_leaves_time_for_other_tries(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        now_is_later(hours=30)
        post_office.at_rcpt["aline@example.com"] = ["450 Busy"]
        outbox.deliver()
        mail.refresh_from_db()
        assert mail.state == State.PENDING


@pytest.mark.django_db
class TestAServerThatIsNotThere:
    def test_leaves_every_mail_waiting_and_is_asked_once(
        self, post_office: PostOffice, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        outbox.queue_many(outbox.draft(letters.broken, to=f"p{n}@example.com") for n in range(60))
        there, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
        assert outbox.deliver() == 0
        assert caplog.text.count("The mail server does not answer") == 1
        assert Mail.objects.filter(state=State.PENDING, next_try_at__gt=Now()).count() == 60
        assert Mail.objects.filter(attempts=1, error="ConnectionRefusedError").count() == holding.BATCH

        settings.EMAIL_PORT = there
        Mail.objects.update(kind="tests.outbox.letters.hello")
        now_is_later(minutes=1)
        assert outbox.deliver() == 60
        assert len(set(post_office.addressees)) == 60

    def test_for_six_hours_loses_nothing_and_doubles_nothing(self, post_office: PostOffice, settings: Any) -> None:
        there, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
        for hour in range(6):
            queue(f"hour{hour}@example.com")
            for _ in range(4):
                outbox.deliver()
                now_is_later(minutes=15)
        settings.EMAIL_PORT = there
        now_is_later(minutes=61)
        outbox.deliver()
        assert sorted(post_office.addressees) == [f"hour{hour}@example.com" for hour in range(6)]

    def test_that_refuses_our_password_blames_no_mail(self, post_office: PostOffice, settings: Any) -> None:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "colibox", "wrong"
        mail = queue("aline@example.com")
        outbox.deliver()
        mail.refresh_from_db()
        assert mail.state == State.PENDING

    def test_slow_to_answer_costs_one_try(self, post_office: PostOffice, settings: Any) -> None:
        settings.EMAIL_TIMEOUT, post_office.wait_at["rcpt"] = 0.2, 0.6
        mail = queue("aline@example.com")
        assert outbox.deliver() == 0
        mail.refresh_from_db()
        assert (mail.state, mail.doubts, mail.error) == (State.PENDING, 0, "SMTPServerDisconnected")
        assert post_office.taken == []


@pytest.mark.django_db
class TestADoubt:
    def test_after_a_cut_before_the_receipt_the_mail_goes_a_second_time_at_most(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        post_office.at_data["aline@example.com"] = [CUT, CUT]
        for _ in range(4):
            outbox.deliver()
            now_is_later(hours=2)
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (State.FAILED, "SMTPServerDisconnected")
        assert len(post_office.taken) == 2
        assert post_office.taken[0]["message-id"] == post_office.taken[1]["message-id"]

    def test_ends_well_when_the_second_time_is_confirmed(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        post_office.at_data["aline@example.com"] = [CUT]
        assert outbox.deliver() == 0
        now_is_later(minutes=1)
        assert outbox.deliver() == 1
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == (State.SENT, 1)

    def test_is_also_a_receipt_that_comes_too_late(self, post_office: PostOffice, settings: Any) -> None:
        settings.EMAIL_TIMEOUT, post_office.wait_at["data"] = 0.2, 0.6
        mail = queue("aline@example.com")
        outbox.deliver()
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == (State.PENDING, 1)

    def test_is_not_a_cut_before_the_text(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        post_office.at_rcpt["aline@example.com"] = ["421 Closing"] * 3
        for _ in range(3):
            outbox.deliver()
            now_is_later(hours=2)
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == (State.PENDING, 0)

    def test_about_a_worker_that_died_while_sending_is_resolved_by_one_more_try(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        died_while_sending(mail)
        assert outbox.deliver() == 0, "still held by the worker that died"
        now_is_later(minutes=3)
        assert outbox.deliver() == 1
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == (State.SENT, 1)

    def test_about_two_deaths_gives_the_mail_up(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        for _ in range(2):
            died_while_sending(mail)
            now_is_later(minutes=3)
        assert outbox.deliver() == 0
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (State.FAILED, "not confirmed")
        assert post_office.taken == []

    def test_is_none_for_mails_that_a_dead_worker_only_held(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        for _ in range(5):
            assert len(holding.claim()) == 1
            assert holding.claim() == []
            now_is_later(minutes=1)
        assert outbox.deliver() == 1
        mail.refresh_from_db()
        assert (mail.state, mail.doubts) == (State.SENT, 0)


def died_while_sending(mail: Mail) -> None:
    """What the database holds when a worker is killed between the text and the receipt."""
    [held] = holding.claim()
    assert held.pk == mail.pk
    assert holding.update(held, state=State.SENDING, next_try_at=Now() + holding.ON_THE_WIRE)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_forgets_the_last_marks_is_told_again_what_went(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two mails nobody waits for the disk: an immediate restart may undo what was written there."""
    outbox.queue_many(outbox.draft(letters.hello, to=f"p{n}@example.com") for n in range(8))
    go_on = holding.go_on

    def crash_before_the_sixth(gone: Mail | None, following: Mail) -> bool:
        if len(post_office.taken) == 5:
            monkeypatch.setattr(holding, "go_on", go_on)
            Mail.objects.filter(state__in=["sent", "sending"]).update(state=State.PENDING, sent_at=None)
            with connection.cursor() as cursor, suppress(OperationalError):
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return go_on(gone, following)

    monkeypatch.setattr(holding, "go_on", crash_before_the_sixth)
    with pytest.raises((OperationalError, InterfaceError)):
        outbox.deliver()
    assert Mail.objects.filter(state=State.SENT).count() == 5
    now_is_later(minutes=1)
    assert outbox.deliver() == 3
    assert sorted(post_office.addressees) == [f"p{n}@example.com" for n in range(8)]


@pytest.mark.django_db
class TestAWorkerThatWokeUpTooLate:
    def test_sends_nothing_of_what_another_took_over(self, post_office: PostOffice) -> None:
        queue("aline@example.com")
        asleep = holding.claim()
        now_is_later(minutes=2)
        assert outbox.deliver() == 1
        gone: list[Mail] = []
        with get_connection() as post:
            delivery._send_all(post, asleep, gone, deadline=float("inf"))
        assert gone == []
        assert len(post_office.taken) == 1

    def test_overwrites_nothing(self, post_office: PostOffice) -> None:
        mail = queue("aline@example.com")
        [asleep] = holding.claim()
        now_is_later(minutes=2)
        outbox.deliver()
        assert not holding.update(asleep, state=State.FAILED)
        mail.refresh_from_db()
        assert mail.state == State.SENT


@pytest.mark.django_db
class TestAMailThatCannotBeMade:
    def test_fails_alone_and_its_words_stay_out_of_the_log(
        self, post_office: PostOffice, caplog: pytest.LogCaptureFixture
    ) -> None:
        before, broken, after = queue("a@example.com"), queue("b@example.com", letters.broken), queue("c@example.com")
        assert outbox.deliver() == 2
        broken.refresh_from_db()
        assert (broken.state, broken.error) == (State.FAILED, "RuntimeError")
        assert "letters.py" in caplog.text and letters.TOKEN not in caplog.text
        assert {before.key, after.key} == set(Mail.objects.filter(state=State.SENT).values_list("key", flat=True))

    def test_fails_when_no_mail_server_could_take_it(self, post_office: PostOffice) -> None:
        mail = queue("a@example.com", letters.two_lines)
        outbox.deliver()
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (State.FAILED, "BadHeaderError")

    def test_is_dropped_when_it_is_no_longer_true(self, post_office: PostOffice) -> None:
        mail = queue("a@example.com", letters.stale)
        assert outbox.deliver() == 0
        mail.refresh_from_db()
        assert mail.state == State.DROPPED
        assert post_office.taken == []

    def test_waits_for_a_newer_worker_when_this_one_does_not_know_it(self, post_office: PostOffice) -> None:
        mail = queue("a@example.com")
        Mail.objects.update(kind="tests.outbox.letters.of_tomorrow")
        outbox.deliver()
        mail.refresh_from_db()
        assert (mail.state, mail.error) == (State.PENDING, "unknown kind")
        Mail.objects.update(kind="tests.outbox.letters.hello")
        now_is_later(minutes=2)
        assert outbox.deliver() == 1


@pytest.mark.django_db
class TestTheTimeOfATask:
    def test_is_kept_and_what_is_left_is_due_at_once(self, post_office: PostOffice) -> None:
        post_office.wait_at["rcpt"] = 0.2
        outbox.queue_many(outbox.draft(letters.hello, to=f"p{n}@example.com") for n in range(10))
        sent = outbox.deliver(seconds=0.5)
        assert 1 <= sent <= 3
        assert Mail.objects.due().count() == 10 - sent
        post_office.wait_at.clear()
        assert outbox.deliver() == 10 - sent
        assert len(set(post_office.addressees)) == len(post_office.addressees) == 10


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_send_each_mail_once(post_office: PostOffice) -> None:
    outbox.queue_many(outbox.draft(letters.hello, to=f"p{n:03}@example.com") for n in range(200))
    together(*[outbox.deliver] * 10)
    assert sorted(post_office.addressees) == [f"p{n:03}@example.com" for n in range(200)]
    assert not Mail.objects.exclude(state=State.SENT, attempts=1).exists()
    assert post_office.sessions > 1, "they did work side by side"


@pytest.mark.django_db
class TestOldMails:
    def test_are_forgotten_once_nobody_looks_at_them(self, cast: SimpleNamespace) -> None:
        def aged(state: str, days: int) -> Mail:
            mail = queue("a@example.com", account_id=cast.north.pk)
            Mail.objects.filter(pk=mail.pk).update(
                state=state, created_at=Now() - timedelta(days=days), sent_at=Now() if state == "sent" else None
            )
            return mail

        kept = {aged("sent", 29), aged("failed", 89), aged("pending", 400), aged("dropped", 3)}
        for state, days in (("sent", 31), ("sent", 400), ("dropped", 31), ("failed", 91)):
            aged(state, days)
        with tenancy.scope():
            assert delivery.purge(at_once=2) == 4
            assert delivery.purge() == 0
        assert set(Mail.objects.all()) == kept
