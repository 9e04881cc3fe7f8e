"""The e-mails about reviews of access; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from colibox.lib import outbox
from rights.models import AccountLink, Campaign, ReviewedLink


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    return AccountLink.objects.select_related("account", "user").in_bulk(keys)


def _campaigns(keys: Collection[int]) -> dict[int, Campaign]:
    return Campaign.objects.in_bulk(keys)


@outbox.email(link=_links, campaign=_campaigns)
def review_ends(*, link: AccountLink | None, campaign: Campaign | None) -> EmailMultiAlternatives | None:
    """To an administrator: a review of access is to be finished soon."""
    if link is None or campaign is None or campaign.closed_at:
        return None
    if not (link.administers and link.state == AccountLink.State.ACTIVE):
        return None
    return outbox.compose(
        template="rights/emails/review_ends",
        to=link.recipient,
        language=link.recipient_language,
        context={
            "name": link.full_name,
            "account": link.account,
            "campaign": campaign,
            "waiting": ReviewedLink.objects.filter(campaign=campaign).waiting().count(),
            "button_url": settings.PUBLIC_BASE_URL + _address(link, campaign),
            "button_label": _("Go on with the review"),
        },
    )


def _address(link: AccountLink, campaign: Campaign) -> str:
    return reverse("rights:review", args=[link.account.number, campaign.uuid]) + "?status=undecided"
