"""Taking a person out of the trace, and the proof that nothing else was: what the seals say stays true.

An event loses names, data and address; of each part that was erased its digest is kept, which the seals go on speaking
of (accounts.digests). What happened is no such part. An event of each account, written by the database in the same
statement and sealed as all are, tells of the erasure with a digest over what it kept.
"""

# ruff: noqa: S608 (what is put into these statements are constants)

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from accounts import digests

ERASED = "person erased"
"""The verb of the event that tells of an erasure."""

BY_ACCOUNT = """
    SELECT coalesce(a.account_id, 0) AS account, a.erasure, count(*) AS events,
        CASE WHEN bool_or(a.present IS NOT NULL)
        THEN encode(sha256(string_agg(int8send(a.event) || a.former || a.present, ''::bytea ORDER BY a.event)), 'hex')
        ELSE encode(sha256(string_agg(convert_to(jsonb_build_array(
            a.event, encode(a.former, 'hex'), encode(a.actor, 'hex'), encode(a.subject, 'hex'), encode(a.said, 'hex')
        )::text, 'UTF8'), ''::bytea ORDER BY a.event)), 'hex') END AS digest
    FROM accounts_auditerasure a GROUP BY 1, 2
"""
TOLD = f"""
    SELECT k.account, k.erasure, k.events, min(t.at) FROM ({BY_ACCOUNT}) AS k
    LEFT JOIN accounts_auditevent t ON t.verb = '{ERASED}' AND coalesce(t.account_id, 0) = k.account
        AND t.after ->> 'erasure' = k.erasure::text AND t.after ->> 'digest' = k.digest
    GROUP BY 1, 2, 3 ORDER BY 4, 1
"""
"""Every erasure, and when an event told of it as it is."""

CHANGED = f"""
    SELECT coalesce(a.account_id, 0), a.event FROM accounts_auditerasure a
    LEFT JOIN LATERAL (
        SELECT n.former FROM accounts_auditerasure n
        WHERE n.event = a.event AND n.id > a.id AND n.former IS NOT NULL ORDER BY n.id LIMIT 1
    ) AS next ON true
    WHERE a.present IS DISTINCT FROM coalesce(
        next.former, (SELECT {digests.WHOLE} FROM accounts_auditevent e WHERE e.id = a.event))
    AND a.present IS NOT NULL
"""
"""Events that are no longer as an erasure left them that kept what they were as a whole."""

NAMED_AGAIN = f"""
    SELECT coalesce(e.account_id, 0), e.id FROM (
        SELECT event, bool_or(actor IS NOT NULL) AS actor, bool_or(subject IS NOT NULL) AS subject,
            bool_or(said IS NOT NULL) AS said
        FROM accounts_auditerasure GROUP BY event
    ) AS k JOIN accounts_auditevent e ON e.id = k.event
    WHERE k.actor AND (e.actor_name <> '{digests.NEUTRAL}' OR e.ip IS NOT NULL)
        OR k.subject AND e.subject_name <> '{digests.NEUTRAL}'
        OR k.said AND EXISTS (
            SELECT FROM {digests.PERSONAL_SIDES} AS personal
            WHERE value NOT IN (to_jsonb(text '{digests.NEUTRAL}'), '""', 'null'))
"""
"""Events that say something where all was erased."""


@dataclass(frozen=True)
class Erasure:
    """What one erasure took out of one account's events, and when; never, where no event tells of it as it is."""

    account: int
    erasure: UUID
    events: int
    at: datetime | None


def erase(*, people: Iterable[UUID], accounts: list[int], words: Iterable[str]) -> dict[int, int]:
    """Take a person out of the trace, which tells of it on each account; how many events of each were changed.

    `people` are the identifiers under which the trace knows them; `words` what names them in events of these accounts
    about others. What is written instead, and where, is known to the database alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM accounts_erase_person(%s::uuid[], %s, %s)",
            [[str(each) for each in people], accounts, list(words)],
        )
        return dict(cursor.fetchall())


def erasures() -> list[Erasure]:
    """All there were, the oldest first."""
    return [Erasure(*row) for row in _found(TOLD)]


def faults() -> Iterator[tuple[int, int, str]]:
    """What is wrong with what was erased: account, event and a sentence."""
    for account, event in _found(CHANGED):
        yield account, event, "an event was changed after names were erased from it"
    for account, event in _found(NAMED_AGAIN):
        yield account, event, "an event says something where a person was erased"


def _found(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[Any] = cursor.fetchall()
    return rows
