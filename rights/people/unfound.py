"""Names of places that the list is asked for and that mean none, with the one that may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import NamedTuple

from colibox.lib.text import fold
from rights.people.filters import Asked
from rights.places import SITE, SUB_ACCOUNT, Places

CLOSE = 0.6
"""How alike a name must be for it to be asked whether it is meant."""
ASKED = {"sub_accounts": SUB_ACCOUNT, "sites": SITE}


class Unfound(NamedTuple):
    """A name that means no place; the closest one, and the address of the list that asks for it."""

    text: str
    close: str = ""
    url: str = ""


def unfound(asked: Asked, places: Places) -> Iterator[Unfound]:
    """The names asked for that stand in no place's."""
    for field, sort in ASKED.items():
        known = {text: spot for spot, said in places.said.items() if spot[0] == sort for text in said}
        texts: tuple[str, ...] = getattr(asked, field)
        for text in texts:
            if any(fold(text) in name for name in known):
                continue
            close = [
                str(places.by_spot[known[name]]) for name in difflib.get_close_matches(fold(text), known, 1, CLOSE)
            ]
            yield Unfound(text, *(_instead(asked, field, text, close[0]) if close else ()))


def _instead(asked: Asked, field: str, text: str, close: str) -> tuple[str, str]:
    """What may be meant, and the address that asks for it."""
    return close, asked.url(**{field: tuple(close if each == text else each for each in getattr(asked, field))})
