"""Seals of the trace: chained digests of each account's events, made minute by minute, and their verification.

A seal covers one stretch of an account's events. Its digest is SHA-256 over what it says (version, account, number,
bounds, count, the digest before) and the digests of its events in order (accounts.digests). The database makes it, by a
function that asks its caller nothing. Whoever changes, adds or removes a row of the past has to write anew all seals
that follow, and still differs from the heads that were kept elsewhere.
"""

# ruff: noqa: S608 (what is put into these statements are constants)

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max

from accounts import digests, erasing
from accounts.erasing import Erasure
from accounts.models import AuditSeal
from colibox.lib import tenancy

OUTSIDE = 0
"""The account of what happened outside any account."""
VERSION = 2
"""Of the seals that are made; those of version 1 stay, and what they cover was sealed anew after them."""
MARK = 8
"""So many bytes of an event's digest a seal keeps, to tell which event was changed."""
DEALT = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('accounts_auditevent', 'id')::regclass), 0)"
EVENTS = {
    version: f"""
        SELECT e.id, e.at, {digest} FROM accounts_auditevent e {digests.KEPT}
        WHERE e.account_id IS NOT DISTINCT FROM %s ORDER BY e.id
    """
    for version, digest in digests.BY_VERSION.items()
}


def seal() -> int:
    """Let the database seal what the last pass found and is sure by now, and note how far the next one may go.

    A key is dealt before its transaction ends, so that an event may turn up below others that are long visible. What
    one pass notes is sealed by a later one, when every transaction that ran at the time is over. How many events.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT accounts_seal()")
        events: int = cursor.fetchone()[0]
    return events


def sealed_until() -> int:
    """The key up to which events are sealed, in whatever account: none beyond those that were dealt."""
    seals = AuditSeal.objects.filter(version=VERSION, until_id__lte=_dealt())
    return seals.aggregate(until=Max("until_id"))["until"] or 0


def _dealt() -> int:
    with connection.cursor() as cursor:
        cursor.execute(DEALT)
        key: int = cursor.fetchone()[0]
    return key


# Verification.


@dataclass(frozen=True)
class Fault:
    """Where the trace is not what was sealed: between which events of an account, and what is wrong."""

    account: int
    seal: int | None
    after: int
    until: int
    what: str
    since: datetime | None = None
    last: datetime | None = None


class Head(NamedTuple):
    """The last seal of an account: what is to be kept elsewhere."""

    number: int
    digest: str


@dataclass
class Verdict:
    """What a verification saw: how much, how much is not sealed yet, what is wrong, and the heads."""

    events: int = 0
    seals: int = 0
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list)
    heads: dict[int, Head] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)

    def blame(self, seal: AuditSeal, what: str, times: Sequence[datetime] = ()) -> None:
        """Note what is wrong with what a seal covers, and from when to when its events say they are."""
        since, last = (times[0], times[-1]) if times else (None, None)
        self.faults.append(Fault(seal.account_id, seal.number, seal.after_id, seal.until_id, what, since, last))


Row = tuple[int, datetime, bytes]
Watch = Callable[[int], None]
LAST = 2**63 - 1
FETCHED = 2000


def verify(
    *, accounts: list[int] | None = None, kept: Mapping[int, Head] | None = None, watch: Watch = lambda done: None
) -> Verdict:
    """Compute all seals anew, of these accounts or of all, and compare; `kept` are heads that were kept elsewhere."""
    verdict = Verdict()
    with transaction.atomic(), tenancy.everything():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        until, dealt = sealed_until(), _dealt()
        for account in everywhere() if accounts is None else accounts:
            _verify_account(account, until, dealt, (kept or {}).get(account), verdict, watch)
        _verify_erasures(accounts, verdict)
    return verdict


def everywhere() -> list[int]:
    """Every account that has an event or a seal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(account_id, 0) FROM accounts_auditevent UNION SELECT account_id FROM accounts_auditseal"
            " ORDER BY 1"
        )
        return [account for (account,) in cursor.fetchall()]


