"""Attaching many people to a place, and detaching them from it, as acts on the list of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Site, SubAccount
from rights.access import Ceiling
from rights.actions import bulk
from rights.actions.attaching import Whereabouts
from rights.actions.many.writing import Change
from rights.models import AccountLink
from rights.places import spot_of


@dataclass(frozen=True)
class Move(bulk.Act):
    """An act about one place."""

    place: SubAccount | Site
    people: Whereabouts | None = None

    def about(self, links: Sequence[AccountLink], by: AccountLink) -> Self:
        return replace(self, people=Whereabouts.of(links, by))


@dataclass(frozen=True)
class Attach(Move):
    """Attach to a place, beside those that are there."""

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        placed = self.people.moved(link, gained={spot_of(self.place)}) if self.people else None
        if placed is None:
            raise ValidationError(_("They are attached to it already."))
        return Change(link, places=placed)


@dataclass(frozen=True)
class Detach(Move):
    """Detach from a place; a sub-account's sites are places of their own."""

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        placed = self.people.moved(link, lost={spot_of(self.place)}) if self.people else None
        if placed is None:
            raise ValidationError(_("They are not attached to it."))
        return Change(link, places=placed)
