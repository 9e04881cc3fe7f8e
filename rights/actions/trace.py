"""How an event about a link is written."""

from __future__ import annotations

from accounts import audit
from accounts.models import AuditEvent, Facts
from rights.models import AccountLink
from users.models import User


def record(
    verb: str, *, link: AccountLink, by: User | None, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Write the event of a change of this link, in its transaction."""
    event(verb, link=link, by=by, before=before, after=after).save(force_insert=True)


def event(
    verb: str, *, link: AccountLink, by: User | None, before: Facts | None = None, after: Facts | None = None
) -> AuditEvent:
    """The same event, not yet written."""
    return audit.event(
        verb,
        by=by,
        account_id=link.account_id,
        subject=link.uuid,
        subject_name=str(link),
        before=before,
        after=after,
    )
