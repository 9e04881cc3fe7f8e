"""What a worker does: take a file that waits, or a block of rows of an import, and work on it.

One claim is one piece of work, the reading of a file or a block of rows, in one transaction with all that it
makes. A claim holds it for a time; whoever dies keeps it no longer. Each claim raises the fencing number of the
import, and a piece of work is committed only under the number it began with: nothing is done twice. The blocks
of one import are applied by several workers at a time.
"""

from __future__ import annotations

import gc
import logging
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from math import ceil
from typing import IO, Any, NamedTuple

import orjson
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import TextField
from django.db.models.functions import Cast, Now
from django.utils import translation
from django.utils.translation import gettext as _

from colibox.lib import database, origin, outbox, tenancy
from imports import actions, emails, reading
from imports.models import Block, FilePart, ImportJob, ImportJobQuerySet, ImportRow
from imports.reading import Fault, Line, Unreadable
from rights.actions.many import entering
from rights.actions.many.deciding import Rules
from rights.actions.many.entries import Done, Entry, Outcome, Status
from rights.models import Profile
from rights.places import Places

logger = logging.getLogger(__name__)

State = ImportJob.State
Piece = ImportJob | Block
"""A file to be read, or rows to be applied."""
Row = tuple[Any, ...]
"""The values of ROW."""
BLOCK = 2000
"""Rows that are applied together, at most. After a failure an eighth of it, until the row that fails is alone."""
AT_ONCE, LEAST = 2, 250
"""How many processes a worker has: a file is cut so that they are done at the same time, but not into crumbs."""
LEASES = {ImportJob: timedelta(seconds=45), Block: timedelta(seconds=30)}
"""How long a claim holds: longer than a piece may take, for reading ends by READING_SECONDS."""
BUDGET = 20.0
"""Seconds after which a task hands over to the next one, so that a worker can be stopped."""
PATIENCE = "30s"
"""How long one statement may take here, where nobody waits for a page."""
MOST_FAULTS = 20
"""Of how many faults of a row one is told: who sends thousands does not read them."""
MOST_FAILURES = 6
"""After so many claims without progress the file is refused, or the row that is then alone."""
READING_SECONDS = 40.0


class Lost(Exception):
    """The import is no longer ours: cancelled, or claimed by another worker since."""


def work_on(*, seconds: float = BUDGET) -> int:
    """Work on what waits, each import in its turn, until nothing does or the time is over; pieces done."""
    deadline, pieces = time.monotonic() + seconds, 0
    while piece := claim():
        advance(piece)
        pieces += 1
        if time.monotonic() > deadline:
            with transaction.atomic():
                actions.ring()
            break
    return pieces


def claim(pk: int | None = None) -> Piece | None:
    """Hold a piece of the import that has waited longest, or of this one; None when there is nothing to work on."""
    with transaction.atomic(), tenancy.everything():
        waiting = ImportJob.objects.to_work_on() if pk is None else ImportJob.objects.to_work_on().filter(pk=pk)
        # another claim, or the end of a block, holds an import for a moment: worth waiting for where there is no other
        job = _locked(waiting, skip_locked=True) or _locked(waiting)
        piece = (job if job.state == State.READING else _block(job)) if job else None
        if job is None or piece is None:
            return None
        job.attempt = piece.attempt = job.attempt + 1
        job.worked_at, piece.lease_until = Now(), Now() + LEASES[type(piece)]
        piece.failures += 1
        job.save(update_fields=["attempt", "failures", "lease_until", "position", "worked_at"])
        if isinstance(piece, Block):
            piece.save()
    return piece


def _locked(waiting: ImportJobQuerySet, **how: bool) -> ImportJob | None:
    return waiting.select_for_update(no_key=True, of=("self",), **how).first()


def _block(job: ImportJob) -> Block | None:
    """The first block of a locked import whose worker died, or failed; else the next one."""
    left = job.blocks.filter(lease_until__lte=Now()).select_for_update(skip_locked=True)
    if block := left.order_by("first").first():
        _shrink(block)
        return block
    rows = ImportRow.objects.filter(job=job, number__gt=job.position).order_by("number")
    numbers = list(rows.values_list("number", flat=True)[: _size(job.total)])
    if not numbers:
        return None
    if not job.position:
        actions.ring()  # there is work for somebody else, too
    job.position = numbers[-1]
    return Block(job=job, account_id=job.account_id, first=numbers[0], last=numbers[-1])


def _size(total: int) -> int:
    """The size of blocks that are alike, as many for each process."""
    turns = ceil(total / (AT_ONCE * BLOCK))
    return min(BLOCK, max(LEAST, ceil(total / (AT_ONCE * turns))))


def _shrink(block: Block) -> None:
    """Leave all but the first rows of a block that failed to others."""
    size = max(1, BLOCK >> 3 * block.failures)
    rest = block.rows.values_list("number", flat=True)[size:].first()
    if rest:
        Block.objects.create(job=block.job, account_id=block.account_id, first=rest, last=block.last)
        block.last = rest - 1


