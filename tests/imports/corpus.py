"""Files of people as people send them and as nobody should: made here, byte by byte."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import translation
from openpyxl.workbook.workbook import Workbook

from imports import reading
from imports.reading import Line, Table
from rights import catalogue

HEADER = ["NOM", "PRENOM", "FONCTION", "EMAIL", "TELEPHONE", "ADRESSE GEOGRAPHIQUE", "CODE POSTAL", "VILLE"]
CLAIRE = [
    "Lefèvre", "Zoé", "Chargée d'été", "zoe@example.fr", "02 41 74 20 88", "3 allée du Chêne, bât. A", "44000",
    "Besançon",
]  # fmt: skip
HELD = frozenset(catalogue.BY_CODE)


def person(number: int, **changes: str) -> list[str]:
    """Somebody whose row is right but for the changes, by heading."""
    row = dict(zip(HEADER, CLAIRE, strict=True)) | {"EMAIL": f"p{number}@example.fr"}
    return list((row | changes).values())


def csv_text(rows: Iterable[Sequence[str]], separator: str = ";", end: str = "\r\n") -> str:
    """Rows as a spreadsheet writes them."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator=end).writerows(rows)
    return buffer.getvalue()


def people_csv(*rows: Sequence[str], header: Sequence[str] = HEADER) -> bytes:
    """The usual file: semicolons, UTF-8."""
    return csv_text([header, *rows]).encode()


def workbook(rows: Iterable[Sequence[Any]], title: str = "Personnes") -> bytes:
    """A workbook of one sheet, by openpyxl."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read(data: bytes, *, language: str = "fr", held: frozenset[str] = HELD) -> Table:
    """The file as the portal reads it."""
    return reading.read(io.BytesIO(data), filename="people.csv", held=held, language=language)


def lines(data: bytes, **options: Any) -> list[Line]:
    """All its lines, where everybody is new."""
    table = read(data, **options)
    lines = list(table.lines)
    with translation.override(options.get("language", "fr")):
        for line in lines:
            if asked := line.entry or line.unread:
                reading.refuse_lacking(line, asked.lacks, table.header)
                line.entry = None if line.faults else line.entry
    return lines


def one(data: bytes, **options: Any) -> Line:
    """Its only line."""
    [line] = lines(data, **options)
    return line


def problem(data: bytes) -> str:
    """The sentence by which it is refused."""
    try:
        lines(data)
    except reading.Unreadable as refusal:
        return str(refusal)
    return ""


# Workbooks that no spreadsheet writes.

TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    ' Target="{target}"/>{more}</Relationships>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>'
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
SHARED = (
    '<Relationship Id="r2" Target="sharedStrings.xml"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
)


def row_xml(number: int, cells: Iterable[tuple[str, str]]) -> str:
    """A row of a sheet: column letters and texts."""
    inner = "".join(f'<c r="{letters}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for letters, text in cells)
    return f'<row r="{number}">{inner}</row>'


def header_xml() -> str:
    """The usual header as the first row of a sheet."""
    return row_xml(1, zip("ABCDEFGH", HEADER, strict=True))


def raw_workbook(sheet: str | bytes, **parts: str | bytes) -> bytes:
    """A workbook whose only sheet is exactly this; other parts by name, `__` for a slash and `_xml` for the dot."""
    content: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELATIONS.format(kind="officeDocument", target="xl/workbook.xml", more=""),
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS.format(
            kind="worksheet", target="worksheets/sheet1.xml", more=SHARED if "shared" in parts else ""
        ),
        "xl/worksheets/sheet1.xml": sheet,
    }
    if "shared" in parts:
        content["xl/sharedStrings.xml"] = parts.pop("shared")
    return zipped(content | parts)


def zipped(content: dict[str, str | bytes]) -> bytes:
    """A zip archive of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def lying_about(data: bytes, size: int) -> bytes:
    """The same archive, whose list of entries pretends that its largest part is so small."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        largest = max(archive.infolist(), key=lambda entry: entry.file_size)
    return data.replace(struct.pack("<L", largest.file_size), struct.pack("<L", size))


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefgh", "bcdefghi", strict=True))
    + "]>"
)
