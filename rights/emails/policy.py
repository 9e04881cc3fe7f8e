"""The e-mail about a second factor that an account requires; rendered when it leaves, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
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
