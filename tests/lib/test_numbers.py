"""Numbers as people read them."""

from __future__ import annotations

import pytest
from django.utils import translation
from phonenumber_field.phonenumber import PhoneNumber, to_python

from colibox.lib.numbers import telephone, thousands


@pytest.mark.parametrize(
    ("kept", "read"),
    [("+33241742088", "02 41 74 20 88"), ("+3222012345", "+32 2 201 23 45"), ("", ""), ("bureau", "bureau")],
)
def test_a_telephone_number_is_read_with_its_country_unless_it_is_french(kept: str, read: str) -> None:
    number = to_python(kept)
    assert telephone(number) == read and (not kept or isinstance(number, PhoneNumber))


def test_a_number_is_grouped_as_the_language_does() -> None:
    with translation.override("fr"):
        assert thousands(12345) == "12\u202f345"
    with translation.override("en"):
        assert thousands(12345) == "12,345"
