"""How many guesses a password takes, and why too few: repeated, in a row, known words, what is known of the person.

NIST SP 800-63B asks for a list of what is common, expected or about the person and the service, and for no rules of
composition; zxcvbn knows the lists and how people bend them (capitals, figures for letters, a year at the end).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from zxcvbn import matching
from zxcvbn.matching import RANKED_DICTIONARIES, build_ranked_dict, omnimatch
from zxcvbn.scoring import most_guessable_match_sequence

from colibox.lib.text import bare
from users.common_words import FRENCH, KEYBOARD_ROWS

ENOUGH = 10**10
"""Guesses: what zxcvbn calls very unguessable, against somebody who has stolen the table of passwords."""
LENGTH = 12
READ = 72
"""Characters that are looked at: the work grows with the square of the length."""
READINGS = 8
"""In so many ways figures and signs are read as letters: of very mixed texts there are hundreds, each as long to look
at as the text itself, and a word bent in so many ways at once is none."""
SERVICE = ("colibox", "colissimo", "coliship")
PERSONAL = "personal"

REASONS = {
    "repeat": _("This repeats the same characters or words: say each once, and add others."),
    "row": _("This follows the keyboard, or counts on: take a few unrelated words."),
    "personal": _("This is mostly made of the name, address, account or company: these are tried first."),
    "word": _("This is mostly made of a word, a name or a date that many choose: add a few words of your own."),
}  # fmt: skip
KEYS = ("1234567890", "0987654321", "qwertyuiop", "azertyuiop")
"""Rows that leaked lists have as passwords of their own."""
PATTERNS = {"repeat": "repeat", "spatial": "row", "sequence": "row"}
SHORTEST = 3
"""Letters of a word about the person that counts: initials and articles would be found anywhere."""
OWN = 4
"""Letters that a password must have besides such words: their number of separators must not make it look long."""


def plain(text: str) -> str:
    """Without capitals and accents, which nobody who guesses is stopped by."""
    return "".join(map(bare, text.lower()))


_all_readings = matching.enumerate_l33t_subs


def _some_readings(table: dict[str, list[str]]) -> list[dict[str, str]]:
    readings: list[dict[str, str]] = _all_readings(table)
    return readings[:READINGS]


matching.enumerate_l33t_subs = _some_readings  # also for what zxcvbn asks itself about the part that is repeated

COMMON = {
    **RANKED_DICTIONARIES,
    "keyboard": build_ranked_dict(plain(KEYBOARD_ROWS).split()),
    "french": build_ranked_dict(plain(FRENCH).split()),
}


def check(password: str, *, known: Iterable[str] = ()) -> None:
    """Raise ValidationError with the reason when a password is guessed too soon; `known` are texts about its owner."""
    once = _said_once(plain(password)[:READ])
    if len(once) < LENGTH <= len(password):
        raise ValidationError(REASONS["repeat"], code="password_guessable")
    words = list(dict.fromkeys(_words([*SERVICE, *known])))
    if len(_besides(once, words)) < OWN < len(_besides(once, [])):
        raise ValidationError(REASONS["personal"], code="password_guessable")
    found = most_guessable_match_sequence(once, omnimatch(once, {**COMMON, PERSONAL: build_ranked_dict(words)}))
    if found["guesses"] < ENOUGH:
        raise ValidationError(REASONS[_reason(found["sequence"])], code="password_guessable")


def _said_once(text: str) -> str:
    """What a text repeats, when it does nothing else: "ab" of "ababab"."""
    repeated = re.fullmatch(r"(.+?)\1+", text, re.DOTALL)
    return repeated[1] if repeated else text


def _words(texts: Iterable[str]) -> Iterable[str]:
    """A text whole, without its spaces, and each of its words."""
    for text in map(plain, texts):
        parts = [part for part in re.split(r"[\W_]+", text) if len(part) >= SHORTEST]
        yield from (part for part in (text, "".join(parts), *parts) if len(part) >= SHORTEST)


def _besides(text: str, words: Iterable[str]) -> str:
    """The letters of a text that are in none of these words."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return "".join(filter(str.isalpha, text))


def _reason(sequence: list[dict[str, Any]]) -> str:
    """By the longest part that was recognised."""
    told = [part for part in sequence if part["pattern"] != "bruteforce"]
    longest = max(told, key=lambda part: len(part["token"]), default={"pattern": "word", "token": ""})
    if any(longest["token"] in keys for keys in KEYS if longest["token"]):
        return "row"
    dictionary = {PERSONAL: "personal", "keyboard": "row"}.get(longest.get("dictionary_name", ""), "word")
    return PATTERNS.get(longest["pattern"], dictionary)
