"""The trace: one function that writes an event in the transaction of the change it tells."""

from __future__ import annotations

from typing import TypedDict, Unpack
from uuid import UUID

from accounts.models import AuditEvent, Facts
from colibox.lib import origin
from users.models import User


class Told(TypedDict, total=False):
    """What an event may say besides its verb and who acted."""

    account_id: int | None
    subject: UUID | None
    subject_name: str
    before: Facts | None
    after: Facts | None


def event(verb: str, *, by: User | None, **told: Unpack[Told]) -> AuditEvent:
    """An event not yet written, from the current origin; `by` is None when the portal itself acts."""
    where = origin.current()
    return AuditEvent(
        verb=verb,
        account_id=told.get("account_id"),
        actor=by.uuid if by else None,
        actor_name=str(by)[:170] if by else "Colibox",
        subject=told.get("subject"),
        subject_name=told.get("subject_name", "")[:170],
        before=told.get("before") or {},
        after=told.get("after") or {},
        channel=where.channel,
        reference=where.reference,
        ip=where.ip,
        request_id=where.request_id,
    )


def record(verb: str, *, by: User | None, **told: Unpack[Told]) -> None:
    """Write the event of a change."""
    # Ignoring conflicts, which cannot happen, spares the RETURNING: an event outside any account may be
    # written by whom it concerns and read back by nobody but the operators.
    AuditEvent.objects.bulk_create([event(verb, by=by, **told)], ignore_conflicts=True)