def _verify_account(
    account: int, until: int, dealt: int, kept: Head | None, verdict: Verdict, watch: Watch
) -> None:  # fmt: skip
    """One account: its seals one after the other, and its events beside them, from the start for each version."""
    streams: dict[int, Events] = {}
    ends: dict[int, int] = {}
    head, version, found = Head(0, ""), 1, kept is None
    for seal in AuditSeal.objects.filter(account_id=account).order_by("number").iterator():
        expected = (head.number + 1, ends.get(seal.version, 0), head.digest)
        if (seal.number, seal.after_id, seal.previous) != expected or not version <= seal.version <= VERSION:
            verdict.blame(seal, "the chain of seals is broken before this one")
        if seal.until_id > dealt:
            verdict.blame(seal, "a seal covers events that did not happen yet")
        version = min(max(seal.version, 1), VERSION)
        _verify_seal(seal, streams.setdefault(version, Events(account, version)), verdict)
        head, ends[seal.version] = Head(seal.number, seal.digest), seal.until_id
        found = found or head == kept
        watch(verdict.events)
    if not found and kept:
        what = "the head that was kept is not in the chain: seals were removed or written anew"
        verdict.faults.append(Fault(account, kept.number, 0, max(ends.values(), default=0), what))
    if head.number:
        verdict.heads[account] = head
    _verify_rest(streams.get(VERSION) or Events(account, VERSION), until, verdict)


def _verify_seal(seal: AuditSeal, events: Events, verdict: Verdict) -> None:
    """Compute one seal anew of its events."""
    said = (seal.account_id, seal.number, seal.after_id, seal.until_id, seal.events, seal.previous, "")
    named = ("v2", *said) if events.version == VERSION else said
    computed, rows = hashlib.sha256(" ".join(map(str, named)).encode()), list(events.upto(seal.until_id))
    for _id, _at, digest in rows:
        computed.update(digest)
    verdict.seals += 1
    verdict.events += len(rows) if events.version == VERSION else 0
    if len(rows) != seal.events:
        verdict.blame(seal, f"{seal.events} events were sealed, {len(rows)} are there", [at for _id, at, _d in rows])
    elif computed.hexdigest() != seal.digest:
        changed = _changed(rows, bytes(seal.marks))
        for number, at, _digest in changed:
            what = "an event was changed after it was sealed"
            verdict.faults.append(Fault(seal.account_id, seal.number, number - 1, number, what, at, at))
        if not changed:
            verdict.blame(seal, "an event was changed, or the seal was", [at for _id, at, _d in rows])


def _changed(rows: Sequence[Row], marks: bytes) -> list[Row]:
    """Which of as many events as were sealed are no longer what they were, where the marks of the seal tell."""
    if len(marks) != MARK * len(rows):
        return []
    kept = (marks[at : at + MARK] for at in range(0, len(marks), MARK))
    return [row for row, mark in zip(rows, kept, strict=True) if bytes(row[2])[:MARK] != mark]


def _verify_rest(events: Events, until: int, verdict: Verdict) -> None:
    """What is above the last seal waits for the next one, unless its time to be sealed is over."""
    for number, at, _digest in events.upto(LAST):
        verdict.events += 1
        if number > until:
            verdict.unsealed += 1
        else:
            what = "an event was added after its time was sealed"
            verdict.faults.append(Fault(events.account, None, number - 1, number, what, at, at))


def _verify_erasures(accounts: list[int] | None, verdict: Verdict) -> None:
    """What was erased says nothing any more, and an event tells of each erasure."""
    verdict.erasures = [each for each in erasing.erasures() if accounts is None or each.account in accounts]
    for untold in (each for each in verdict.erasures if each.at is None):
        what = f"no event tells of erasure {untold.erasure} as it is"
        verdict.faults.append(Fault(untold.account, None, -1, 0, what))
    for account, event, what in erasing.faults():
        if accounts is None or account in accounts:
            verdict.faults.append(Fault(account, None, event - 1, event, what))


class Events:
    """The events of one account in order of key with their digests by a version, read when they are asked for."""

    def __init__(self, account: int, version: int) -> None:
        self.account, self.version = account, version
        self.rows = self._read()
        self.next: Row | None = None
        self.begun = False

    def upto(self, until: int) -> Iterator[Row]:
        """Those that are left up to this key."""
        if not self.begun:
            self.begun, self.next = True, next(self.rows, None)
        while self.next and self.next[0] <= until:
            yield self.next
            self.next = next(self.rows, None)

    def _read(self) -> Iterator[Row]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(EVENTS[self.version], [self.account or None])
            while rows := cursor.fetchmany(FETCHED):
                yield from rows
