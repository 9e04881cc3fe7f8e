"""What an administrator does to a link that exists: change it, suspend it, take it up again, end it."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import Facts
from colibox.lib import outbox
from rights import emails
from rights.actions import grants, trace
from rights.actions.invitations import resend
from rights.models import AccountLink
from users.models import User

State = AccountLink.State


class Conflict(Exception):
    """Somebody else changed the link since it was read; `link` is how it is now."""

    def __init__(self, link: AccountLink) -> None:
        super().__init__(link)
        self.link = link


def lock(link: AccountLink, *, version: int | None = None) -> AccountLink:
    """The link as it is now, kept from others until the transaction ends; Conflict if it is no longer
    at this version."""
    current = AccountLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
    if version is not None and current.version != version:
        raise Conflict(current)
    return current


def check_reach(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` may act on this link: not their own, not the owner's."""
    if link.pk == by.pk:
        raise ValidationError(_("You cannot change your own access."))
    if link.role == AccountLink.Role.OWNER:
        raise ValidationError(_("The account's own administrator cannot be changed here."))
    if link.account_id != by.account_id or not by.administers:
        raise ValidationError(_("You do not manage the people of this account."))


@transaction.atomic
def change(
    *,
    link: AccountLink,
    by: AccountLink,
    rights: Iterable[str],
    tags: list[str],
    version: int,
    identity: dict[str, str] | None = None,
) -> grants.Difference:
    """Save rights and tags, and the identity of a standard user; one mail tells what is gained and lost.

    Raises Conflict when somebody saved in between, ValidationError on `rights`, `tags` or identity fields.
    """
    link = lock(link, version=version)
    check_reach(link, by)
    before: Facts = {"tags": link.tags, "rights": sorted(link.grants.values_list("right", flat=True))}
    if identity is not None:
        before |= _change_identity(link, identity)
    link.tags = tags
    difference = grants.set_rights(link, set(rights), by=by)
    _save(link)
    after = {"tags": tags, "rights": sorted(link.grants.values_list("right", flat=True)), **(identity or {})}
    if after != before:
        after = {key: value for key, value in after.items() if value != before.get(key)}
        trace.record(
            "person changed",
            by=by.user,
            before={key: before.get(key) for key in after},
            after=after,
            link=link,
        )
    if difference and link.state == State.ACTIVE:
        tell_rights(link, difference, by=by)
    return difference


def _change_identity(link: AccountLink, identity: dict[str, str]) -> dict[str, str]:
    """Write a standard user's identity, on the person and on the link; what it was."""
    if link.kind != AccountLink.Kind.STANDARD or link.user is None:
        raise ValidationError(_("An advanced user changes their own data."))
    before = link.identity()
    for name, value in identity.items():
        setattr(link, name, value)
        setattr(link.user, name, value)
    link.user.save(update_fields=list(identity))
    return before


def _save(link: AccountLink) -> None:
    link.version += 1
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError:
        raise ValidationError({"email": _("Another person of your account has this e-mail.")}) from None


def tell_rights(link: AccountLink, difference: grants.Difference, *, by: AccountLink) -> None:
    """Queue the one mail of a save."""
    outbox.queue(
        emails.rights_changed,
        key=f"rights:{link.uuid}:{link.version}",
        account_id=link.account_id,
        about=link.uuid,
        link=link.pk,
        gained=sorted(difference.gained),
        lost=sorted(difference.lost),
        by=str(by),
    )


@transaction.atomic
def suspend(*, link: AccountLink, by: AccountLink) -> None:
    """Close what the link opens, from the next request on; rights and tags are kept."""
    link = lock(link)
    check_reach(link, by)
    if link.state != State.ACTIVE:
        raise ValidationError(_("Only an active access can be suspended; %(person)s has none.") % {"person": link})
    _move(link, State.SUSPENDED, "person suspended", by=by)
    _tell(link, emails.suspended, by=by)


@transaction.atomic
def reactivate(*, link: AccountLink, by: AccountLink) -> None:
    """Open a suspended link again; who never finished their sign-up is invited instead."""
    link = lock(link)
    check_reach(link, by)
    if link.state != State.SUSPENDED:
        raise ValidationError(_("%(person)s is not suspended.") % {"person": link})
    if not link.accepted:
        _move(link, State.EXPIRED, "person reactivated", by=by)
        resend(link=link, by=by)
        return
    _move(link, State.ACTIVE, "person reactivated", by=by)
    _tell(link, emails.reactivated, by=by)


@transaction.atomic
def end(*, link: AccountLink, by: AccountLink) -> None:
    """Remove the link: the person keeps their other accounts; a standard user, who has none, cannot sign in."""
    link = lock(link)
    check_reach(link, by)
    close(link, verb="link removed", by=by.user)
    _tell(link, emails.link_ended, by=by)


def close(link: AccountLink, *, verb: str, by: User | None) -> None:
    """End a locked link: its grants go, its invitation dies, its history stays."""
    if link.state == State.ENDED:
        raise ValidationError(_("This link is already removed."))
    before = {"state": link.state, "rights": sorted(link.grants.values_list("right", flat=True))}
    link.grants.all().delete()
    link.state, link.token_digest, link.ended_at = State.ENDED, None, Now()
    link.version += 1
    link.save(update_fields=["state", "token_digest", "ended_at", "version"])
    if link.kind == AccountLink.Kind.STANDARD:
        User.objects.filter(links=link).update(is_active=False)
    trace.record(verb, by=by, before=before, after={"state": State.ENDED}, link=link)


def _move(link: AccountLink, state: str, verb: str, *, by: AccountLink) -> None:
    before = link.state
    link.state = state
    if link.state == State.EXPIRED and link.expires_at is None:
        link.expires_at = Now()
    link.version += 1
    link.save(update_fields=["state", "expires_at", "version"])
    trace.record(verb, by=by.user, before={"state": before}, after={"state": state}, link=link)


def _tell(link: AccountLink, email: outbox.Email, *, by: AccountLink) -> None:
    """Queue a mail about what just happened to an accepted link."""
    if link.accepted:
        outbox.queue(
            email,
            key=f"{email.__name__}:{link.uuid}:{link.version}",
            account_id=link.account_id,
            about=link.uuid,
            link=link.pk,
            by=str(by),
        )
