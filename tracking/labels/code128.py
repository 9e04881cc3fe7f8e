"""Code 128: the widths of bars and spaces of a text."""

from __future__ import annotations

import re
from functools import lru_cache

START_B, START_C, TO_C, TO_B, STOP = 104, 105, 99, 100, 106
QUIET = 10
"""Modules of white a reader wants on either side."""

# Element widths of the 107 symbols, in the order of their values (ISO/IEC 15417, annex A).
WIDTHS = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122"
    "123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323"
    "131123131321112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131"
    "213113213311213131311123311321331121312113312311332111314111221411431111111224111422121124121421141122"
    "141221112214112412122114122411142112142211241211221114413111241112134111111242121142121241114212124112"
    "124211411212421112421211212141214121412121111143111341131141114113114311411113411311113141114131311141"
    "411131211412211214211232"
)
PATTERNS = [*(WIDTHS[start : start + 6] for start in range(0, len(WIDTHS), 6)), "2331112"]

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
