"""How the events of one page of a history are drawn: those of one act together, names leading to where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from django.db import connection
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
    """The sentences of the other events of the act on this page."""
    more: int = 0
    """How many other events the act brought, be they on this page or not."""


def acts(page: Sequence[Told], number: str = "", *, whole: bool = False) -> list[Act]:
    """The entries of a page; with the number of the account it is of, names lead to their pages.

    Where the history is that of the whole account, an act is told with all that it brought, whatever the page.
    """
    places = telling.places(number, {told.event.subject for told in page if told.event.subject}) if number else {}
    return list(_acts(page, places, _sizes(page) if number and whole else {}))


def _acts(page: Iterable[Told], places: Mapping[UUID, str], sizes: Mapping[tuple[str, str], int]) -> Iterator[Act]:
    for key, group in groupby(page, key=_act_of):
        several = list(group)
        first, *others = several
        size = max(len(several), sizes.get((first.event.reference, first.event.verb), 0))
        if key is None or size < ALIKE:
            yield from (Act(told, linked(told, places)) for told in several)
        else:
            yield Act(first, linked(first, places), [linked(told, places) for told in others], size - 1)


SIZES = """
    SELECT reference, verb, (
        SELECT count(*) FROM (
            SELECT FROM accounts_auditevent AS e
            WHERE e.account_id = %s AND e.reference <> '' AND e.reference = act.reference AND e.verb = act.verb
            LIMIT 10000) AS brought)
    FROM unnest(%s::text[], %s::text[]) AS act (reference, verb)
"""


def _sizes(page: Iterable[Told]) -> dict[tuple[str, str], int]:
    """How many events of a verb each act on this page brought, by its reference; one statement, if there is an act."""
    several = {(told.event.reference, told.event.verb): told.event.account_id for told in page if _act_of(told)}
    if not several:
        return {}
    references, verbs = zip(*several, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [next(iter(several.values())), list(references), list(verbs)])
        return {(reference, verb): count for reference, verb, count in cursor.fetchall()}


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
