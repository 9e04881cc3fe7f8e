"""Cells that name something the account has, as its profiles, whatever their case and accents."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache

from django.utils.translation import gettext as _

from colibox.lib.text import fold
from imports.reading.cells import REMEMBERED, Cell, tidy

LIKELY = 0.7
"""So much alike are two names of which one may be meant by the other."""


class Names:
    """What may be named in a column, and by what it is known; `unknown` says that nothing is called so."""

    def __init__(self, known: Mapping[str, str], *, unknown: str) -> None:
        self.known = {fold(name): key for name, key in known.items()}
        self.labels = {fold(name): name for name in known}
        self.unknown = unknown
        self.read = lru_cache(REMEMBERED)(self._read)

    def _read(self, text: str) -> tuple[str, Cell | None]:
        """What a cell names; nothing when it is empty. A name that nothing bears is a fault, with what is meant."""
        word, _repair = tidy(text)
        name = fold(word)
        if not name or name in self.known:
            return self.known.get(name, ""), None
        close = difflib.get_close_matches(name[:60], self.known, n=1, cutoff=LIKELY)
        meant = _("Did you mean “%(name)s”?") % {"name": self.labels[close[0]]} if close else ""
        return "", Cell(text, "", self.unknown, meant)
