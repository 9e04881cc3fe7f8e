"""What can be asked of a history, and its events page by page or as a file, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import AuditEvent
from accounts.models.trace import BUT_DAILY
from accounts.stretches import LAST_KEY, End, end, within
from colibox.lib import days, telling, tenancy
from colibox.lib.asking import LONGEST, Chip, Question, as_uuid, some, whole
from colibox.lib.telling import Change, Family
from colibox.lib.text import Text, line

SIZE = 50
AT_ONCE = 500
COUNTED = 10_000
"""Events are counted up to here."""
CHANNELS: Mapping[str, Text] = {
    "screen": gettext_lazy("on screen"),
    "import": gettext_lazy("by import"),
    "web service": gettext_lazy("by web service"),
    "command": gettext_lazy("by the carrier"),
    "system": gettext_lazy("by the portal"),
}
TRIED = ("sign-in refused", "second step refused")
"""What somebody unknown does under a person's name: that person may see from where."""


@dataclass(frozen=True)
class Asked(Question):
    """A question to a history."""

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
        errors, between = days.asked(query)
        return cls(
            who=line(query.get("who"), LONGEST),
            about=line(query.get("about"), LONGEST),
            families=some(query.getlist("family"), Family),
            channels=some(query.getlist("channel"), CHANNELS),
            since=between.get("from"),
            until=between.get("to"),
            person=as_uuid(query.get("person")),
            job=whole(query.get("import"), 0, LAST_KEY) or None,
            before=whole(query.get("before"), 0, LAST_KEY) or None,
            after=whole(query.get("after"), 0, LAST_KEY) or None,
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

    @property
    def sifts(self) -> bool:
        """Whether events are looked at one by one: no index knows these filters."""
        return bool(self.who or self.about or self.families or self.channels)

    @property
    def since_when(self) -> datetime | None:
        return days.midnight(self.since) if self.since else None

    @property
    def until_when(self) -> datetime | None:
        return days.midnight(self.until + timedelta(days=1)) if self.until else None

    def daily(self) -> Q:
        """What the events looked at have in common: they are not daily ones, unless these are asked for."""
        return Q() if Family.PARCELS in self.families else BUT_DAILY

    def conditions(self) -> Q:
        """What the events asked for have in common. Parcels, which are many, come when they are asked for."""
        told = Q(at__gte=self.since_when) if self.since_when else Q()
        if self.until_when:
            told &= Q(at__lt=self.until_when)
        if self.who:
            told &= Q(actor_name__icontains=self.who)
        if self.about:
            told &= Q(subject_name__icontains=self.about)
        if self.channels:
            told &= Q(channel__in=self.channels)
        return told & self._of_families()

    def _of_families(self) -> Q:
        if not self.families:
            return self.daily() & ~Q(verb__in=telling.verbs(Family.PARCELS))
        return self.daily() & Q(verb__in=[verb for each in self.families for verb in telling.verbs(Family(each))])

    def pairs(self) -> list[tuple[str, str]]:
        asked = [("who", self.who), ("about", self.about)]
        asked += [("family", str(family)) for family in self.families]
        asked += [("channel", channel) for channel in self.channels]
        asked += [("from", str(self.since or "")), ("to", str(self.until or ""))]
        asked += [("person", str(self.person or "")), ("import", str(self.job or ""))]
        return [(name, value) for name, value in asked if value]

    def chips(self) -> list[Chip]:
        """The active filters, each with the address that removes it."""
        families = {family.value: family.label for family in Family}
        return [
            *self.chip("person", _("Person"), self.named),
            *self.chip("job", _("Import"), str(self.job or "")),
            *self.chip("who", _("By whom"), self.who),
            *self.chip("about", _("About whom"), self.about),
            *self.chips_each("families", _("About what"), families),
            *self.chips_each("channels", _("By which way"), CHANNELS),
            *self.chip("since", pgettext("date", "From"), days.shown(self.since)),
            *self.chip("until", pgettext("date", "To"), days.shown(self.until)),
        ]


# The events.


@dataclass(frozen=True)
class Told:
    """One event as it is shown."""

    event: AuditEvent
    personal: bool = True
    """Whether its reader may see what it keeps of somebody's identity."""
    traced: bool = True
    """Whether its reader may see from where it was done."""
    account: str | None = None
    """On which account, where a history is of several; empty outside any."""

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
        where = [] if self.account is None else [self.account]
        return [*said, str(self.channel), self.ip, event.reference, str(event.pk), *where]


Sources = Sequence[QuerySet[AuditEvent]]


class Found(NamedTuple):
    """What one page shows, and before and after which keys its neighbours are."""

    events: list[AuditEvent]
    older: int | None
    newer: int | None
    reached: datetime | None = None


class Trail:
    """The events asked for, which several queries find: each along an index of its own, where one with OR has none.

    Of a person's own history, `me` says who reads it: of what others did, it tells nothing personal. From where others
    did it is told to nobody but those who administer, and sign-ins refused under one's own name to oneself; `reader` is
    who does not administer. Where a history is of several accounts, `accounts` says what each is called.
    """

    def __init__(
        self,
        asked: Asked,
        sources: Sources,
        *,
        me: UUID | None = None,
        reader: UUID | None = None,
        accounts: Mapping[int, str] | None = None,
    ) -> None:
        self.asked, self.me, self.reader, self.accounts = asked, me, reader or me, accounts
        self.everything = sources
        self.written = 0
        """How many events a file of it was given."""

    @cached_property
    def _looked_at(self) -> Sources:
        """The events of the days asked for, whatever else is asked."""
        found = (source.filter(self.asked.daily()) for source in self.everything)
        return [within(source, self.asked.since_when, self.asked.until_when) for source in found]

    @cached_property
    def page(self) -> list[Told]:
        """The events of one page."""
        return [self._told(event) for event in self._found.events]

    @property
    def older_url(self) -> str:
        return self.asked.url(before=self._found.older) if self._found.older else ""

    @property
    def newer_url(self) -> str:
        return self.asked.url(after=self._found.newer) if self._found.newer else ""

    @property
    def reached(self) -> datetime | None:
        """How far back was looked for what is asked, where there may be more of it before."""
        return self._found.reached

    @cached_property
    def _found(self) -> Found:
        return self._later(self.asked.after) if self.asked.after is not None else self._earlier(self.asked.before)

    def _earlier(self, before: int | None) -> Found:
        """The page before a key, or the last one."""
        looked_at = [source.filter(pk__lt=before or LAST_KEY) for source in self._looked_at]
        events, last = self._next(looked_at, "-pk")
        newer = before is not None
        if len(events) > SIZE or last is None:
            older = events[SIZE - 1].pk if len(events) > SIZE else None
            return Found(events[:SIZE], older, events[0].pk if newer and events else None)
        return Found(events, last.key + 1, events[0].pk if newer and events else None, last.at)

    def _later(self, after: int) -> Found:
        """The page after a key."""
        events, last = self._next([source.filter(pk__gt=after) for source in self._looked_at], "pk")
        page = events[:SIZE][::-1]
        older = page[-1].pk if page else after + 1
        if len(events) > SIZE:
            return Found(page, older, page[0].pk)
        return Found(page, older, last.key - 1 if last else None)

    def _next(self, looked_at: Sources, order: str) -> tuple[list[AuditEvent], End | None]:
        """One event more than a page holds, of all sources, each once; and at which one ceased to look."""
        last = end(looked_at, order) if self.asked.sifts else None
        found: dict[int, AuditEvent] = {}
        for source in looked_at:
            asked = self._bounded(source, last, order).filter(self.asked.conditions())
            found |= {event.pk: event for event in asked.order_by(order)[: SIZE + 1]}
        return [found[pk] for pk in sorted(found, reverse=order.startswith("-"))][: SIZE + 1], last

    @staticmethod
    def _bounded(source: QuerySet[AuditEvent], last: End | None, order: str = "-pk") -> QuerySet[AuditEvent]:
        if last is None:
            return source
        return source.filter(pk__gt=last.key) if order.startswith("-") else source.filter(pk__lt=last.key)

    def count(self) -> tuple[int, bool]:
        """How many events there are, and whether there may be more, which nobody looked at."""
        last, most = end(self._looked_at, "-pk") if self.asked.sifts else None, COUNTED + 1
        asked = [self._bounded(source, last).filter(self.asked.conditions()) for source in self._looked_at]
        first, *others = (source.order_by("-pk").values("pk")[:most] for source in asked)
        count = first.union(*others).count() if others else first.count()
        return min(count, COUNTED), last is not None or count > COUNTED

    def headers(self) -> list[str]:
        """The first line of a file of it."""
        return [
            _("When"), _("What happened"), _("By whom"), _("About whom"), _("About what"), _("What changed"),
            _("By which way"), _("From where"), _("Reference"), _("Event number"),
            *([] if self.accounts is None else [_("Account")]),
        ]  # fmt: skip

    def lines(self, language: str, **reach: Any) -> Iterator[list[str]]:
        """All events as lines of a file, read as they leave: with a transaction and a reach of their own."""
        with transaction.atomic(), tenancy.scope(**reach):
            events = self._all()
            while some := list(islice(events, AT_ONCE)):
                with translation.override(language):
                    lines = [self._told(event).cells() for event in some]
                self.written += len(lines)
                yield from lines

    def _all(self) -> Iterator[AuditEvent]:
        last = None
        asked = (source.filter(self.asked.conditions()) for source in self._looked_at)
        streams = [source.order_by("-pk").iterator(chunk_size=AT_ONCE) for source in asked]
        for event in merge(*streams, key=lambda event: -event.pk):
            if event.pk != last:
                yield event
            last = event.pk

    def _told(self, event: AuditEvent) -> Told:
        personal, traced = (each is None or event.actor == each for each in (self.me, self.reader))
        tried = event.verb in TRIED and self.me is not None and event.subject == self.me
        account = None if self.accounts is None else self.accounts.get(event.account_id or 0, "")
        return Told(event, personal=personal, traced=traced or tried, account=account)


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
