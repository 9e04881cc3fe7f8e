"""Sending, starting, calling off and forgetting imports."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import AuditEvent, Site
from colibox.lib.outbox.models import Mail
from imports import actions, emails, reading, work
from imports.models import Block, FilePart, ImportJob, ImportRow
from rights.actions.many.entries import Entry
from rights.models import AccountLink
from tests.conftest import make_link, make_person
from tests.imports.conftest import Send, people, person

State = ImportJob.State
LIST = "/accounts/900138/users/imports/list/"
RIGHTS = frozenset({"shipping_ws"})


def read(job: ImportJob) -> ImportJob:
    work.work_on()
    job.refresh_from_db()
    return job


def test_a_file_is_kept_in_parts_before_anybody_reads_it(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FilePart, "SIZE", 1000)
    job = send(people(30))
    parts = FilePart.objects.filter(job=job).order_by("number")
    assert parts.count() > 2
    assert sum(len(part.data) for part in parts) == job.size
    assert (job.state, job.number, job.by_name) == (State.READING, 1, "900138 ADMIN")


def test_the_same_form_sent_twice_is_one_import(send: Send) -> None:
    token = uuid4()
    assert send(people(1), token=token) == send(people(1), token=token)
    assert ImportJob.objects.count() == 1


def test_two_accounts_number_their_imports_apart(send: Send, cast: SimpleNamespace) -> None:
    assert [send(people(1)).number, send(people(1)).number] == [1, 2]
    assert send(people(1), by=cast.stranger_link).number == 1


def test_an_empty_file_is_refused_at_once(cast: SimpleNamespace) -> None:
    with pytest.raises(ValidationError, match="empty"):
        actions.upload(by=cast.owner_link, file=ContentFile(b"", name="x.csv"), token=uuid4(), language="en")


def test_a_file_too_large_is_refused_at_once(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(ValidationError, match="the most"):
        actions.upload(by=cast.owner_link, file=ContentFile(b"x" * 11, name="x.csv"), token=uuid4(), language="en")
    assert not ImportJob.objects.exists()


def test_who_manages_nobody_sends_nothing(send: Send, cast: SimpleNamespace) -> None:
    with pytest.raises(ValidationError, match="do not manage"):
        send(people(1), by=cast.colleague_link)


def test_many_unfinished_imports_are_enough(send: Send) -> None:
    for _ in range(actions.MOST_WAITING):
        send(people(1))
    with pytest.raises(ValidationError, match="5 imports are not finished"):
        send(people(1))


def test_who_corrects_a_file_again_and_again_is_not_stopped_by_what_they_never_started(send: Send) -> None:
    jobs = [read(send(people(1))) for _ in range(actions.MOST_WAITING + 1)]
    assert [ImportJob.objects.get(pk=job.pk).state for job in jobs[:2]] == [State.CANCELLED, State.READY]


def test_what_somebody_else_has_not_started_yet_is_not_called_off(send: Send, cast: SimpleNamespace) -> None:
    jobs = [read(send(people(1))) for _ in range(actions.MOST_WAITING)]
    other = make_link(cast.north, make_person("other"), role="administrator")
    with pytest.raises(ValidationError, match="5 imports are not finished"):
        send(people(1), by=other)
    assert {ImportJob.objects.get(pk=job.pk).state for job in jobs} == {State.READY}


def test_nothing_happens_before_the_start(send: Send) -> None:
    job = read(send(people(3)))
    assert (job.state, job.total, job.planned) == (State.READY, 3, {"invite": 3})
    assert not Mail.objects.exists()
    assert not AccountLink.objects.filter(state="invited").exists()


def test_the_same_bytes_within_a_day_are_asked_about(send: Send, imported: Send) -> None:
    first = imported(people(2))
    again = read(send(people(2)))
    assert actions.same_file(again) == first
    assert actions.same_file(first) is None
    ImportJob.objects.filter(pk=first.pk).update(started_at=timezone.now() - timedelta(hours=25))
    assert actions.same_file(again) is None


def test_another_accounts_file_is_not_spoken_of(send: Send, imported: Send, cast: SimpleNamespace) -> None:
    imported(people(2))
    assert actions.same_file(read(send(people(2), by=cast.stranger_link))) is None


def test_a_file_without_a_valid_row_cannot_be_started(send: Send, cast: SimpleNamespace) -> None:
    job = read(send([person(1).replace("@", " at ")]))
    assert job.planned == {"refused": 1}
    with pytest.raises(ValidationError, match="No row"):
        actions.start(job=job, by=cast.owner_link)


def test_starting_twice_is_starting_once(send: Send, cast: SimpleNamespace) -> None:
    job = read(send(people(2)))
    actions.start(job=job, by=cast.owner_link)
    actions.start(job=job, by=cast.owner_link)
    work.work_on()
    assert Mail.objects.filter(kind__contains="invitation").count() == 2
    assert AuditEvent.objects.filter(verb="import started").count() == 1


def test_what_is_called_off_can_no_longer_be_started(send: Send, cast: SimpleNamespace) -> None:
    job = read(send(people(2)))
    actions.cancel(job=job, by=cast.owner_link)
    with pytest.raises(ValidationError, match="can no longer"):
        actions.start(job=job, by=cast.owner_link)
    with pytest.raises(ValidationError, match="already finished"):
        actions.cancel(job=job, by=cast.owner_link)


def test_a_second_import_of_the_account_waits_for_the_first(
    send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "BLOCK", 2)
    first, second = send(people(4)), send(people(4, first=10))
    work.work_on()
    for job in (first, second):
        actions.start(job=job, by=cast.owner_link)
    turns = []
    while isinstance(block := work.claim(), Block):
        work.advance(block)
        turns.append(block.job_id)
    assert turns == [first.pk, first.pk, second.pk, second.pk]


def test_two_accounts_take_turns(send: Send, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    north, south = send(people(4)), send(people(4), by=cast.stranger_link)
    work.work_on()
    monkeypatch.setattr(work, "BLOCK", 2)
    actions.start(job=north, by=cast.owner_link)
    actions.start(job=south, by=cast.stranger_link)
    ImportJob.objects.filter(pk=north.pk).update(worked_at=timezone.now() - timedelta(minutes=1))
    first = work.claim()
    assert isinstance(first, Block) and first.job == north
    work.advance(first)
    ImportJob.objects.filter(pk=north.pk).update(worked_at=timezone.now() + timedelta(seconds=1))
    second = work.claim()
    assert isinstance(second, Block) and second.job == south


def test_rows_and_files_go_after_a_week_and_the_history_stays(imported: Send) -> None:
    job = imported(people(2))
    assert timedelta(days=6, hours=23) < job.keep_until - timezone.now() <= timedelta(days=7)
    assert actions.purge() == 0
    ImportJob.objects.update(keep_until=timezone.now() - timedelta(seconds=1))
    assert actions.purge() == 1
    assert not ImportRow.objects.exists() and not FilePart.objects.exists()
    job.refresh_from_db()
    assert (job.tally, job.filename) == ({"invite": 2}, "people.csv")
    assert job.purged_at is not None
    assert actions.purge() == 0


def test_a_new_import_destroys_no_former_result(imported: Send) -> None:
    first = imported(people(2))
    imported(people(2, first=5))
    assert ImportRow.objects.filter(job=first).count() == 2


def test_what_was_never_started_is_forgotten_too(send: Send) -> None:
    job = read(send(people(2)))
    ImportJob.objects.update(keep_until=timezone.now() - timedelta(seconds=1))
    actions.purge()
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_each_step_leaves_its_trace(imported: Send) -> None:
    job = imported(people(2))
    verbs = AuditEvent.objects.filter(account_id=job.account_id).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["import sent", "import started", "person invited", "person invited"]
    invited = AuditEvent.objects.filter(verb="person invited")
    assert {(event.channel, event.reference) for event in invited} == {("import", "import:1")}


def test_a_pasted_list_is_an_import_like_any_other(cast: SimpleNamespace, settings: Any) -> None:
    job = actions.paste(
        by=cast.owner_link, text="Claire Martin <claire@agence.example>\nbruno@agence.example; nobody",
        asked=Entry("", rights=RIGHTS, about=RIGHTS, tags=["LYON"]), token=uuid4(), language="en",
    )  # fmt: skip
    read(job)
    assert job.planned == {"invite": 2, "refused": 1}
    actions.start(job=job, by=cast.owner_link)
    work.work_on()
    links = AccountLink.objects.filter(email__endswith="@agence.example").order_by("email")
    assert [(str(link), link.tags) for link in links] == [
        ("bruno@agence.example", ["LYON"]),
        ("Claire Martin", ["LYON"]),
    ]
    assert all(link.grants.get().right == "shipping_ws" for link in links)


def test_those_of_a_pasted_list_get_one_place_a_profile_and_days(cast: SimpleNamespace, sign_in: Any) -> None:
    client, site = sign_in(cast.owner), Site.objects.create(account=cast.north, name="Lille Siège")
    foreign = Site.objects.create(account=cast.south, name="Ailleurs")
    posted = {"addresses": "Claire Martin <claire@agence.example>", "token": str(uuid4()), "language": "fr"}
    posted |= {"way": "linked", "profile": "tracking", "ends_on": "2990-12-31"}
    assert client.post(LIST, {**posted, "places": str(foreign.uuid)}).context["form"].errors.keys() == {"places"}
    assert "avant" in str(client.post(LIST, {**posted, "starts_on": "2991-01-01"}).context["form"].errors["ends_on"])
    page = client.post(LIST, {**posted, "places": str(site.uuid)}, follow=True)
    read(job := ImportJob.objects.get())
    html = client.get(page.redirect_chain[-1][0]).content.decode()
    assert "Lille Siège" in html and "Profil Suivi" in html
    actions.start(job=job, by=cast.owner_link)
    work.work_on()
    link = AccountLink.objects.get(email="claire@agence.example")
    assert [str(each) for each in link.attachments.all()] == ["Lille Siège"]
    assert (link.profile and link.profile.shipped, link.follows_profile, str(link.ends_on)) == (
        "tracking",
        True,
        "2990-12-31",
    )


def test_who_started_it_gets_one_mail_at_the_end(imported: Send) -> None:
    job = imported(people(2))
    mail = Mail.objects.get(kind="imports.emails.finished")
    assert mail.args == {"job": job.pk}
    ImportJob.objects.filter(pk=job.pk).update(tally={"invite": 20_000, "refused": 1})
    written = emails.finished(job=job.pk)
    assert written and "- 20\u202f000 personnes invitées\n- 1 ligne refusée" in str(written.body)


def test_a_former_administrators_rows_are_refused(send: Send, cast: SimpleNamespace) -> None:
    deputy = make_link(cast.north, make_person("deputy"), role="administrator")
    job = read(send(people(2), by=deputy))
    actions.start(job=job, by=deputy)
    AccountLink.objects.filter(pk=deputy.pk).update(state="suspended")
    work.work_on()
    job.refresh_from_db()
    assert (job.state, job.tally) == (State.DONE, {"refused": 2})
    assert set(job.rows.values_list("status", flat=True)) == {"right"}
    assert not AccountLink.objects.filter(email__endswith="@agence.example").exists()


def test_the_bytes_of_a_file_go_once_it_is_read(send: Send) -> None:
    read(send(people(2)))
    read(send(["1;2"], header="PLANET;COLOUR"))
    assert not FilePart.objects.exists()
