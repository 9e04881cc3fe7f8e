"""The e-mails about links, one function each; rendered when they leave, None when no longer true."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from colibox.lib import keys, outbox
from rights import catalogue
from rights.models import AccountLink

State = AccountLink.State


def _link(pk: int) -> AccountLink | None:
    return AccountLink.objects.select_related("account", "user", "invitee", "invited_by").filter(pk=pk).first()


def _compose(template: str, link: AccountLink, **context: Any) -> EmailMultiAlternatives:
    """A mail to the person of the link, in their language."""
    return outbox.compose(
        template=f"rights/emails/{template}",
        to=link.recipient,
        language=link.recipient_language,
        context={"link": link, "account": link.account, **context},
    )


@outbox.email
def invitation(*, link: int, generation: int) -> EmailMultiAlternatives | None:
    """E-mail 1: finish your sign-up, or, to somebody who exists already, accept this link."""
    found = _link(link)
    if found is None or found.state != State.INVITED or found.generation != generation:
        return None
    if found.invitee:
        path = reverse("rights:request", args=[found.uuid])
        return _compose("link_request", found, path=path)
    path = reverse("rights:invitation", args=[keys.invitation_token(str(found.uuid), generation)])
    return _compose("invitation", found, path=path)


@outbox.email
def rights_changed(*, link: int, gained: list[str], lost: list[str], by: str) -> EmailMultiAlternatives | None:
    """E-mail 2: the rights given, changed or withdrawn by one save."""
    found = _link(link)
    if found is None or found.user is None:
        return None
    return _compose(
        "rights_changed", found, by=by, gained=catalogue.labels(gained), lost=catalogue.labels(lost)
    )  # fmt: skip


@outbox.email
def suspended(*, link: int, by: str) -> EmailMultiAlternatives | None:
    """The access is suspended; rights are kept."""
    found = _link(link)
    return _compose("suspended", found, by=by) if found else None


@outbox.email
def reactivated(*, link: int, by: str) -> EmailMultiAlternatives | None:
    """The access is open again."""
    found = _link(link)
    return _compose("reactivated", found, by=by) if found else None


@outbox.email
def link_ended(*, link: int, by: str) -> EmailMultiAlternatives | None:
    """The link to the account is removed."""
    found = _link(link)
    return _compose("link_ended", found, by=by) if found else None


def _compose_to_inviter(template: str, pk: int) -> EmailMultiAlternatives | None:
    link = _link(pk)
    if link is None or link.invited_by is None:
        return None
    return outbox.compose(
        template=f"rights/emails/{template}",
        to=link.invited_by.email,
        language=link.invited_by.language,
        context={
            "link": link,
            "account": link.account,
            "path": reverse("rights:person", args=[link.account.number, link.uuid]),
        },
    )


@outbox.email
def refused(*, link: int) -> EmailMultiAlternatives | None:
    """To who invited: the person declined."""
    return _compose_to_inviter("refused", link)


@outbox.email
def left(*, link: int) -> EmailMultiAlternatives | None:
    """To who invited: the person left the account."""
    return _compose_to_inviter("left", link)


@outbox.email
def asked_again(*, link: int) -> EmailMultiAlternatives | None:
    """To who invited: the invitation expired and the person asks for a new one."""
    return _compose_to_inviter("asked_again", link)
