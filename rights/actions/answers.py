"""What the person asked does: finish their sign-up, accept, refuse, ask for a new link, leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import CustomerAccount
from colibox.lib import keys, outbox, tenancy
from rights.actions import grants, trace
from rights.actions.keys import issue_first_key
from rights.actions.links import close
from rights.actions.reach import lock
from rights.emails import links as emails
from rights.models import AccountLink
from users.actions import choosing_username
from users.models import User

State = AccountLink.State


class DeadInvitation(Exception):
    """The invitation is unknown, used, expired or revoked: to its holder, all the same."""


def _lock_open(link: AccountLink) -> AccountLink:
    """The link, locked, if its invitation is still good by the database's clock."""
    good = AccountLink.objects.open_invitations().filter(account__state=CustomerAccount.State.OPEN)
    found = good.filter(pk=link.pk, token_digest=link.token_digest).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise DeadInvitation
    return found


@transaction.atomic
def accept_as_new_person(
    *, link: AccountLink, identity: dict[str, str], username: str, password: str, language: str
) -> tuple[User, str | None]:
    """Finish the sign-up of the person invited; they and, for an advanced user, their connection key.

    The address is the one invited, whatever was posted: reading its mail is what proved it. Raises
    DeadInvitation, or ValidationError on `username` and on `email` when that person exists by now.
    """
    with tenancy.scope(accounts=[link.account_id]):
        link = _lock_open(link)
        identity = {**identity, "email": link.email}
        user = _finish_standard(link, identity) if link.user else _new_advanced(link, identity, username)
        user.language = language
        user.set_password(password)
        _save_person(user, link)
        _activate(link, user, verb="invitation accepted")
    _claim_other_requests(user)
    return user, issue_first_key(user) if user.is_advanced else None


def _finish_standard(link: AccountLink, identity: dict[str, str]) -> User:
    user = User.objects.select_for_update(of=("self",), no_key=True).get(links=link)
    for name, value in identity.items():
        setattr(user, name, value)
    return user


def _new_advanced(link: AccountLink, identity: dict[str, str], username: str) -> User:
    if User.objects.advanced_with_email(link.email).exists():
        raise ValidationError({"email": _("You already have an account: sign in to accept this link.")})
    return User(kind=User.Kind.ADVANCED, username=username, user_key=keys.new_user_key(), **identity)


def _save_person(user: User, link: AccountLink) -> None:
    with choosing_username(asker=link.uuid):
        user.save()


def _claim_other_requests(user: User) -> None:
    """The other accounts that invited this address now ask somebody who exists."""
    with tenancy.everything():
        AccountLink.objects.filter(
            kind=user.kind,
            email__iexact=user.email,
            user=None,
            invitee=None,
            state__in=[State.INVITED, State.EXPIRED],
        ).update(invitee=user)


def _voucher(link: AccountLink) -> AccountLink:
    """Whoever asked for the link, while they still manage the account's people; nobody else vouches for it.

    For the owner of an account the carrier does.
    """
    if link.role == AccountLink.Role.OWNER:
        return link
    links = AccountLink.objects.active().filter(account=link.account_id, user__is_active=True).select_related("account")
    inviter = links.filter(user=link.invited_by_id).first() if link.invited_by_id else None
    if inviter is None or not inviter.manages:
        raise DeadInvitation
    return inviter


def _activate(link: AccountLink, user: User, *, verb: str) -> None:
    """Open the link for this person, under the ceiling of this moment, and tell them that it is open."""
    inviter = _voucher(link)
    dropped = grants.drop_above_ceiling(link, by=inviter)
    for name, value in user.identity().items():
        setattr(link, name, value)
    link.user, link.username, link.masked_email = user, user.username, ""
    link.state, link.accepted_at, link.token_digest = State.ACTIVE, Now(), None
    link.version += 1
    link.save()
    trace.record(verb, by=user, after={"state": State.ACTIVE, "dropped": dropped}, link=link)
    _tell(link, emails.ready, new=verb == "invitation accepted")


@transaction.atomic
def accept(*, link: AccountLink, user: User) -> None:
    """Take a link that an account asked for. Raises DeadInvitation, or ValidationError when they have it."""
    with tenancy.scope(accounts=[link.account_id], user=user.pk):
        link = _lock_open(link)
        _check_for(link, user)
        live = AccountLink.objects.for_account(link.account).filter(user=user)
        if live.exists():
            raise ValidationError(_("You are already linked to this account."))
        _activate(link, user, verb="link accepted")
        for other in AccountLink.objects.for_account(link.account).filter(invitee=user, user=None):
            close(lock(other), verb="link request replaced", by=user)


@transaction.atomic
def refuse(*, link: AccountLink, user: User) -> None:
    """Decline a link; the account's administrators see that it ended, and are told."""
    with tenancy.scope(accounts=[link.account_id], user=user.pk):
        link = _lock_open(link)
        _check_for(link, user)
        close(link, verb="link refused", by=user)
        _tell(link, emails.refused)


def _check_for(link: AccountLink, user: User) -> None:
    """Only the person asked may answer: known as such, or reading the mail of the address invited."""
    asked = link.invitee_id == user.pk if link.invitee_id else link.email.casefold() == user.email.casefold()
    if not (asked and user.is_advanced and link.kind == AccountLink.Kind.ADVANCED):
        raise DeadInvitation


@transaction.atomic
def leave(*, link: AccountLink, user: User) -> None:
    """Leave an account, of one's own will. Raises ValidationError to its owner and to a standard user."""
    with tenancy.scope(accounts=[link.account_id], user=user.pk):
        link = lock(link)
        if link.user_id != user.pk or link.state not in (State.ACTIVE, State.SUSPENDED):
            raise DeadInvitation
        if link.role == AccountLink.Role.OWNER or link.kind == AccountLink.Kind.STANDARD:
            raise ValidationError(_("You belong to this account: ask its administrator to remove your access."))
        close(link, verb="link left", by=user)
        _tell(link, emails.left)


@transaction.atomic
def ask_again(*, link: AccountLink) -> None:
    """Tell who answers for the access that a dead invitation is wanted after all; once a day at most, nothing else."""
    with tenancy.scope(accounts=[link.account_id]):
        link = lock(link)
        if link.state not in (State.INVITED, State.EXPIRED):
            return
        if link.asked_again_at and link.asked_again_at > timezone.now() - timedelta(days=1):
            return
        AccountLink.objects.filter(pk=link.pk).update(asked_again_at=Now())
        trace.record("new invitation asked", by=None, link=link)
        _tell(link, emails.asked_again)


def _tell(link: AccountLink, email: outbox.Email, **facts: Any) -> None:
    """Queue the mail about what just happened; whom it goes to is looked up when it leaves."""
    outbox.queue(
        email,
        key=f"{email.name}:{link.uuid}:{link.generation}:{link.version}",
        account_id=link.account_id,
        link=link.pk,
        **facts,
    )
