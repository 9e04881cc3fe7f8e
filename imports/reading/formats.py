"""The formats that are read, as django-import-export names them; their rows stream, a tablib Dataset would not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from django.utils.translation import gettext as _
from import_export.formats import base_formats

from imports.reading.columns import Header, best
from imports.reading.found import Found, Unreadable
from imports.reading.sniffing import encoding_of
from imports.reading.texts import Row, TextFile
from imports.reading.workbooks import Workbook

FIRST_ROWS = 20
"""The header is looked for in so many rows: a title may stand above it."""


@dataclass
class Opened:
    """A file whose header was found: what follows are the people."""

    number: int
    header: Header
    rows: Iterator[Row]


class CSV(base_formats.CSV):
    """Texts: the separator is the one under which the most headings are understood."""

    def open(self, file: IO[bytes], found: Found) -> Opened:
        text = TextFile(file, encoding_of(file))
        number, header, separator = 0, Header([]), text.separators[0]
        refusal: Unreadable | None = None
        for candidate in text.separators:
            try:
                at, told = best(islice(text.rows(candidate), FIRST_ROWS))
            except Unreadable as fault:
                refusal = refusal or fault
                continue
            if not number or told.score > header.score:
                number, header, separator = at, told, candidate
        if refusal and not header.places:
            raise refusal
        found.encoding, found.separator = text.encoding, separator
        return Opened(number, header, text.rows(separator))


class XLSX(base_formats.XLSX):
    """Workbooks: of the sheets that are seen, the one whose headings are best understood."""

    def open(self, file: IO[bytes], found: Found) -> Opened:
        book = Workbook(file)
        number, header, sheet = 0, Header([]), None
        for candidate in book.sheets:
            at, told = best(islice(book.rows(candidate), FIRST_ROWS))
            if at and (not number or told.score > header.score):
                number, header, sheet = at, told, candidate
        if sheet is None:
            raise Unreadable(_("This workbook has no visible sheet with something in it."))
        found.sheet = sheet.name
        return Opened(number, header, book.rows(sheet))


FORMATS: dict[str, CSV | XLSX] = {known.get_extension(): known for known in (CSV(), XLSX()) if known.can_import()}
