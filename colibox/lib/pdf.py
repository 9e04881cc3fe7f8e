"""PDF documents: how one is begun and ended, and plain ones of headings, facts and a table over pages of A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock

from django.utils.translation import gettext as _
from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from colibox.lib.writing import LONGEST, fitted, font, width

MM = 72 / 25.4
A4 = (210, 297)
MARGIN, TOP, BOTTOM = 14, 16, 280
INNER = A4[0] - 2 * MARGIN
LINE, RULE = 5.4, 0.1

rl_config.useA85 = 0  # compressed streams need not be ASCII as well

LOCK = Lock()
"""Fonts of the PDF library are shared and read with one cursor: documents are made one after the other."""


def document(title: str, size: tuple[float, float] = A4) -> Canvas:
    """An empty document, in millimetres, that says the same whenever it is made."""
    canvas = Canvas(BytesIO(), pagesize=(size[0] * MM, size[1] * MM), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setAuthor("Colibox")
    canvas.setCreator("Colibox")
    canvas.setSubject("")
    canvas.setProducer("Colibox")
    return canvas


def saved(canvas: Canvas) -> bytes:
    """The bytes of a document whose pages are drawn."""
    return bytes(canvas.getpdfdata())


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, its share of the width, whether it is aligned on the right."""

    head: str
    share: float
    right: bool = False


@dataclass
class Document:
    """A plain document, written from the top; use within LOCK."""

    title: str
    columns: Sequence[Column] = ()
    down: float = TOP
    pages: int = 1
    canvas: Canvas = field(init=False)

    def __post_init__(self) -> None:
        self.canvas = document(self.title)

    def text(self, x: float, text: str, size: float, room: float, *, bold: bool = False, right: bool = False) -> None:
        """A line of text at the present height, fitted into its room."""
        line, fits = fitted(text[:LONGEST], size, round(room * MM, 2), bold=bold)
        self.canvas.setFont(font(bold=bold), fits)
        left = x + (room - width(line, fits, bold=bold) / MM if right else 0)
        self.canvas.drawString(left * MM, (A4[1] - self.down) * MM, line)

    def heading(self, text: str, size: float = 16) -> None:
        """A heading of the document or of a part of it."""
        self._room(size / 2 + LINE)
        self.down += size / 2.2
        self.text(MARGIN, text, size, INNER, bold=True)
        self.down += LINE / 2

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Names and values, one a line."""
        for name, value in facts:
            self._room(LINE)
            self.down += LINE
            self.text(MARGIN, name, 9, 44)
            self.text(MARGIN + 46, value, 10, INNER - 46, bold=True)
        self.down += LINE / 2

    def paragraph(self, text: str) -> None:
        """One line of plain text."""
        self._room(LINE)
        self.down += LINE
        self.text(MARGIN, text, 9, INNER)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Rows under their heads, which each page repeats."""
        self.columns = columns
        self._room(3 * LINE)
        self._heads()
        for row in rows:
            self._room(LINE)
            self.down += LINE
            self._cells(row, bold=False)
            self._rule(RULE)
        self.columns = ()
        self.down += LINE

    def finished(self) -> bytes:
        """The bytes of the document."""
        self._foot()
        self.canvas.showPage()
        return saved(self.canvas)

    def _heads(self) -> None:
        self.down += LINE
        self._cells([column.head for column in self.columns], bold=True)
        self._rule(0.4)

    def _cells(self, texts: Sequence[str], *, bold: bool) -> None:
        left: float = MARGIN
        whole = sum(column.share for column in self.columns)
        for column, text in zip(self.columns, texts, strict=True):
            wide = INNER * column.share / whole
            self.text(left, text, 8, wide - 1.5, bold=bold, right=column.right)
            left += wide

    def _rule(self, thick: float) -> None:
        y = (A4[1] - self.down - 1.5) * MM
        self.canvas.setStrokeGray(0 if thick > RULE else 0.7)
        self.canvas.setLineWidth(thick * MM)
        self.canvas.line(MARGIN * MM, y, (A4[0] - MARGIN) * MM, y)

    def _room(self, height: float) -> None:
        """A new page where this one has not so much left."""
        if self.down + height > BOTTOM:
            self._foot()
            self.canvas.showPage()
            self.pages, self.down = self.pages + 1, TOP
            if self.columns:
                self._heads()

    def _foot(self) -> None:
        self.down = A4[1] - 8
        self.text(MARGIN, self.title, 8, INNER - 30)
        page = _("Page %(number)s") % {"number": self.pages}
        self.text(A4[0] - MARGIN - 28, page, 8, 28, right=True)
