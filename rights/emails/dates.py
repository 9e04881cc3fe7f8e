"""The e-mails about the days of an access: changed, about to end, over; to the person and to who gave it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from colibox.lib import outbox
from colibox.lib.days import shown
from rights import catalogue
from rights.models import AccountLink
from users.models import User

State = AccountLink.State


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    return AccountLink.objects.select_related("account", "user", "invited_by").in_bulk(keys)


@outbox.email(link=_links)
def dates_changed(*, link: AccountLink | None, by: str) -> EmailMultiAlternatives | None:
    """From when until when the access is open from now on."""
    if link is None or link.user is None or link.state != State.ACTIVE:
        return None
    with translation.override(link.user.language):
        facts = {"by": by, "number": link.account.number, "company": link.account.company}
        title = _("The dates of your access to the account %(number)s have changed") % facts
        changed = _("%(by)s changed the dates of your access to the account %(number)s (%(company)s).") % facts
        lines = [changed, *_span(link)]
    return _to_own_rights(link.user, title, lines)


def _span(link: AccountLink) -> list[str]:
    """From when until when a link is open, in the language that is on, and the rights that end on days of their own."""
    lines = [bounds(link) or _("It has no end date.")]
    for grant in link.grants.exclude(until=None).order_by("until", "right"):
        until = {"day": shown(grant.until)}
        lines += [
            _("%(right)s: until %(day)s") % {**until, "right": label} for label in catalogue.labels([grant.right])
        ]
    return lines


def bounds(link: AccountLink) -> str:
    """From when until when a link is open, in the language that is on; nothing where it has no such day."""
    starts, ends = shown(link.starts_on), shown(link.ends_on)
    if starts and ends:
        return _("It is open from %(starts)s to %(ends)s included.") % {"starts": starts, "ends": ends}
    if ends:
        return _("It is open until %(ends)s included.") % {"ends": ends}
    return _("It is open from %(starts)s on.") % {"starts": starts} if starts else ""


@outbox.email(link=_links)
def access_ends(
    *, link: AccountLink | None, rights: list[str], until: str, over: bool, reader: str
) -> EmailMultiAlternatives | None:
    """An access, or rights of it, end soon or have ended; not if they were extended meanwhile."""
    if link is None or link.user is None or not _still(link, rights, until, over):
        return None
    to = link.user if reader == "person" else giver(link)
    if to is None or (reader == "giver" and to == link.user):
        return None
    day = date.fromisoformat(until)
    with translation.override(to.language):
        words = _of_rights if rights else _of_access
        title, lines = words(link, day, over=over, own=reader == "person")
        lines += [*catalogue.labels(rights), _follows(over=over, own=reader == "person")]
    if reader == "person":
        return _to_own_rights(to, title, lines)
    path = reverse("rights:dates", args=[link.account.number, link.uuid])
    return _compose(to, title, lines, path=path, button=gettext_lazy("Extend this access"))


def _still(link: AccountLink, rights: list[str], until: str, over: bool) -> bool:
    """Whether what was to be told is still so."""
    if rights:
        return link.state == State.ACTIVE and link.grants.filter(right__in=rights, until=until).exists()
    return link.state == (State.SUSPENDED if over else State.ACTIVE) and str(link.ends_on) == until


def giver(link: AccountLink) -> User | None:
    """Who answers for an access: who invited, while they still manage people of the account; else its owner."""
    managing = AccountLink.objects.active().filter(account=link.account_id, role__in=AccountLink.MANAGERS)
    found = managing.filter(user=link.invited_by).select_related("user").first() if link.invited_by else None
    found = found or managing.filter(role=AccountLink.Role.OWNER).select_related("user").first()
    return found.user if found else None


def _of_access(link: AccountLink, until: date, *, over: bool, own: bool) -> tuple[str, list[str]]:
    """Of a whole access: the title, and what is said first."""
    facts = {**_named(link, until), "n": _days_to(until)}
    if over and own:
        title = _("Your access to the account %(number)s has ended")
        text = _("Your access to the account %(number)s (%(company)s) was open until %(day)s included.")
    elif over:
        title = _("The access of %(person)s has ended")
        text = _("The access of %(person)s to the account %(number)s was open until %(day)s included.")
    elif own:
        title = _own_end(_days_to(until))
        text = _("Your access to the account %(number)s (%(company)s) is open until %(day)s included.")
    else:
        title = _their_end(_days_to(until))
        text = _("The access of %(person)s to the account %(number)s is open until %(day)s included.")
    return title % facts, [text % facts]


def _own_end(days: int) -> str:
    if not days:
        return _("Your access to the account %(number)s ends today")
    return ngettext(
        "Your access to the account %(number)s ends in %(n)s day",
        "Your access to the account %(number)s ends in %(n)s days",
        days,
    )


def _their_end(days: int) -> str:
    if not days:
        return _("The access of %(person)s ends today")
    return ngettext("The access of %(person)s ends in %(n)s day", "The access of %(person)s ends in %(n)s days", days)


def _of_rights(link: AccountLink, until: date, *, over: bool, own: bool) -> tuple[str, list[str]]:
    """Of some of the rights, which are named after that."""
    facts = _named(link, until)
    if over:
        own_title, title = (
            _("Rights that you had on the account %(number)s have ended"),
            _("Rights of %(person)s have ended"),
        )
        text = _("On the account %(number)s (%(company)s), these rights were given until %(day)s included:")
    else:
        own_title, title = (
            _("Rights that you have on the account %(number)s end soon"),
            _("Rights of %(person)s end soon"),
        )
        text = _("On the account %(number)s (%(company)s), these rights are given until %(day)s included:")
    return (own_title if own else title) % facts, [text % facts]


def _named(link: AccountLink, until: date) -> dict[str, str]:
    named = {"number": link.account.number, "company": link.account.company}
    return {**named, "person": str(link), "day": shown(until)}


def _follows(*, over: bool, own: bool) -> str:
    """What can be done about it."""
    if own:
        return _("If you still need it, ask whoever manages the users of this account.")
    if over:
        return _("If they still need it, extend it in one click: their rights are kept.")
    return _("If they still need it, extend it in one click. Otherwise there is nothing to do.")


def _days_to(until: date) -> int:
    """The days from today to the last one, as whoever counts on a calendar does."""
    return max((until - timezone.localdate()).days, 0)


def _to_own_rights(to: User, title: str, lines: list[str]) -> EmailMultiAlternatives:
    return _compose(to, title, lines, path=reverse("rights:my_rights"), button=gettext_lazy("See my rights"))


def _compose(to: User, title: str, lines: list[str], *, path: str, button: Promise) -> EmailMultiAlternatives:
    return outbox.compose(
        template="rights/emails/lines",
        to=to.email,
        language=to.language,
        context={
            "reader": to,
            "title": title,
            "lines": lines,
            "button_url": f"{settings.PUBLIC_BASE_URL}{path}",
            "button_label": button,
        },
    )
