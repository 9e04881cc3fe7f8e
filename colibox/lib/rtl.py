"""Hebrew and Arabic in the order and the forms they are drawn in, for what knows only left to right.

Enough of the Unicode algorithm for a line of an address: one paragraph, no embeddings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from operator import itemgetter

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
LAM, ALEFS = "\u0644", "\u0622\u0623\u0625\u0627"


def visual(text: str) -> str:
    """The characters from left to right as they are drawn."""
    if not RIGHT_TO_LEFT.search(text):
        return text
    shaped = joined(text)
    runs = [(level, "".join(symbol for _, symbol in run)) for level, run in groupby(_levels(shaped), itemgetter(0))]
    for threshold in (2, 1):
        runs = _reversed_from(threshold, runs)
    return "".join(text.translate(MIRRORED) if level % 2 else text for level, text in runs)


def joined(text: str) -> str:
    """Arabic letters in the form their neighbours ask for, lam and alef in one."""
    letters = _ligatures(text)
    made = []
    for place, letter in enumerate(letters):
        forms = _forms().get(letter, {})
        before = place > 0 and "initial" in _forms().get(letters[place - 1], {}) and "final" in forms
        after = place + 1 < len(letters) and "final" in _forms().get(letters[place + 1], {}) and "initial" in forms
        wanted = ("medial" if after else "final") if before else ("initial" if after else "isolated")
        made.append(forms.get(wanted, letter))
    return "".join(made)


def _ligatures(text: str) -> list[str]:
    letters: list[str] = []
    for letter in text:
        if letters and letters[-1] == LAM and LAM + letter in _forms():
            letters[-1] += letter
        else:
            letters.append(letter)
    return letters


@cache
def _forms() -> dict[str, dict[str, str]]:
    """The drawn forms of each Arabic letter, from the decompositions of the presentation forms."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)):
        kind, *letters = unicodedata.decomposition(chr(code)).split() or [""]
        base = "".join(chr(int(letter, 16)) for letter in letters)
        if kind.strip("<>") in {"isolated", "final", "initial", "medial"} and (len(base) == 1 or base[:1] == LAM):
            forms.setdefault(base, {}).setdefault(kind.strip("<>"), chr(code))
    return {base: drawn for base, drawn in forms.items() if len(base) == 1 or base[1] in ALEFS}


def _levels(text: str) -> list[tuple[int, str]]:
    """Each character with how deep it is embedded: even reads to the right, odd to the left."""
    strong = [_strength(symbol) for symbol in text]
    base = 1 if next((s for s in strong if s in "LR"), "L") == "R" else 0
    sides = "LR"
    last, directions = sides[base], []
    for strength in strong:
        last = strength if strength in "LR" and strength else last
        directions.append("N" if strength == "N" and last == "R" else ("L" if strength == "N" else strength))
    levels = []
    for place, direction in enumerate(directions):
        if not direction:
            left = _nearest(reversed(directions[:place]), sides[base])
            right = _nearest(directions[place:], sides[base])
            direction = left if left == right else sides[base]
        levels.append(({"L": 2 * base, "R": 1, "N": 2}[direction], text[place]))
    return levels


def _nearest(directions: Iterable[str], fallback: str) -> str:
    """The first that is one; digits count as right to left here."""
    found = next(filter(None, directions), fallback)
    return "R" if found == "N" else found


def _strength(symbol: str) -> str:
    """L, R, N for a digit, nothing for what takes the direction of its neighbours."""
    bidirectional = unicodedata.bidirectional(symbol)
    return {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N"}.get(bidirectional, "")


def _reversed_from(threshold: int, runs: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Turn round every stretch of runs at this depth or deeper, letters and order."""
    made: list[tuple[int, str]] = []
    for deep, stretch in groupby(runs, lambda run: run[0] >= threshold):
        listed = list(stretch)
        made += [(level, text[::-1]) for level, text in reversed(listed)] if deep else listed
    return made
