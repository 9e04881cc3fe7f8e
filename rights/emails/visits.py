"""The e-mail about a support visit: to who was looked at, and to the owners of their accounts."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from colibox.lib import outbox, tenancy
from rights.models import SupportVisit
from users.models import User


def _visits(keys: Collection[int]) -> dict[int, SupportVisit]:
    """The carrier's own rows, which no account has in reach."""
    with tenancy.everything():
        return SupportVisit.objects.select_related("staff", "person").in_bulk(keys)


def _people(keys: Collection[int]) -> dict[int, User]:
    return User.objects.in_bulk(keys)


@outbox.email(visit=_visits, user=_people)
def support_visit(*, visit: SupportVisit | None, user: User | None) -> EmailMultiAlternatives | None:
    """Who of the carrier's staff looks at the portal as whom, why and until when."""
    if visit is None or user is None or not user.is_active:
        return None
    return outbox.compose(
        template="rights/emails/support_visit",
        to=user.email,
        language=user.language,
        context={
            "visit": visit,
            "reader": user,
            "own": user == visit.person,
            "support": settings.SUPPORT,
            "button_url": f"{settings.PUBLIC_BASE_URL}{reverse('home')}",
            "button_label": _("Open Colibox"),
        },
    )
