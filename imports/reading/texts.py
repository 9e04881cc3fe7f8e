"""CSV as a stream of rows: bounded lines, quoted newlines, and a quotation mark that nobody closed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO

from django.utils.translation import gettext as _

from imports.reading.found import LONGEST_CELL, Unreadable

SEPARATORS = (";", ",", "\t", "|")
LONGEST_LINE = 131_000
"""A cell may not be longer than csv's own limit, which is one for the whole process: no line is."""
MOST_LINES_IN_A_ROW = 200
SPECIAL = re.compile(r'[;,\t|"]')

Row = tuple[int, list[str]]


class Lines:
    """The lines of a text, as csv wants them; it asks for another one within a row only inside quotes."""

    def __init__(self, text: Iterable[str]) -> None:
        self.text = iter(text)
        self.row = 1
        self.in_row = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.text, None)
        if self.in_row and (line is None or self.in_row > MOST_LINES_IN_A_ROW):
            raise self.unclosed()
        if line is None:
            raise StopIteration
        self.in_row += 1
        return line

    def unclosed(self) -> Unreadable:
        """The refusal of a file whose rows a quotation mark has swallowed."""
        return Unreadable(
            _("In row %(row)s a quotation mark is opened and never closed. Remove it or close it.") % {"row": self.row}
        )


def bounded(text: IO[str]) -> Iterator[str]:
    """The lines without what no database keeps; in place of one that is too long, one cell that is too long."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(("\n", "\r")):
            while (rest := text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                pass
            line = SPECIAL.sub(" ", line[:60]) + "…" * LONGEST_CELL + "\n"
        if "\0" in line or "\ufeff" in line:
            line = line.replace("\0", "\ufffd").replace("\ufeff", "")
        yield line


def split(text: Iterable[str], separator: str) -> Iterator[Row]:
    """Each row with its number, as a spreadsheet counts: a row may span several lines."""
    lines = Lines(text)
    rows = csv.reader(lines, delimiter=separator)
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:
            raise lines.unclosed() from None
        if cells is None:
            return
        if lines.in_row > 1:
            _check_swallowed(lines, cells, separator)
        yield lines.row, cells
        lines.row += 1
        lines.in_row = 0


def _check_swallowed(lines: Lines, cells: list[str], separator: str) -> None:
    """Raise Unreadable when a cell holds what looks like a row: its quotation mark was closed by another one's."""
    for cell in cells:
        if "@" in cell and ("\n" in cell or "\r" in cell):
            inner = cell.splitlines()[1:]
            if any("@" in line and line.count(separator) > 1 for line in inner):
                raise lines.unclosed()


def declared(line: str) -> str:
    """The separator that Excel's first line `sep=;` declares; empty when it is no such line."""
    word = line.strip('\ufeff"\r\n ').lower()
    return word[4:] if len(word) == 5 and word.startswith("sep=") else ""


class TextFile:
    """A text of some encoding in a file that stays open: its start, then its rows."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self.file, self.encoding = file, encoding
        with suppress(StopIteration):
            self.declared = ""
            self.declared = declared(next(self._lines()))

    @property
    def separators(self) -> tuple[str, ...]:
        """Those that may be."""
        return (self.declared,) if self.declared in SEPARATORS else SEPARATORS

    def _lines(self) -> Iterator[str]:
        self.file.seek(0)
        text = io.TextIOWrapper(self.file, self.encoding, errors="replace", newline="")
        try:
            yield from bounded(text)
        finally:
            with suppress(ValueError):  # whoever lent the file has closed it
                text.detach()

    def rows(self, separator: str) -> Iterator[Row]:
        """All rows; the line that declares the separator, which Excel does not show, is not counted."""
        lines = self._lines()
        if self.declared:
            next(lines)
        return split(lines, separator)
