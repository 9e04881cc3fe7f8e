"""Headings: which column of a file is which column of ours, in French or English, however they are typed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colibox.lib.text import fold
from imports.reading.found import MOST_COLUMNS, Found, Unreadable
from rights import catalogue
from rights.people.resources import Column, PeopleResource
from users.forms import IdentityForm
from users.models import Language

EMAIL = "email"
IGNORED = "ignored"
"""What our own files bear and nobody is to change: it is left alone without a word."""
ONLY_READ = ("state", "role")
"""Columns that our exports write, and that a file cannot change."""
READ_ONLY: tuple[str | Promise, ...] = (
    gettext_lazy("Error"), gettext_lazy("Row"), gettext_lazy("Result"), gettext_lazy("Details"),
    gettext_lazy("User name"), gettext_lazy("User key"), gettext_lazy("Last sign-in"),
    "Errors", "Erreurs", "Line", "Ligne", "Identifiant", "Confirmer email", "Confirm email",
)  # fmt: skip


LONGEST_HEADING = 200
"""What is kept of a heading: it is said again with each thing that is wrong below it."""


def key(heading: str) -> str:
    """A heading without case, accents, spaces and punctuation."""
    return "".join(character for character in fold(heading) if character.isalnum())


@cache
def names() -> dict[str, str]:
    """All the headings that are understood, by their key, and the name of the column each means.

    « Suivi consolidé » and its kin are a scope of both forms of the tracking tool: alone, they mean the form
    without customer service, which the catalogue names first.
    """
    found: dict[str, str] = {}
    for language in Language.values:
        with translation.override(language):
            columns = PeopleResource(catalogue.RIGHTS).fields
            for name, column in columns.items():
                found.setdefault(key(str(column.column_name)), name)
            for name, column in columns.items():
                for heading in [*column.names, name]:
                    found.setdefault(key(heading), name)
            for heading in READ_ONLY:
                found.setdefault(key(str(heading)), IGNORED)
    return found


@lru_cache(maxsize=16)
def places_of(headings: tuple[str, ...]) -> Mapping[str, int]:
    """Where the cells of each column are below these headings."""
    return Header.of(headings).places


def heading(name: str, headings: Sequence[str]) -> str:
    """What a file with these headings calls a column of ours; our own word for it, where it has none."""
    place = places_of(tuple(headings)).get(name)
    if place is not None:
        return headings[place]
    column: Column | None = PeopleResource(catalogue.RIGHTS, "x").fields.get(name)
    return str(column.column_name) if column else ""


@dataclass(frozen=True)
class Header:
    """The headings of a file, by what they mean: for each of our columns, its place in a row."""

    headings: list[str]
    places: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    twice: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, cells: Sequence[str]) -> Header:
        """The headings of this row, those at its end that are empty left out."""
        headings = [" ".join(cell.split())[:LONGEST_HEADING].strip() for cell in cells[:MOST_COLUMNS]]
        if beyond := "".join(cells[MOST_COLUMNS:]).strip():
            headings.append(beyond[:LONGEST_HEADING])
        while headings and not headings[-1]:
            headings.pop()
        header = cls(headings)
        for place, heading in enumerate(headings):
            header._place(heading, place)
        return header

    def _place(self, heading: str, place: int) -> None:
        name = names().get(key(heading))
        if name is None:
            if heading:
                self.unknown.append(heading)
        elif name in self.places and name not in (IGNORED, *ONLY_READ):
            self.twice.append((self.headings[self.places[name]], heading))
        else:
            self.places.setdefault(name, place)

    @property
    def score(self) -> int:
        """How many columns are understood; a row that names no address leads nowhere."""
        return len(self.places.keys() - {IGNORED}) + (MOST_COLUMNS if EMAIL in self.places else 0)

    def check(self) -> None:
        """Raise Unreadable when this header cannot lead through a file."""
        if len(self.headings) > MOST_COLUMNS:
            raise Unreadable(_("This file has more than %(most)s columns: remove some.") % {"most": MOST_COLUMNS})
        if EMAIL not in self.places:
            raise self._without_email()
        if self.twice:
            first, second = self.twice[0]
            raise Unreadable(
                _("Two columns mean the same: “%(first)s” and “%(second)s”. Remove one of them.")
                % {"first": first, "second": second}
            )

    def _without_email(self) -> Unreadable:
        if self.places.keys() - {IGNORED, *ONLY_READ}:
            return Unreadable(_("The column “Email” is missing: add it, people are recognised by it."))
        return Unreadable(
            _(
                "No heading of a column is recognised. The first row must name the columns, for example"
                " Last Name, First Name, Email: start from the template."
            )
        )

    def tell(self, found: Found, held: frozenset[str]) -> None:
        """Write down what was understood and what was not."""
        found.known = [self.headings[place] for place in sorted(self.places.values())]
        found.unknown = self.unknown
        found.meant = {heading: close for heading in self.unknown if (close := _closest(heading))}
        rights = self.places.keys() & catalogue.BY_CODE.keys()
        found.not_held = [self.headings[self.places[code]] for code in catalogue.BY_CODE if code in rights - held]
        columns = PeopleResource([]).fields
        found.missing = [
            str(columns[name].column_name)
            for name, asked in IdentityForm.base_fields.items()
            if asked.required and name not in self.places and name != "country"
        ]


def _closest(heading: str) -> str:
    """The heading of ours that may have been meant, in the reader's language."""
    close = difflib.get_close_matches(key(heading[:60]), names(), n=1, cutoff=0.8)
    name = names()[close[0]] if close else IGNORED
    column: Column | None = PeopleResource(catalogue.RIGHTS).fields.get(name)
    return str(column.column_name) if column else ""


def best(rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[int, Header]:
    """Of the first rows of a file, the one that names the most columns; its number and its headings."""
    number, header = 0, Header([])
    for at, cells in rows:
        if any(cells) and not cells[0].lstrip().startswith("#"):
            candidate = Header.of(cells)
            if not number or candidate.score > header.score:
                number, header = at, candidate
    return number, header
