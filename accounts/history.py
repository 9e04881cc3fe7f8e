"""What can be asked of a history, and its events page by page or as a file, the newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any, Self
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import AuditEvent
from accounts.models.trace import BUT_DAILY
from colibox.lib import days, telling, tenancy
from colibox.lib.asking import LONGEST, Chip, Question, as_uuid, some, whole
from colibox.lib.telling import Change, Family, Text
from colibox.lib.text import line

SIZE = 50
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

    def conditions(self) -> Q:
        """What the events asked for have in common. Parcels, which are many, come when they are asked for."""
        told = Q(at__gte=days.midnight(self.since)) if self.since else Q()
        if self.until:
            told &= Q(at__lt=days.midnight(self.until + timedelta(days=1)))
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
