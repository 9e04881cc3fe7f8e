"""How people are asked to come: new standard users, new or existing advanced ones, and asking again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from colibox.lib import outbox, tenancy, throttle
from rights import bounds
from rights.actions import applying, grants, spans, trace
from rights.actions.applying import Chosen
from rights.actions.many import creating, known
from rights.actions.many.inviting import Newcomer, check_renews, invite, renew
from rights.actions.reach import check_manages, check_newcomer, check_reach, check_waiting, lock
from rights.actions.spans import ALWAYS, Span
from rights.models import AccountLink, Attachment
from users.actions import choosing_username
from users.models import User

State = AccountLink.State
INVITED_AN_HOUR = 5
"""How often one address is invited to one account, whatever became of the invitations before."""


@transaction.atomic
def create_standard(
    *,
    by: AccountLink,
    identity: dict[str, str],
    username: str,
    rights: Iterable[str],
    language: str,
    active: bool = True,
    profile: Chosen | None = None,
    span: Span = ALWAYS,
) -> AccountLink:
    """Create a standard user of the account; unless inactive, they are sent the link to choose a password.

    Without a user name who comes back gets the one they had, for others one is made of their name. Raises
    ValidationError on `username` when it is taken, on `rights` above the ceiling. A profile gives its own rights
    instead, as far as `by` may give them.
    """
    check_newcomer([], by)
    spans.check(span)
    given, chosen = _rights_of(by, rights, [], profile, kind=AccountLink.Kind.STANDARD)
    username = _former_name(by, identity, username) or propose_username(identity["first_name"], identity["last_name"])
    user = User(kind=User.Kind.STANDARD, username=username, language=language, **identity)
    user.set_unusable_password()
    with choosing_username(asker=by.uuid):
        user.save(force_insert=True)
    if active:
        _check_often(by, identity["email"])
    newcomer = Newcomer(user.identity(), given, language, profile=chosen, span=span, user_id=user.pk, username=username)
    state = State.INVITED if active else State.SUSPENDED
    link = _invite(newcomer, by=by, kind=AccountLink.Kind.STANDARD, state=state)
    if link is None:
        raise RuntimeError("A person who was just created has no link.")
    return link


def _former_name(by: AccountLink, identity: dict[str, str], username: str) -> str:
    """The user name asked for; where none or their own is, and they come back, the one they had, free again."""
    [gone] = creating.left(by.account_id, [identity])
    if gone is None or username.casefold() not in ("", gone.username.casefold()):
        return username
    creating.free_names([gone])
    return gone.username


@transaction.atomic
def invite_advanced(
    *,
    by: AccountLink,
    identity: dict[str, str],
    rights: Iterable[str],
    tags: list[str],
    language: str,
    profile: Chosen | None = None,
    span: Span = ALWAYS,
) -> AccountLink:
    """Invite a person by e-mail; the answer is the same whether they exist on the portal already or not.

    Raises ValidationError on `email` when the person is on this account, on `rights` and `tags`.
    """
    check_newcomer(tags, by)
    spans.check(span)
    given, chosen = _rights_of(by, rights, tags, profile)
    email = identity["email"]
    if known.addresses(by.account_id, AccountLink.Kind.ADVANCED, [email]):
        raise _already_here("email")
    _check_often(by, email)
    invitee = User.objects.advanced_with_emails([email]).get(email)
    newcomer = Newcomer(identity, given, language, tags, invitee, chosen, span)
    link = _invite(newcomer, by=by, kind=AccountLink.Kind.ADVANCED)
    if link is None:
        raise _already_here("email")
    return link


@transaction.atomic
def find_by_key(*, key: str, by: AccountLink) -> User | None:
    """The advanced user of this user key, if they can be linked; that somebody was found is written down."""
    check_manages(by)
    person = User.objects.filter(kind=User.Kind.ADVANCED, is_active=True, user_key=key).first()
    if person:
        audit.record(
            "user key found", by=by.user, account_id=by.account_id, subject=person.uuid, subject_name=str(person)
        )
    return person


@transaction.atomic
def request_link(
    *,
    by: AccountLink,
    person: User,
    rights: Iterable[str],
    tags: list[str],
    profile: Chosen | None = None,
    span: Span = ALWAYS,
) -> AccountLink:
    """Ask an advanced user, known by their user key, to take a link to the account.

    Until they accept, the account keeps only what lets it recognise them (or all, if the portal says so).
    Raises ValidationError on `rights`, `tags`, and on `user_key` when they are on the account already.
    """
    check_newcomer(tags, by)
    spans.check(span)
    if not person.is_advanced or not person.is_active:
        raise ValueError("Only advanced users can be linked.")
    given, chosen = _rights_of(by, rights, tags, profile)
    if AccountLink.objects.for_account(by.account).filter(user=person).exists():
        raise _already_here("user_key")
    _check_often(by, person.email)
    shown = card(person)
    masked = shown.pop("masked_email", "")
    newcomer = Newcomer(shown, given, person.language, tags, person.pk, chosen, span)
    link = _invite(newcomer, by=by, kind=AccountLink.Kind.ADVANCED, masked_email=masked)
    if link is None:
        raise _already_here("user_key")
    return link


def _rights_of(
    by: AccountLink,
    rights: Iterable[str],
    tags: list[str],
    profile: Chosen | None,
    *,
    kind: str = AccountLink.Kind.ADVANCED,
) -> tuple[frozenset[str], Chosen | None]:
    """What somebody new gets, and their profile. Raises ValidationError on `rights`, `tags` or `profile`."""
    if profile and profile.profile:
        return applying.for_newcomer(profile, kind=kind, tags=tags, by=by)
    asked = sorted(set(rights))
    grants.check(by, asked, kind)
    grants.check_choice(asked, tags)
    return frozenset(asked), None


def _invite(newcomer: Newcomer, *, by: AccountLink, **same: Any) -> AccountLink | None:
    """The new link, its grants, event and mail written; None when the account has one to this person.

    Who is invited by a local administrator belongs where that one does.
    """
    if not invite([newcomer], by=by, priority=outbox.Mail.Priority.INTERACTIVE, **same):
        return None
    link = AccountLink.objects.select_related("account").get(uuid=newcomer.uuid)
    for sub_account, site in bounds.places(by) if by.is_local else ():
        Attachment.objects.create(account_id=by.account_id, link=link, sub_account_id=sub_account, site_id=site)
    return link


def _check_often(by: AccountLink, address: str) -> None:
    """Count one invitation of an address, however it reads in capitals. Raises ValidationError on one too many."""
    if not throttle.allow(f"invited:{by.account_id}:{address.casefold()}", limit=INVITED_AN_HOUR, seconds=3600):
        raise ValidationError(_("This person was invited several times already: wait an hour."))


def _already_here(field: str) -> ValidationError:
    return ValidationError({field: _("This person is already on your account: change their rights instead.")})


def propose_username(first_name: str, last_name: str) -> str:
    """A free user name made of an initial and the last name: c.martin, else c.martin2."""
    [name] = creating.propose([(first_name, last_name)])
    return name


def card(person: User) -> dict[str, str]:
    """What an account sees of somebody who has not accepted: name, function, town, masked e-mail."""
    if settings.LINK_CARD_SHOWS_ALL:
        return person.identity()
    return {
        "last_name": person.last_name,
        "first_name": person.first_name,
        "function": person.function,
        "town": person.town,
        "country": str(person.country),
        "email": "",
        "masked_email": mask(person.email),
    }


def mask(email: str) -> str:
    """An e-mail of which only its owner's friends make something: c••••@s••••.fr."""
    name, _at, domain = email.partition("@")
    host, _dot, ending = domain.rpartition(".")
    return f"{name[:1]}••••@{host[:1]}••••.{ending}"


@transaction.atomic
def resend(*, link: AccountLink, by: AccountLink) -> AccountLink:
    """Invite again: 48 new hours, a new secret, the former one dead; rights and tags stay."""
    link = lock(link)
    check_reach(link, by)
    check_waiting(link)
    check_renews(link)
    renew([link], by=by, priority=outbox.Mail.Priority.INTERACTIVE)
    trace.record("invitation resent", by=by.user, link=link)
    return link


def expire_due() -> int:
    """Mark the invitations whose 48 hours are over by the database's clock; how many there were."""
    with transaction.atomic(), tenancy.everything():
        due = AccountLink.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        links = list(due.filter(state=State.INVITED, expires_at__lte=Now()).order_by("expires_at")[:1000])
        AccountLink.objects.filter(pk__in=[link.pk for link in links]).update(state=State.EXPIRED)
        trace.record_each("invitation expired", links)
    return len(links)
