"""Ending the access of many people, at once or on a day, as acts on the list of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rights import bounds
from rights.access import Ceiling
from rights.actions import bulk, reach, reopening, spans
from rights.actions.many.writing import Change
from rights.actions.spans import Span
from rights.models import AccountLink


@dataclass(frozen=True)
class Remove(bulk.Act):
    """Remove the links. Nothing undoes it, as with one person: who is invited again is offered what they had."""

    undoable: ClassVar = False

    outside: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Where else these people work, of whom only a part is managed."""
    awaited: frozenset[int] = frozenset()
    """Those who are to take over an account."""

    def about(self, links: Sequence[AccountLink], by: AccountLink) -> Self:
        return replace(self, outside=bounds.elsewhere(links, by), awaited=reach.awaited(by.account_id))

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if reason := reach.stays(self.outside.get(link.pk, ()), awaited=link.pk in self.awaited):
            raise ValidationError(reason)
        return Change(link, state=AccountLink.State.ENDED)


@dataclass(frozen=True)
class EndOn(bulk.Act):
    """Let accesses end with this day, or with none; their first days and the days of single rights stay."""

    day: date | None

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if link.ends_on == self.day:
            raise ValidationError(_("They have this end date already.") if self.day else _("They have no end date."))
        former = Span.of(link)
        span = replace(former, until=self.day)
        spans.check(span, former)
        reopening.check_longer(link, span, had, ceiling)
        return Change(link, span=span)
