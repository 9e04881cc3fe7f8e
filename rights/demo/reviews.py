"""Reviews of access of the demonstration: one that is done, and one that is open and has suggestions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from rights.actions.reviews import close_review, decide, open_review
from rights.models import AccountLink, Campaign, ReviewedLink
from users.models import User

SETTLED = ("m.oconnor", "k.leguilloux")
"""Who is there for long: a provider not seen for months, and an integrator whose programs are silent."""
GONE = "m.oconnor"


def build(owner: AccountLink) -> None:
    """Make them once; nothing is suspended or reduced."""
    if Campaign.objects.filter(account=owner.account).exists():
        return
    now = timezone.now()
    links = AccountLink.objects.filter(account=owner.account, username__in=SETTLED)
    for link in links:
        link.grants.update(given_at=now - timedelta(days=200))
    links.update(invited_at=now - timedelta(days=201), accepted_at=now - timedelta(days=200))
    User.objects.filter(username=GONE).update(last_login=now - timedelta(days=120))
    with override(owner.recipient_language):
        _done(owner, now - timedelta(days=92))
        open_review(by=owner, name=_named(now), deadline=timezone.localdate() + timedelta(days=21))


def _named(moment: datetime) -> str:
    return _("Access review, %(month)s") % {"month": date_format(moment, "F Y")}


def _done(owner: AccountLink, opened: datetime) -> None:
    """A review in which everybody was kept; its days are those of a quarter ago."""
    campaign = open_review(by=owner, name=_named(opened), deadline=timezone.localdate() + timedelta(days=1))
    rows = ReviewedLink.objects.filter(campaign=campaign)
    decide(campaign=campaign, rows=rows, decision=ReviewedLink.Decision.KEEP, by=owner)
    close_review(campaign=campaign, by=owner)
    closed = opened + timedelta(days=12)
    Campaign.objects.filter(pk=campaign.pk).update(
        opened_at=opened, deadline=timezone.localdate(opened + timedelta(days=21)), closed_at=closed
    )
    rows.exclude(decision="").update(decided_at=closed - timedelta(hours=3))
    rows.filter(last_used_at__gt=opened).update(last_used_at=opened - timedelta(days=4))
