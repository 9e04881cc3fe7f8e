"""What sorting machines read: where a parcel goes and which one it is, closed by a check character.

Laid out as the partner's number in the answer of the carrier's label service, for which `0075001116A1598404033801250L`
is published: postcode on seven places, 11, the number without its check digit, service, country after ISO 3166-1, key.
"""

from __future__ import annotations

from functools import lru_cache

from django_countries import countries

from tracking import numbers

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERVICE = "801"


def check_character(text: str) -> str:
    """The key of digits and capitals after ISO/IEC 7064, modulus 37, 36."""
    rest = 36
    for symbol in text:
        rest = ((rest + ALPHABET.index(symbol)) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - rest) % 36]


def routing(number: str, postcode: str, country: str) -> str:
    """The 28 characters of the sorting bar code."""
    place = numbers.read(postcode)[-7:].rjust(7, "0")
    text = f"{place}11{numbers.read(number)[:12].ljust(12, '0')}{SERVICE}{_numeric(country[:2])}"
    return text + check_character(text)


def show(routed: str) -> str:
    """The same in groups, for eyes."""
    return " ".join((routed[:7], routed[7:9], routed[9:21], routed[21:24], routed[24:27], routed[27:]))


@lru_cache(maxsize=1024)
def _numeric(country: str) -> str:
    return countries.numeric(country, padded=True) or "000"
