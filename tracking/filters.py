"""What can be asked of the list of parcels: read from an address, shown as chips, written to an address again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import permutations
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from colibox.lib.text import fold, line
from rights.catalogue import Text
from rights.people.filters import Chip
from tracking import numbers
from tracking.beginnings import Beginning
from tracking.events import Status
from tracking.models import Parcel, ParcelQuerySet
from tracking.newest import Place
from tracking.scopes import Scope

LONGEST = 60
LONGEST_NUMBER = 15
REORDERED = 3
"""Of so many words at most, each order is looked for."""


@dataclass(frozen=True)
class Asked:
    """A question to the list, clean: whatever an address holds, only what the list knows comes in."""

    number: str = ""
    addressee: str = ""
    reference: str = ""
    postcode: str = ""
    statuses: tuple[str, ...] = ()
    account: str = ""
    tag: str = ""
    since: date | None = None
    until: date | None = None
    inside: bool = False
    """The addressee's words are looked for inside the name too, some thousands of parcels at a time."""
    after: Place | None = field(default=None, compare=False)
    errors: dict[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """What this query asks; a date that is none is said to be wrong, the rest is as if it were not there."""
        typed = {name: line(query.get(name), LONGEST) for name in ("from", "to")}
        errors, days = _days(typed)
        addressee = line(query.get("addressee"), LONGEST)
        return cls(
            number=numbers.read(query.get("number", "")[:LONGEST])[:LONGEST_NUMBER],
            addressee=addressee,
            reference=line(query.get("reference"), LONGEST),
            postcode=line(query.get("postcode"), LONGEST).upper(),
            statuses=tuple(status for status in Status.values if status in query.getlist("status")),
            account=numbers.read(query.get("account", "")[:LONGEST]),
            tag=line(query.get("tag"), LONGEST),
            since=days.get("from"),
            until=days.get("to"),
            inside=bool(addressee) and query.get("inside") == "1",
            after=Place.read(query.get("after", "")),
            errors=errors,
        )

    @property
    def filtered(self) -> bool:
        """Whether some parcels may be left out."""
        return self != type(self)()

    @property
    def words(self) -> list[str]:
        """The addressee's words, as they are compared."""
        return fold(self.addressee).split()

    def scopes(self, scopes: Iterable[Scope]) -> list[Scope]:
        """Of what somebody sees, the account asked for."""
        return [scope for scope in scopes if self.account in ("", scope.account.number)]

    def parcels(self) -> ParcelQuerySet:
        """All the parcels asked for, whoever sees them; `inside` is not for the database alone to answer."""
        return self.besides().filter(self.beginning.condition) if self.beginning else self.besides()

    def besides(self) -> ParcelQuerySet:
        """The same, whatever they begin with."""
        return Parcel.objects.filter(*self._conditions())

    @property
    def beginning(self) -> Beginning | None:
        """Of the texts that parcels begin with, the one that leaves the fewest."""
        return next(self._beginnings(), None)

    def _beginnings(self) -> Iterator[Beginning]:
        """The texts that parcels begin with, the most telling first."""
        if self.number:
            yield Beginning("number", (self.number,))
        if self.reference:
            yield Beginning("reference_key", (fold(self.reference),))
        if self.words and not self.inside:
            orders = permutations(self.words) if len(self.words) <= REORDERED else [tuple(self.words)]
            yield Beginning("addressee_key", tuple(sorted({" ".join(order) for order in orders})))

    def _conditions(self) -> Iterator[Q]:
        yield from (beginning.condition for beginning in list(self._beginnings())[1:])
        if self.postcode:
            yield Q(postcode=self.postcode)
        if self.statuses:
            yield Q(status__in=self.statuses) if len(self.statuses) > 1 else Q(status=self.statuses[0])
        if self.tag:
            yield Q(tag_key=fold(self.tag)) & ~Q(tag="")
        if self.since:
            yield Q(created_at__gte=_midnight(self.since))
        if self.until:
            yield Q(created_at__lt=_midnight(self.until + timedelta(days=1)))

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of all that is asked but the place in the list."""
        asked = [("number", self.number), ("addressee", self.addressee), ("inside", "1" if self.inside else "")]
        asked += [("reference", self.reference), ("postcode", self.postcode)]
        asked += [("status", status) for status in self.statuses]
        asked += [("account", self.account), ("tag", self.tag)]
        asked += [("from", str(self.since or "")), ("to", str(self.until or ""))]
        return [(name, value) for name, value in asked if value]

    @property
    def query(self) -> str:
        """The question as the query of an address."""
        return urlencode(self.pairs())

    def url(self, **changes: Any) -> str:
        """The address, relative to the list, of this question once changed; its newest parcels unless said."""
        after = changes.pop("after", None)
        pairs = (replace(self, **changes) if changes else self).pairs()
        return "?" + urlencode([*pairs, ("after", str(after))] if after else pairs)

    def chips(self) -> list[Chip]:
        """The active filters, each with the address that removes it."""
        return [
            *self._chip("number", _("Parcel number"), numbers.show(self.number)),
            *self._chip("addressee", _("Addressee"), self.addressee, inside=False),
            *self._chip("reference", _("Client reference"), self.reference),
            *self._chip("postcode", _("Postcode"), self.postcode),
            *(self._status_chip(Status(status)) for status in self.statuses),
            *self._chip("account", _("Account"), self.account),
            *self._chip("tag", _("Tag"), self.tag),
            *self._chip("since", pgettext("date", "From"), _shown(self.since)),
            *self._chip("until", pgettext("date", "To"), _shown(self.until)),
        ]

    def _chip(self, name: str, label: Text, value: str, **changes: Any) -> list[Chip]:
        empty = type(self).__dataclass_fields__[name].default
        return [Chip(label, value, self.url(**{name: empty, **changes}))] if value else []

    def _status_chip(self, status: Status) -> Chip:
        others = tuple(other for other in self.statuses if other != status)
        return Chip(_("Status"), status.label, self.url(statuses=others))


DAY = "SHORT_DATE_FORMAT"
DAYS = forms.DateField(validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))])


def _days(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, date]]:
    """Of two days typed, what is wrong with them, and those that are days."""
    errors: dict[str, str] = {}
    days: dict[str, date] = {}
    for name, text in typed.items():
        try:
            days |= {name: DAYS.clean(text)} if text else {}
        except ValidationError:
            facts = {"typed": text, "day": formats.date_format(timezone.localdate(), DAY)}
            errors[name] = _("“%(typed)s” is no day. Enter one such as %(day)s.") % facts
    if days.get("from", date.min) > days.get("to", date.max):
        errors["to"] = _("This day is before the first one.")
        del days["to"]
    return errors, days


def _shown(day: date | None) -> str:
    return formats.date_format(day, DAY) if day else ""


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
