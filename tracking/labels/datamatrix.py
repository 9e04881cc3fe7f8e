"""Data Matrix ECC 200: the dark modules of a text in ASCII encodation, square symbols up to 48 × 48."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

PAD = 129
CHUNKS = re.compile(r"\d\d|.", re.ASCII | re.DOTALL)


class Symbol(NamedTuple):
    """One of the published sizes; one block of code words each."""

    size: int
    regions: int
    data: int
    check: int

    @property
    def inner(self) -> int:
        """Modules of the mapping matrix on one side: without finder patterns."""
        return self.size - 2 * self.regions

    @property
    def region(self) -> int:
        """Modules of a data region on one side."""
        return self.inner // self.regions


SYMBOLS = (
    Symbol(10, 1, 3, 5), Symbol(12, 1, 5, 7), Symbol(14, 1, 8, 10), Symbol(16, 1, 12, 12), Symbol(18, 1, 18, 14),
    Symbol(20, 1, 22, 18), Symbol(22, 1, 30, 20), Symbol(24, 1, 36, 24), Symbol(26, 1, 44, 28), Symbol(32, 2, 62, 36),
    Symbol(36, 2, 86, 42), Symbol(40, 2, 114, 48), Symbol(44, 2, 144, 56), Symbol(48, 2, 174, 68),
)  # fmt: skip

Bit = tuple[int, int]
"""A code word and which of its bits, 1 being the most significant."""


@lru_cache(maxsize=1024)
def matrix(text: str) -> tuple[bytes, ...]:
    """Rows of a text of ASCII, 1 for a dark module, without the quiet zone."""
    words = encoded(text)
    symbol = next(symbol for symbol in SYMBOLS if symbol.data >= len(words))
    words = _padded(words, symbol.data)
    words += _check_words(words, symbol.check)
    return tuple(
        bytes(1 if bit is True or (bit and words[bit[0]] >> (8 - bit[1]) & 1) else 0 for bit in row)
        for row in _drawing(symbol)
    )


@lru_cache(maxsize=8192)
def runs(cells: bytes) -> list[tuple[int, int]]:
    """Where dark stretches of a row begin and how long they are."""
    return [(dark.start(), len(dark[0])) for dark in re.finditer(b"\x01+", cells)]


def encoded(text: str) -> list[int]:
    """Code words: a pair of digits in one, any other ASCII character in one."""
    return [int(chunk) + 130 if len(chunk) == 2 else ord(chunk) + 1 for chunk in CHUNKS.findall(text)]


def _padded(words: list[int], length: int) -> list[int]:
    words = [*words, PAD][:length] if len(words) < length else list(words)
    while len(words) < length:
        randomised = PAD + 149 * (len(words) + 1) % 253 + 1
        words.append(randomised if randomised <= 254 else randomised - 254)
    return words


# The field of 256 elements of ECC 200, x⁸ + x⁵ + x³ + x² + 1.
POWERS = [1]
while len(POWERS) < 255:
    POWERS.append((POWERS[-1] << 1) ^ (0x12D if POWERS[-1] & 0x80 else 0))
LOGS = {power: exponent for exponent, power in enumerate(POWERS)}


def _product(one: int, other: int) -> int:
    return POWERS[(LOGS[one] + LOGS[other]) % 255] if one and other else 0


@cache
def _generator(count: int) -> tuple[int, ...]:
    """Coefficients of (x − 2)(x − 4) … (x − 2ⁿ) under the leading one, highest first."""
    made = [1]
    for exponent in range(1, count + 1):
        root = POWERS[exponent]
        shifted = [*made, 0]
        made = [a ^ _product(root, b) for a, b in zip(shifted, [0, *made], strict=True)]
    return tuple(made[1:])


def _check_words(words: list[int], count: int) -> list[int]:
    """Reed–Solomon: the rest of the division by the generator."""
    generator = [LOGS.get(factor) for factor in _generator(count)]
    rest = [0] * count
    for word in words:
        lead = word ^ rest[0]
        rest = [*rest[1:], 0]
        if lead:
            log = LOGS[lead]
            rest = [
                value if factor is None else value ^ POWERS[(log + factor) % 255]
                for value, factor in zip(rest, generator, strict=True)
            ]
    return rest


@cache
def _drawing(symbol: Symbol) -> list[list[Bit | bool]]:
    """What each module of a symbol shows: always dark, always light, or a bit of a code word."""
    placed = Placement(symbol.inner).run()
    span = symbol.region + 2
    drawing: list[list[Bit | bool]] = []
    for row in range(symbol.size):
        line: list[Bit | bool] = []
        for column in range(symbol.size):
            y, x = row % span, column % span
            if x == 0 or y == span - 1:  # the solid L of each region
                line.append(True)
            elif y == 0 or x == span - 1:  # and its dotted sides
                line.append(x % 2 == 0 if y == 0 else y % 2 == 1)
            else:
                line.append(placed[row - 2 * (row // span) - 1][column - 2 * (column // span) - 1])
        drawing.append(line)
    return drawing


# At which row below the last and which column, for which sides (modulus and rests), a code word takes which cells.
CORNERS = (
    (0, 0, 1, (0,), ((-1, 0), (-1, 1), (-1, 2), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1))),
    (-2, 0, 4, (1, 2, 3), ((-3, 0), (-2, 0), (-1, 0), (0, -4), (0, -3), (0, -2), (0, -1), (1, -1))),
    (-2, 0, 8, (4,), ((-3, 0), (-2, 0), (-1, 0), (0, -2), (0, -1), (1, -1), (2, -1), (3, -1))),
    (4, 2, 8, (0,), ((-1, 0), (-1, -1), (0, -3), (0, -2), (0, -1), (1, -3), (1, -2), (1, -1))),
)


class Placement:
    """Where bits of code words go in a mapping matrix (ISO/IEC 16022, annex F)."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.cells: dict[tuple[int, int], Bit | bool] = {}

    def run(self) -> list[list[Bit | bool]]:
        """The whole matrix, row by row."""
        word, row, column = 0, 4, 0
        while row < self.side or column < self.side:
            word = self._corner(word, row, column)
            word, row, column = self._sweep(word, row, column, up=True)
            word, row, column = self._sweep(word, row + 1, column + 3, up=False)
            row, column = row + 3, column + 1
        last = self.side - 1
        if (last, last) not in self.cells:
            self.cells.update({(last, last): True, (last - 1, last - 1): True})
        return [[self.cells.get((y, x), False) for x in range(self.side)] for y in range(self.side)]

    def _sweep(self, word: int, row: int, column: int, *, up: bool) -> tuple[int, int, int]:
        step = -2 if up else 2
        while True:
            inside = 0 <= row < self.side and 0 <= column < self.side
            if inside and (row, column) not in self.cells:
                self._place(word, row, column)
                word += 1
            row, column = row + step, column - step
            if not ((row >= 0 and column < self.side) if up else (row < self.side and column >= 0)):
                return word, row, column

    def _place(self, word: int, row: int, column: int) -> None:
        shape = ((-2, -2), (-2, -1), (-1, -2), (-1, -1), (-1, 0), (0, -2), (0, -1), (0, 0))
        for bit, (down, right) in enumerate(shape, start=1):
            self._put(row + down, column + right, (word, bit))

    def _put(self, row: int, column: int, bit: Bit) -> None:
        if row < 0:
            row, column = row + self.side, column + 4 - (self.side + 4) % 8
        if column < 0:
            row, column = row + 4 - (self.side + 4) % 8, column + self.side
        self.cells[row, column] = bit

    def _corner(self, word: int, row: int, column: int) -> int:
        """The code word bent round the corners, when the sweep gets there."""
        for down, right, multiple, rest, cells in CORNERS:
            if (row, column) == (self.side + down, right) and self.side % multiple in rest:
                for bit, (y, x) in enumerate(cells, start=1):
                    self.cells[y % self.side, x % self.side] = (word, bit)
                return word + 1
        return word
