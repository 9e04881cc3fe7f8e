"""What administrators do with imports: send a file or a list, start it, call it off; and forgetting what is old."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import CustomerAccount
from colibox.lib import doorbell, origin, tenancy, throttle
from imports import reading
from imports.models import Block, FilePart, ImportJob, ImportRow
from rights.actions import spans
from rights.actions.many.entries import Entry
from rights.actions.reach import check_administers
from rights.actions.spans import Span
from rights.models import AccountLink

State = ImportJob.State
MOST_WAITING = 5
"""How many unfinished imports an account may have; one more calls off the oldest that its sender never started."""
MOST_AN_HOUR = 60
SAME_WITHIN = timedelta(hours=24)


@transaction.atomic
def upload(
    *,
    by: AccountLink,
    file: File[bytes],
    token: UUID,
    language: str,
    source: ImportJob.Source = ImportJob.Source.FILE,
) -> ImportJob:
    """Take a file; a worker reads it. The same token again is the same import.

    Raises ValidationError when it is empty, too large, or when too many imports are unfinished.
    """
    check_administers(by)
    if known := _of_token(by, token):
        return known
    _check_size(file)
    _check_waiting(by)
    name = (file.name or "").rpartition("/")[2]
    job = _create(by, token=token, language=language, source=source, filename=name[:200], size=file.size)
    digest = hashlib.sha256()
    for number, data in enumerate(_parts(file)):
        digest.update(data)
        FilePart.objects.create(job=job, account_id=job.account_id, number=number, data=data)
    job.sha256 = digest.hexdigest()
    job.save(update_fields=["sha256"])
    _record("import sent", job, by)
    ring()
    return job


@transaction.atomic
def paste(
    *,
    by: AccountLink,
    text: str,
    asked: Entry,
    token: UUID,
    language: str,
) -> ImportJob:
    """Take a list of addresses for each of which the same is asked; a worker reads it as it reads a file.

    The people are written to in the language of what is asked, its sender is answered in `language`. Raises
    ValidationError on `ends_on` when nobody could have such days.
    """
    check_administers(by)
    if known := _of_token(by, token):
        return known
    data = text.encode()
    if len(data) > reading.MOST_BYTES:
        raise ValidationError(_("This list is too long: send it as a file."))
    spans.check(Span(*(date.fromisoformat(day) if day else None for day in (asked.starts_on, asked.ends_on))))
    _check_waiting(by)
    job = _create(by, token=token, language=language, source=ImportJob.Source.LIST, size=len(data), found=asked.facts())
    FilePart.objects.create(job=job, account_id=job.account_id, number=0, data=data)
    _record("import sent", job, by)
    ring()
    return job


def _of_token(by: AccountLink, token: UUID) -> ImportJob | None:
    """The import that this form already made; who posts it twice waits for the first."""
    CustomerAccount.objects.select_for_update(no_key=True).get(pk=by.account_id)
    return ImportJob.objects.filter(account=by.account_id, token=token).first()


def _check_size(file: File[bytes]) -> None:
    if not file.size:
        raise ValidationError(_("This file is empty. Choose the file that you filled in."))
    if file.size > reading.MOST_BYTES:
        raise ValidationError(
            _("This file has %(size)s MB; %(most)s MB are the most. Cut it in two, or save it as CSV.")
            % {"size": round(file.size / 1e6), "most": reading.MOST_BYTES // 1_000_000}
        )


def _check_waiting(by: AccountLink) -> None:
    waiting = ImportJob.objects.filter(account=by.account_id).exclude(state__in=ImportJob.FINISHED)
    n = waiting.count()
    if n >= MOST_WAITING and not _discard_oldest_preview(by):
        text = ngettext("%(n)s import is not finished", "%(n)s imports are not finished", n) % {"n": n}
        raise ValidationError(_("%(imports)s: start or discard one first.") % {"imports": text})
    if not throttle.allow(f"imports:{by.account_id}", limit=MOST_AN_HOUR, seconds=3600):
        raise ValidationError(_("Many files were sent within the hour: wait a little."))


def _discard_oldest_preview(by: AccountLink) -> bool:
    """Call off the first file that its sender looked at and never started: who corrects a file sends it often."""
    job = ImportJob.objects.filter(account=by.account_id, by=by, state=State.READY).order_by("number").first()
    if job:
        cancel(job=job, by=by)
    return job is not None


def _create(by: AccountLink, **facts: Any) -> ImportJob:
    """A new import under the next number of its account, which is locked."""
    last = ImportJob.objects.filter(account=by.account_id).aggregate(last=Max("number"))["last"]
    return ImportJob.objects.create(
        account_id=by.account_id,
        number=(last or 0) + 1,
        by=by,
        by_name=str(by)[:170],
        keep_until=kept_from_now(),
        **facts,
    )


def kept_from_now() -> Any:
    """The end of the time for which rows and results are kept."""
    return Now() + timedelta(days=settings.IMPORT_RESULT_DAYS)


def _parts(file: File[bytes]) -> Iterator[bytes]:
    """The file in parts of one size, whatever the sizes it comes in."""
    file.seek(0)
    while data := file.read(FilePart.SIZE):
        yield data


def same_file(job: ImportJob) -> ImportJob | None:
    """The last import of the same bytes that was started within a day, to ask about; None if there is none."""
    if not job.sha256:
        return None
    others = ImportJob.objects.filter(account=job.account_id, sha256=job.sha256).exclude(pk=job.pk)
    return others.filter(started_at__gt=Now() - SAME_WITHIN, number__lt=job.number).order_by("-number").first()


@transaction.atomic
def start(*, job: ImportJob, by: AccountLink) -> None:
    """Apply the valid rows, under the rights of who starts it at the time each row is applied."""
    check_administers(by)
    job = _lock(job)
    if job.state in (State.RUNNING, State.DONE):
        return
    if job.state != State.READY:
        raise ValidationError(_("This import can no longer be started."))
    if job.refused == job.total:
        raise ValidationError(_("No row of this file can be processed: correct it and send it again."))
    job.state, job.by, job.by_name = State.RUNNING, by, str(by)[:170]
    job.started_at = job.lease_until = job.worked_at = Now()
    job.failures = 0
    job.save()
    _record("import started", job, by)
    ring()


@transaction.atomic
def cancel(*, job: ImportJob, by: AccountLink) -> None:
    """Call it off: what was applied stays, the blocks under way are undone."""
    check_administers(by)
    _cancel(job, by)


@transaction.atomic
def cancel_by_carrier(*, job: ImportJob) -> None:
    """The same by the carrier, from the command line."""
    _cancel(job, None)


def _cancel(job: ImportJob, by: AccountLink | None) -> None:
    job = _lock(job)
    if job.finished:
        raise ValidationError(_("This import is already finished."))
    job.state, job.finished_at, job.keep_until = State.CANCELLED, Now(), kept_from_now()
    job.save(update_fields=["state", "finished_at", "keep_until"])
    _record("import cancelled", job, by)
    ring()  # the next one of the account may run


@transaction.atomic
def resume(*, job: ImportJob) -> None:
    """Let workers take it up now, as if whoever works on it were gone: what they still write is refused."""
    job = _lock(job)
    if job.state not in ImportJob.WORKED_ON:
        raise ValidationError(_("This import is already finished."))
    job.attempt, job.failures, job.lease_until = job.attempt + 1, 0, Now()
    job.save(update_fields=["attempt", "failures", "lease_until"])
    Block.objects.filter(job=job).update(attempt=job.attempt, failures=0, lease_until=Now())
    _record("import resumed", job, None)
    ring()


def _lock(job: ImportJob) -> ImportJob:
    return ImportJob.objects.select_for_update(no_key=True).get(pk=job.pk)


def _record(verb: str, job: ImportJob, by: AccountLink | None) -> None:
    facts = {"import": job.number, "file": job.filename, "rows": job.total}
    with origin.of(replace(origin.current(), reference=job.reference)):
        audit.record(verb, by=by.user if by else None, account_id=job.account_id, after=facts)


def ring() -> None:
    """Tell the worker, once this is committed."""
    doorbell.ring_after_commit("imports.tasks.work_on")


def forget_file(job: ImportJob) -> None:
    """Drop the bytes of a file: once it is read, all that is asked stands in the rows."""
    FilePart.objects.filter(job=job).delete()


def purge() -> int:
    """Forget the rows and files that are no longer kept, import by import; how many imports. The history stays."""
    purged = 0
    while True:
        with transaction.atomic(), tenancy.everything():
            old = ImportJob.objects.outlived().select_for_update(skip_locked=True, no_key=True)
            job = old.order_by("keep_until").first()
            if job is None:
                return purged
            ImportRow.objects.filter(job=job).delete()
            Block.objects.filter(job=job).delete()
            forget_file(job)
            if not job.finished:
                job.state = State.CANCELLED
            job.purged_at, job.header, job.sha256 = Now(), [], ""
            job.save(update_fields=["purged_at", "header", "sha256", "state"])
        purged += 1
