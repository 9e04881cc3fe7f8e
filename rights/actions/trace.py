"""How an event about a link is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

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


def record_each(
    verb: str, links: Iterable[AccountLink], *, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Write the same event about each of these links, by nobody: a statement for each account they are of."""
    accounts: defaultdict[int, list[audit.Event]] = defaultdict(list)
    for link in links:
        accounts[link.account_id].append(event(verb, link=link, before=before, after=after))
    for account_id, events in accounts.items():
        audit.record_many(events, by=None, account_id=account_id)
