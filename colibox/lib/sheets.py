"""Spreadsheet files as they leave: whole or not at all, readable by the Excel of here, and with no cell that acts."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from io import StringIO
from typing import IO

from django.http import FileResponse
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles.fonts import Font
from openpyxl.workbook.workbook import Workbook
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

LIVE = tuple("=+-@＝＋－＠")
TELEPHONE = re.compile(r"\+(\d{6,15})\Z")
SHOWN_TELEPHONE = re.compile(r"\(\+(\d{0,3})\) (\d{3,15})\Z")
QUOTED = re.compile(rf"'*(?:\s*[{re.escape(''.join(LIVE))}]|\(\+\d{{0,3}}\) \d)")
"""What is written behind one more quote: what would act, and what would be read as something else again."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
"""What no line of a CSV file and no workbook may contain: one such character makes a workbook unreadable."""
LINES_AT_ONCE = 500
MOST_IN_WORKBOOK = 10_000
"""A workbook is made whole before it leaves: a longer list leaves as CSV, which streams."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: quoted if it began like one, a telephone as (+33) 241742088."""
    if text[:1].isalnum() and text.isprintable():
        return text
    text = CONTROL.sub(" ", text)
    if number := TELEPHONE.match(text):
        return _telephone(number[1])
    return f"'{text}" if QUOTED.match(text) else text


def plain(text: str) -> str:
    """The text that inert() wrote in this way, to the character."""
    if text.startswith("'") and QUOTED.match(text, 1):
        return text[1:]
    if number := SHOWN_TELEPHONE.match(text):
        return f"+{number[1]}{number[2]}"
    return text


def _telephone(digits: str) -> str:
    codes = (digits[:length] for length in (1, 2, 3))
    code = next((code for code in codes if int(code) in COUNTRY_CODE_TO_REGION_CODE), "")
    return f"(+{code}) {digits[len(code) :]}" if code else f"(+) {digits}"


def kind_for(asked: str, count: int) -> str:
    """The format in which so many lines leave, when this one is asked for: xlsx or csv."""
    return "xlsx" if asked == "xlsx" and count <= MOST_IN_WORKBOOK else "csv"


class Whole(FileResponse):
    """A file that is there to its end before its first byte leaves.

    What breaks while an answer is under way ends it, for web server and browser, as if nothing were missing.
    """

    block_size = 1 << 18


def download(lines: Iterable[Sequence[str]], *, name: str, title: str, kind: str) -> Whole:
    """The answer that carries these lines as a file of this kind, under this name without its ending."""
    if kind == "csv":
        return joined(csv_parts(lines), name=name)
    return Whole(xlsx(lines, title=title), as_attachment=True, filename=f"{name}.{kind}", content_type=XLSX)


def joined(parts: Iterable[bytes], *, name: str) -> Whole:
    """The answer that carries a CSV file made of these parts, under this name without its ending."""
    file = _on_disk(lambda file: file.writelines(parts))
    return Whole(file, as_attachment=True, filename=f"{name}.csv", content_type=CSV)


def csv_parts(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A CSV file in parts: semicolons, and the mark by which Excel knows UTF-8."""
    buffer = StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    for number, line in enumerate(lines, 1):
        writer.writerow(line if _is_inert(line) else [inert(cell) for cell in line])
        if number % LINES_AT_ONCE == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _is_inert(line: Sequence[str]) -> bool:
    """Whether each cell is to be left as it is, as in most lines."""
    return "".join([cell[:1] for cell in line]).isalnum() and "".join(line).isprintable()


def xlsx(lines: Iterable[Sequence[str]], *, title: str) -> IO[bytes]:
    """An XLSX file on disk, its cells texts whatever they begin with, its first line kept in sight."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, line in enumerate(lines):
        sheet.append([_text(sheet, CONTROL.sub(" ", cell), bold=number == 0) for cell in line])
    return _on_disk(book.save)


def _on_disk(write: Callable[[IO[bytes]], object]) -> IO[bytes]:
    """What this writes, to be read from its start; whoever sends it closes it."""
    with ExitStack() as unless_whole:
        file = unless_whole.enter_context(tempfile.TemporaryFile())
        write(file)
        file.seek(0)
        unless_whole.pop_all()
    return file


def _text(sheet: object, text: str, *, bold: bool) -> Cell | str:
    """A cell of text; only one that would be taken for something else needs to say so."""
    if not bold and not text.startswith("="):
        return text
    cell: Cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
