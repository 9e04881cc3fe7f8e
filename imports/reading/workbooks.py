"""XLSX as a stream of rows: the sheets that are seen, their cells as texts, in memory that does not grow.

openpyxl keeps all texts of a workbook in memory and takes five times as long; it still writes our workbooks.
"""

from __future__ import annotations

import mmap
import posixpath
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.cell import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from openpyxl.utils.escape import unescape

from imports.reading.archives import Archive, Markup, Names, damaged, scan
from imports.reading.found import LONGEST_CELL, MOST_COLUMNS
from imports.reading.sniffing import stranger
from imports.reading.texts import Row

MOST_SHEETS = 20
"""So many sheets are looked at for the one that holds people."""
MOST_TEXTS = 2_000_000
MOST_RECENT = 2048
LAST_ROW = 1_048_576
MOST_STYLES = 100_000
"""Excel itself knows 65,490 styles of cells."""
MOST_PIECES = 64
"""Pieces of text of one cell that are kept: expat hands over eight kilobytes at most in each."""

COLUMNS = {get_column_letter(number): number - 1 for number in range(1, MOST_COLUMNS + 1)}
LOCAL_DATES = {*range(27, 37), *range(50, 59)}
"""Formats that are dates in the Excel of some countries, and have no text."""
STRANGERS: tuple[tuple[str, str | Promise], ...] = (
    ("xl/workbook.bin", gettext_lazy("a binary workbook (.xlsb)")),
    ("content.xml", gettext_lazy("an OpenDocument file (.ods)")),
    ("word/document.xml", gettext_lazy("a Word document")),
    ("ppt/presentation.xml", gettext_lazy("a presentation")),
    ("index/document.iwa", gettext_lazy("a Numbers document")),
)


@dataclass(frozen=True)
class Sheet:
    """A sheet that is seen: its name and where it is in the archive."""

    name: str
    part: str


