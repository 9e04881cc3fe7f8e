"""Seals of the trace: chained digests of each account's events, made minute by minute, and their verification.

A seal covers one stretch of an account's events. Its digest is SHA-256 over what it says (account, number, bounds,
count, the digest before) and the digests of its events in order, each SHA-256 over all columns of the row. Whoever
changes, adds or removes a row of the past has to write anew all seals that follow, and still differs from the heads
that were kept elsewhere.
"""

# ruff: noqa: S608 (what is put into these statements are constants of this module)

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import Max
from django.db.models.functions import Now

from accounts import erasing
from accounts.models import AuditHorizon, AuditSeal
from colibox.lib import tenancy

OUTSIDE = 0
"""The account of what happened outside any account."""
AT_ONCE = 1000
"""Of how many events of the portal one statement makes seals: no stretch is longer, so that a fault is found in it."""
MOST_STATEMENTS = 200
"""How much one pass does of a long backlog; the next one goes on."""
LOCK = 0x5EA1
"""The key of the advisory lock that one pass holds."""

MARK = 8
"""So many bytes of an event's digest a seal keeps, to tell which event was changed."""

DIGEST = """sha256(convert_to(jsonb_build_array(
    id, extract(epoch FROM at), account_id, actor, actor_name, subject, subject_name, verb, before, after,
    channel, reference, text(ip), request_id)::text, 'UTF8'))"""
"""The digest of an event: the array's text is the same whatever the session's settings, and leaves nothing open."""
AS_WRITTEN = erasing.UNCHANGED.format(DIGEST)
"""What a seal covers: names that were erased since are in it as they were."""

CHAIN = """
    WITH told AS (
        SELECT coalesce(account_id, 0) AS account, id, {AS_WRITTEN} AS digest
        FROM accounts_auditevent WHERE id > %(after)s AND id <= %(until)s
    ), stretch AS (
        SELECT account, count(*) AS events, string_agg(digest, ''::bytea ORDER BY id) AS digests,
               string_agg(substr(digest, 1, {MARK}), ''::bytea ORDER BY id) AS marks
        FROM told GROUP BY account
    ), seal AS (
        SELECT stretch.*, coalesce(last.number, 0) + 1 AS number, coalesce(last.until_id, 0) AS after_id,
               coalesce(last.digest, '') AS previous
        FROM stretch LEFT JOIN LATERAL (
            SELECT number, until_id, digest FROM accounts_auditseal
            WHERE account_id = stretch.account ORDER BY number DESC LIMIT 1) AS last ON true
    )
    INSERT INTO accounts_auditseal (account_id, number, after_id, until_id, events, previous, digest, marks)
    SELECT account, number, after_id, %(until)s, events, previous, encode(sha256(convert_to(
        concat_ws(' ', account, number, after_id, %(until)s::bigint, events, previous, ''), 'UTF8') || digests), 'hex'),
        marks
    FROM seal RETURNING events
""".replace("{AS_WRITTEN}", AS_WRITTEN).replace("{MARK}", str(MARK))

EVENTS = f"""
    SELECT id, at, {AS_WRITTEN} FROM accounts_auditevent WHERE account_id IS NOT DISTINCT FROM %s ORDER BY id
"""


def seal() -> int:
    """Seal what the last pass found and is sure by now, and note how far the next one may go; how many events.

    A key is dealt before its transaction ends, so that an event may turn up below others that are long visible. What
    one pass notes is sealed by a later one, when every transaction that ran at the time is over.
    """
    with transaction.atomic(), tenancy.everything(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('accounts_auditevent', 'id')::regclass), 0)"
        )
        dealt: int = cursor.fetchone()[0]
        horizon, sealed, events = AuditHorizon.objects.first(), sealed_until(), 0
        if horizon and _is_over(horizon):
            sealed, events = _seal_between(sealed, horizon.event)
        if horizon is None or sealed >= horizon.event or _is_foreign(horizon):
            _note(dealt)
    return events


def sealed_until() -> int:
    """The key up to which events are sealed, in whatever account."""
    return AuditSeal.objects.aggregate(until=Max("until_id"))["until"] or 0


