"""Parcel numbers against published examples, and against every single wrong digit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking import numbers, products

AGREE = [
    "6C03323769975", "6C03323770070", "6A15984040331", "6A07657471207", "6A15602676300", "6A15602683841",
    "6S00993561113", "8L20524752032", "8Q53764663714", "8Q53764663721", "8Q53764663738",
]  # fmt: skip
DISAGREE = ["8Q53764663748", "8Q53764663758", "6M20132968235", "1B34567890123"]
"""Printed somewhere all the same: looked for like any other, never made."""
S10 = ["CF105226750FR", "EW112720413FR", "CB662173705US", "RB123456785GB"]

SERIALS = st.integers(0, 9_999_999_999)
PREFIXES = st.sampled_from([product.prefix for product in products.PRODUCTS if not product.international])


@pytest.mark.parametrize("number", [*AGREE, *S10])
def test_published_numbers_agree_with_their_check_digit(number: str) -> None:
    assert numbers.is_valid(number)


@pytest.mark.parametrize("number", AGREE)
def test_published_national_numbers_are_made_again_from_their_digits(number: str) -> None:
    assert numbers.national(number[:2], int(number[2:12])) == number


@pytest.mark.parametrize("number", S10)
def test_published_international_numbers_are_made_again_from_their_digits(number: str) -> None:
    assert numbers.international(number[:2], int(number[2:10]), number[11:]) == number


@pytest.mark.parametrize("number", DISAGREE)
def test_a_number_with_a_wrong_check_digit_is_no_valid_one_but_may_be_looked_for(number: str) -> None:
    assert not numbers.is_valid(number)
    assert numbers.ACCEPTED.fullmatch(numbers.read(number))


@pytest.mark.parametrize(
    "text", ["", "6C", "6C0332376997", "6C033237699755", "6c03323769975", "CF105226750F", "6C0332376997５"]
)
def test_what_is_no_number_is_not_valid(text: str) -> None:
    assert not numbers.is_valid(text)


@settings(max_examples=50, deadline=None)
@given(PREFIXES, SERIALS, st.integers(2, 12), st.integers(1, 9))
def test_any_single_wrong_digit_of_a_national_number_is_caught(prefix: str, serial: int, at: int, more: int) -> None:
    number = numbers.national(prefix, serial)
    assert len(number) == 13
    assert numbers.is_valid(number)
    assert not numbers.is_valid(f"{number[:at]}{(int(number[at]) + more) % 10}{number[at + 1 :]}")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 99_999_999), st.integers(2, 9), st.integers(1, 9))
def test_any_single_wrong_digit_of_an_international_number_is_caught(serial: int, at: int, more: int) -> None:
    number = numbers.international("CB", serial)
    assert numbers.is_valid(number)
    changed = f"{number[:at]}{(int(number[at]) + more) % 10}{number[at + 1 :]}"
    # 5 stands for two remainders of the standard, which so misses the changes between those.
    assert not numbers.is_valid(changed) or number[10] == "5"


@settings(max_examples=50, deadline=None)
@given(SERIALS, st.data())
def test_a_number_is_read_as_people_type_and_paste_it(serial: int, data: st.DataObject) -> None:
    number = numbers.national("6C", serial)
    between = data.draw(
        st.lists(st.sampled_from(["", " ", "-", ".", "\t", "\u00a0", "\u202f"]), min_size=13, max_size=13)
    )
    typed = "".join(symbol + gap for symbol, gap in zip(number, between, strict=True))
    assert numbers.read(typed) == numbers.read(typed.lower()) == numbers.read(numbers.show(number)) == number


def test_numbers_are_shown_in_groups() -> None:
    assert numbers.show("6C03323769975") == "6C 03323 76997 5"
    assert numbers.show("CF105226750FR") == "CF 1052 2675 0 FR"
    assert numbers.show("unknown") == "unknown"


def test_a_remainder_beyond_a_digit_has_its_published_stand_in() -> None:
    assert numbers.s10_check("00000000") == "5"
    assert numbers.s10_check("10522675") == "0"
