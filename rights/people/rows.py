"""One person of a list of people: what is shown of them, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from colibox.lib import outbox
from rights import catalogue
from rights.access import AccountRequest
from rights.actions import reach
from rights.actions.many.writing import Change
from rights.actions.spans import Span
from rights.models import AccountLink
from rights.people.filters import DAYS, MORE_COLUMNS, STATES, Asked

State = AccountLink.State

ORDER = {right.code: place for place, right in enumerate(catalogue.RIGHTS)}
NOBODY = str(UUID(int=0))
URLS = {
    "url": "person",
    "suspend_url": "suspend",
    "reactivate_url": "reactivate",
    "resend_url": "resend",
    "end_url": "end_link",
}
ICONS: dict[str, str] = {
    State.ACTIVE: "circle-check",
    State.INVITED: "mail",
    State.EXPIRED: "clock-x",
    State.SUSPENDED: "player-pause",
    AccountLink.PAUSED: "lock",
}


class Row(NamedTuple):
    """One person of a list, each value ready to be shown."""

    uuid: str
    last_name: str
    """What the row begins with: of who has no last name, what they are called instead."""
    first_name: str
    given: str
    """The first name where it stands beside the last one, on a phone."""
    name: str
    named: str
    """Nothing where they are known by their address alone."""
    role: str
    email: str
    username: str
    state: str
    state_label: str
    pill: SafeString
    held: tuple[str, ...]
    rights: SafeString
    more: SafeString
    trouble: str
    next: str
    url: str
    suspend_url: str
    reactivate_url: str
    resend_url: str
    end_url: str
    reachable: bool

    def markup(self, language: str) -> SafeString:
        """The row of the table, in a language."""
        empty = tuple(name for name in MAY_BE_EMPTY if not getattr(self, name))
        shape = _shape(self.state, self.reachable, empty, language)
        escaped = {name: escape(getattr(self, name)) for name in TYPED}
        return SafeString(shape.format_map({**self._asdict(), **escaped}))


@dataclass
class RowMaker:
    """Makes rows for one request: what they share is worked out once."""

    request: AccountRequest
    asked: Asked
    rights: frozenset[str]
    trouble: dict[UUID, outbox.Mail]
    columns: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.now = timezone.localtime()
        self.language = get_language() or ""
        number = self.request.account.number
        self.urls = {name: reverse(f"rights:{view}", args=[number, NOBODY]) for name, view in URLS.items()}
        self.next = quote(address(self.request, self.asked), safe="")
        self.contract = self.request.account.get_contract_display()
        self.roles = {role: capfirst(str(label)) for role, label in AccountLink.Role.choices}
        self.states = {state: str(label) for state, label in STATES.items()}

    def row(self, link: AccountLink) -> Row:
        """The row of a link read by `people.rows`."""
        state, held, uuid = link.shown_state, self._held(link), str(link.uuid)
        return Row(
            uuid=uuid,
            last_name=link.last_name or str(link) or link.shown_email,
            first_name=link.first_name,
            given=link.first_name if link.last_name else "",
            name=str(link),
            named=link.full_name,
            role=self.roles[link.role] if link.manages and "role" not in self.columns else "",
            email=link.shown_email,
            username=link.username,
            state=state,
            state_label=self.states[state],
            pill=_pill(state, self._note(link, state), self.language),
            held=held,
            rights=drawn_rights(held, self.language),
            more=self._more(link),
            trouble=self.trouble[link.uuid].explanation if link.uuid in self.trouble else "",
            next=self.next,
            **{name: url.replace(NOBODY, uuid) for name, url in self.urls.items()},
            reachable=reach.refusal(link, self.request.link) is None,
        )

    def _held(self, link: AccountLink) -> tuple[str, ...]:
        given: list[str] = getattr(link, "given", [])
        codes = self.rights if link.administers else given
        held = (code for code in codes if code in self.rights and code in ORDER)
        return tuple(sorted(held, key=ORDER.__getitem__))

    def _tags(self, link: AccountLink) -> SafeString:
        """Each tag leads to the people who have it."""
        tags = ((self.asked.url(tags=(tag,)), tag) for tag in link.tags)
        words = format_html_join(" ", '<a class="tag" href="{}">{}</a>', tags)
        return format_html("<span>{}</span>", words) if words else words

    def _more(self, link: AccountLink) -> SafeString:
        """The cells of the columns that may be hidden."""
        return SafeString("".join(self._column(name, link) for name in self.columns))

    def _column(self, name: str, link: AccountLink) -> SafeString:
        if name == "tags":
            return format_html('<td data-label="{}">{}</td>', MORE_COLUMNS[name], self._tags(link))
        if name == "seen":
            return self._signed_in(link)
        words = {
            "contract": [self.contract],
            "sub_account": getattr(link, "sub_account_names", []),
            "site": getattr(link, "site_names", []),
            "role": [self.roles[link.role]] if link.manages else [],
            "profile": self._profile(link) if "profile" in self.columns else [],
            **{name: self._written(link, name) for name in DAYS if name in self.columns},
        }
        return _cell(MORE_COLUMNS[name], ", ".join(words[name]))

    def _profile(self, link: AccountLink) -> list[str]:
        """The profile that they follow, or copied once."""
        if link.profile is None:
            return []
        return [str(link.profile) if link.follows_profile else _("%(profile)s (copy)") % {"profile": link.profile}]

    def _written(self, link: AccountLink, name: str) -> list[str]:
        day: date | None = getattr(link, name)
        return [_day(day, self.language)] if day else []

    def _note(self, link: AccountLink, state: str) -> str:
        """The date that goes with a state, or the hours that an invitation has left."""
        if state == State.INVITED and link.expires_at:
            return time_left(link.expires_at - self.now)
        if state == State.ACTIVE and link.starts_on and link.starts_on > self.now.date():
            return _("from %(day)s") % {"day": _day(link.starts_on, self.language)}
        if state == State.ACTIVE and link.ends_on:
            return _("until %(day)s") % {"day": _day(link.ends_on, self.language)}
        if state == AccountLink.PAUSED:
            return _("no second factor")
        day = link.expires_at if state == State.EXPIRED else link.accepted_at
        return _day(timezone.localtime(day).date(), self.language) if day and state != State.SUSPENDED else ""

    def _signed_in(self, link: AccountLink) -> SafeString:
        """When they signed in last, or that they never did."""
        label, seen = MORE_COLUMNS["seen"], self._seen(link)
        never = "" if seen else " muted"
        said = seen or pgettext("sign in", "never")
        return format_html('<td data-label="{}"><span class="one-line{}">{}</span></td>', label, never, said)

    def _seen(self, link: AccountLink) -> str:
        seen: datetime | None = getattr(link, "seen", None)
        if seen is None:
            return ""
        local = timezone.localtime(seen)
        days = (self.now.date() - local.date()).days
        if days > 1:
            return _day(local.date(), self.language)
        time = time_format(local, "TIME_FORMAT")
        return (_("today, %(time)s") if days < 1 else _("yesterday, %(time)s")) % {"time": time}


def _cell(label: catalogue.Text, text: str) -> SafeString:
    """A cell that is told in full where its text is cut; nothing in it hides it on a phone."""
    if not text:
        return format_html('<td data-label="{}"></td>', label)
    return format_html(
        '<td data-label="{}"><span class="clip clip--short" title="{}">{}</span></td>', label, text, text
    )


def address(request: AccountRequest, asked: Asked) -> str:
    """The address of the list that was asked for, to come back to."""
    page = asked.url(page=asked.page)
    return quote(request.path, safe="/") + (page if page != "?" else "")


# What many rows have in common is drawn once for all of them, in each language. A page of a hundred people
# is then a hundred texts filled in, instead of thousands of template nodes.

MAY_BE_EMPTY = ("given", "named", "role", "username", "trouble")
FILLED = tuple(name for name in Row._fields if name not in ("state", "held", "reachable"))
TYPED = ("last_name", "first_name", "given", "name", "named", "email", "username", "trouble")
"""What people typed; the rest is made here and safe: addresses, identifiers, fragments."""


@lru_cache(maxsize=512)
def _shape(state: str, reachable: bool, empty: tuple[str, ...], language: str) -> str:
    """The row of all the people in this state, with {places} for what differs between them."""
    places: dict[str, object] = {name: "" if name in empty else f"{{{name}}}" for name in FILLED}
    return render_to_string("rights/users/_row.html", {"row": {**places, "state": state, "reachable": reachable}})


@lru_cache(maxsize=2048)
def _day(day: date, language: str) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


@lru_cache(maxsize=512)
def _pill(state: str, note: str, language: str) -> SafeString:
    context = {"state": state, "label": STATES[state], "icon": ICONS[state], "note": note}
    return render_to_string("rights/users/_pill.html", context)


@lru_cache(maxsize=512)
def drawn_rights(held: tuple[str, ...], language: str) -> SafeString:
    """How many rights these are, and, on demand, which: by family."""
    rights = [catalogue.BY_CODE[code] for code in held]
    families: dict[catalogue.Text, list[str]] = {}
    for right in rights:
        families.setdefault(right.group.label, []).append(right.full_label)
    return render_to_string("rights/users/_rights.html", {"count": len(held), "families": families.items()})


def time_left(left: timedelta) -> str:
    """What remains of an invitation: 31 h left, 45 min left."""
    hours = left // timedelta(hours=1)
    if hours:
        return _("%(n)s h left") % {"n": hours}
    return _("%(n)s min left") % {"n": left // timedelta(minutes=1)}


def gains_and_losses(change: Change) -> dict[str, Any]:
    """What one person gains and loses, in words."""
    gained, lost = catalogue.labels(change.rights.gained), catalogue.labels(change.rights.lost)
    if change.tags is not None:
        gained += [_("Tag %(tag)s") % {"tag": tag} for tag in change.tags if tag not in change.link.tags]
        lost += [_("Tag %(tag)s") % {"tag": tag} for tag in change.link.tags if tag not in change.tags]
    gained += _profile_gained(change)
    if change.places:
        gained += [name for name in change.places.becomes if name not in change.places.was]
        lost += [name for name in change.places.was if name not in change.places.becomes]
    lost += _profile_lost(change)
    lost += [_access_lost(change.link)] if change.state == State.ENDED else []
    withheld = [f"{catalogue.BY_CODE[code].full_label} ({reason})" for code, reason in change.withheld.items()]
    facts = {"gained": gained, "lost": lost, "changed": _days_changed(change), "withheld": withheld}
    return {"link": change.link, **facts}


def _access_lost(link: AccountLink) -> str:
    """What ends with a link."""
    if not link.accepted:
        return _("The invitation: it stops working")
    if link.kind == AccountLink.Kind.STANDARD:
        return _("The user account: it is closed, and the user name stays reserved")
    return _("The access to this account, with all its rights")


def _days_changed(change: Change) -> list[str]:
    """The days that an access gets, in words, and those that it had."""
    if change.span is None:
        return []
    was, now = Span.of(change.link), change.span
    days = ((_("Start date"), was.since, now.since), (_("End date"), was.until, now.until))
    words, instead = _("%(label)s: %(day)s"), _("%(label)s: %(day)s, instead of %(former)s")
    return [
        (instead if former else words) % {"label": label, "day": _said(day), "former": _said(former)}
        for label, former, day in days
        if day != former
    ]


def _said(day: date | None) -> str:
    return _day(day, get_language() or "") if day else pgettext("day", "none")


def _leaves_a_profile(change: Change) -> bool:
    """Whether they are told that they no longer follow the profile that they have."""
    if change.profile is None:
        return False
    return change.profile.profile is None or (
        change.link.follows_profile and change.profile.profile_id != change.link.profile_id
    )


def _profile_lost(change: Change) -> list[str]:
    """The profile that one person no longer follows, by its name where that was read."""
    if not change.ends_following and not _leaves_a_profile(change):
        return []
    if profile := change.link._state.fields_cache.get("profile"):
        return [_("No longer follows the profile “%(profile)s”") % {"profile": profile}]
    return [_("The profile: they no longer follow it")]


def _profile_gained(change: Change) -> list[str]:
    """The profile that one person gets, in words."""
    chosen = change.profile
    if chosen is None or chosen.profile is None or chosen.is_of(change.link):
        return []
    words = _("Follows the profile “%(profile)s”") if chosen.follows else _("Copy of the profile “%(profile)s”")
    return [words % {"profile": chosen.profile}]
