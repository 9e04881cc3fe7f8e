"""The cells that say what is to be done: yes or no to each right, tags, days, action, kind of user, language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from import_export.fields import Field

from colibox.lib.text import fold
from imports.reading.cells import REMEMBERED, Cell, tidy
from rights import catalogue
from rights.actions.many.entries import NO_DAY
from rights.actions.spans import EARLIEST, LATEST
from rights.forms.rights import TagsField
from rights.people.resources import PeopleResource

NO_TAG = {"-", "–", "—", "aucun", "none"}
"""What removes all tags; an empty cell leaves them as they are."""
TAGS = TagsField(required=False)
ISO_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?\Z")
FRENCH_DAY = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})\Z")


class Rights(NamedTuple):
    """What the cells of rights say: yes, yes or no, and which are not understood, by their place among them."""

    given: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    wrong: tuple[tuple[int, Cell], ...] = ()


class Asked:
    """The reader of these cells, for one file and in one language."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = codes
        self.fields: dict[str, Field] = PeopleResource(catalogue.RIGHTS).fields
        self.rights = lru_cache(REMEMBERED)(self._rights)
        self.tags = lru_cache(REMEMBERED)(self._tags)
        self.day = lru_cache(REMEMBERED)(self._day)
        self.word = lru_cache(REMEMBERED)(self._word)

    def _rights(self, cells: tuple[str, ...]) -> Rights:
        """An empty cell says nothing: that right stays as it is."""
        said: dict[str, bool] = {}
        wrong: list[tuple[int, Cell]] = []
        for place, (code, text) in enumerate(zip(self.codes, cells, strict=True)):
            word, _repair = tidy(text)
            if word:
                try:
                    said[code] = self.fields[code].widget.clean(word)
                except ValueError as error:
                    reason = _("This is neither yes nor no for the right “%(right)s”.") % {"right": full_label(code)}
                    wrong.append((place, Cell(text, "", reason, str(error))))
        given = frozenset(code for code, yes in said.items() if yes)
        return Rights(given, frozenset(said), tuple(wrong or self._chosen_twice(given, cells)))

    def _chosen_twice(self, given: frozenset[str], cells: tuple[str, ...]) -> list[tuple[int, Cell]]:
        """Of each form of the tracking tool, one scope at most."""
        chosen: dict[str, str] = {}
        for place, code in enumerate(self.codes):
            choice = catalogue.BY_CODE[code].choice if code in given else ""
            if choice in chosen:
                labels = {"one": full_label(chosen[choice]), "other": full_label(code)}
                reason = _("“%(one)s” and “%(other)s” exclude one another.") % labels
                return [(place, Cell(cells[place], "", reason, _("Write yes for one of them only.")))]
            if choice:
                chosen[choice] = code
        return []

    def _tags(self, text: str) -> tuple[list[str] | None, Cell | None]:
        """The tags; None when nothing is said of them."""
        word, _repair = tidy(text)
        if not word:
            return None, None
        if fold(word) in NO_TAG:
            return [], None
        try:
            return TAGS.clean(word), None
        except ValidationError as error:
            return None, Cell(text, "", str(error.messages[0]))

    def _day(self, text: str) -> tuple[str, Cell | None]:
        """A day, as 2026-12-31; nothing when the cell is empty."""
        word, _repair = tidy(text)
        if not word:
            return "", None
        if fold(word) in NO_TAG:
            return NO_DAY, None
        day = written_day(word)
        if day is None or not EARLIEST <= day <= LATEST:
            facts = {"day": date_format(timezone.localdate(), "SHORT_DATE_FORMAT"), "iso": timezone.localdate()}
            return "", Cell(text, "", _("This is no day."), _("Write it as %(day)s or %(iso)s.") % facts)
        return day.isoformat(), None

    def _word(self, name: str, text: str) -> tuple[str, Cell | None]:
        """What one of a few words means; nothing when the cell is empty."""
        word, _repair = tidy(text)
        try:
            return (self.fields[name].widget.clean(word) if word else ""), None
        except ValueError as error:
            return "", Cell(text, "", _("This word is not understood."), str(error))


def written_day(text: str) -> date | None:
    """The day written as 2026-12-31, 31/12/2026 or 31/12/26: the day comes before the month, as in Europe."""
    if found := ISO_DAY.match(text):
        year, month, day = map(int, found.groups())
    elif found := FRENCH_DAY.match(text):
        day, month, year = map(int, found.groups())
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def full_label(code: str) -> str:
    """The label of a right as it stands alone."""
    return catalogue.BY_CODE[code].full_label
