"""The e-mails about reviews of access; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from colibox.lib import outbox
from rights.models import AccountLink, Campaign, ReviewedLink
from rights.reviews.campaigns import progress

ON_ITS_OWN = gettext_noop(
    "For each person: keep the access, reduce it or suspend it. Nothing changes on its own at the deadline."
)


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    return AccountLink.objects.select_related("account", "user").in_bulk(keys)


def _campaigns(keys: Collection[int]) -> dict[int, Campaign]:
    return Campaign.objects.in_bulk(keys)


@outbox.email(link=_links, campaign=_campaigns)
def review_ends(*, link: AccountLink | None, campaign: Campaign | None) -> EmailMultiAlternatives | None:
    """To an administrator: a review of access is to be finished soon, or should have been."""
    if link is None or campaign is None or campaign.closed_at or not _reads(link):
        return None
    waiting = ReviewedLink.objects.filter(campaign=campaign).waiting().count()
    with translation.override(link.recipient_language):
        until = date_format(campaign.deadline, "SHORT_DATE_FORMAT")
        facts = {"name": campaign.name, "until": until, "n": waiting, **_account(link)}
        if campaign.is_late:
            title = _("The access review “%(name)s” was to end on %(until)s") % facts
        else:
            title = _("The access review “%(name)s” ends on %(until)s") % facts
        lines = [_left(waiting) % facts, _(ON_ITS_OWN)]
    button = gettext_lazy("Go on with the review")
    return _of_lines(link, campaign, title, lines, button=button, query="?status=undecided")


def _left(waiting: int) -> str:
    if not waiting:
        return _("On the account %(number)s (%(company)s), everybody is reviewed: the review can be closed.")
    return ngettext(
        "On the account %(number)s (%(company)s), %(n)s person is still to be reviewed.",
        "On the account %(number)s (%(company)s), %(n)s people are still to be reviewed.",
        waiting,
    )


@outbox.email(link=_links, campaign=_campaigns)
def review_opened(*, link: AccountLink | None, campaign: Campaign | None) -> EmailMultiAlternatives | None:
    """To another administrator: a review of access is open."""
    if link is None or campaign is None or campaign.closed_at or not _reads(link):
        return None
    with translation.override(link.recipient_language):
        until = date_format(campaign.deadline, "SHORT_DATE_FORMAT")
        facts = {"name": campaign.name, "by": campaign.opened_by_name, "until": until, **_account(link)}
        title = _("The access review “%(name)s” is open") % facts
        lines = [
            _("%(by)s opened it on the account %(number)s (%(company)s). It is to be finished by %(until)s.") % facts,
            _(ON_ITS_OWN),
        ]
    return _of_lines(link, campaign, title, lines, button=gettext_lazy("Go to the review"), query="?status=undecided")


@outbox.email(link=_links, campaign=_campaigns)
def review_closed(*, link: AccountLink | None, campaign: Campaign | None) -> EmailMultiAlternatives | None:
    """To another administrator: a review of access is closed, and what came of it."""
    if link is None or campaign is None or not campaign.closed_at or not _reads(link):
        return None
    done = progress(campaign)
    counts = {"kept": done.kept, "reduced": done.reduced, "suspended": done.suspended, "waiting": done.waiting}
    with translation.override(link.recipient_language):
        facts = {"name": campaign.name, "by": campaign.closed_by_name, **counts, **_account(link)}
        title = _("The access review “%(name)s” is closed") % facts
        lines = [
            _("%(by)s closed it on the account %(number)s (%(company)s).") % facts,
            _("Kept: %(kept)s. Reduced: %(reduced)s. Suspended: %(suspended)s. Undecided: %(waiting)s.") % facts,
            _("Its page keeps who decided what, and gives the statement as PDF and CSV."),
        ]
    return _of_lines(link, campaign, title, lines, button=gettext_lazy("See the review"))


def _reads(link: AccountLink) -> bool:
    return link.administers and link.state == AccountLink.State.ACTIVE


def _account(link: AccountLink) -> dict[str, str]:
    return {"number": link.account.number, "company": link.account.company}


def _of_lines(
    link: AccountLink, campaign: Campaign, title: str, lines: list[str], *, button: Promise, query: str = ""
) -> EmailMultiAlternatives:
    return outbox.compose(
        template="rights/emails/lines",
        to=link.recipient,
        language=link.recipient_language,
        context={
            "reader": link,
            "title": title,
            "lines": lines,
            "button_url": settings.PUBLIC_BASE_URL + _address(link, campaign, query),
            "button_label": button,
        },
    )


def _address(link: AccountLink, campaign: Campaign, query: str) -> str:
    return reverse("rights:review", args=[link.account.number, campaign.uuid]) + query
