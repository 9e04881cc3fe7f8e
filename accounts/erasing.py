"""Taking a person out of the trace, and the proof that nothing else was: what the seals say stays true.

An event loses names, data and address; what it was is kept as its digest, which the seals go on speaking of
(accounts.sealing). An event of each account, sealed as all are, tells of the erasure with a digest over which events
it changed, what they were and what they are now. An event that is changed in any other way, or after, is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import connection

from accounts import audit

ERASED = "person erased"
"""The verb of the event that tells of an erasure."""

UNCHANGED = """coalesce((
    SELECT a.former FROM accounts_auditerasure a WHERE a.event = accounts_auditevent.id ORDER BY a.id LIMIT 1), {})"""
"""The digest of an event as it was written, whatever was erased from it since."""

TOLD = """
    SELECT coalesce(a.account_id, 0), a.erasure,
        encode(sha256(string_agg(int8send(a.event) || a.former || a.present, ''::bytea ORDER BY a.event)), 'hex')
    FROM accounts_auditerasure a GROUP BY 1, 2
    EXCEPT SELECT coalesce(account_id, 0), (after ->> 'erasure')::uuid, after ->> 'digest'
    FROM accounts_auditevent WHERE verb = %s
"""
"""Erasures of which no event tells, or another."""

NOW = """
    SELECT coalesce(a.account_id, 0), a.event FROM accounts_auditerasure a
    LEFT JOIN LATERAL (
        SELECT n.former FROM accounts_auditerasure n WHERE n.event = a.event AND n.id > a.id ORDER BY n.id LIMIT 1
    ) AS next ON true
    WHERE a.present IS DISTINCT FROM coalesce(
        next.former, (SELECT {digest} FROM accounts_auditevent WHERE id = a.event))
"""
"""Events that are no longer as an erasure left them."""


def erase(
    *, erasure: UUID, people: list[UUID], accounts: list[int], fields: Iterable[str], words: Iterable[str], neutral: str
) -> dict[int, int]:
    """Take these names out of the trace, and tell of it on each account; how many events of each were changed.

    `people` are the identifiers under which the trace knows one person; `fields` are facts about them, `words` what
    is taken out wherever an event of these accounts says exactly that.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM accounts_erase_person(%s, %s::uuid[], %s, %s, %s, %s)",
            [str(erasure), [str(each) for each in people], accounts, list(fields), list(words), neutral],
        )
        changed = cursor.fetchall()
    for account, events, digest in changed:
        facts = {"erasure": str(erasure), "events": events, "digest": digest}
        audit.record(ERASED, by=None, account_id=account or None, subject_name=neutral, after=facts)
    return {account: events for account, events, _digest in changed}


def faults(digest: str) -> Iterator[tuple[int, int, str]]:
    """What is wrong with what was erased: account, event and a sentence; `digest` is that of an event as it is."""
    yield from _found(TOLD, [ERASED], lambda row: (row[0], 0, f"no event tells of erasure {row[1]} as it is"))
    sentence = "an event was changed after names were erased from it"
    yield from _found(NOW.format(digest=digest), [], lambda row: (row[0], row[1], sentence))


Say = Callable[[Any], tuple[int, int, str]]


def _found(sql: str, values: list[str], say: Say) -> Iterator[tuple[int, int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from map(say, cursor.fetchall())
