"""How large files and numbers are, as pages say it."""

from __future__ import annotations

import pytest
from django.utils import translation
from django.utils.formats import number_format

from colibox.lib.sizes import sized


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [(1, "1 ko", "1 KB"), (14_840, "15 ko", "15 KB"), (999_400, "999 ko", "999 KB"), (1_250_000, "1,2 Mo", "1.2 MB")],
)
def test_sizes_are_told_in_the_units_of_the_language(count: int, french: str, english: str) -> None:
    for language, expected in (("fr", french), ("en", english)):
        with translation.override(language):
            assert sized(count).replace("\xa0", " ").replace("\u202f", " ") == expected


def test_numbers_are_grouped_as_the_language_does_by_a_space_that_does_not_break() -> None:
    for language, expected in (("fr", "12\u202f345"), ("en", "12,345")):
        with translation.override(language):
            assert number_format(12345, force_grouping=True) == expected
