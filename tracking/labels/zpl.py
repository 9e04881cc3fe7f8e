"""Sheets in the language of Zebra printers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from PIL import Image, ImageDraw, ImageFont

from colibox.lib.writing import BOLD, FONTS, REGULAR
from tracking.labels import mark
from tracking.labels.label import Label
from tracking.labels.layout import compose
from tracking.labels.paper import Paper
from tracking.labels.sheet import POINT, Bars, Box, Mark, Matrix, Op, Text

RESIDENT = re.compile("[\u0020-\u024f·…–—’]*")
"""What font 0 of every printer has."""


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
        case Text(text=text, white=white) if RESIDENT.fullmatch(text):
            yield f"^FT{at}{_font(op, scale)}{'^FR' if white else ''}^FH_^FD{escaped(text)}^FS"
        case Text():
            yield _drawn(op, scale)
        case Box(width=width, height=height, line=line):
            w, h = max(round(width * scale), 1), max(round(height * scale), 1)
            yield f"^FO{at}^GB{w},{h},{max(round(line * scale), 1) if line else min(w, h)}^FS"
        case Bars(module=module, height=height, value=value):
            bar = max(round(module * scale), 2)
            yield f"^BY{bar}^FO{at}^BCN,{round(height * scale)},N,N,N,A^FH_^FD{escaped(value)}^FS"
        case Matrix(module=module, value=value):
            yield f"^FO{at}^BXN,{max(round(module * scale), 2)},200^FH_^FD{escaped(value)}^FS"
        case Mark(size=size):
            yield f"^FO{at}{_mark(round(size * scale))}^FS"


def _font(op: Text, scale: float) -> str:
    """Font 0 is narrow; its width is asked for, so that what was measured for the PDF fits here too."""
    high = round(op.size * POINT * scale)
    return f"^A0N,{high},{round(high * (0.94 if op.bold else 0.86))}"


def _drawn(op: Text, scale: float) -> str:
    """A text no resident font is sure to have, as dots of ours."""
    left, top, wide, high, rows = _dots(op.text, round(op.size * POINT * scale), op.bold)
    at = f"{max(round(op.x * scale) + left, 0)},{max(round(op.y * scale) + top, 0)}"
    return f"^FO{at}{_graphic(rows, wide, high)}^FS"


@lru_cache(maxsize=256)
def _dots(text: str, size: int, bold: bool) -> tuple[int, int, int, int, bytes]:
    """Where the dots begin from the left end of the baseline, how many, and the rows of them."""
    face = ImageFont.truetype(FONTS / f"{BOLD if bold else REGULAR}.ttf", size, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = (round(edge) for edge in face.getbbox(text, anchor="ls"))
    image = Image.new("1", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(image).text((-left, -top), text, fill=1, font=face, anchor="ls")
    return left, top, image.width, image.height, image.tobytes()


def escaped(text: str) -> str:
    """Field data in which nothing is a command: all but letters, digits and spaces as hexadecimal UTF-8."""
    return "".join(
        symbol if symbol.isascii() and (symbol.isalnum() or symbol == " ") else _hexadecimal(symbol) for symbol in text
    )


def _hexadecimal(symbol: str) -> str:
    return "".join(f"_{byte:02X}" for byte in symbol.encode())


def _graphic(rows: bytes, wide: int, high: int) -> str:
    """Rows of bits, each filled up to a byte."""
    across = (wide + 7) // 8
    return f"^GFA,{across * high},{across * high},{across},{rows.hex().upper()}"


@cache
def _mark(size: int) -> str:
    """Our mark as a bitmap."""
    across = (size + 7) // 8 * 8
    rows = b"".join(int(row.ljust(across, "0"), 2).to_bytes(across // 8, "big") for row in mark.bitmap(size))
    return _graphic(rows, size, size)
