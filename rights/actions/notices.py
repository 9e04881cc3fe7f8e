"""The mails about links that exist: drawn up one by one, queued together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from colibox.lib import outbox
from rights.actions.grants import Difference
from rights.emails import links as emails
from rights.models import AccountLink


class Notice(NamedTuple):
    """Which e-mail goes out, once for its key, about whom, and what it is told."""

    email: outbox.Email
    key: str
    about: str
    facts: dict[str, Any]


def rights_changed(link: AccountLink, difference: Difference, *, by: AccountLink) -> Notice:
    """The one mail of a save."""
    return rights_moved(link.pk, str(link.uuid), link.version, difference, by=by)


def rights_moved(link: int, uuid: str, version: int, difference: Difference, *, by: AccountLink) -> Notice:
    """The same, about somebody of whom no more is read."""
    facts = {"link": link, "gained": sorted(difference.gained), "lost": sorted(difference.lost), "by": str(by)}
    return Notice(emails.rights_changed, f"rights:{uuid}:{version}", uuid, facts)


def about_access(link: AccountLink, email: outbox.Email, *, by: AccountLink) -> Notice:
    """A mail about what just happened to a link."""
    key = f"{email.name}:{link.uuid}:{link.version}"
    return Notice(email, key, str(link.uuid), {"link": link.pk, "by": str(by)})


def send(
    notices: Iterable[Notice], *, by: AccountLink, priority: outbox.Mail.Priority = outbox.Mail.Priority.INTERACTIVE
) -> None:
    """Queue notices about people of the account of `by`: a statement for each e-mail there is among them."""
    letters: defaultdict[outbox.Email, list[tuple[str, str, dict[str, Any]]]] = defaultdict(list)
    for email, key, about, facts in notices:
        letters[email].append((key, about, facts))
    for email, each in letters.items():
        outbox.queue_each(email, each, account_id=by.account_id, priority=priority)
