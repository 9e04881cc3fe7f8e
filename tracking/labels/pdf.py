"""Sheets drawn as PDF: one a page, or four on a page of A4."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from colibox.lib.pdf import LOCK, MM, document, saved
from colibox.lib.writing import font
from tracking.labels import code128, datamatrix, mark
from tracking.labels.label import Label
from tracking.labels.layout import compose
from tracking.labels.paper import SIZES
from tracking.labels.sheet import Bars, Box, Mark, Matrix, Op, Sheet, Text

A4 = SIZES["A4"]
QUARTER = (A4[0] / 2, A4[1] / 2)
PRINTABLE = 4
"""Millimetres at the edge of A4 that many printers leave white."""


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
    """A sheet with its upper left corner here, in millimetres from the lower left of the page.

    The operators are written here: the library's own way of drawing takes four times as long.
    """
    canvas.addLiteral("".join(_operators(canvas, op, (left + op.x) * MM, (top - op.y) * MM) for op in sheet.ops))


def _operators(canvas: Canvas, op: Op, x: float, y: float) -> str:
    match op:
        case Text():
            return _text(canvas, op, x, y)
        case Box(width=width, height=height, line=line):
            high = height * MM
            frame = f"{x:.2f} {y - high:.2f} {width * MM:.2f} {high:.2f} re"
            return f"{line * MM:.2f} w {frame} S\n" if line else f"{frame} f\n"
        case Bars(module=module, height=height, value=value):
            return _scaled(x, y, module * MM, height * MM, _bars(value))
        case Matrix(module=module, value=value):
            return _scaled(x, y, module * MM, module * MM, _matrix(value))
        case Mark(size=size):
            return _scaled(x, y, size * MM / mark.SIDE, size * MM / mark.SIDE, _mark())


def _text(canvas: Canvas, op: Text, x: float, y: float) -> str:
    """A text as hexadecimal codes of the font's subsets: nothing in it can be an operator."""
    face = pdfmetrics.getFont(font(bold=op.bold))
    shown = "".join(
        f"{face.getSubsetInternalName(subset, canvas._doc)} {op.size:.2f} Tf <{codes.hex()}> Tj "
        for subset, codes in face.splitString(op.text, canvas._doc)
    )
    written = f"BT {x:.2f} {y:.2f} Td {shown}ET\n"
    return f"1 g {written}0 g\n" if op.white else written


def _scaled(x: float, y: float, wide: float, high: float, path: str) -> str:
    """A path whose unit is so wide and so high, drawn downwards from here."""
    return f"q {wide:.4f} 0 0 {-high:.4f} {x:.3f} {y:.3f} cm {path}Q\n"


@lru_cache(maxsize=1024)
def _bars(value: str) -> str:
    """A bar code one unit high, its modules one unit wide."""
    path, left = [], 0
    for place, count in enumerate(map(int, code128.widths(value))):
        if place % 2 == 0:
            path.append(f"{left} 0 {count} 1 re ")
        left += count
    return "".join(path) + "f "


@lru_cache(maxsize=1024)
def _matrix(value: str) -> str:
    """A Data Matrix whose cells are squares of one unit."""
    path = [
        f"{start} {row} {length} 1 re "
        for row, cells in enumerate(datamatrix.matrix(value))
        for start, length in datamatrix.runs(cells)
    ]
    return "".join(path) + "f "


@cache
def _mark() -> str:
    def outline(polygon: mark.Polygon) -> str:
        first, *rest = [f"{x} {y}" for x, y in polygon]
        return f"{first} m {' '.join(f'{corner} l' for corner in rest)} h "

    return f"{''.join(map(outline, mark.SIDES))}f 1 g {outline(mark.TAPE)}f 0 g "
