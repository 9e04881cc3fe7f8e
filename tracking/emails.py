"""The e-mails about parcels, one function each; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from colibox.lib import outbox
from tracking.models import Claim, ClaimMessage
from tracking.scopes import scopes_of


def _claims(keys: Collection[int]) -> Mapping[int, Claim]:
    return Claim.objects.select_related("account", "parcel", "by").in_bulk(keys)


def _messages(keys: Collection[int]) -> Mapping[int, ClaimMessage]:
    return ClaimMessage.objects.in_bulk(keys)


@outbox.email(claim=_claims, message=_messages)
def claim_answered(*, claim: Claim | None, message: ClaimMessage | None) -> EmailMultiAlternatives | None:
    """To whoever filed a claim: what customer service answered."""
    return _to_claimant("claim_answered", claim, text=message.text) if message else None


@outbox.email(claim=_claims)
def claim_closed(*, claim: Claim | None) -> EmailMultiAlternatives | None:
    """To whoever filed a claim: customer service closed it."""
    return _to_claimant("claim_closed", claim) if claim and not claim.is_open else None


def _to_claimant(template: str, claim: Claim | None, **context: Any) -> EmailMultiAlternatives | None:
    if claim is None or claim.by is None or not _still_follows(claim):
        return None
    return outbox.compose(
        template=f"tracking/emails/{template}",
        to=claim.by.email,
        language=claim.by.language,
        context={
            "claim": claim,
            "account": claim.account,
            "person": claim.by,
            "button_url": f"{settings.PUBLIC_BASE_URL}{reverse('tracking:claim', args=[claim.uuid])}",
            "button_label": _("Open the claim"),
            **context,
        },
    )


def _still_follows(claim: Claim) -> bool:
    """Whether whoever filed it may still read it: a right withdrawn meanwhile closes the letter box too."""
    if claim.by is None or not claim.by.is_active:
        return False
    return Claim.objects.seen(scopes_of(claim.by)).filter(pk=claim.pk).exists()
