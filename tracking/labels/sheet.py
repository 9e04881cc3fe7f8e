"""What a label is made of before anybody says for which printer: marks on paper, in millimetres from the top left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from colibox.lib.writing import LONGEST, fitted, width
from tracking.labels import code128, datamatrix

POINT = 25.4 / 72
"""Millimetres of a typographic point."""


class Text(NamedTuple):
    """A line of text, ready to draw, on its baseline; size in points."""

    x: float
    y: float
    text: str
    size: float
    bold: bool
    white: bool


class Box(NamedTuple):
    """A filled rectangle, or a frame when its line has a width."""

    x: float
    y: float
    width: float
    height: float
    line: float


class Bars(NamedTuple):
    """A Code 128 bar code."""

    x: float
    y: float
    module: float
    height: float
    value: str


class Matrix(NamedTuple):
    """A Data Matrix."""

    x: float
    y: float
    module: float
    value: str


class Mark(NamedTuple):
    """Our mark."""

    x: float
    y: float
    size: float


Op = Text | Box | Bars | Matrix | Mark

MODULES = (0.5, 0.375, 0.25)
"""Widths of a bar, two to four dots at 203 dpi."""

CELLS = (0.75, 0.625, 0.5, 0.375)
"""Sides of a cell of a Data Matrix, three to six dots at 203 dpi."""


@dataclass(slots=True)
class Sheet:
    """A label being laid out."""

    width: float
    height: float
    paired: bool = True
    """Whether the printer writes digits of a bar code in pairs."""

    ops: list[Op] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, size: float, room: float,
        *, bold: bool = False, white: bool = False, align: float = 0,
    ) -> None:  # fmt: skip
        """A text in so much room: at its left (0), its middle (0.5) or its right (1)."""
        line, fits = fitted(text[:LONGEST], size, round(room / POINT, 2), bold=bold)
        if line:
            left = x + align * (room - width(line, fits, bold=bold) * POINT) if align else x
            self.ops.append(Text(left, y, line, fits, bold, white))

    def fill(self, x: float, y: float, wide: float, high: float) -> None:
        """A black rectangle, or a rule when it is thin."""
        self.ops.append(Box(x, y, wide, high, 0))

    def frame(self, x: float, y: float, wide: float, high: float, line: float = 0.25) -> None:
        """The outline of a rectangle."""
        self.ops.append(Box(x, y, wide, high, line))

    def mark(self, x: float, y: float, size: float) -> None:
        """Our mark, so many millimetres high."""
        self.ops.append(Mark(x, y, size))

    def bars(self, x: float, y: float, height: float, value: str, room: float, *, align: float = 0) -> None:
        """A bar code with bars as wide as the room allows, quiet zones included."""
        count = code128.modules(value) if self.paired else code128.modules_unpaired(value)
        count += 2 * code128.QUIET
        module = next((module for module in MODULES if module * count <= room), MODULES[-1])
        left = x + align * (room - module * count) + module * code128.QUIET
        self.ops.append(Bars(left, y, module, height, value))

    def matrix(self, x: float, y: float, value: str, room: float) -> None:
        """A Data Matrix in the upper right corner of a square."""
        count = len(datamatrix.matrix(value))
        cell = next((cell for cell in CELLS if cell * count <= room), CELLS[-1])
        self.ops.append(Matrix(x + room - cell * count, y, cell, value))
