"""Numbers as people read them."""

from __future__ import annotations

from django.utils.formats import number_format
from phonenumber_field.phonenumber import PhoneNumber


def thousands(number: int) -> str:
    """A number grouped for reading, as the language does: 10 000, 10,000."""
    return number_format(number, force_grouping=True)


FRANCE = 33
"""The country code of numbers that are read without one."""


def telephone(number: object) -> str:
    """A telephone number as one reads it here: in the French way when it is French, else with its country code."""
    if not isinstance(number, PhoneNumber) or not number.country_code:
        return str(number or "")
    return str(number.as_national if number.country_code == FRANCE else number.as_international)