class Workbook:
    """A workbook in a file that stays open, of which `most` bytes may be unpacked, or as many as ever."""

    def __init__(self, file: IO[bytes], most: int = 0) -> None:
        self.archive = Archive(file, most)
        _refuse_strangers(self.archive)
        self.part = self._main_part()
        self.epoch = CALENDAR_WINDOWS_1900
        self.sheets = self._sheets()
        self.dates: frozenset[str] = self._date_styles()
        self.texts = self._texts()

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows of a sheet that have something in them, each with its number there."""
        return SheetReader(self).rows(sheet)

    def _main_part(self) -> str:
        """Where the list of sheets is."""
        relations = _relations(self.archive, "")
        return next((part for kind, part in relations.values() if kind == "officeDocument"), "xl/workbook.xml")

    def _sheets(self) -> list[Sheet]:
        relations, sheets = _relations(self.archive, self.part), list[Sheet]()

        def start(name: str, facts: dict[str, str]) -> None:
            if name == "workbookPr" and facts.get("date1904") in ("1", "true"):
                self.epoch = CALENDAR_MAC_1904
            elif name == "sheet" and facts.get("state", "visible") == "visible" and len(sheets) < MOST_SHEETS:
                kind, part = relations.get(facts.get("id", ""), ("", ""))
                if kind == "worksheet":
                    sheets.append(Sheet(facts.get("name", ""), part))

        scan(self.archive, self.part, start)
        return sheets

    def _related(self, kind: str) -> str:
        """The part of this kind, if the workbook has one."""
        parts = (part for found, part in _relations(self.archive, self.part).values() if found == kind)
        return next((part for part in parts if self.archive.has(part)), "")

    def _date_styles(self) -> frozenset[str]:
        """Which styles of cells show a number as a date."""
        formats, styles, section = dict(BUILTIN_FORMATS), list[int](), ""

        def start(name: str, facts: dict[str, str]) -> None:
            nonlocal section
            if name in ("numFmts", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs"):
                section = name
            elif max(len(formats), len(styles)) > MOST_STYLES:
                raise damaged()
            elif name == "numFmt" and section == "numFmts":
                formats[_integer(facts.get("numFmtId"))] = facts.get("formatCode", "")
            elif name == "xf" and section == "cellXfs":
                styles.append(_integer(facts.get("numFmtId")))

        if part := self._related("styles"):
            scan(self.archive, part, start)
        return frozenset(
            str(number)
            for number, code in enumerate(styles)
            if code in LOCAL_DATES or is_date_format(formats.get(code))
        )

    def _texts(self) -> Texts:
        part = self._related("sharedStrings")
        return Texts(self.archive, part) if part else Texts()


def _refuse_strangers(archive: Archive) -> None:
    for part, what in STRANGERS:
        if archive.has(part):
            raise stranger(what)
    if not archive.has("[Content_Types].xml"):
        raise stranger(_("a compressed archive"))


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """What a part refers to inside the archive, by the key it uses: the kind, and where it is."""
    folder, name = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}

    def start(name: str, facts: dict[str, str]) -> None:
        if name == "Relationship" and facts.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, facts.get("Target", ""))).lstrip("/")
            relations[facts.get("Id", "")] = facts.get("Type", "").rpartition("/")[2], target

    where = posixpath.join(folder, "_rels", f"{name}.rels")
    if archive.has(where):
        scan(archive, where, start)
    return relations


def _integer(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def kept_text(text: str) -> str:
    """A text as it can be kept: without the escapes of Excel, not much longer than a cell may be."""
    if "_x" in text:
        text = unescape(text).encode(errors="replace").decode().replace("\0", "\ufffd")
    return text[: LONGEST_CELL + 1]


class Texts:
    """The texts that cells share, on disk: a cell tells the number of its text."""

    def __init__(self, archive: Archive | None = None, part: str = "") -> None:
        self.ends = array("Q", [0])
        self.names, self.pieces, self.kept, self.phonetic = Names(), list[str](), 0, False
        self.map: mmap.mmap | bytes = b""
        self.recent: dict[str, str] = {}
        if archive:
            with tempfile.TemporaryFile() as self.file:
                self._read(archive, part)

    def __getitem__(self, number: str) -> str:
        """The text that a cell names; those that come back are known again."""
        text = self.recent.get(number)
        if text is None:
            if len(self.recent) > MOST_RECENT:
                self.recent.clear()
            text = self.recent[number] = self._text(_integer(number, -1))
        return text

    def _text(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            raise damaged()
        return self.map[self.ends[number] : self.ends[number + 1]].decode()

    def _read(self, archive: Archive, part: str) -> None:
        markup = Markup(start=self._start)
        markup.reader.EndElementHandler = self._end
        markup.reader.CharacterDataHandler = self.pieces.append
        for _piece in markup.feed(archive.parts(part)):
            del self.pieces[MOST_PIECES:]
        self.file.flush()
        if self.ends[-1]:
            self.map = mmap.mmap(self.file.fileno(), 0, access=mmap.ACCESS_READ)

    def _start(self, name: str, facts: dict[str, str]) -> None:
        match self.names[name]:
            case "si":
                self.kept = 0
                self.pieces.clear()
            case "t":
                del self.pieces[self.kept :]
            case "rPh":
                self.phonetic = True

    def _end(self, name: str) -> None:
        match self.names[name]:
            case "t" if not self.phonetic:
                self.kept = len(self.pieces)
            case "rPh":
                self.phonetic = False
            case "si":
                self._keep(kept_text("".join(self.pieces[: self.kept])))

    def _keep(self, text: str) -> None:
        if len(self.ends) > MOST_TEXTS:
            raise damaged()
        data = text.encode()
        self.file.write(data)
        self.ends.append(self.ends[-1] + len(data))


class SheetReader:
    """One reading of a sheet: the parser's events become rows."""

    def __init__(self, book: Workbook) -> None:
        self.book, self.texts, self.names = book, book.texts, Names()
        self.ready: list[Row] = []
        self.cells: list[str] = []
        self.number = 0
        self.pieces: list[str] = []
        self.kept = 0
        self.cell: dict[str, str] = {}
        self.next_column = 0

    def rows(self, sheet: Sheet) -> Iterator[Row]:
        """The rows as they are parsed."""
        markup = Markup(start=self._start)
        markup.reader.EndElementHandler = self._end
        markup.reader.CharacterDataHandler = self.pieces.append
        for _piece in markup.feed(self.book.archive.parts(sheet.part)):
            del self.pieces[MOST_PIECES:]
            yield from self.ready
            self.ready.clear()

    def _start(self, name: str, facts: dict[str, str]) -> None:
        kind = self.names[name]
        if kind == "c":
            self.cell, self.kept = facts, 0
            self.pieces.clear()
        elif kind == "v" or kind == "t":
            del self.pieces[self.kept :]
        elif kind == "row":
            told = _integer(facts.get("r"))
            self.number = told if self.number < told <= LAST_ROW else self.number + 1
            self.cells, self.next_column = [], 0

    def _end(self, name: str) -> None:
        kind = self.names[name]
        if kind == "v" or kind == "t":
            self.kept = len(self.pieces)
        elif kind == "c":
            self._put(self.pieces[0] if self.kept == 1 else "".join(self.pieces[: self.kept]))
        elif kind == "row" and self.cells:
            self.ready.append((self.number, self.cells))

    def _put(self, text: str) -> None:
        """Write a cell in its column; whatever stands right of the last column that may be is written there."""
        letters = self.cell.get("r", "").rstrip("0123456789")
        column = COLUMNS.get(letters, MOST_COLUMNS) if letters else min(self.next_column, MOST_COLUMNS)
        self.next_column = column + 1
        if text and (value := self._value(text)):
            missing = column - len(self.cells)
            if missing < 0:
                self.cells[column] = value
            else:
                self.cells += [""] * missing
                self.cells.append(value)

    def _value(self, text: str) -> str:
        kind = self.cell.get("t", "n")
        if kind == "s":
            return self.texts[text]
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        return self._number(text) if kind == "n" else kept_text(text)

    def _number(self, text: str) -> str:
        """A number as a person reads it: 44000 for 44000.0 or 4.4E4, a date as a date."""
        if self.book.dates and self.cell.get("s") in self.book.dates:
            with suppress(ValueError, OverflowError, TypeError):
                return str(from_excel(float(text), self.book.epoch)).removesuffix(" 00:00:00")
        if text.isdigit():
            return text
        with suppress(ValueError, OverflowError):
            number = float(text)
            if number.is_integer() and abs(number) < 1e15:
                return str(int(number))
        return text[: LONGEST_CELL + 1]
