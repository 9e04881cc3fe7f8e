"""Who administers: naming administrators, local ones and membership managers, and taking the role away."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from colibox.lib import outbox
from rights.actions import trace
from rights.actions.reach import check_others, lock
from rights.emails import handovers as handover_emails
from rights.models import AccountLink

Role, State = AccountLink.Role, AccountLink.State


def roles_given_by(by: AccountLink) -> list[AccountLink.Role]:
    """The roles that somebody may give and take away: those below their own, to whoever administers."""
    return [role for role in Role if by.administers and AccountLink.RANKS[role] < by.rank]


def refusal(link: AccountLink, by: AccountLink) -> str:
    """Why the role of this link is not for the holder of `by` to change; empty when it is."""
    try:
        _check(link, by)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@transaction.atomic
def set_role(*, link: AccountLink, by: AccountLink, role: str) -> AccountLink:
    """Make this the role of somebody, and tell them; ownership is handed over, never given.

    Rights are neither given nor withdrawn: an administrator holds all of them for as long as they are one.
    """
    by, link = lock(by), lock(link)
    _check(link, by)
    if role not in roles_given_by(by):
        raise ValidationError(_("You cannot give this role."))
    if role != Role.MEMBER and (link.state != State.ACTIVE or not link.accepted):
        raise ValidationError(_("%(person)s must have an active access first.") % {"person": link})
    before = link.role
    if role != before:
        link.role = role
        link.version += 1
        link.save(update_fields=["role", "version"])
        trace.record("role changed", link=link, by=by.user, before={"role": before}, after={"role": role})
        _tell(link, by, before)
    return link


def _check(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError unless `by` may give this person a role, or take theirs away."""
    if not by.administers or by.account_id != link.account_id or by.state != State.ACTIVE:
        raise ValidationError(_("Only administrators give roles."))
    check_others(link, by)
    if link.state == State.ENDED:
        raise ValidationError(_("This link is already removed."))


def _tell(link: AccountLink, by: AccountLink, before: str) -> None:
    outbox.queue(
        handover_emails.role_changed,
        key=f"role:{link.uuid}:{link.version}",
        account_id=link.account_id,
        about=link.uuid,
        link=link.pk,
        before=before,
        after=str(link.role),
        by=str(by),
    )