def advance(piece: Piece) -> None:
    """Do a claimed piece of work; what goes wrong leaves it to a later claim."""
    job = piece.job if isinstance(piece, Block) else piece
    try:
        channel = "command" if job.by_carrier else "import"
        where = origin.Origin(channel=channel, reference=job.reference, carrier=job.by_carrier)
        with origin.of(where), translation.override(job.language), _collecting_rarely():
            apply_block(piece) if isinstance(piece, Block) else read(piece)
    except Lost:
        return
    except Exception as error:
        if isinstance(error, OperationalError) or not connection.is_usable():
            logger.warning("Import %s waits: %s.", piece, type(error).__name__)
            connection.close()  # the lease ends by itself
            return
        # a fault of one row must not hold the others: the next claim takes fewer
        logger.error("Import %s failed: %s.", piece, type(error).__name__, exc_info=settings.DEBUG)
        _hand_back(piece)


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Rows come and go by thousands and hardly one is part of a cycle: looking for those takes a sixth of the time."""
    often = gc.get_threshold()
    gc.set_threshold(often[0] * 100, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)


@contextmanager
def _piece(piece: Piece) -> Iterator[None]:
    """One transaction within reach of the import's account."""
    with transaction.atomic(), tenancy.scope(accounts=[piece.account_id]):
        database.share_niceness()
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
        yield


def _hand_back(piece: Piece) -> None:
    with transaction.atomic(), tenancy.scope(accounts=[piece.account_id]):
        type(piece).objects.filter(pk=piece.pk, attempt=piece.attempt).update(lease_until=Now())


# Reading.


def read(job: ImportJob) -> None:
    """Turn the file into rows, each with what would come of it; or say why it cannot be read."""
    try:
        with _piece(job), _file(job) as file:
            _read(job, file)
            actions.forget_file(job)
    except Unreadable as fault:
        with _piece(job):
            _save(job, state=State.REFUSED, problem=str(fault), finished_at=Now())
            actions.forget_file(job)


def _read(job: ImportJob, file: IO[bytes]) -> None:
    if job.failures > MOST_FAILURES // 2:
        raise Unreadable(_("This file could not be read. Open it in Excel, save it as CSV and send it again."))
    planned, table = Counter[str](), _table(job, file)
    _write(job, _counted(planned, _blocks(table, Rules(job.by))))
    if not planned:
        raise Unreadable(_("This file has no row to process: fill in one row a person below the first one."))
    found = {**job.found, **table.found.as_dict()}
    _save(job, state=State.READY, total=planned.total(), planned=planned, header=table.header, found=found)


def _blocks(table: reading.Table, rules: Rules) -> Iterator[list[Row]]:
    """The rows of the file, so many at a time, each with what would come of it."""
    deadline = time.monotonic() + READING_SECONDS
    while lines := list(islice(table.lines, BLOCK)):
        yield _planned(rules, lines, table.header)
        if time.monotonic() > deadline:
            raise Unreadable(_("This file takes too long to read: cut it in two."))


def _counted(planned: Counter[str], blocks: Iterable[list[Row]]) -> Iterator[list[Row]]:
    for rows in blocks:
        planned.update(row[PLAN] for row in rows)
        yield rows


def _write(job: ImportJob, blocks: Iterable[list[Row]]) -> None:
    """Write rows while the next are read: not before the questions about those are answered, which would wait."""
    writing: list[Future[list[int]]] = []
    ready: Callable[[], list[int]] | None = None
    with database.beside() as thread:
        for rows in blocks:
            if ready:
                writing.append(thread.submit(ready))
            ready = database.insertion(ImportRow, ROW, rows, job_id=job.pk, account_id=job.account_id)
        if ready:
            writing.append(thread.submit(ready))
    for written in writing:
        written.result()


def _save(job: ImportJob, **facts: Any) -> None:
    """Write what the reading came to and hand the import back. Raises Lost when it is no longer ours."""
    ours = ImportJob.objects.filter(pk=job.pk, attempt=job.attempt, state=State.READING)
    if not ours.update(failures=0, lease_until=Now(), worked_at=Now(), **facts):
        raise Lost


def _table(job: ImportJob, file: IO[bytes]) -> reading.Table:
    if job.source == ImportJob.Source.LIST:
        text = file.read().decode()
        return reading.read_list(text, asked=Entry.of(job.found), language=job.language)
    held = frozenset(job.account.entitlements.values_list("right", flat=True))
    profiles = Profile.objects.named(job.account_id)
    places = partial(Places.of, job.account_id)
    return reading.read(file, filename=job.filename, held=held, language=job.language, profiles=profiles, places=places)


@contextmanager
def _file(job: ImportJob) -> Iterator[IO[bytes]]:
    """The file as it came, on disk while it is read."""
    with tempfile.TemporaryFile() as file:
        for number in FilePart.objects.filter(job=job).order_by("number").values_list("number", flat=True):
            file.write(FilePart.objects.values_list("data", flat=True).get(job=job, number=number))
        file.seek(0)
        yield file


