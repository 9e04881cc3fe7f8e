"""The cells that say where people belong: sub-accounts and sites, found whatever their capitals and accents."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.utils.translation import gettext as _

from accounts.forms.places import BETWEEN
from colibox.lib.text import fold
from imports.reading.cells import REMEMBERED, Cell, tidy
from rights.places import Places

NO_PLACE = {"-", "–", "—", "aucun", "none"}
"""What takes all places of a sort away; an empty cell leaves them as they are."""
OR_BETWEEN = re.compile("[,;]")
COLUMNS = ("sub_accounts", "sites")
MOST = 50
CLOSE = 0.6
"""How alike a name must be for it to be asked whether it is meant."""


class PlaceCells:
    """The reader of these cells, for one file: each different cell is looked up once."""

    def __init__(self, places: Places) -> None:
        self.shown = {
            "sub_accounts": {place.pk: str(place) for place in places.sub_accounts},
            "sites": {place.pk: str(place) for place in places.sites},
        }
        numbered = [(place.pk, place.number.lstrip("0")) for place in places.sub_accounts]
        said = [(place.pk, text) for place in places.sub_accounts for text in (place.number, place.name, str(place))]
        self.known: Mapping[str, Mapping[str, int]] = {
            "sub_accounts": {**_once(numbered), **_folded(said)},
            "sites": _folded((place.pk, place.name) for place in places.sites),
        }
        self.read = lru_cache(REMEMBERED)(self._read)

    def _read(self, name: str, text: str) -> tuple[tuple[int, ...] | None, Cell | None]:
        """The keys of the places named; None when nothing is said of them."""
        whole, _repair = tidy(text)
        if not whole:
            return None, None
        if fold(whole) in NO_PLACE:
            return (), None
        found: dict[int, None] = {}
        for part in self._parts(name, whole):
            key = self.known[name].get(fold(part))
            if key is None:
                return None, self._unknown(name, part)
            found[key] = None
        return tuple(found), None

    def _parts(self, name: str, whole: str) -> list[str]:
        """The names in a cell: between bars, else between commas and semicolons, which a name itself may hold."""
        if BETWEEN in whole:
            parts = whole.split(BETWEEN)
        else:
            parts = [whole] if fold(whole) in self.known[name] else OR_BETWEEN.split(whole)
        return [part.strip() for part in parts[:MOST] if part.strip()]

    def _unknown(self, name: str, part: str) -> Cell:
        """The verdict on a name that means no place, and which one may have been meant."""
        if name == "sites":
            reason = _("Your account has no site of this name.")
            fix = _("Write a site of your account, or add this one to it first.")
        else:
            reason = _("Your account has no sub-account of this number or name.")
            fix = _("Write a sub-account of your account, or add this one to it first.")
        known, word = self.known[name], fold(part[:80])
        close = difflib.get_close_matches(word, known, n=1, cutoff=CLOSE)
        if close := close or sorted((each for each in known if word in each and len(word) > 2), key=len):
            fix = _("Did you mean “%(close)s”?") % {"close": self.shown[name][known[close[0]]]}
        return Cell(part, "", reason, fix)


def _folded(said: Iterable[tuple[int, str]]) -> dict[str, int]:
    return {fold(text): key for key, text in said}


def _once(numbered: Iterable[tuple[int, str]]) -> dict[str, int]:
    """Numbers without the zeros that Excel takes off, where one sub-account only can be meant."""
    numbered = list(numbered)
    times = Counter(text for _key, text in numbered)
    return {fold(text): key for key, text in numbered if text and times[text] == 1}
