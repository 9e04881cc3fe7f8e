"""Code 128: the widths of bars and spaces of a text."""

from __future__ import annotations

import re
from functools import lru_cache

START_B, START_C, TO_C, TO_B, STOP = 104, 105, 99, 100, 106
QUIET = 10
"""Modules of white a reader wants on either side."""

# Element widths of the 107 symbols, in the order of their values (ISO/IEC 15417, annex A).
PATTERNS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split()

# Runs of digits worth the change to pairs: four at either end, six inside; the odd one stays outside, before the rest.
CHUNKS = re.compile(r"^(?:\d\d){2,}|(?<=\D)\d(?=(?:\d\d)+(?!\d))|(?:\d\d){3,}|(?:\d\d){2,}$|.", re.ASCII | re.DOTALL)


@lru_cache(maxsize=4096)
def widths(text: str) -> str:
    """Widths in modules, bar, space, bar …, of a text of printable ASCII, check and stop symbols included."""
    values = symbols(text)
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], start=1))) % 103
    return "".join(PATTERNS[value] for value in (*values, check, STOP))


def symbols(text: str) -> list[int]:
    """Start symbol and data, with digits in pairs where that is shorter."""
    values: list[int] = []
    pairs = False
    for chunk in CHUNKS.findall(text):
        if values and (len(chunk) > 1) != pairs:
            values.append(TO_B if pairs else TO_C)
        pairs = len(chunk) > 1
        values = values or [START_C if pairs else START_B]
        values += _pairs(chunk) if pairs else [ord(chunk) - 32]
    return values or [START_B]


@lru_cache(maxsize=4096)
def modules(text: str) -> int:
    """How wide the bar code is, quiet zones aside."""
    return sum(map(int, widths(text)))


def modules_unpaired(text: str) -> int:
    """How wide it is for a printer that is not trusted to pair digits."""
    return 11 * (len(text) + 2) + 13


def _pairs(digits: str) -> list[int]:
    return [int(digits[place : place + 2]) for place in range(0, len(digits), 2)]
