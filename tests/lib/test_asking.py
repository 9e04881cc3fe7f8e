"""What an address may ask of a list, and the two days it may name: only what the list knows comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from django.http import QueryDict
from django.utils import translation

from colibox.lib import days
from colibox.lib.asking import MOST_VALUES, Question, as_uuid, one, some, texts, whole


@dataclass(frozen=True)
class Asked(Question):
    PLACE = ("page", "after")

    words: str = ""
    tags: tuple[str, ...] = ()
    page: int = 1
    after: str | None = None

    def pairs(self) -> list[tuple[str, str]]:
        return [("q", self.words)] * bool(self.words) + [("tag", tag) for tag in self.tags]


ASKED = Asked(words="a b", tags=("LYON", "PARIS"), page=3, after="x")


def test_an_address_says_what_is_asked_and_a_place_only_when_it_is_given() -> None:
    assert ASKED.url() == "?q=a+b&tag=LYON&tag=PARIS" == f"?{ASKED.query}"
    assert ASKED.url(page=2) == "?q=a+b&tag=LYON&tag=PARIS&page=2"
    assert ASKED.url(words="", page=1, after=None) == "?tag=LYON&tag=PARIS"


def test_each_filter_has_the_address_that_removes_it_alone() -> None:
    assert ASKED.chip("words", "Search", ASKED.words) == [("Search", "a b", "?tag=LYON&tag=PARIS")]
    assert ASKED.chip("words", "Search", "a b", tags=()) == [("Search", "a b", "?")]
    assert Asked().chip("words", "Search", "") == []
    chips = ASKED.chips_each("tags", "Tag", {"LYON": "Lyon", "PARIS": "Paris"})
    assert chips == [("Tag", "Lyon", "?q=a+b&tag=PARIS"), ("Tag", "Paris", "?q=a+b&tag=LYON")]


def test_what_is_not_known_is_not_asked() -> None:
    known = [str(n) for n in range(20)]
    assert (one("3", known), one("x", known), one(None, known), one("", ["", "a"])) == ("3", "", "", "")
    assert some(["7", "x", "2", "2"], known) == ("2", "7")
    assert len(some(known, known)) == len(texts(known)) == MOST_VALUES
    assert texts([" Lyon\n", "", "Lyon", "x" * 99]) == ("Lyon", "x" * 60)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("12", 12), ("0", 1), ("9" * 4000, 50), (None, 1), ("", 1), ("-3", 1), ("1e3", 1), ("٣", 1), ("²", 1)],
)
def test_a_number_stays_within_its_bounds(typed: str | None, found: int) -> None:
    assert whole(typed, 1, 50) == found


@pytest.mark.parametrize("typed", [None, "", "x", "fe270688-654a-4da6-98e4", "\x00"])
def test_an_identifier_that_is_none_is_none(typed: str | None) -> None:
    assert as_uuid(typed) is None
    assert as_uuid("fe270688-654a-4da6-98e4-0d9a82358ed8") == UUID("fe270688-654a-4da6-98e4-0d9a82358ed8")


def test_days_are_read_and_what_is_wrong_with_them_is_said() -> None:
    with translation.override("en"):
        assert days.asked(QueryDict("from=2026-11-02&to=2026-11-02")) == (
            {}, {"from": date(2026, 11, 2), "to": date(2026, 11, 2)}
        )  # fmt: skip
        errors, found = days.asked(QueryDict("from=2026-11-03&to=2026-11-02"))
        assert (list(errors), found) == (["to"], {"from": date(2026, 11, 3)})
        errors, found = days.asked(QueryDict("from=soon&to=1999-12-31"))
        assert "“soon” is no day" in errors["from"] and "to" in errors and found == {}


def test_a_day_begins_and_is_written_as_it_is_here() -> None:
    assert days.midnight(date(2026, 7, 14)).isoformat() == "2026-07-14T00:00:00+02:00"
    with translation.override("fr"):
        assert (days.shown(date(2026, 11, 2)), days.shown(None)) == ("02/11/2026", "")
