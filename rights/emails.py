"""The e-mails about links, one function each; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from colibox.lib import keys, outbox
from rights import catalogue
from rights.models import AccountLink
from users.models import User

State = AccountLink.State


def _link(pk: int) -> AccountLink | None:
    return AccountLink.objects.select_related("account", "user", "invitee", "invited_by").filter(pk=pk).first()


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


def _labels(link: AccountLink, codes: Iterable[str]) -> list[str]:
    """The labels of these rights in the language of the person of the link."""
    with translation.override(link.recipient_language):
        return catalogue.labels(codes)


@outbox.email
def invitation(*, link: int, generation: int) -> EmailMultiAlternatives | None:
    """Finish your sign-up; or, to somebody who exists already, accept this link."""
    found = _link(link)
    if found is None or found.state != State.INVITED or found.generation != generation:
        return None
    rights = _labels(found, found.grants.values_list("right", flat=True))
    if found.invitee:
        path, button = reverse("rights:request", args=[found.uuid]), _("See the request")
        return _compose("link_request", found, path=path, button=button, rights=rights)
    path = reverse("rights:invitation", args=[keys.invitation_token(str(found.uuid), generation)])
    return _compose("invitation", found, path=path, button=_("Finish my sign-up"), rights=rights)


@outbox.email
def rights_changed(*, link: int, gained: list[str], lost: list[str], by: str) -> EmailMultiAlternatives | None:
    """The rights given, changed or withdrawn by one save."""
    found = _link(link)
    if found is None or found.user is None:
        return None
    return _compose(
        "rights_changed",
        found,
        path=reverse("rights:my_rights"),
        button=_("See my rights"),
        by=by,
        gained=_labels(found, gained),
        lost=_labels(found, lost),
    )


@outbox.email
def suspended(*, link: int, by: str) -> EmailMultiAlternatives | None:
    """The access is suspended; rights are kept."""
    return _about_access("suspended", link, by=by)


@outbox.email
def reactivated(*, link: int, by: str) -> EmailMultiAlternatives | None:
    """The access is open again."""
    return _about_access("reactivated", link, by=by)


@outbox.email
def link_ended(*, link: int, by: str) -> EmailMultiAlternatives | None:
    """The link to the account is removed."""
    return _about_access("link_ended", link, by=by)


def _about_access(template: str, pk: int, *, by: str) -> EmailMultiAlternatives | None:
    link = _link(pk)
    if link is None:
        return None
    return _compose(template, link, path=reverse("home"), button=_("Open Colibox"), by=by)


@outbox.email
def refused(*, link: int) -> EmailMultiAlternatives | None:
    """To who invited: the person declined."""
    return _to_inviter("refused", link)


@outbox.email
def left(*, link: int) -> EmailMultiAlternatives | None:
    """To who invited: the person left the account."""
    return _to_inviter("left", link)


@outbox.email
def asked_again(*, link: int) -> EmailMultiAlternatives | None:
    """To who invited: the invitation expired and the person asks for a new one."""
    return _to_inviter("asked_again", link)


def _to_inviter(template: str, pk: int) -> EmailMultiAlternatives | None:
    link = _link(pk)
    if link is None or link.invited_by is None:
        return None
    if link.state == State.ENDED:
        path, button = reverse("rights:users", args=[link.account.number]), _("See the users")
    else:
        path, button = reverse("rights:person", args=[link.account.number, link.uuid]), _("See this person")
    return _compose(template, link, to=link.invited_by, path=path, button=button)
