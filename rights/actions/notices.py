"""The mails about links that exist, drafted."""

from __future__ import annotations

from colibox.lib import outbox
from rights.actions.grants import Difference
from rights.emails import links as emails
from rights.models import AccountLink


def rights_changed(link: AccountLink, difference: Difference, *, by: AccountLink) -> outbox.Mail:
    """The one mail of a save."""
    return outbox.draft(
        emails.rights_changed,
        key=f"rights:{link.uuid}:{link.version}",
        account_id=link.account_id,
        about=link.uuid,
        link=link.pk,
        gained=sorted(difference.gained),
        lost=sorted(difference.lost),
        by=str(by),
    )


def about_access(link: AccountLink, email: outbox.Email, *, by: AccountLink) -> outbox.Mail:
    """A mail about what just happened to a link."""
    return outbox.draft(
        email,
        key=f"{email.name}:{link.uuid}:{link.version}",
        account_id=link.account_id,
        about=link.uuid,
        link=link.pk,
        by=str(by),
    )
