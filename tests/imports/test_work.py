"""How the worker goes through an import: reading, blocks, leases, failures; and what the result says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib.outbox.models import Mail
from imports import actions, reading, results, work
from imports.models import Block, ImportJob, ImportRow
from rights.actions.many import entering
from rights.models import AccountLink, Entitlement, Grant
from tests.imports.conftest import HEADER, Send, people, person

State = ImportJob.State
WIDER = f"{HEADER};WEB SERVICE SUIVI"


def started(send: Send, rows: list[str], cast: SimpleNamespace, **facts: Any) -> ImportJob:
    job = send(rows, **facts)
    work.work_on()
    actions.start(job=job, by=job.by)
    return job


def again(job: ImportJob) -> ImportJob:
    job.refresh_from_db()
    return job


def test_valid_rows_pass_and_wrong_ones_do_not(imported: Send) -> None:
    job = imported([person(1), person(2, right="maybe"), person(3).replace("@", " at "), person(4)])
    assert (job.state, job.total, job.applied) == (State.DONE, 4, 4)
    assert job.tally == {"invite": 2, "refused": 2}
    assert list(job.rows.order_by("number").values_list("number", "status")) == [
        (2, "ok"), (3, "choice"), (4, "identity"), (5, "ok"),
    ]  # fmt: skip


def test_an_invited_person_is_whole(imported: Send, cast: SimpleNamespace) -> None:
    imported([person(1)])
    link = AccountLink.objects.get(email="durand00001@agence.example")
    assert (link.account, link.state, link.kind, link.tags) == (cast.north, "invited", "advanced", ["LYON"])
    assert (str(link.phone), link.postcode, link.town) == ("+33241742088", "44000", "Nantes")
    assert [grant.right for grant in link.grants.all()] == ["shipping_ws"]
    assert Mail.objects.filter(about=link.uuid, priority=Mail.Priority.BULK).count() == 1


def test_the_same_file_again_changes_nothing(imported: Send) -> None:
    imported(people(3))
    of_people = AuditEvent.objects.filter(reference__startswith="import:").exclude(subject=None)
    before = of_people.count()
    job = imported(people(3))
    assert (job.planned, job.tally) == ({"unchanged": 3}, {"unchanged": 3})
    assert of_people.count() == before == 3
    assert AccountLink.objects.filter(state="invited").count() == 3


def test_the_preview_of_a_known_and_an_unknown_person_is_the_same(send: Send, cast: SimpleNamespace) -> None:
    """`partner` is on both accounts; a stranger of north's is on none of north's links."""
    AccountLink.objects.filter(pk=cast.partner_south_link.pk).update(state="ended")
    job = send([person(1), person(2).replace("durand00002@agence.example", cast.partner.email)], by=cast.stranger_link)
    work.work_on()
    plans = job.rows.order_by("number").values_list("plan", "status", "faults")
    assert plans[0] == plans[1] == ("invite", "ok", [])


def test_a_right_withdrawn_in_between_is_not_given(send: Send, cast: SimpleNamespace) -> None:
    job = started(send, people(2), cast)
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").delete()
    work.work_on()
    assert again(job).tally == {"refused": 2}
    row = job.rows.order_by("number").first()
    assert row is not None
    assert results.status_of(row) == "You cannot give the right: Franking web service"
    assert not Grant.objects.filter(link__email__endswith="@agence.example").exists()


def test_a_block_that_fails_leaves_nothing_and_is_done_later(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(20), cast)
    apply, calls = entering.apply, []

    def failing(**given: Any) -> Any:
        outcomes = apply(**given)
        calls.append(len(given["entries"]))
        if len(calls) < 3:
            raise ZeroDivisionError
        return outcomes

    monkeypatch.setattr(work, "BLOCK", 16)
    monkeypatch.setattr(entering, "apply", failing)
    work.work_on()
    assert calls[:3] == [16, 2, 1]
    assert again(job).tally == {"invite": 20}
    assert Counter(Mail.objects.values_list("kind", flat=True))["rights.emails.links.invitation"] == 20


def test_a_row_that_always_fails_does_not_hold_the_others(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(5), cast)
    apply = entering.apply

    def failing(**given: Any) -> Any:
        if any("durand00002" in entry.email for entry in given["entries"]):
            raise ZeroDivisionError
        return apply(**given)

    monkeypatch.setattr(entering, "apply", failing)
    for _ in range(20):
        work.work_on()
    assert (again(job).state, job.tally) == (State.DONE, {"invite": 4, "refused": 1})
    refused = job.rows.get(plan="refused")
    assert refused.number == 4
    assert "could not be processed" in results.explanation(refused)


def test_a_database_that_goes_away_costs_nothing_but_time(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(3), cast)
    apply = entering.apply

    def cut(**given: Any) -> Any:
        apply(**given)
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "close", lambda: None)
    with monkeypatch.context() as patched:
        patched.setattr(entering, "apply", cut)
        work.work_on()
    assert (again(job).applied, Block.objects.get().failures) == (0, 1)
    assert work.claim() is None  # its lease lasts
    Block.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work.work_on()
    assert again(job).tally == {"invite": 3}


def test_whoever_lost_the_lease_writes_nothing(send: Send, cast: SimpleNamespace) -> None:
    job = started(send, people(3), cast)
    zombie = work.claim()
    assert zombie is not None
    Block.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    successor = work.claim()
    assert successor is not None and successor.attempt == zombie.attempt + 1
    work.advance(zombie)
    assert (again(job).applied, AccountLink.objects.filter(state="invited").count()) == (0, 0)
    work.advance(successor)
    assert again(job).tally == {"invite": 3}
    work.advance(zombie)
    assert AccountLink.objects.filter(state="invited").count() == 3


def test_calling_off_undoes_the_block_under_way_and_keeps_what_was_applied(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(6), cast)
    monkeypatch.setattr(work, "BLOCK", 2)
    first = work.claim()
    assert first is not None
    work.advance(first)
    apply = entering.apply

    def called_off(**given: Any) -> Any:
        outcomes = apply(**given)
        ImportJob.objects.filter(pk=job.pk).update(state=State.CANCELLED)
        return outcomes

    monkeypatch.setattr(entering, "apply", called_off)
    # the change of state is part of the block's own transaction here, so it is rolled back with the block
    second = work.claim()
    assert second is not None
    work.advance(second)
    assert AccountLink.objects.filter(state="invited").count() == 2


def claimed(count: int) -> list[Block]:
    """So many blocks, held at the same time."""
    blocks = [work.claim() for _ in range(count)]
    assert all(isinstance(block, Block) for block in blocks)
    return blocks  # type: ignore[return-value]


def test_several_workers_apply_blocks_of_one_import_and_one_of_them_ends_it(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(5), cast)
    monkeypatch.setattr(work, "BLOCK", 2)
    first, second, third = claimed(3)
    assert work.claim() is None
    work.advance(third)
    work.advance(first)
    assert (again(job).state, job.applied) == (State.RUNNING, 3)
    work.advance(second)
    assert (again(job).state, job.tally) == (State.DONE, {"invite": 5})
    assert Mail.objects.filter(kind="imports.emails.finished").count() == 1
    assert not Block.objects.exists()


def test_a_block_whose_worker_died_is_taken_up_without_the_others(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(32), cast)
    monkeypatch.setattr(work, "BLOCK", 16)
    dead, alive = claimed(2)
    Block.objects.filter(pk=dead.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    heir, rest = claimed(2)
    assert (heir.pk, heir.first, heir.last, heir.failures) == (dead.pk, 2, 3, 2)
    assert (rest.first, rest.last, rest.failures) == (4, 17, 1)
    assert work.claim() is None
    for block in (dead, alive, rest, heir):
        work.advance(block)
    assert (again(job).state, job.tally) == (State.DONE, {"invite": 32})


def test_what_a_cancelled_import_never_applied_is_told_row_by_row(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = started(send, people(5), cast)
    monkeypatch.setattr(work, "BLOCK", 2)
    under_way, applied = claimed(2)
    work.advance(applied)
    actions.cancel(job=job, by=job.by)
    work.advance(under_way)
    lines = list(results.result_lines(again(job)))[1:]
    assert [line[2] for line in lines] == ["not processed"] * 2 + ["invitation sent"] * 2 + ["not processed"]
    assert AccountLink.objects.filter(state="invited").count() == 2
    assert work.claim() is None


def test_rows_that_may_be_about_one_person_are_applied_in_their_order(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"standard user;shared@agence.example;Durand;{name}" for name in ("Anne", "Bruno", "Chloé")]
    job = send([*rows, "advanced user;alone@agence.example;Durand;Denis"], header="Type;E-mail;Last name;First name")
    work.work_on()
    ImportJob.objects.update(state=State.RUNNING)
    monkeypatch.setattr(work, "BLOCK", 2)
    [first] = claimed(1)
    assert work.claim() is None
    work.advance(first)
    [second] = claimed(1)
    work.advance(second)
    assert again(job).state == State.DONE


def test_a_task_delivered_ten_times_does_its_work_once(send: Send, cast: SimpleNamespace) -> None:
    job = started(send, people(5), cast)
    for _ in range(10):
        work.work_on()
    assert again(job).tally == {"invite": 5}
    assert Mail.objects.filter(kind="rights.emails.links.invitation").count() == 5


def test_a_file_that_cannot_be_read_says_why(send: Send) -> None:
    job = send(["1;2"], header="PLANET;COLOUR")
    work.work_on()
    assert again(job).state == State.REFUSED
    assert job.problem
    assert not job.rows.exists()


def test_a_file_that_breaks_its_reader_is_refused_after_a_few_tries(
    send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = send(people(2))

    def broken(*args: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(reading, "read", broken)
    for _ in range(10):
        work.work_on()
    assert (again(job).state, job.failures) == (State.REFUSED, 0)
    assert "could not be read" in job.problem


@pytest.fixture
def mixed(imported: Send, cast: SimpleNamespace) -> ImportJob:
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").update(delegable=False)
    rows = [person(1, right="non"), person(2), person(3, right="perhaps"), person(4).replace("44000", "4400O")]
    return imported([f"{row};oui" for row in rows], header=WIDER)


def test_the_result_says_of_each_row_what_was_done(mixed: ImportJob) -> None:
    lines = list(results.result_lines(mixed))
    assert lines[0][:5] == ["Row", "Status", "Result", "Details", "NOM"]
    assert [line[:3] for line in lines[1:]] == [
        ["2", "Processing OK", "invitation sent"],
        ["3", "You cannot give the right: Franking web service", "nothing was done"],
        ["4", "Invalid choice: Franking web service", "nothing was done"],
        ["5", "Error in the user's information", "nothing was done"],
    ]
    assert "five digits" in lines[4][3]


def test_the_result_speaks_the_statuses_of_the_guide(imported: Send) -> None:
    job = imported([person(1), person(2, right="peut-être")], language="fr")
    statuses = [line[1] for line in results.result_lines(job)][1:]
    assert statuses == ["Traitement OK", "Choix invalide\u202f: Web Service Affranchissement"]


def test_the_refused_rows_corrected_are_a_file_to_send(mixed: ImportJob, imported: Send, cast: SimpleNamespace) -> None:
    Entitlement.objects.filter(account=cast.north).update(delegable=True)
    header, *rows = (";".join(line) for line in results.result_lines(mixed, refused_only=True))
    assert header == f"{WIDER};Error"
    corrected = [row.replace("perhaps", "oui").replace("4400O", "44000") for row in rows]
    assert imported(corrected, header=header).tally == {"invite": 3}


def test_a_row_never_reached_says_so(send: Send, cast: SimpleNamespace) -> None:
    job = send(people(2))
    work.work_on()
    actions.cancel(job=again(job), by=cast.owner_link)
    assert [line[1:3] for line in results.result_lines(again(job))][1:] == [["", "not processed"]] * 2


def test_the_queries_of_a_block_do_not_grow_with_its_rows(
    send: Send, cast: SimpleNamespace, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    counts = []
    for first, size in ((0, 5), (100, work.LEAST)):
        started(send, people(size, first=first), cast)
        with django_assert_max_num_queries(60) as captured:
            work.work_on()
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_rows_of_an_import_belong_to_its_account(imported: Send, cast: SimpleNamespace) -> None:
    job = imported(people(1))
    assert set(ImportRow.objects.values_list("account_id", flat=True)) == {job.account_id}


def test_nobody_is_invited_without_a_right(imported: Send) -> None:
    job = imported([person(1, right="non"), person(2)])
    assert job.tally == {"invite": 1, "refused": 1}
    assert "at least one right" in results.explanation(job.rows.get(number=2))