def _planned(rules: Rules, lines: Sequence[Line], headings: Sequence[str]) -> list[Row]:
    """These lines as rows, with what would come of them."""
    unread = [line for line in lines if line.unread]
    if unread:
        asked = [line.unread for line in unread if line.unread]
        for place in entering.strangers(rules=rules, entries=asked):
            reading.refuse_lacking(unread[place], asked[place].lacks, headings)
    outcomes = iter(entering.plan(by=rules.by, rules=rules, entries=[line.entry for line in lines if line.entry]))
    return [_row(line, next(outcomes) if line.entry else None, headings) for line in lines]


ROW = ("number", "cells", "entry", "plan", "status", "faults")
PLAN = ROW.index("plan")


def _row(line: Line, outcome: Outcome | None, headings: Sequence[str]) -> Row:
    """The values of ROW."""
    if outcome is None:
        faults = [fault.as_dict() for fault in line.faults[:MOST_FAULTS]]
        verdict: tuple[Any, ...] = (None, Done.REFUSED, line.status, faults)
    else:
        faults = _faults(outcome, headings, line.cells)
        verdict = (line.entry and line.entry.facts(), outcome.done, outcome.status, faults)
    return (line.number, line.cells, *verdict)


def _faults(outcome: Outcome, headings: Sequence[str], cells: Sequence[str] = ()) -> list[dict[str, str]]:
    """What the rules have to say against a row, and against which of its cells where these are known."""
    if outcome.done != Done.REFUSED:
        return []
    if outcome.lacks:
        return [fault.as_dict() for fault in reading.lacking(outcome.lacks, headings)]
    place = reading.places_of(tuple(headings)).get(outcome.column or outcome.right)
    value = cells[place][: reading.LONGEST_SHOWN] if place is not None and place < len(cells) else ""
    column = reading.heading(outcome.column, headings) if outcome.column else ""
    return [Fault(column, value, outcome.detail, outcome.fix, outcome.right).as_dict()]


# Applying.


def apply_block(block: Block) -> None:
    """Apply these rows, with all that they create, in one transaction; the last block ends the import."""
    with _piece(block):
        columns = block.rows.values_list("number", Cast("entry", TextField()), "plan", "status")
        rows = list(map(Waiting._make, columns))
        hopeless = block.failures > MOST_FAILURES
        _go_on(block, _give_up(block.job, rows[0]) if hopeless else _apply(block.job, rows))


class Waiting(NamedTuple):
    """A row to apply, and what was to come of it: no more of it than that is fetched."""

    number: int
    entry: str | None
    plan: str
    status: str


def _apply(job: ImportJob, rows: Sequence[Waiting]) -> Counter[str]:
    """Apply these rows; how many of each came of it."""
    asked = [row for row in rows if row.entry]
    outcomes = entering.apply(by=job.by, entries=[Entry.of(orjson.loads(row.entry)) for row in asked if row.entry])
    pairs = zip(asked, outcomes, strict=True)
    _rewrite(job, [(row, made) for row, made in pairs if (row.plan, row.status) != (made.done, made.status)])
    unread = len(rows) - len(asked)
    return Counter(made.done for made in outcomes) + Counter({Done.REFUSED: unread})


def _give_up(job: ImportJob, row: Waiting) -> Counter[str]:
    """Refuse the one row that always fails, so that those behind it are reached."""
    reason = _("This row could not be processed. Add this person on screen, or contact support.")
    _rewrite(job, [(row, Outcome(Done.REFUSED, Status.IDENTITY, detail=reason))])
    return Counter({Done.REFUSED: 1})


def _rewrite(job: ImportJob, changed: Sequence[tuple[Waiting, Outcome]]) -> None:
    """Write what came of rows that turned out differently, those alike together."""
    alike: dict[Outcome, list[int]] = defaultdict(list)
    for row, outcome in changed:
        alike[outcome._replace(link=None)].append(row.number)
    for outcome, numbers in alike.items():
        rows = ImportRow.objects.filter(job=job, number__in=numbers)
        rows.update(plan=outcome.done, status=outcome.status, faults=_faults(outcome, job.header))


def _go_on(block: Block, tally: Counter[str]) -> None:
    """Write the progress; the import is done once all its blocks are. Raises Lost when the block is no longer ours."""
    connection.check_constraints()  # now, rather than while others wait for the import
    job = ImportJob.objects.select_for_update(no_key=True).filter(pk=block.job_id, state=State.RUNNING).first()
    if job is None or not Block.objects.filter(pk=block.pk, attempt=block.attempt).delete()[0]:
        raise Lost
    job.tally, job.worked_at = Counter(job.tally) + tally, Now()
    job.applied += tally.total()
    if job.applied == job.total:
        job.state, job.finished_at, job.keep_until = State.DONE, Now(), actions.kept_from_now()
        outbox.queue(emails.finished, key=f"import:{job.uuid}", account_id=job.account_id, job=job.pk)
    job.save(update_fields=["tally", "worked_at", "applied", "state", "finished_at", "keep_until"])
