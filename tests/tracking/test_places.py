"""French postcodes and towns."""

from __future__ import annotations

import re
import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking import places


@pytest.mark.parametrize("text", ["01000", "59000", "20090", "95999", "97133", "97400", "98000", "98714", "00100"])
def test_what_can_be_a_postcode(text: str) -> None:
    assert places.is_postcode(text)


@pytest.mark.parametrize(
    "text", ["", "5900", "590000", "96000", "97900", "99000", "98100", "5900O", "５９０００", "5９０００", "59 00"]
)
def test_what_cannot_be_a_postcode(text: str) -> None:
    assert not places.is_postcode(text)
    assert places.towns(text) == []
    assert places.find(text, "Lille") is None


def test_the_towns_of_a_postcode_come_by_size_with_all_that_is_known_of_them() -> None:
    town = places.towns("59000")[0]
    assert town[:4] == ("59000", "LILLE", "Lille", "59350")
    assert town.population > 40_000
    assert (round(town.latitude), round(town.longitude)) == (51, 3)
    assert places.towns("49610")[0].routing == "MURS ERIGNE"
    assert places.towns("59999") == []


@pytest.mark.parametrize(
    ("postcode", "written", "insee"),
    [
        ("42000", "Saint-Étienne", "42218"),
        ("42000", "ST ETIENNE", "42218"),
        ("42000", "  saint   etienne ", "42218"),
        ("94240", "L'Haÿ-les-Roses", "94038"),
        ("94240", "L’HAY LES ROSES", "94038"),
        ("78130", "les mureaux", "78440"),
        ("69110", "Ste-Foy-lès-Lyon", "69202"),
        ("75015", "Paris", "75115"),
        ("75015", "PARIS 15", "75115"),
        ("75116", "Paris", "75116"),
        ("13001", "Marseille 1er Arrondissement", "13201"),
        ("59045", "Lille Cedex", "59350"),
        ("44042", "NANTES CEDEX 1", "44109"),
        ("98000", "Monaco", "99138"),
        ("97133", "Saint-Barthélemy", "97701"),
        ("98714", "Papeete", "98735"),
    ],
)  # fmt: skip
def test_a_town_is_found_however_it_is_written(postcode: str, written: str, insee: str) -> None:
    town = places.find(postcode, written)
    assert town is not None
    assert town.insee == insee


@pytest.mark.parametrize(
    ("postcode", "town"), [("59000", "Lyon"), ("59000", ""), ("59045", "Lyon Cedex"), ("75001", "CEDEX")]
)
def test_a_town_is_not_found_under_the_postcode_of_another(postcode: str, town: str) -> None:
    assert places.find(postcode, town) is None


def test_an_address_is_about_where_its_town_is() -> None:
    assert places.locate("59000", "Lille") == places.locate("59000", "nowhere") == places.locate("59000")
    assert places.locate("59045") is not None
    assert places.locate("99999") is None


def test_territories_are_countries_of_their_own_to_the_post() -> None:
    assert [places.country(code) for code in ("59000", "97400", "97133", "97150", "98000", "98800")] == [
        "FR", "RE", "BL", "MF", "MC", "NC",
    ]  # fmt: skip


def test_a_sample_follows_the_inhabitants_and_is_always_the_same() -> None:
    drawn = places.sample(Random(7), 3000)
    assert drawn == places.sample(Random(7), 3000)
    paris = sum(town.routing == "PARIS" for town in drawn)
    assert 50 < paris < 150  # 3 % of the people of France


def test_every_line_can_be_read_and_is_somewhere() -> None:
    everything = [places._town(line) for line in places._lines()]
    assert len(everything) > 35_000
    assert all(
        places.is_postcode(town.postcode) and town.routing == places.routing(town.routing) for town in everything
    )
    assert all(-28 < town.latitude < 52 and -180 < town.longitude < 179 for town in everything)
    assert all(41 < town.latitude < 52 and -6 < town.longitude < 10 for town in everything if town.country == "FR")


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(places._lines()), st.sampled_from(["’", "'", " "]), st.sampled_from(["-", " "]), st.booleans())
def test_every_town_is_found_under_its_postcode_by_each_of_its_names(
    line: str, quote: str, dash: str, capitals: bool
) -> None:
    town = places._town(line)
    written = town.name.replace("’", quote).replace("-", dash)
    found = places.find(town.postcode, written.upper() if capitals else written)
    assert found is not None
    assert (found.postcode, places.routing(found.name)) == (town.postcode, places.routing(town.name))
    assert places.find(town.postcode, re.sub(r"\bST ", "Saint-", town.routing)) is not None


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=12), st.text(max_size=30))
def test_nothing_that_is_typed_breaks_the_search(postcode: str, town: str) -> None:
    assert places.find(postcode, town) is None or places.is_postcode(postcode)
    assert places.towns(postcode) == [] or places.is_postcode(postcode)


def test_nothing_is_read_before_somebody_asks() -> None:
    read = "print(p._lines.cache_info().currsize, end='')"
    code = f"import tracking.places as p; {read}; p.towns('59000'); {read}"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "01"
