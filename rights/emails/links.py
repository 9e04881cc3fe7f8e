"""The e-mails about links and keys, one function each; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from colibox.lib import keys, outbox, tenancy
from rights import catalogue
from rights.emails import dates
from rights.keys import keyring
from rights.models import AccountLink, ConnectionKey
from users.models import User

State = AccountLink.State


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    """These links with their people and rights."""
    found = AccountLink.objects.select_related("account", "user", "invitee", "invited_by", "profile").in_bulk(keys)
    prefetch_related_objects(list(found.values()), "grants")
    return found


def _compose(
    template: str, link: AccountLink, *, to: User | None = None, path: str, button: Promise, **context: Any
) -> EmailMultiAlternatives:
    """A mail with one button: to the person of the link, unless it is to somebody else; in the reader's language."""
    return outbox.compose(
        template=f"rights/emails/{template}",
        to=to.email if to else link.recipient,
        language=to.language if to else link.recipient_language,
        context={
            "link": link,
            "account": link.account,
            "button_url": f"{settings.PUBLIC_BASE_URL}{path}",
            "button_label": button,
            **context,
        },
    )


def _labels(link: AccountLink, codes: Iterable[str]) -> tuple[str, ...]:
    """The labels of these rights in the language of the person of the link."""
    return _labels_in(link.recipient_language, frozenset(codes))


@lru_cache
def _labels_in(language: str, codes: frozenset[str]) -> tuple[str, ...]:
    with translation.override(language):
        return tuple(catalogue.labels(codes))


@outbox.email(link=_links)
def invitation(*, link: AccountLink | None, generation: int) -> EmailMultiAlternatives | None:
    """Finish your sign-up; or, to somebody who exists already, accept this link."""
    if link is None or link.state != State.INVITED or link.generation != generation:
        return None
    if link.invitee:
        return _invite(
            "link_request", link, path=reverse("rights:request", args=[link.uuid]), button=_("See the request")
        )
    token = keys.invitation_token(str(link.uuid), generation)
    return _invite("invitation", link, path=reverse("rights:invitation", args=[token]), button=_("Finish my sign-up"))


def _invite(template: str, link: AccountLink, *, path: str, button: Promise) -> EmailMultiAlternatives:
    """One of the mails of which an import sends thousands: only the own words differ."""
    return outbox.compose(
        template=f"rights/emails/{template}",
        to=link.recipient,
        language=link.recipient_language,
        context={
            "company": link.account.company,
            "number": link.account.number,
            "inviter": str(link.invited_by or "Colibox"),
            "deadline": link.expires_at and link.expires_at.replace(second=0, microsecond=0),
            "rights": _labels(link, (grant.right for grant in link.grants.all())),
            "days": _days(link),
            "named": link.user is not None,
            "button_label": button,
        },
        own={
            "name": link.full_name,
            "username": link.username,
            "button_url": f"{settings.PUBLIC_BASE_URL}{path}",
        },
    )


def _days(link: AccountLink) -> str:
    """From when until when the access will be open, in the language of the person of the link."""
    if link.starts_on is None and link.ends_on is None:
        return ""
    with translation.override(link.recipient_language):
        return dates.bounds(link)


@outbox.email(link=_links)
def rights_changed(
    *, link: AccountLink | None, gained: list[str], lost: list[str], by: str
) -> EmailMultiAlternatives | None:
    """The rights given, changed or withdrawn by one save."""
    if link is None or link.user is None:
        return None
    return _compose(
        "rights_changed",
        link,
        path=reverse("rights:my_rights"),
        button=_("See my rights"),
        by=by,
        gained=_labels(link, gained),
        lost=_labels(link, lost),
    )


@outbox.email(link=_links)
def suspended(*, link: AccountLink | None, by: str) -> EmailMultiAlternatives | None:
    """The access is suspended; rights are kept."""
    return _about_access("suspended", link, by=by)


@outbox.email(link=_links)
def reactivated(*, link: AccountLink | None, by: str) -> EmailMultiAlternatives | None:
    """The access is open again."""
    return _about_access("reactivated", link, by=by)


@outbox.email(link=_links)
def link_ended(*, link: AccountLink | None, by: str) -> EmailMultiAlternatives | None:
    """The link to the account is removed."""
    return _about_access("link_ended", link, by=by)


