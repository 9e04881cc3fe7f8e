"""CSV files that operators bring: their encoding, their columns, and rows that are read or refused one by one."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import SEEK_END, TextIOWrapper
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from django.utils import timezone

from colibox.lib import sheets
from colibox.lib.text import fold

SEPARATORS = ";,\t|"
READ_AT_ONCE = 1 << 20
LONGEST_FIRST = 100_000
"""Characters of a first line that may name columns."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
YES, NO = {"1", "yes", "oui", "true", "vrai", "o", "y", "x"}, {"", "0", "no", "non", "false", "faux", "n"}
PARIS = ZoneInfo("Europe/Paris")
OTHER_FORMS = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
"""Beside ISO 8601; hours may have one digit."""
TOMORROW = timedelta(days=1)
LONGEST_SHOWN = 200


class Fault(Exception):
    """What is wrong with a value and what to do about it, in one sentence."""


class Unreadable(Exception):
    """Why nothing of a file can be read."""


@dataclass(frozen=True)
class Column:
    """One column: the name in the first line, how a value is read, and what operators are told of it."""

    name: str
    read: Callable[[str], Any]
    told: str
    required: bool = False
    default: str = ""


@dataclass
class Row:
    """One row of the file, with its values or with what is wrong with it."""

    line: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def refuse(self, column: str, sentence: str) -> None:
        """This row is not to be used, and why."""
        self.faults.append(f"{column}: {sentence}")


class File:
    """An open CSV file whose first line names its columns, in any order; those that are unknown are left aside."""

    def __init__(self, opened: BinaryIO, columns: Sequence[Column]) -> None:
        self.bytes, self.size = opened, opened.seek(0, SEEK_END)
        text = TextIOWrapper(opened, encoding=_encoding(self.bytes), errors="replace", newline="")
        first = text.readline(LONGEST_FIRST)
        if len(first) == LONGEST_FIRST:
            raise Unreadable("The first line is too long to name columns: this is no CSV file.")
        self.header = [cell.strip() for cell in next(csv.reader([first], delimiter=_separator(first)), [])]
        self.columns = self._found(columns)
        places = {place for _column, place in self.columns}
        self.unknown = [name for place, name in enumerate(self.header) if name and place not in places]
        self.lines = csv.reader(text, delimiter=_separator(first))

    def _found(self, columns: Sequence[Column]) -> list[tuple[Column, int | None]]:
        """The columns with their place in the file."""
        names = {fold(name).replace(" ", "_"): place for place, name in enumerate(self.header)}
        missing = [column.name for column in columns if column.required and column.name not in names]
        if missing and not any(self.header):
            raise Unreadable("This file is empty, or its first line is.")
        if missing:
            raise Unreadable(f"The first line does not name the column {', '.join(missing)}; it has: {self._shown()}.")
        return [(column, names.get(column.name)) for column in columns]

    def _shown(self) -> str:
        """What the first line has, as much as fits a line, in signs that do nothing to a terminal."""
        return CONTROL.sub("?", ", ".join(self.header))[:LONGEST_SHOWN]

    @property
    def share(self) -> float:
        """How much of the file has been read, from 0 to 1."""
        return self.bytes.tell() / self.size if self.size else 1.0

    def rows(self) -> Iterator[Row]:
        """Its rows, each read on its own; empty lines are passed over."""
        while True:
            line = self.lines.line_num + 2
            try:
                cells = next(self.lines)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(line, [], faults=[f"line: cannot be taken apart ({error}); look for a quote never closed."])
                continue
            if any(cells):
                yield self._row(Row(line, cells))

    def _row(self, row: Row) -> Row:
        for column, place in self.columns:
            text = row.cells[place] if place is not None and place < len(row.cells) else ""
            text = sheets.plain(text.strip()) or column.default
            try:
                row.values[column.name] = self._value(column, text)
            except Fault as fault:
                row.refuse(column.name, str(fault))
        return row

    @staticmethod
    def _value(column: Column, text: str) -> Any:
        if column.required and not text:
            raise Fault("is missing; fill it in.")
        if CONTROL.search(text):
            raise Fault("has a character that cannot be shown; type it again.")
        return column.read(text)


def _encoding(file: BinaryIO) -> str:
    """UTF-8, what Excel calls Unicode, or else the code page of Windows here; the file is left at its start."""
    file.seek(0)
    start = file.read(2)
    file.seek(0)
    if start in (BOM_UTF16_LE, BOM_UTF16_BE):
        return "utf-16"
    decoder = getincrementaldecoder("utf-8")()
    try:
        while part := file.read(READ_AT_ONCE):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        file.seek(0)
    return "utf-8-sig"


def _separator(first: str) -> str:
    return max(SEPARATORS, key=first.count)


# How values are read.


def text(longest: int) -> Callable[[str], str]:
    """A text of so many characters at most."""

    def read(value: str) -> str:
        if len(value) > longest:
            raise Fault(f"has {len(value)} characters; shorten it to {longest}.")
        return value

    return read


def matching(pattern: str, asked: str) -> Callable[[str], str]:
    """A text of this form, in capitals."""
    compiled = re.compile(pattern)

    def read(value: str) -> str:
        if value and not compiled.fullmatch(value.upper()):
            raise Fault(f"“{value[:40]}” is not {asked}.")
        return value.upper()

    return read


def one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """One of these codes, in capitals."""
    known = frozenset(choices)

    def read(value: str) -> str:
        if value.upper() not in known:
            raise Fault(f"“{value[:40]}” is not known; use one of {', '.join(choices)}.")
        return value.upper()

    return read


def yes_or_no(value: str) -> bool:
    """Oui or non, 1 or 0; nothing is no."""
    if fold(value) not in YES | NO:
        raise Fault(f"“{value[:40]}” is neither yes nor no; write 1 or 0.")
    return fold(value) in YES


def number(smallest: float, largest: float) -> Callable[[str], float]:
    """A number within these bounds, with a point or a comma."""

    def read(value: str) -> float:
        try:
            found = float(value.replace(",", "."))
        except ValueError:
            found = float("nan")
        if not smallest <= found <= largest:
            raise Fault(f"“{value[:40]}” is not a number from {smallest:g} to {largest:g}.")
        return found

    return read


def whole(smallest: int, largest: int) -> Callable[[str], int]:
    """A whole number within these bounds."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or len(value) > 12 or not smallest <= int(value) <= largest:
            raise Fault(f"“{value[:40]}” is not a whole number from {smallest} to {largest}.")
        return int(value)

    return read


def moment(value: str) -> datetime:
    """A time as ISO 8601 writes it or with the day first; French time unless it says which. None lies ahead."""
    found = _moment(value)
    found = found if found.tzinfo else found.replace(tzinfo=PARIS)
    if not found.year >= 2000 or found > timezone.now() + TOMORROW:
        raise Fault(f"“{value[:40]}” is not between the year 2000 and tomorrow.")
    return found


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        pass
    for form in OTHER_FORMS:
        try:
            return datetime.strptime(value, form)
        except ValueError:
            continue
    raise Fault(f"“{value[:40]}” is not a time; write 2026-11-22T14:05 or 22/11/2026 14:05.")
