"""The trace: one function that writes an event in the transaction of the change it tells."""

from __future__ import annotations

from uuid import UUID

from accounts.models import AuditEvent, Facts
from colibox.lib import origin
from users.models import User


def event(
    verb: str,
    *,
    by: User | None,
    account_id: int | None = None,
    subject: UUID | None = None,
    subject_name: str = "",
    before: Facts | None = None,
    after: Facts | None = None,
) -> AuditEvent:
    """An event not yet written, from the current origin; `by` is None when the portal itself acts."""
    where = origin.current()
    return AuditEvent(
        verb=verb,
        account_id=account_id,
        actor=by.uuid if by else None,
        actor_name=str(by)[:170] if by else "Colibox",
        subject=subject,
        subject_name=subject_name[:170],
        before=before or {},
        after=after or {},
        channel=where.channel,
        reference=where.reference,
        ip=where.ip,
        request_id=where.request_id,
    )


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
    """Write the event of a change."""
    new = event(
        verb,
        by=by,
        account_id=account_id,
        subject=subject,
        subject_name=subject_name,
        before=before,
        after=after,
    )
    # Ignoring conflicts, which cannot happen, spares the RETURNING: an event outside any account may be
    # written by whom it concerns and read back by nobody but the operators.
    AuditEvent.objects.bulk_create([new], ignore_conflicts=True)
