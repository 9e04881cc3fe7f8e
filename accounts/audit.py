"""The trace: one function that writes events in the transaction of the changes they tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.models import AuditEvent, Facts
from colibox.lib import origin
from colibox.lib.database import insert
from users.models import User

LONGEST_NAME = 170


@dataclass(slots=True)
class Event:
    """What an event says besides who acted and where: what was done, on whom, what was and what is."""

    verb: str
    subject: UUID | str | None = None
    subject_name: str = ""
    before: Facts = field(default_factory=dict)
    after: Facts = field(default_factory=dict)


def record_many(events: Iterable[Event], *, by: User | None, account_id: int | None = None) -> None:
    """Write the events of changes on one account, or outside any; `by` is None when the portal or the carrier acts."""
    where = origin.current()
    by = None if where.carrier else by
    insert(
        AuditEvent,
        ("verb", "subject", "subject_name", "before", "after"),
        map(_row, events),
        account_id=account_id,
        actor=by.uuid if by else None,
        actor_name=str(by)[:LONGEST_NAME] if by else "Colibox",
        channel=where.channel,
        reference=where.reference,
        ip=where.ip,
        request_id=where.request_id,
    )


def _row(told: Event) -> tuple[Any, ...]:
    subject = str(told.subject) if told.subject else None
    return told.verb, subject, told.subject_name[:LONGEST_NAME], told.before, told.after


def record(
    verb: str,
    *,
    by: User | None,
    account_id: int | None = None,
    subject: UUID | None = None,
    subject_name: str = "",
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Write the event of one change."""
    record_many([Event(verb, subject, subject_name, before or {}, after or {})], by=by, account_id=account_id)