def _about_access(template: str, link: AccountLink | None, *, by: str) -> EmailMultiAlternatives | None:
    if link is None:
        return None
    return _compose(template, link, path=reverse("home"), button=_("Open Colibox"), by=by)


@outbox.email(link=_links)
def ready(*, link: AccountLink | None, new: bool) -> EmailMultiAlternatives | None:
    """The access is open, and what it opens; to who was new here, with the user name that they sign in with."""
    if link is None or link.user is None or link.state != State.ACTIVE:
        return None
    given = _labels(link, (grant.right for grant in link.grants.all()))
    return _compose("ready", link, path=reverse("home"), button=_("Open Colibox"), new=new, given=given)


@outbox.email(link=_links)
def refused(*, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To who answers for the access: the person declined."""
    return _to_giver("refused", link)


@outbox.email(link=_links)
def left(*, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To who answers for the access: the person left the account."""
    return _to_giver("left", link)


@outbox.email(link=_links)
def asked_again(*, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To who answers for the access: the invitation expired and the person asks for a new one."""
    return _to_giver("asked_again", link)


def _to_giver(template: str, link: AccountLink | None) -> EmailMultiAlternatives | None:
    reader = dates.giver(link) if link else None
    if link is None or reader is None:
        return None
    if link.state == State.ENDED:
        path, button = reverse("rights:users", args=[link.account.number]), _("See the users")
    else:
        path, button = reverse("rights:person", args=[link.account.number, link.uuid]), _("See this person")
    return _compose(template, link, to=reader, path=path, button=button, reader=reader)


# Connection keys: to their owner, never the key itself.


def _connection_keys(keys: Collection[int]) -> dict[int, ConnectionKey]:
    return ConnectionKey.objects.select_related("user").in_bulk(keys)


@outbox.email(issued=_connection_keys)
def connection_key_issued(*, issued: ConnectionKey | None) -> EmailMultiAlternatives | None:
    """A key was made."""
    text = _("A connection key to the web services was just made with your user name.")
    return _about_key("connection_key", issued, title=_("A new connection key"), text=text)


@outbox.email(issued=_connection_keys, former=_connection_keys)
def connection_key_rotated(
    *, issued: ConnectionKey | None, former: ConnectionKey | None
) -> EmailMultiAlternatives | None:
    """A key was replaced; until when the former one works."""
    text = _("It takes the place of a former key, with the same name and the same reach.")
    title = _("A connection key was replaced")
    return _about_key("connection_key", issued, title=title, text=text, former=former)


@outbox.email(issued=_connection_keys)
def connection_key_changed(*, issued: ConnectionKey | None) -> EmailMultiAlternatives | None:
    """A key was renamed, or opens something else."""
    text = _("Its name, or what it opens, was just changed.")
    return _about_key("connection_key", issued, title=_("A connection key was changed"), text=text)


@outbox.email(issued=_connection_keys)
def connection_key_ended(*, issued: ConnectionKey | None) -> EmailMultiAlternatives | None:
    """A key was ended."""
    text = _("It was just ended: software that still uses it is refused.")
    return _about_key("connection_key", issued, title=_("A connection key was ended"), text=text)


@outbox.email(issued=_connection_keys)
def connection_key_ends(*, issued: ConnectionKey | None, days: int) -> EmailMultiAlternatives | None:
    """A key ends in so many days, or has ended when there are none left; not if it was replaced meanwhile."""
    if issued is None or issued.revoked_at or not issued.user.is_active:
        return None
    return _about_key("connection_key_ends", issued, days=days)


def _about_key(template: str, key: ConnectionKey | None, **context: Any) -> EmailMultiAlternatives | None:
    if key is None:
        return None
    with translation.override(key.user.language), tenancy.scope(user=key.user_id):
        [described] = keyring.describe([key])
    return outbox.compose(
        template=f"rights/emails/{template}",
        to=key.user.email,
        language=key.user.language,
        context={
            "key": key,
            "described": described,
            "button_url": f"{settings.PUBLIC_BASE_URL}{reverse('rights:key', args=[key.uuid])}",
            "button_label": _("See the key"),
            **context,
        },
    )
