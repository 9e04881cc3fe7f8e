"""What the events of the trace say in words: each app registers the sentences of its verbs, in its `sentences.py`.

Only fields that are registered are ever shown, so that whatever else an event keeps, no page or file tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colibox.lib.elision import elided
from colibox.lib.text import Text


class Event(Protocol):
    """What is read of an event."""

    verb: str
    actor_name: str
    subject_name: str
    before: dict[str, Any]
    after: dict[str, Any]


class Family(StrEnum):
    """What the events of a history are about; it is filtered by these."""

    PEOPLE = "people"
    ADMINISTRATION = "administration"
    COMPANY = "company"
    SECURITY = "security"
    FILES = "files"
    PARCELS = "parcels"

    @property
    def label(self) -> Text:
        return FAMILIES[self]


FAMILIES: dict[Family, Text] = {
    Family.PEOPLE: gettext_lazy("People and their rights"),
    Family.ADMINISTRATION: gettext_lazy("Administration of the account"),
    Family.COMPANY: gettext_lazy("Company, contacts and documents"),
    Family.SECURITY: gettext_lazy("Sign-in and keys"),
    Family.FILES: gettext_lazy("Imports and exports"),
    Family.PARCELS: gettext_lazy("Parcels and claims"),
}

Sentence = Text | Callable[[Event], str]
"""A text with %(who)s, %(whom)s and the names of what the event keeps; or what makes one of the event."""
Shown = Callable[[Any], str | list[str]]
"""What is shown of a value: a text, or the texts of a list, of which what came and what went is told."""


@dataclass(frozen=True)
class Field:
    """What an event may keep from before and after, as it is shown."""

    label: Text
    show: Shown = lambda value: str(value)
    personal: bool = False


@dataclass(frozen=True)
class Verb:
    """How one verb is told."""

    family: Family
    sentence: Sentence
    fields: Mapping[str, Field]


@dataclass(frozen=True)
class Change:
    """One value that an event changed: what it was and what it became; of a list, what came and what went."""

    label: Text
    before: str = ""
    after: str = ""
    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    hidden: bool = False
    """Whether what it was and became is not the reader's to know."""

    def __str__(self) -> str:
        if self.hidden:
            return str(self.label)
        if self.gained or self.lost:
            signs = [f"+ {text}" for text in self.gained] + [f"− {text}" for text in self.lost]
            return f"{self.label} {', '.join(signs)}"
        return f"{self.label} {self.before or '–'} → {self.after or '–'}"


VERBS: dict[str, Verb] = {}


def register(family: Family, sentences: Mapping[str, Sentence], fields: Mapping[str, Field] | None = None) -> None:
    """Say how these verbs are told, and which of the fields that they keep are shown."""
    for verb, sentence in sentences.items():
        if verb in VERBS:
            raise ValueError(f"“{verb}” has a sentence already.")
        VERBS[verb] = Verb(family, sentence, fields or {})


def verbs(family: Family) -> list[str]:
    """The verbs of a family."""
    return [verb for verb, told in VERBS.items() if told.family == family]


def sentence(event: Event) -> str:
    """What happened, in one sentence in the reader's language; a plain one for a verb that nobody registered."""
    return elided(_sentence(event), event.actor_name, event.subject_name)


def _sentence(event: Event) -> str:
    told = VERBS.get(event.verb)
    names = {"who": event.actor_name, "whom": event.subject_name}
    if told is not None:
        try:
            if callable(told.sentence):
                return told.sentence(event)
            return str(told.sentence) % {**event.before, **event.after, **names}
        except (KeyError, TypeError, ValueError):  # an event of a time when less, or something else, was kept
            pass
    if event.subject_name:
        return _("%(who)s: %(verb)s (%(whom)s).") % {**names, "verb": event.verb}
    return _("%(who)s: %(verb)s.") % {**names, "verb": event.verb}


def changes(event: Event, *, personal: bool = True) -> list[Change]:
    """What an event changed, of what is shown; without what is personal where it is not the reader's to know."""
    told = VERBS.get(event.verb)
    return list(_changes(event, told, personal)) if told else []


def _changes(event: Event, told: Verb, personal: bool) -> Iterator[Change]:
    for name, known in told.fields.items():
        was, became = event.before.get(name), event.after.get(name)
        if was == became:
            continue
        if known.personal and not personal:
            yield Change(known.label, hidden=True)
            continue
        try:
            before, after = ("" if value in (None, "") else known.show(value) for value in (was, became))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if isinstance(before, list) or isinstance(after, list):
            old, new = before or [], after or []
            gained, lost = [text for text in new if text not in old], [text for text in old if text not in new]
            if gained or lost:
                yield Change(known.label, gained=gained, lost=lost)
        elif before or after:
            yield Change(known.label, str(before), str(after))


Places = Callable[[str, Collection[UUID]], Mapping[UUID, str]]
"""What finds, on the account of a number, the addresses of the pages of what events are about."""
PLACES: list[Places] = []


def register_places(find: Places) -> None:
    """Say where the pages are of what an app's events are about."""
    PLACES.append(find)


def places(number: str, subjects: Collection[UUID]) -> dict[UUID, str]:
    """The addresses of these, where they have a page."""
    return {subject: url for find in PLACES for subject, url in find(number, subjects).items()} if subjects else {}


def listed(value: Any) -> list[str]:
    """The texts of a list as they are."""
    return [str(each) for each in value]


def among(words: Mapping[str, Text]) -> Shown:
    """What shows a value by the word for it; as it is when there is none."""
    return lambda value: str(words.get(value, value))
