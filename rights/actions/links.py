"""What an administrator does to a link that exists: change it, suspend it, take it up again, end it."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import Facts
from colibox.lib import outbox
from rights.access import Ceiling
from rights.actions import applying, grants, notices, reopening, trace
from rights.actions.applying import Chosen
from rights.actions.invitations import resend
from rights.actions.many import writing
from rights.actions.reach import (
    check_active,
    check_reach,
    check_tags,
    lock,
    readdress_refusal,
    staying,
)
from rights.actions.reopening import check_reopens
from rights.emails import links as emails
from rights.models import AccountLink
from users import emails as users_emails
from users.models import User

State = AccountLink.State


@transaction.atomic
def change(
    *,
    link: AccountLink,
    by: AccountLink,
    rights: Iterable[str],
    tags: list[str],
    version: int,
    identity: dict[str, str] | None = None,
    profile: Chosen | None = None,
) -> grants.Difference:
    """Save rights and tags, and the identity of a standard user; one mail tells what is gained and lost.

    `profile` is another one to follow or to copy, or none; it stays as it is when None. Who follows one and gets
    other rights by hand has a copy of it from then on.

    Raises Conflict when somebody saved in between, ValidationError on `rights`, `tags` or identity fields.
    """
    chosen = applying.held(profile or Chosen(link.profile), account_id=by.account_id)
    link = lock(link, version=version)
    check_reach(link, by)
    check_tags(link.tags, tags, by)
    before = _facts(link)
    if identity is not None:
        _change_identity(link, identity, by=by)
    retagged, link.tags = set(link.tags) != set(tags), tags
    asked = chosen if profile else None
    difference, taken = applying.settle(link, set(rights), asked, retagged=retagged, by=by)
    if taken:
        link.profile, link.follows_profile = taken.profile, taken.follows
        link.profile_at = Now() if taken.profile else None
    link.version += 1
    link.save()
    _record_change(link, before, by=by)
    if difference and link.state == State.ACTIVE:
        tell_rights(link, difference, by=by)
    if link.state == State.INVITED and link.email != before["email"]:
        resend(link=link, by=by)  # the secret sent to the former address must not open the account
    return difference


def _facts(link: AccountLink) -> Facts:
    """What a change may touch, as the trace tells it."""
    rights = sorted(link.grants.values_list("right", flat=True))
    profile = {"profile": link.profile.name if link.profile else "", "follows_profile": link.follows_profile}
    return {**link.identity(), "tags": link.tags, "rights": rights, **profile}


def _record_change(link: AccountLink, before: Facts, *, by: AccountLink) -> None:
    after = _facts(link)
    changed = [name for name in after if after[name] != before[name]]
    if "follows_profile" in changed:
        changed.append("profile")  # the same one, now copied or followed
    if changed:
        trace.record(
            "person changed",
            by=by.user,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            link=link,
        )


def _change_identity(link: AccountLink, identity: dict[str, str], *, by: AccountLink) -> None:
    """Write a standard user's identity, on the person and on the link; a new address is told to the former."""
    if link.kind != AccountLink.Kind.STANDARD or link.user is None:
        raise ValidationError(_("An advanced user changes their own data."))
    moved = identity.get("email", link.email) != link.email
    if moved and (reason := readdress_refusal(link, Ceiling(by))):
        raise ValidationError({"email": reason})
    former = link.user.email
    for name, value in identity.items():
        setattr(link, name, value)
        setattr(link.user, name, value)
    link.user.save(update_fields=list(identity))
    if link.accepted and link.email != former:
        outbox.queue(users_emails.email_changed, user=link.user.pk, former=former)


def tell_rights(link: AccountLink, difference: grants.Difference, *, by: AccountLink) -> None:
    """Queue the one mail of a save."""
    notices.send([notices.rights_changed(link, difference, by=by)], by=by)


@transaction.atomic
def suspend(*, link: AccountLink, by: AccountLink) -> None:
    """Close what the link opens, from the next request on; rights and tags are kept."""
    link = lock(link)
    check_reach(link, by)
    check_active(link)
    _move(link, State.SUSPENDED, "person suspended", by=by)
    _tell(link, emails.suspended, by=by)


@transaction.atomic
def reactivate(*, link: AccountLink, by: AccountLink) -> None:
    """Open a suspended link again; who never finished their sign-up is invited instead."""
    link = lock(link)
    check_reach(link, by)
    check_reopens(link, grants.given([link])[link.pk], Ceiling(by), reopening.suspended_by([link], by))
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
    if reason := staying(link, by):
        raise ValidationError(reason)
    close(link, verb="link removed", by=by.user)
    _tell(link, emails.link_ended, by=by)


def close(link: AccountLink, *, verb: str, by: User | None) -> None:
    """End a locked link: its grants go, its invitation dies, its history stays."""
    if link.state == State.ENDED:
        raise ValidationError(_("This link is already removed."))
    writing.end([link], verb=verb, by=by)


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
        notices.send([notices.about_access(link, email, by=by)], by=by)