def _is_over(horizon: AuditHorizon) -> bool:
    """Whether every transaction that ran when the horizon was noted is over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= %s", [horizon.transaction])
        over: bool = cursor.fetchone()[0]
    return over


def _is_foreign(horizon: AuditHorizon) -> bool:
    """Whether it counts the transactions of another cluster: one that has not begun here, as after a restore."""
    return horizon.transaction > _next_transaction()


def _next_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        number: int = cursor.fetchone()[0]
    return number


def _seal_between(after: int, until: int) -> tuple[int, int]:
    """Seal the events between two keys, the oldest first: how far it came, and of how many events."""
    events = 0
    with connection.cursor() as cursor:
        for _step in range(MOST_STATEMENTS):
            if after >= until:
                break
            upto = _end_of_stretch(after, until)
            cursor.execute(CHAIN, {"after": after, "until": upto})
            events += sum(count for (count,) in cursor.fetchall())
            after = upto
    return after, events


def _end_of_stretch(after: int, until: int) -> int:
    """The key of the last of the next events that one statement takes; what rolled back left gaps of any length."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(id) FROM (SELECT id FROM accounts_auditevent WHERE id > %s AND id <= %s ORDER BY id LIMIT %s)"
            " AS next",
            [after, until, AT_ONCE],
        )
        last, full = cursor.fetchone()[0], False
        if last is not None:
            cursor.execute("SELECT EXISTS (SELECT FROM accounts_auditevent WHERE id > %s AND id <= %s)", [last, until])
            full = cursor.fetchone()[0]
    return last if full else until


def _note(event: int) -> None:
    """Note how far the next pass may go, after a moment in which whoever was dealt a key began to write."""
    facts = {"event": event, "transaction": _next_transaction(), "at": Now()}
    AuditHorizon.objects.update_or_create(pk=1, defaults=facts)


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
        until = sealed_until()
        for account in everywhere() if accounts is None else accounts:
            _verify_account(account, until, (kept or {}).get(account), verdict, watch)
        for account, event, what in erasing.faults(DIGEST):
            if accounts is None or account in accounts:
                verdict.faults.append(Fault(account, None, event - 1, event, what))
    return verdict


def everywhere() -> list[int]:
    """Every account that has an event or a seal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(account_id, 0) FROM accounts_auditevent UNION SELECT account_id FROM accounts_auditseal"
            " ORDER BY 1"
        )
        return [account for (account,) in cursor.fetchall()]


def _verify_account(account: int, until: int, kept: Head | None, verdict: Verdict, watch: Watch) -> None:
    """One account: its seals one after the other, and its events beside them."""
    events, head, found = Events(account), Head(0, ""), kept is None
    end = 0
    for seal in AuditSeal.objects.filter(account_id=account).order_by("number").iterator():
        if (seal.number, seal.after_id, seal.previous) != (head.number + 1, end, head.digest):
            verdict.blame(seal, "the chain of seals is broken before this one")
        _verify_seal(seal, events, verdict)
        head, end = Head(seal.number, seal.digest), seal.until_id
        found = found or head == kept
        watch(verdict.events)
    if not found and kept:
        what = "the head that was kept is not in the chain: seals were removed or written anew"
        verdict.faults.append(Fault(account, kept.number, 0, end, what))
    if head.number:
        verdict.heads[account] = head
    _verify_rest(events, until, verdict)


def _verify_seal(seal: AuditSeal, events: Events, verdict: Verdict) -> None:
    """Compute one seal anew of its events."""
    said = (seal.account_id, seal.number, seal.after_id, seal.until_id, seal.events, seal.previous, "")
    computed, rows = hashlib.sha256(" ".join(map(str, said)).encode()), list(events.upto(seal.until_id))
    for _id, _at, digest in rows:
        computed.update(digest)
    verdict.seals += 1
    verdict.events += len(rows)
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


class Events:
    """The events of one account in order of key with their digests, read as they are asked for."""

    def __init__(self, account: int) -> None:
        self.account = account
        self.rows = self._read()
        self.next = next(self.rows, None)

    def upto(self, until: int) -> Iterator[Row]:
        """Those that are left up to this key."""
        while self.next and self.next[0] <= until:
            yield self.next
            self.next = next(self.rows, None)

    def _read(self) -> Iterator[Row]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(EVENTS, [self.account or None])
            while rows := cursor.fetchmany(FETCHED):
                yield from rows
