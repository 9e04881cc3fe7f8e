"""Sheets drawn as PDF: one a page, or four on a page of A4."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from threading import Lock

from reportlab.pdfgen.canvas import Canvas

from tracking.labels import code128, datamatrix, mark
from tracking.labels.label import Label
from tracking.labels.layout import compose
from tracking.labels.paper import SIZES
from tracking.labels.sheet import Bars, Box, Mark, Matrix, Op, Sheet, Text
from tracking.labels.writing import font

MM = 72 / 25.4
A4 = SIZES["A4"]
QUARTER = (A4[0] / 2, A4[1] / 2)
PRINTABLE = 4
"""Millimetres at the edge of A4 that many printers leave white."""

LOCK = Lock()
"""Fonts of the PDF library are shared and read with one cursor: documents are made one after the other."""


def labels(wanted: Sequence[Label], size: tuple[int, int]) -> bytes:
    """A document with these labels; on A4 four a page, to be cut."""
    title = ", ".join(ascii_only(label.number) for label in wanted[:3])
    with LOCK:
        canvas = document(title, size)
        if size == A4:
            _quarters(canvas, wanted)
        else:
            for label in wanted:
                draw(canvas, compose(label, *size), 0, size[1])
                canvas.showPage()
        return saved(canvas)


def document(title: str, size: tuple[float, float]) -> Canvas:
    """An empty document that says the same whenever it is made."""
    # No header comment, no binary in ASCII: what nobody reads.
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


def ascii_only(text: str) -> str:
    """Letters, digits and spaces: what may stand in the data about a document."""
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c == " "))[:40]


def _quarters(canvas: Canvas, wanted: Sequence[Label]) -> None:
    wide, high = QUARTER
    for start in range(0, len(wanted), 4):
        canvas.setDash(2, 3)
        canvas.setLineWidth(0.4)
        canvas.line(wide * MM, 0, wide * MM, 2 * high * MM)
        canvas.line(0, high * MM, 2 * wide * MM, high * MM)
        canvas.setDash()
        for place, label in enumerate(wanted[start : start + 4]):
            left = (place % 2) * wide + (wide - 100) / 2
            top = A4[1] - (place // 2) * high - PRINTABLE
            draw(canvas, compose(label, 100, high - 2 * PRINTABLE), left, top)
        canvas.showPage()


def draw(canvas: Canvas, sheet: Sheet, left: float, top: float) -> None:
    """A sheet with its upper left corner here, in millimetres from the lower left of the page."""
    for op in sheet.ops:
        _draw(canvas, op, left, top)


def _draw(canvas: Canvas, op: Op, left: float, top: float) -> None:
    x, y = (left + op.x) * MM, (top - op.y) * MM
    match op:
        case Text(text=text, size=size, bold=bold, white=white):
            canvas.setFont(font(bold=bold), size)
            _white(canvas, white)
            canvas.drawString(x, y, text)
            _white(canvas, False)
        case Box(width=width, height=height, line=line):
            canvas.setLineWidth((line or 1) * MM)
            canvas.rect(x, y - height * MM, width * MM, height * MM, stroke=int(line > 0), fill=int(not line))
        case Bars():
            _bars(canvas, op, x, y)
        case Matrix():
            _matrix(canvas, op, x, y)
        case Mark(size=size):
            _mark(canvas, x, y, size)


def _white(canvas: Canvas, white: bool) -> None:
    canvas.setFillGray(1 if white else 0)


def _bars(canvas: Canvas, op: Bars, x: float, y: float) -> None:
    module, height = op.module * MM, op.height * MM
    path = canvas.beginPath()
    for place, count in enumerate(code128.widths(op.value)):
        if place % 2 == 0:
            path.rect(x, y - height, int(count) * module, height)
        x += int(count) * module
    canvas.drawPath(path, stroke=0, fill=1)


def _matrix(canvas: Canvas, op: Matrix, x: float, y: float) -> None:
    cell = op.module * MM
    path = canvas.beginPath()
    for row, cells in enumerate(datamatrix.matrix(op.value), start=1):
        for start, length in datamatrix.runs(cells):
            path.rect(x + start * cell, y - row * cell, length * cell, cell)
    canvas.drawPath(path, stroke=0, fill=1)


def _mark(canvas: Canvas, x: float, y: float, size: float) -> None:
    unit = size * MM / mark.SIDE
    for polygon, white in (*((side, False) for side in mark.SIDES), (mark.TAPE, True)):
        path = canvas.beginPath()
        path.moveTo(x + polygon[0][0] * unit, y - polygon[0][1] * unit)
        for right, down in polygon[1:]:
            path.lineTo(x + right * unit, y - down * unit)
        path.close()
        _white(canvas, white)
        canvas.drawPath(path, stroke=0, fill=1)
    _white(canvas, False)
