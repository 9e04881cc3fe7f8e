"""The e-mail about a second factor that an account requires; rendered when it leaves, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from colibox.lib import outbox
from rights.models import AccountLink


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    return AccountLink.objects.select_related("account", "user").in_bulk(keys)


@outbox.email(link=_links)
def factor_required(*, link: AccountLink | None, day: str) -> EmailMultiAlternatives | None:
    """The account will let in nobody without a second factor: from when, and how to set one up."""
    if link is None or link.second_factor or link.state != AccountLink.State.ACTIVE:
        return None
    if str(link.account.second_factor_from) != day:
        return None
    return outbox.compose(
        template="rights/emails/factor_required",
        to=link.recipient,
        language=link.recipient_language,
        context={
            "name": link.full_name,
            "account": link.account,
            "day": date.fromisoformat(day),
            "in_force": link.paused,
            "button_url": settings.PUBLIC_BASE_URL + reverse("mfa_index"),
            "button_label": _("Set up a second factor"),
        },
    )


@outbox.email(link=_links)
def factor_lifted(*, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """The account lets people in without a second factor again: to who was kept out."""
    if link is None or link.user is None or link.state != AccountLink.State.ACTIVE or link.account.second_factor_from:
        return None
    number, company = link.account.number, link.account.company
    with translation.override(link.recipient_language):
        title = gettext("The account %(number)s is open to you again") % {"number": number}
        text = gettext(
            "The account %(number)s (%(company)s) no longer requires a second factor: your access opens again with the"
            " rights that you had, and so do your connection keys."
        )
        lines = [text % {"number": number, "company": company}]
    return outbox.compose(
        template="rights/emails/lines",
        to=link.recipient,
        language=link.recipient_language,
        context={
            "reader": link.user,
            "title": title,
            "lines": lines,
            "button_url": settings.PUBLIC_BASE_URL + reverse("accounts:account", args=[number]),
            "button_label": _("Open Colibox"),
        },
    )
