"""Names of places that the list is asked for and that mean none, with the one that may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from colibox.lib.text import fold
from rights.people.filters import Asked
from rights.places import SITE, SUB_ACCOUNT, Places, Spot

CLOSE = 0.6
"""How alike a name must be for it to be asked whether it is meant."""
COMPARED = 30
"""So many characters of two names are compared: it takes the square of them."""
ASKED = {"sub_accounts": SUB_ACCOUNT, "sites": SITE}


class Unfound(NamedTuple):
    """A name that means no place; the closest one, and the address of the list that asks for it."""

    text: str
    close: str = ""
    url: str = ""


def unfound(asked: Asked, places: Places) -> Iterator[Unfound]:
    """The names asked for that stand in no place's; of each sort the first with the one that is most like it."""
    for field, sort in ASKED.items():
        known = {text: spot for spot, said in places.said.items() if spot[0] == sort for text in said}
        texts: tuple[str, ...] = getattr(asked, field)
        missing = [text for text in texts if not any(fold(text) in name for name in known)]
        for text in missing[:1]:
            close = _closest(text, known)
            yield Unfound(text, *(_instead(asked, field, text, str(places.by_spot[close])) if close else ()))
        yield from map(Unfound, missing[1:])


def _closest(text: str, known: Mapping[str, Spot]) -> Spot | None:
    """The place whose name is most like a text."""
    cut = {name[:COMPARED]: spot for name, spot in known.items()}
    found = difflib.get_close_matches(fold(text)[:COMPARED], cut, 1, CLOSE)
    return cut[found[0]] if found else None


def _instead(asked: Asked, field: str, text: str, close: str) -> tuple[str, str]:
    """What may be meant, and the address that asks for it."""
    return close, asked.url(**{field: tuple(close if each == text else each for each in getattr(asked, field))})
