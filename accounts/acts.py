"""How the events of one page of a history are drawn: those of one act together, names leading to where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from accounts.history import Told
from colibox.lib import telling

ALIKE = 3
"""So many events of one act, one after the other, are told as one."""
OF_MANY = ("bulk:", "import:", "profile:")
"""How the references begin of acts that reach many people."""


@dataclass(frozen=True)
class Act:
    """One entry of a page: an event, and those that the same act brought with it."""

    told: Told
    sentence: SafeString
    others: list[SafeString] = field(default_factory=list)
    """The sentences of the other events of the act."""


def acts(page: Sequence[Told], number: str = "") -> list[Act]:
    """The entries of a page; with the number of the account it is of, names lead to their pages."""
    places = telling.places(number, {told.event.subject for told in page if told.event.subject}) if number else {}
    return list(_acts(page, places))


def _acts(page: Iterable[Told], places: Mapping[UUID, str]) -> Iterator[Act]:
    for key, group in groupby(page, key=_act_of):
        several = list(group)
        if key is None or len(several) < ALIKE:
            yield from (Act(told, linked(told, places)) for told in several)
        else:
            first, *others = several
            yield Act(first, linked(first, places), [linked(told, places) for told in others])


def _act_of(told: Told) -> tuple[object, ...] | None:
    """What the events of one act have in common; None for those that stand alone."""
    event = told.event
    if not event.reference.startswith(OF_MANY):
        return None
    return event.reference, event.verb, event.actor, told.day


def linked(told: Told, places: Mapping[UUID, str]) -> SafeString:
    """The sentence of an event, in which the name of whom it is about leads to their page."""
    sentence, name = told.sentence, told.event.subject_name
    url = places.get(told.event.subject) if told.event.subject else None
    if not url or not name or name not in sentence:
        return escape(sentence)
    before, _name, after = sentence.rpartition(name)
    return format_html('{}<a href="{}">{}</a>{}', before, url, name, after)
