"""Parcel numbers: how they are made, checked, read as people type them, and shown."""

from __future__ import annotations

import re

NATIONAL = re.compile(r"[0-9][A-Z][0-9]{11}")
INTERNATIONAL = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
ACCEPTED = re.compile(r"[A-Z0-9]{11,15}")
"""What the tracking pages and services take for a number, whatever its check digit."""

S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def national(prefix: str, serial: int) -> str:
    """The 13 characters of a national number: product prefix, ten digits, check digit."""
    digits = f"{serial:010d}"
    return f"{prefix}{digits}{national_check(digits)}"


def international(service: str, serial: int, country: str = "FR") -> str:
    """The 13 characters of a number after UPU S10: service, eight digits, check digit, country."""
    digits = f"{serial:08d}"
    return f"{service}{digits}{s10_check(digits)}{country}"


def national_check(digits: str) -> str:
    """The check digit of ten digits: weights 3, 1, 3 … from the right, up to the next ten.

    The rule of GS1 check digits; the product prefix does not count.
    """
    return str(-sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(digits))) % 10)


def s10_check(digits: str) -> str:
    """The check digit of eight digits, after the standard S10 of the Universal Postal Union."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(digits, S10_WEIGHTS, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def is_valid(number: str) -> bool:
    """Whether a number has one of the two forms and its check digit agrees."""
    if NATIONAL.fullmatch(number):
        return national_check(number[2:12]) == number[12]
    if INTERNATIONAL.fullmatch(number):
        return s10_check(number[2:10]) == number[10]
    return False


def read(typed: str) -> str:
    """A number, or the beginning of one, as people type or paste it: spaces, dashes and case set aside."""
    return "".join(symbol for symbol in typed.upper() if symbol.isascii() and symbol.isalnum())


def show(number: str) -> str:
    """A number grouped for reading: 6C 03323 76997 5, or CF 1052 2675 0 FR."""
    if NATIONAL.fullmatch(number):
        return f"{number[:2]} {number[2:7]} {number[7:12]} {number[12]}"
    if INTERNATIONAL.fullmatch(number):
        return f"{number[:2]} {number[2:6]} {number[6:10]} {number[10]} {number[11:]}"
    return number
