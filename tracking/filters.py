"""What can be asked of the list of parcels: read from an address, shown as chips, written to an address again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import permutations
from typing import Self

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from colibox.lib import days
from colibox.lib.asking import LONGEST, Chip, Question, some
from colibox.lib.text import fold, line
from tracking import numbers
from tracking.beginnings import Beginning
from tracking.events import Status
from tracking.models import Parcel, ParcelQuerySet
from tracking.newest import Place
from tracking.scopes import Scope

LONGEST_NUMBER = 15
REORDERED = 3
"""Of so many words at most, each order is looked for."""


@dataclass(frozen=True)
class Asked(Question):
    """A question to the list of parcels."""

    PLACE = ("after",)

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
        errors, between = days.asked(query)
        addressee = line(query.get("addressee"), LONGEST)
        return cls(
            number=numbers.read(query.get("number", "")[:LONGEST])[:LONGEST_NUMBER],
            addressee=addressee,
            reference=line(query.get("reference"), LONGEST),
            postcode=line(query.get("postcode"), LONGEST).upper(),
            statuses=some(query.getlist("status"), Status),
            account=numbers.read(query.get("account", "")[:LONGEST]),
            tag=line(query.get("tag"), LONGEST),
            since=between.get("from"),
            until=between.get("to"),
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
            yield Q(created_at__gte=days.midnight(self.since))
        if self.until:
            yield Q(created_at__lt=days.midnight(self.until + timedelta(days=1)))

    def pairs(self) -> list[tuple[str, str]]:
        asked = [("number", self.number), ("addressee", self.addressee), ("inside", "1" if self.inside else "")]
        asked += [("reference", self.reference), ("postcode", self.postcode)]
        asked += [("status", status) for status in self.statuses]
        asked += [("account", self.account), ("tag", self.tag)]
        asked += [("from", str(self.since or "")), ("to", str(self.until or ""))]
        return [(name, value) for name, value in asked if value]

    def chips(self) -> list[Chip]:
        """The active filters, each with the address that removes it."""
        return [
            *self.chip("number", _("Parcel number"), numbers.show(self.number)),
            *self.chip("addressee", _("Addressee"), self.addressee, inside=False),
            *self.chip("reference", _("Client reference"), self.reference),
            *self.chip("postcode", _("Postcode"), self.postcode),
            *self.chips_each("statuses", _("Status"), {status.value: status.label for status in Status}),
            *self.chip("account", _("Account"), self.account),
            *self.chip("tag", _("Tag"), self.tag),
            *self.chip("since", pgettext("date", "From"), days.shown(self.since)),
            *self.chip("until", pgettext("date", "To"), days.shown(self.until)),
        ]
