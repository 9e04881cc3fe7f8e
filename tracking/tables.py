"""The list of parcels: its rows, what it says of itself, and the addresses of its other pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_countries import countries

from accounts.models import CustomerAccount
from colibox.lib.text import Text
from tracking import further, numbers
from tracking.events import Status
from tracking.filters import Asked
from tracking.models import Parcel
from tracking.newest import Place, newest
from tracking.scopes import Scope

SIZE = 50
ICONS: Mapping[str, str] = {
    Status.ANNOUNCED: "file-text",
    Status.ACCEPTED: "package",
    Status.TRANSIT: "truck-delivery",
    Status.OUT: "home",
    Status.WAITING: "map-pin",
    Status.PROBLEM: "alert-triangle",
    Status.DELIVERED: "circle-check",
    Status.RETURNED: "rotate",
    Status.CANCELLED: "circle-x",
}
"""The sign beside the word of a status; its colour is in tracking.css."""


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel as the list shows it."""

    parcel: Parcel
    account: CustomerAccount

    @property
    def url(self) -> str:
        return reverse("tracking:parcel", args=[self.parcel.number])

    @property
    def number(self) -> str:
        return numbers.show(self.parcel.number)

    @property
    def status(self) -> Text:
        """What happened last; a parcel called off was announced before."""
        cancelled = self.parcel.status == Status.CANCELLED
        return Status.CANCELLED.label if cancelled else self.parcel.event_label

    @property
    def icon(self) -> str:
        return ICONS[self.parcel.status]

    @property
    def at(self) -> datetime:
        return self.parcel.cancelled_at or self.parcel.event_at

    @property
    def country(self) -> str:
        return country_name(self.parcel.country, get_language() or "")


@cache
def country_name(code: str, language: str) -> str:
    """The name of a country in a language; its code when it has none."""
    return str(countries.name(code)) or code


@dataclass
class Table:
    """A page of the parcels asked for, among those that somebody sees."""

    asked: Asked
    scopes: Sequence[Scope]

    def __post_init__(self) -> None:
        accounts = {scope.account.pk: scope.account for scope in self.scopes}
        found, self.reached = self._found()
        self.rows = [Row(parcel, accounts[parcel.account_id]) for parcel in found[:SIZE]]
        self.more = len(found) > SIZE

    def _found(self) -> tuple[list[Parcel], Place | None]:
        """One parcel more than a page has, and how far the names were looked through if that has an end."""
        asked, scopes = self.asked, self.asked.scopes(self.scopes)
        if asked.inside:
            walk = further.look(asked.parcels(), scopes, words=asked.words, limit=SIZE + 1, after=asked.after)
            return walk.parcels, walk.reached
        found = newest(asked.besides(), scopes, limit=SIZE + 1, after=asked.after, beginning=asked.beginning)
        return found, None

    @property
    def several(self) -> bool:
        """Whether the account of a parcel needs its name."""
        return len(self.scopes) > 1

    @property
    def caption(self) -> str:
        """How many parcels are shown, and whether they are all: nothing is counted that is not on the page."""
        shown = len(self.rows)
        if self.asked.after:
            return ngettext("%(n)s older parcel", "%(n)s older parcels", shown) % {"n": shown}
        if self.more:
            return _("The %(n)s newest parcels; there are more") % {"n": shown}
        return ngettext("%(n)s parcel", "%(n)s parcels", shown) % {"n": shown}

    @property
    def newest_url(self) -> str:
        return self.asked.url() if self.asked.after else ""

    @property
    def older_url(self) -> str:
        if not self.more:
            return ""
        last = self.rows[-1].parcel
        return self.asked.url(after=Place(last.created_at, last.pk))

    @property
    def further_url(self) -> str:
        """Where to go on looking inside the names, once all that was found is shown."""
        return self.asked.url(after=self.reached) if self.reached and not self.more else ""

    @property
    def inside_url(self) -> str:
        """Where to look for the addressee's words inside the names too, when their beginning is not enough."""
        return self.asked.url(inside=True) if self.asked.words and not self.asked.inside and not self.more else ""
