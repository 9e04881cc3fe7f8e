"""Sheets in the language of Zebra printers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from tracking.labels import mark
from tracking.labels.label import Label
from tracking.labels.layout import compose
from tracking.labels.paper import Paper
from tracking.labels.sheet import POINT, Bars, Box, Mark, Matrix, Op, Text

LATIN_ENDS = 0x250
UNICODE_FONT = "E:TT0003M_.FNT"
"""Zebra's font for what font 0 lacks."""


def labels(wanted: Sequence[Label], paper: Paper) -> bytes:
    """A format for each label."""
    return "".join(_format(label, paper) for label in wanted).encode("ascii")


def _format(label: Label, paper: Paper) -> str:
    wide, high = paper.size
    scale = paper.dpi / 25.4
    sheet = compose(label, wide, high)
    # UTF-8; width, length and origin of the label in dots.
    head = f"^XA\n^CI28\n^PW{round(wide * scale)}\n^LL{round(high * scale)}\n^LH0,0\n"
    return head + "".join(f"{field}\n" for op in sheet.ops for field in _fields(op, scale)) + "^XZ\n"


def _fields(op: Op, scale: float) -> Iterator[str]:
    at = f"{max(round(op.x * scale), 0)},{max(round(op.y * scale), 0)}"
    match op:
        case Text():
            yield f"^FT{at}{_font(op, scale)}{'^FR' if op.white else ''}^FH_^FD{escaped(op.text)}^FS"
        case Box(width=width, height=height, line=line):
            w, h = max(round(width * scale), 1), max(round(height * scale), 1)
            yield f"^FO{at}^GB{w},{h},{max(round(line * scale), 1) if line else min(w, h)}^FS"
        case Bars(module=module, height=height, value=value):
            bar = max(round(module * scale), 2)
            yield f"^BY{bar}^FO{at}^BCN,{round(height * scale)},N,N,N,A^FH_^FD{escaped(value)}^FS"
        case Matrix(module=module, value=value):
            yield f"^FO{at}^BXN,{max(round(module * scale), 2)},200^FH_^FD{escaped(value)}^FS"
        case Mark(size=size):
            yield f"^FO{at}{_graphic(round(size * scale))}^FS"


def _font(op: Text, scale: float) -> str:
    """Font 0 is narrow; its width is asked for, so that what was measured for the PDF fits here too."""
    high = round(op.size * POINT * scale)
    wide = round(high * (0.94 if op.bold else 0.86))
    if any(ord(symbol) >= LATIN_ENDS and symbol not in "·…–—’" for symbol in op.text):
        return f"^A@N,{high},{wide},{UNICODE_FONT}"
    return f"^A0N,{high},{wide}"


def escaped(text: str) -> str:
    """Field data in which nothing is a command: all but letters, digits and spaces as hexadecimal UTF-8."""
    return "".join(
        symbol
        if symbol.isascii() and (symbol.isalnum() or symbol == " ")
        else "".join(f"_{b:02X}" for b in symbol.encode())
        for symbol in text
    )


@cache
def _graphic(size: int) -> str:
    """Our mark as a bitmap."""
    rows = mark.bitmap(size)
    across = (size + 7) // 8
    data = "".join(f"{int(row.ljust(across * 8, '0'), 2):0{across * 2}X}" for row in rows)
    return f"^GFA,{across * size},{across * size},{across},{data}"
