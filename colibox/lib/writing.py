"""Text as the fonts can draw it: cleaned, measured, made to fit."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from colibox.lib.rtl import visual

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
BOX, ELLIPSIS = "□", "…"
LONGEST = 400
"""Characters looked at, and kept in caches; the rest of a longer text could not be drawn anyway."""

SHRUNK = 0.72
"""How far a text may shrink before it is cut."""


@cache
def font(*, bold: bool) -> str:
    """The name of a font the PDF library knows from now on; documents take the glyphs they use."""
    name = BOLD if bold else REGULAR
    pdfmetrics.registerFont(TTFont(name, FONTS / f"{name}.ttf", asciiReadable=False))
    return name


@cache
def advances(*, bold: bool) -> dict[int, float]:
    """How wide each character is, in thousandths of the size."""
    widths: dict[int, float] = pdfmetrics.getFont(font(bold=bold)).face.charWidths
    return widths


@lru_cache(maxsize=8192)
def printable(text: str) -> str:
    """One line of what the fonts have: no controls, a box for each stretch of what they lack."""
    known = advances(bold=False)
    made: list[str] = []
    for symbol in unicodedata.normalize("NFC", text):
        if ord(symbol) in known and unicodedata.category(symbol)[0] not in "CM":
            made.append(symbol)
        elif symbol.isspace() or symbol in "\u2028\u2029":
            made.append(" ")
        elif unicodedata.category(symbol)[0] != "M" and unicodedata.category(symbol) not in {"Cc", "Cf"}:
            plain = [c for c in unicodedata.normalize("NFKD", symbol) if unicodedata.category(c)[0] != "M"]
            drawable = all(ord(c) in known for c in plain)
            made += plain if drawable else [BOX] if made[-1:] != [BOX] else []
    return " ".join("".join(made).split())


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is drawn, in the unit of its size."""
    known = advances(bold=bold)
    return sum([known.get(ord(symbol), 600) for symbol in text]) * size / 1000


@lru_cache(maxsize=8192)
def fitted(text: str, size: float, room: float, *, bold: bool = False) -> tuple[str, float]:
    """What is drawn of a text in so much room, and how large: shrunk first, then cut with an ellipsis."""
    line = printable(text)
    drawn = visual(line)
    wide = width(drawn, size, bold=bold)
    if wide <= room:
        return drawn, size
    if wide * SHRUNK <= room:
        return drawn, int(size * room / wide * 100) / 100
    return _cut(line, size * SHRUNK, room, bold=bold), size * SHRUNK


def _cut(line: str, size: float, room: float, *, bold: bool) -> str:
    fits, fails = 0, len(line)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if width(visual(line[:middle].rstrip() + ELLIPSIS), size, bold=bold) <= room:
            fits = middle
        else:
            fails = middle
    return visual(line[:fits].rstrip() + ELLIPSIS)


def wrapped(text: str, size: float, room: float, lines: int, *, bold: bool = False) -> list[str]:
    """A text on so many lines at most, broken between words; the last takes the rest, to be fitted."""
    made, words = [""], printable(text[:LONGEST]).split()
    for place, word in enumerate(words):
        longer = f"{made[-1]} {word}".strip()
        if width(longer, size, bold=bold) <= room or not made[-1]:
            made[-1] = longer
        elif len(made) == lines:
            made[-1] = " ".join((made[-1], *words[place:]))
            break
        else:
            made.append(word)
    return [line for line in made if line]


def capitals(text: str) -> str:
    """A town as postmen write it: capitals without accents, apostrophes or dashes."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text[:LONGEST]) if not unicodedata.combining(c))
    return " ".join(bare.translate({ord(c): " " for c in "-'’‐‑.,"}).upper().split())
