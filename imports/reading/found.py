"""What reading a file gives: what was found out about it, its lines, what is wrong with them; and its limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from rights.actions.many.entries import Entry, Status

MOST_BYTES = 10_000_000
MOST_ROWS = 50_000
MOST_COLUMNS = 100
LONGEST_CELL = 2_000
MOST_TEXT = 30_000_000
"""Characters of all rows together: the cells of a small workbook may name one long text millions of times."""


class Unreadable(Exception):
    """The file, or what follows in it, cannot be read; the text is a sentence for who sent it."""


@dataclass(slots=True)
class Fault:
    """What is wrong with a line: where, by the heading of their own file, why, and what to do."""

    column: str
    value: str
    reason: str
    fix: str = ""
    right: str = ""

    def as_dict(self) -> dict[str, str]:
        """As JSON keeps it."""
        return asdict(self)


@dataclass(slots=True)
class Line:
    """One row of the file, by its number there: what it asks, or what is wrong with it."""

    number: int
    cells: list[str]
    entry: Entry | None = None
    unread: Entry | None = None
    """Where something is wrong, whom it is about all the same, if somebody new would lack something."""
    faults: list[Fault] = field(default_factory=list)
    status: Status = Status.OK


@dataclass
class Found:
    """What was found out about the file. What is counted is final once all lines were read."""

    format: str = ""
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_row: int = 0
    known: list[str] = field(default_factory=list)
    """The headings that were understood."""
    unknown: list[str] = field(default_factory=list)
    """The headings that were not, whose cells are left alone."""
    meant: dict[str, str] = field(default_factory=dict)
    """Of the unknown, what may have been meant."""
    missing: list[str] = field(default_factory=list)
    """What is asked for about a new person, and has no column."""
    not_held: list[str] = field(default_factory=list)
    """The headings of rights that the account does not hold."""
    repairs: Counter[str] = field(default_factory=Counter)
    """What Excel damaged and was put right, how often: postcode, telephone, email, quotes, formula, apostrophe."""
    in_order: bool = False
    """Whether several rows may be about the same person, so that the order of the rows matters."""
    empty_rows: int = 0
    comments: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self) | {"repairs": dict(self.repairs)}


@dataclass
class Table:
    """A file being read: its lines come as they are asked for, and may end in Unreadable."""

    found: Found
    header: list[str]
    lines: Iterator[Line]
