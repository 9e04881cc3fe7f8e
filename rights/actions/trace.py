"""How an event about a link is written."""

from __future__ import annotations

from accounts import audit
from accounts.models import Facts
from rights.models import AccountLink
from users.models import User


def record(
    verb: str, *, link: AccountLink, by: User | None, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Write the event of a change of this link, in its transaction."""
    told = event(verb, link=link, before=before, after=after)
    audit.record_many([told], by=by, account_id=link.account_id)


def event(verb: str, *, link: AccountLink, before: Facts | None = None, after: Facts | None = None) -> audit.Event:
    """The same event, not yet written."""
    return audit.Event(verb, link.uuid, str(link), before or {}, after or {})
