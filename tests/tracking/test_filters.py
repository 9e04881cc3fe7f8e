"""What can be asked of the list of parcels."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracking.conftest import make_parcel
from tests.tracking.test_pages import happen, order, page
from tracking import further
from tracking.filters import Asked
from tracking.models import Parcel
from tracking.newest import count
from tracking.scopes import scopes_of

URL = "/tracking/"


def asked(query: str) -> Asked:
    return Asked.read(QueryDict(query))


@pytest.fixture
def some(cast: SimpleNamespace) -> dict[str, Parcel]:
    """Parcels of north, each found by something else."""
    now = timezone.now()
    facts: dict[str, dict[str, Any]] = {
        "plain": {},
        "named": {"addressee": "Jean-Baptiste LEFÈVRE", "postcode": "44000"},
        "referred": {"reference": "Été-42"},
        "tagged": {"tag": "Entrepôt"},
        "old": {"created_at": now - timedelta(days=40)},
        "delivered": {"addressee": "100% Œuvrard_"},
    }
    parcels = {name: make_parcel(cast.north, **given) for name, given in facts.items()}
    happen(parcels["delivered"], "DI1", 1)
    happen(parcels["named"], "MD2", 1)
    return parcels


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("addressee=jean-baptiste+lef", {"named"}),
        ("addressee=lefevre+jean-baptiste", {"named"}),
        ("addressee=durand+camille", {"plain", "referred", "tagged", "old"}),
        ("addressee=CAMILLE", {"plain", "referred", "tagged", "old"}),
        ("addressee=durand", set()),
        ("addressee=durand&inside=1", {"plain", "referred", "tagged", "old"}),
        ("addressee=lefevre+jean&inside=1", {"named"}),
        ("addressee=100%25", {"delivered"}),
        ("addressee=100_", set()),
        ("addressee=oeuvrard_&inside=1", {"delivered"}),
        ("reference=ete", {"referred"}),
        ("postcode=44000", {"named"}),
        ("postcode=440", set()),
        ("tag=ENTREPOT", {"tagged"}),
        ("status=delivered", {"delivered"}),
        ("status=delivered&status=out&status=nonsense", {"delivered", "named"}),
        ("account=900138&status=delivered", {"delivered"}),
        ("account=850061", set()),
    ],
)  # fmt: skip
def test_each_filter_finds_what_it_says(
    some: dict[str, Parcel], cast: SimpleNamespace, sign_in: Any, query: str, found: set[str]
) -> None:
    html = page(sign_in(cast.owner), f"{URL}?{query}")
    assert set(order(html, list(some.values()))) == {some[name] for name in found}


def test_days_bound_the_list_on_both_sides(some: dict[str, Parcel], cast: SimpleNamespace, sign_in: Any) -> None:
    client, then = sign_in(cast.owner), timezone.localtime(some["old"].created_at).date()
    everything = list(some.values())
    assert order(page(client, f"{URL}?from={then}&to={then}"), everything) == [some["old"]]
    assert some["old"] not in order(page(client, f"{URL}?from={then + timedelta(days=1)}"), everything)
    assert f"{then:%d/%m/%Y}" in page(client, f"{URL}?to={then}")


@pytest.mark.parametrize("query", ["from=32/13/2026", "to=x", "from=1800-01-01", "to=9999-12-31", "from=2026-02-30"])
def test_what_is_no_day_is_told_beside_its_field(cast: SimpleNamespace, sign_in: Any, query: str) -> None:
    html = page(sign_in(cast.owner), f"{URL}?{query}")
    assert html.count('aria-invalid="true"') == 1 and "n’est pas un jour" in html and "<details" in html
    assert asked(query).pairs() == []


def test_days_the_wrong_way_round_are_told(cast: SimpleNamespace, sign_in: Any) -> None:
    assert "avant le premier" in page(sign_in(cast.owner), f"{URL}?from=2026-05-02&to=2026-05-01")


def test_a_number_is_read_as_it_is_pasted(some: dict[str, Parcel], cast: SimpleNamespace, sign_in: Any) -> None:
    begins = some["plain"].number[:7].lower()
    html = page(sign_in(cast.owner), f"{URL}?number=%20{begins[:2]}+{begins[2:]}-&status=out")
    assert order(html, list(some.values())) == [some["named"]]


def test_each_filter_is_a_chip_that_takes_it_away(cast: SimpleNamespace, sign_in: Any) -> None:
    query = "number=6C0&addressee=a&reference=b&postcode=c&status=out&account=1&tag=d&from=2026-01-01&to=2026-02-01"
    chips = asked(query).chips()
    assert len(chips) == 9 and all(asked(chip.url[1:]).query.count("=") == 8 for chip in chips)
    html = page(sign_in(cast.owner), f"{URL}?{query}")
    assert html.count('class="chip"') == 9 and "Retirer tous les filtres" in html


def test_inside_names_the_search_says_how_far_it_went_and_goes_on(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(further, "WALK", 4)
    now = timezone.now()
    parcels = [
        make_parcel(cast.south if n % 3 else cast.north, tag="LYON", created_at=now - timedelta(hours=n),
                    addressee=f"Atelier {'Zola' if n in (2, 7, 11) else 'Durand'} {n}")
        for n in range(12)
    ]  # fmt: skip
    client, url, found, steps = sign_in(cast.partner), "?addressee=zola&inside=1", [], 0
    while url:
        html = page(client, URL + url)
        found += order(html, parcels)
        links = [part.split('"')[0] for part in html.split('class="icon-link" href="')[1:]]
        url = next((link.replace("&amp;", "&") for link in links if "after=" in link), "")
        steps += 1
        assert bool(url) == ("ont été parcourus pour" in html)
    assert found == [parcels[n] for n in (2, 7, 11)]
    assert 1 < steps < 6 and "Tous les noms ont été parcourus" in html


def test_parcels_are_counted_up_to_a_bound(cast: SimpleNamespace) -> None:
    for n in range(5):
        make_parcel(cast.north, tag="LYON" if n < 2 else "")
        make_parcel(cast.south)
    scopes = scopes_of(cast.partner)
    assert [count(Parcel.objects.all(), scopes, most=most) for most in (3, 7, 100)] == [3, 7, 7]
    assert count(Parcel.objects.all(), [], most=3) == 0


def test_a_prefix_is_asked_for_in_a_way_that_an_index_answers_under_row_level_security(cast: SimpleNamespace) -> None:
    written = str(asked("number=6C0&addressee=a+b&reference=a").parcels().query)
    assert written.count("^@") == 4 and "LIKE" not in written
    with connection.cursor() as cursor:
        cursor.execute("SELECT bool_and(proleakproof) FROM pg_proc WHERE proname = 'starts_with'")
        assert cursor.fetchone() == (True,)


@given(query=st.dictionaries(
    st.sampled_from(["number", "addressee", "inside", "reference", "postcode", "status", "account", "tag", "from",
                     "to", "after"]),
    st.one_of(st.text(max_size=80), st.sampled_from(["1", "out", "2026-01-01", "1.000001-5", "9999999999.999999-1"])),
))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_whatever_an_address_holds_it_is_read_and_written_again(query: dict[str, str]) -> None:
    question = QueryDict(mutable=True)
    question.update(query)
    read = Asked.read(question)
    assert asked(read.query) == read


@pytest.mark.parametrize("value", ["\x00", "'\"--", "%", "\\", "\u202e", "é" * 5000, "{}", "%s"])
def test_nothing_that_is_typed_breaks_the_page(cast: SimpleNamespace, sign_in: Any, value: str) -> None:
    client: Client = sign_in(cast.owner)
    for name in ("number", "addressee", "reference", "postcode", "tag", "account", "from", "after"):
        assert client.get(URL, {name: value, "inside": "1"}, follow=True).status_code == 200
