"""Sheets in the language of Datamax printers.

Records after the DPL Command Reference: rotation, font or code, multipliers, height, row, column, data, return.
Rows are counted from the bottom, in tenths of a millimetre once the printer is told so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from tracking.labels.label import Label
from tracking.labels.layout import compose
from tracking.labels.paper import Paper
from tracking.labels.sheet import Bars, Box, Mark, Matrix, Op, Text

STX, CR = "\x02", "\r"
COMMANDS = str.maketrans({"\\": "/", "^": " ", "~": " ", "\x01": None, "\x02": None, "\r": " ", "\n": " "})
"""Backslash begins font changes, and on printers so configured ^ and ~ stand for the control characters."""

NEAR = {
    "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Œ": "OE", "œ": "oe", "ı": "i", "Ÿ": "Y", "€": "EUR",
    "…": "...", "–": "-", "—": "-", "‐": "-", "‑": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "„": '"',
}  # fmt: skip
"""What stands for letters and signs outside ISO 8859-1 that have no decomposition into it."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LONGEST = 255
"""Characters of a record's data at most."""


def labels(wanted: Sequence[Label], paper: Paper) -> bytes:
    """A format for each label, in ISO 8859-1, which all these printers have."""
    return "".join(_format(label, paper) for label in wanted).encode("latin-1")


def _format(label: Label, paper: Paper) -> str:
    wide, high = paper.size
    sheet = compose(label, wide, high, paired=False)
    # Metric, continuous heading length; a format of dots one by one, Latin 1, overlaps print white (A1) or not (A2).
    head = [f"{STX}m", f"{STX}L", "D11", "ySE1", "A2"]
    records = [record for op in sheet.ops for record in _records(op, high, paper.dpi)]
    return "".join(f"{line}{CR}" for line in (*head, *records, "E"))


def _records(op: Op, high: float, dpi: int) -> Iterator[str]:
    match op:
        case Text(x=x, y=y, text=text, size=size, white=white):
            points = f"P{max(round(size), 4):03d}"
            record = f"1911S0{1 if op.bold else 0}{_at(x, high - y)}{points}{points}{plain(text)}"
            yield from ("A1", record, "A2") if white else (record,)
        case Box(x=x, y=y, width=width, height=height, line=line):
            at = _at(x, high - y - height)
            tenths = f"{_tenths(width)}{_tenths(height)}"
            thick = f"{_tenths(line)}{_tenths(line)}"
            yield f"1X11000{at}b{tenths}{thick}" if line else f"1X11000{at}l{tenths}"
        case Bars(x=x, y=y, module=module, height=height, value=value):
            # Lower case prints no digits below; the leading B is the start symbol.
            yield f"1e0{_dots(module, dpi)}{round(height * 10):03d}{_at(x, high - y - height)}B{plain(value)}"
        case Matrix(x=x, y=y, module=module, value=value):
            cell = _dots(module, dpi)
            yield f"1W1c{cell}{cell}000{_at(x, high - y)}2000000000{plain(value)}"
        case Mark(x=x, y=y, size=size):
            side = _tenths(size * 0.7)
            yield f"1X11000{_at(x + size * 0.15, high - y - size * 0.85)}b{side}{side}00100010"


def plain(text: str) -> str:
    """Data in which nothing is a command, with the nearest letters of ISO 8859-1."""
    near = "".join(_near(symbol) for symbol in text.translate(COMMANDS))
    return "".join(symbol for symbol in near if unicodedata.category(symbol) != "Cc")[:LONGEST]


def _near(symbol: str) -> str:
    if ord(symbol) < 256:
        return symbol
    known = "".join(part for part in unicodedata.normalize("NFKD", symbol) if ord(part) < 256)
    return NEAR.get(symbol) or known or "?"


def _at(x: float, up: float) -> str:
    """Row, then column."""
    return f"{_tenths(up)}{_tenths(x)}"


def _tenths(millimetres: float) -> str:
    return f"{min(max(round(millimetres * 10), 0), 9999):04d}"


def _dots(millimetres: float, dpi: int) -> str:
    return DIGITS[min(max(round(millimetres * dpi / 25.4), 1), 35)]
