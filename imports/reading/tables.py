"""Reading a file of people from its bytes to its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO

from django.utils import translation

from imports.reading.formats import FORMATS
from imports.reading.found import Found, Table
from imports.reading.lines import Reading
from imports.reading.sniffing import kind_of
from rights.places import Places


def nowhere() -> Places:
    """No place at all."""
    return Places([], [])


def read(
    file: IO[bytes],
    *,
    filename: str,
    held: frozenset[str],
    language: str,
    profiles: Mapping[str, str] = MappingProxyType({}),
    places: Callable[[], Places] = nowhere,
) -> Table:
    """A file, by its content, whatever its name pretends; `held` are the rights that the account has.

    `profiles` are the names of its profiles, and the key of each. `places` are asked for only where the file says
    where people belong.

    Raises Unreadable, as may the lines while they are read. The file stays open until they all are.
    """
    with translation.override(language):
        found = Found(format=kind_of(file))
        opened = FORMATS[found.format].open(file, found)
        opened.header.check()
        opened.header.tell(found, held)
        found.header_row = opened.number
    rows = (row for row in opened.rows if row[0] > opened.number)
    return Table(found, opened.header.headings, Reading(opened.header, found, language, profiles, places).lines(rows))
