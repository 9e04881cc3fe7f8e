"""French before names: « de Aline » is « d’Aline », « que Élise » « qu’Élise ». Other languages are left alone."""

from __future__ import annotations

import re

from django.utils.translation import get_language

from colibox.lib.text import fold

SILENT_H = ("helen", "heloi", "henri", "hermin", "hilair", "hippolyt", "honor", "hortens", "hyacinth")
"""How names begin whose h is silent; before any other h nothing is dropped, as in « de Hassan »."""
DROPS = re.compile(r"\b(d|qu|lorsqu|puisqu|jusqu)e $", re.IGNORECASE)


def begins_with_a_vowel(name: str) -> bool:
    """Whether a word is said with a vowel first: Yves is, Yann is not."""
    plain = fold(name)
    return bool(re.match(r"[aeiou]|y[^aeiou]", plain)) or plain.startswith(SILENT_H)


def elided(text: str, *names: str) -> str:
    """A sentence in which these names stand, as it is said."""
    if (get_language() or "").partition("-")[0] != "fr":
        return text
    for name in filter(begins_with_a_vowel, names):
        *before, last = text.split(name)
        text = name.join([*(DROPS.sub(r"\1’", part) for part in before), last])
    return text
