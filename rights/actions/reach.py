"""Who may act on which link, on which version of it and in which state."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rights.models import AccountLink

State = AccountLink.State


class Conflict(Exception):
    """Somebody else changed the link since it was read; `link` is how it is now."""

    def __init__(self, link: AccountLink) -> None:
        super().__init__(link)
        self.link = link


def lock(link: AccountLink, *, version: int | None = None) -> AccountLink:
    """The link as it is now, kept from others until the transaction ends; Conflict if its version is another."""
    current = AccountLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
    if version is not None and current.version != version:
        raise Conflict(current)
    return current


def check_manages(by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` manages the people of their account."""
    if not by.administers:
        raise ValidationError(_("You do not manage the people of this account."))


def refusal(link: AccountLink, by: AccountLink) -> str | None:
    """Why the holder of `by` may not act on this link, of an account they manage; None when they may."""
    if link.pk == by.pk:
        return _("You cannot change your own access.")
    if link.role == AccountLink.Role.OWNER:
        return _("The account's own administrator cannot be changed here.")
    return None


def check_reach(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` may act on this link: not their own, not the owner's."""
    check_manages(by)
    if link.account_id != by.account_id:
        raise ValidationError(_("You do not manage the people of this account."))
    check_others(link, by)


def check_others(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError unless this link of the account they manage is neither their own nor the owner's."""
    if (reason := refusal(link, by)) is not None:
        raise ValidationError(reason)


def check_waiting(link: AccountLink) -> None:
    """Raise ValidationError unless an invitation is waiting for an answer, or did in vain."""
    if link.state not in (State.INVITED, State.EXPIRED):
        raise ValidationError(_("%(person)s is no longer waiting for an invitation.") % {"person": link})


def check_active(link: AccountLink) -> None:
    """Raise ValidationError unless there is something to suspend."""
    if link.state != State.ACTIVE:
        raise ValidationError(_("Only an active access can be suspended; %(person)s has none.") % {"person": link})


def check_suspended(link: AccountLink) -> None:
    """Raise ValidationError unless there is something to take up again."""
    if link.state != State.SUSPENDED:
        raise ValidationError(_("%(person)s is not suspended.") % {"person": link})
