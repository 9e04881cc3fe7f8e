"""What can be asked of a history, and its events page by page or as a file, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import AuditEvent
from accounts.models.trace import BUT_DAILY
from colibox.lib import telling, tenancy
from colibox.lib.telling import Change, Family, Text
from colibox.lib.text import line

SIZE = 50
LONGEST = 60
LAST_KEY = 2**63 - 1
AT_ONCE = 500
CHANNELS: Mapping[str, Text] = {
    "screen": gettext_lazy("on screen"),
    "import": gettext_lazy("by import"),
    "web service": gettext_lazy("by web service"),
    "command": gettext_lazy("by the carrier"),
    "system": gettext_lazy("by the portal"),
}
TRIED = ("sign-in refused", "second step refused")
"""What somebody unknown does under a person's name: that person may see from where."""
DAYS = forms.DateField(validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))])


class Chip(NamedTuple):
    """An active filter and the address of the history without it."""

    label: Text
    value: Text
    url: str


@dataclass(frozen=True)
class Asked:
    """A question to a history, clean: whatever an address holds, only what a history knows comes in."""

    who: str = ""
    about: str = ""
    families: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    person: UUID | None = None
    """A link of the account: what was done to it, and on this account by whoever it is."""
    job: int | None = None
    """The number of an import of the account."""
    named: str = field(default="", compare=False)
    """What the person is called, once they are found."""
    before: int | None = field(default=None, compare=False)
    after: int | None = field(default=None, compare=False)
    errors: dict[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """What this query asks; a day that is none is said to be wrong, the rest is as if it were not there."""
        errors, days = _days({name: line(query.get(name), LONGEST) for name in ("from", "to")})
        return cls(
            who=line(query.get("who"), LONGEST),
            about=line(query.get("about"), LONGEST),
            families=tuple(family for family in Family if family in query.getlist("family")),
            channels=tuple(channel for channel in CHANNELS if channel in query.getlist("channel")),
            since=days.get("from"),
            until=days.get("to"),
            person=_uuid(query.get("person")),
            job=_key(query.get("import")),
            before=_key(query.get("before")),
            after=_key(query.get("after")),
            errors=errors,
        )

    @property
    def filtered(self) -> bool:
        """Whether events may be left out that would be there without a filter."""
        return self != type(self)()

    @property
    def unfiltered(self) -> Self:
        """The same history with all that happened in it."""
        return type(self)()

    def conditions(self) -> Q:
        """What the events asked for have in common. Parcels, which are many, come when they are asked for."""
        told = Q(at__gte=_midnight(self.since)) if self.since else Q()
        if self.until:
            told &= Q(at__lt=_midnight(self.until + timedelta(days=1)))
        if self.who:
            told &= Q(actor_name__icontains=self.who)
        if self.about:
            told &= Q(subject_name__icontains=self.about)
        if self.channels:
            told &= Q(channel__in=self.channels)
        return told & self._of_families()

    def _of_families(self) -> Q:
        if not self.families:
            return BUT_DAILY & ~Q(verb__in=telling.verbs(Family.PARCELS))
        told = Q(verb__in=[verb for family in self.families for verb in telling.verbs(Family(family))])
        return told if Family.PARCELS in self.families else BUT_DAILY & told

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of all that is asked but the place in the history."""
        asked = [("who", self.who), ("about", self.about)]
        asked += [("family", str(family)) for family in self.families]
        asked += [("channel", channel) for channel in self.channels]
        asked += [("from", str(self.since or "")), ("to", str(self.until or ""))]
        asked += [("person", str(self.person or "")), ("import", str(self.job or ""))]
        return [(name, value) for name, value in asked if value]

    @property
    def query(self) -> str:
        """The question as the query of an address."""
        return urlencode(self.pairs())

    def url(self, **changes: Any) -> str:
        """The address, relative to the history, of this question once changed; its newest events unless said."""
        place = {name: changes.pop(name) for name in ("before", "after") if name in changes}
        pairs = (replace(self, **changes) if changes else self).pairs()
        return "?" + urlencode(pairs + [(name, str(value)) for name, value in place.items()])

    def chips(self) -> list[Chip]:
        """The active filters, each with the address that removes it."""
        chips = [Chip(_("Person"), self.named, self.url(person=None))] if self.named else []
        chips += [Chip(_("Import"), str(self.job), self.url(job=None))] if self.job else []
        chips += [Chip(_("By whom"), self.who, self.url(who=""))] if self.who else []
        chips += [Chip(_("About whom"), self.about, self.url(about=""))] if self.about else []
        for family in self.families:
            others = tuple(other for other in self.families if other != family)
            chips.append(Chip(_("About what"), Family(family).label, self.url(families=others)))
        for channel in self.channels:
            others = tuple(other for other in self.channels if other != channel)
            chips.append(Chip(_("By which way"), CHANNELS[channel], self.url(channels=others)))
        chips += [Chip(pgettext("date", "From"), _shown(self.since), self.url(since=None))] if self.since else []
        chips += [Chip(pgettext("date", "To"), _shown(self.until), self.url(until=None))] if self.until else []
        return chips


def _days(typed: dict[str, str]) -> tuple[dict[str, str], dict[str, date]]:
    """Of two days typed, what is wrong with them, and those that are days."""
    errors: dict[str, str] = {}
    days: dict[str, date] = {}
    for name, text in typed.items():
        try:
            days |= {name: DAYS.clean(text)} if text else {}
        except ValidationError:
            facts = {"typed": text, "day": _shown(timezone.localdate())}
            errors[name] = _("“%(typed)s” is no day. Enter one such as %(day)s.") % facts
    if days.get("from", date.min) > days.get("to", date.max):
        errors["to"] = _("This day is before the first one.")
        del days["to"]
    return errors, days


def _uuid(typed: str | None) -> UUID | None:
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return None


def _key(typed: str | None) -> int | None:
    if not typed or not typed.isascii() or not typed.isdigit():
        return None
    return min(int(typed[:19]), LAST_KEY)


def _shown(day: date | None) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# The events.


@dataclass(frozen=True)
class Told:
    """One event as it is shown."""

    event: AuditEvent
    personal: bool = True
    """Whether its reader may see what it keeps of somebody's identity."""
    traced: bool = True
    """Whether its reader may see from where it was done."""

    @cached_property
    def sentence(self) -> str:
        return telling.sentence(self.event)

    @cached_property
    def changes(self) -> list[Change]:
        return telling.changes(self.event, personal=self.personal)

    @property
    def channel(self) -> Text:
        return CHANNELS.get(self.event.channel, self.event.channel)

    @property
    def ip(self) -> str:
        return self.event.ip or "" if self.traced else ""

    @property
    def day(self) -> date:
        return timezone.localdate(self.event.at)

    def cells(self) -> list[str]:
        """Its line of a file."""
        event, at = self.event, timezone.localtime(self.event.at)
        family = telling.VERBS[event.verb].family.label if event.verb in telling.VERBS else ""
        changes = " ; ".join(map(str, self.changes))
        said = [f"{at:%Y-%m-%d %H:%M:%S}", self.sentence, event.actor_name, event.subject_name, str(family), changes]
        return [*said, str(self.channel), self.ip, event.reference, str(event.pk)]


def headers() -> list[str]:
    """The first line of a file."""
    return [
        _("When"), _("What happened"), _("By whom"), _("About whom"), _("About what"), _("What changed"),
        _("By which way"), _("From where"), _("Reference"), _("Event number"),
    ]  # fmt: skip


Sources = Sequence[QuerySet[AuditEvent]]


class Trail:
    """The events asked for, which several queries find: each along an index of its own, where one with OR has none.

    Of a person's own history, `me` says who reads it: of what others did, it tells nothing personal. From where others
    did it is told to nobody but those who administer, and sign-ins refused under one's own name to oneself; `reader` is
    who does not administer.
    """

    def __init__(self, asked: Asked, sources: Sources, *, me: UUID | None = None, reader: UUID | None = None) -> None:
        self.asked, self.me, self.reader = asked, me, reader or me
        self.sources = [source.filter(asked.conditions()) for source in sources]

    @cached_property
    def page(self) -> list[Told]:
        """The events of one page."""
        return [self._told(event) for event in self._found[0]]

    @property
    def older_url(self) -> str:
        return self.asked.url(before=self.page[-1].event.pk) if self._found[1] else ""

    @property
    def newer_url(self) -> str:
        return self.asked.url(after=self.page[0].event.pk) if self._found[2] and self.page else ""

    @cached_property
    def _found(self) -> tuple[list[AuditEvent], bool, bool]:
        """The events of the page, whether there are older ones, and newer ones."""
        asked = self.asked
        if asked.after is None:
            found = self._next([source.filter(pk__lt=asked.before or LAST_KEY) for source in self.sources], "-pk")
            return found[:SIZE], len(found) > SIZE, asked.before is not None
        found = self._next([source.filter(pk__gt=asked.after) for source in self.sources], "pk")
        return found[:SIZE][::-1], True, len(found) > SIZE

    def _next(self, sources: Iterable[QuerySet[AuditEvent]], order: str) -> list[AuditEvent]:
        """One event more than a page holds, of all sources, each once."""
        found = {event.pk: event for source in sources for event in source.order_by(order)[: SIZE + 1]}
        return [found[pk] for pk in sorted(found, reverse=order.startswith("-"))][: SIZE + 1]

    def count(self) -> int:
        """How many events there are; one that two sources find is counted once."""
        first, *others = self.sources
        return first.count() + sum(other.exclude(pk__in=first.values("pk")).count() for other in others)

    def lines(self, language: str, **reach: Any) -> Iterator[list[str]]:
        """All events as lines of a file, read as they leave: with a transaction and a reach of their own."""
        with transaction.atomic(), tenancy.scope(**reach):
            events = self._all()
            while some := list(islice(events, AT_ONCE)):
                with translation.override(language):
                    lines = [self._told(event).cells() for event in some]
                yield from lines

    def _all(self) -> Iterator[AuditEvent]:
        last = None
        streams = [source.order_by("-pk").iterator(chunk_size=AT_ONCE) for source in self.sources]
        for event in merge(*streams, key=lambda event: -event.pk):
            if event.pk != last:
                yield event
            last = event.pk

    def _told(self, event: AuditEvent) -> Told:
        personal, traced = (each is None or event.actor == each for each in (self.me, self.reader))
        tried = event.verb in TRIED and self.me is not None and event.subject == self.me
        return Told(event, personal=personal, traced=traced or tried)


def of_account(account_id: int) -> QuerySet[AuditEvent]:
    """What happened on an account."""
    return AuditEvent.objects.filter(account_id=account_id)


def of_link(account_id: int, link: UUID, person: UUID | None) -> list[QuerySet[AuditEvent]]:
    """What was done to a link, and on its account by whoever took it."""
    events = of_account(account_id)
    return [events.filter(subject=link), *([events.filter(actor=person)] if person else [])]


def of_import(account_id: int, number: int) -> list[QuerySet[AuditEvent]]:
    """What an import did, and what was done with it."""
    return [of_account(account_id).filter(reference=f"import:{number}")]


def of_person(person: UUID, links: Iterable[UUID]) -> list[QuerySet[AuditEvent]]:
    """What was done to a person and their links, and by them, wherever that is in reach."""
    events = AuditEvent.objects.all()
    return [events.filter(subject__in=[person, *links]), events.filter(actor=person)]
