"""What pages ask of lists: read from an address, shown as chips, written to an address again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from colibox.lib.text import Text, line

LONGEST = 60
MOST_VALUES = 10


class Chip(NamedTuple):
    """An active filter and the address of the list without it."""

    label: Text
    value: Text
    url: str


@dataclass(frozen=True)
class Question:
    """What is asked of a list, clean: whatever an address holds, only what the list knows comes in."""

    PLACE: ClassVar[tuple[str, ...]] = ("after", "before")
    """The fields that say where in the list a page is: gone once anything else changes."""

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of all that is asked but the place in the list; what goes without saying is left out."""
        raise NotImplementedError

    @property
    def query(self) -> str:
        """The question as the query of an address."""
        return urlencode(self.pairs())

    def url(self, **changes: Any) -> str:
        """The address, relative to the list, of this question once changed; at the beginning unless a place is said."""
        place = {name: changes.pop(name) for name in self.PLACE if name in changes}
        pairs = (replace(self, **changes) if changes else self).pairs()
        return "?" + urlencode(pairs + [(name, str(at)) for name, at in place.items() if at != self._unasked(name)])

    def chip(self, name: str, label: Text, value: Text, **changes: Any) -> list[Chip]:
        """The filter of this name, if anything is asked of it, with the address that removes it."""
        return [Chip(label, value, self.url(**{name: self._unasked(name), **changes}))] if value else []

    def chips_each(self, name: str, label: Text, labels: Mapping[str, Text] | None = None) -> list[Chip]:
        """Each value of a filter that takes several, by its label or as it is, with the address that removes it."""
        values: tuple[str, ...] = getattr(self, name)
        return [
            Chip(label, labels[value] if labels else value, self.url(**{name: tuple(v for v in values if v != value)}))
            for value in values
        ]

    def _unasked(self, name: str) -> Any:
        return type(self).__dataclass_fields__[name].default


def one(value: str | None, known: Iterable[str]) -> str:
    """The value, if it is one of those."""
    return value if value and value in {str(name) for name in known} else ""


def some(values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Those of the values that are known, in the order in which they are known; the first ten."""
    wanted = set(values)
    return tuple(str(name) for name in known if name in wanted)[:MOST_VALUES]


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """The texts as they are compared with others, each once; the first ten."""
    return tuple(dict.fromkeys(text for value in values if (text := line(value, LONGEST))))[:MOST_VALUES]


def whole(value: str | None, least: int, most: int) -> int:
    """The number within these bounds, the least where it is none."""
    if value is None or not value.isascii() or not value.isdigit():
        return least
    return min(max(int(value[:20]), least), most)


def as_uuid(value: str | None) -> UUID | None:
    """The identifier, if it is one."""
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
