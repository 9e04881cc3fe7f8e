"""Text compared as people compare it, by Python and by the database alike."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import F, Value
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.text import Fold, composed, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Élodie", "elodie"), ("  LE  GOFF ", "le goff"), ("Garçon", "garcon"), ("", ""), ("Noël & Cie", "noel & cie")],
)
def test_accents_case_and_spaces_are_set_aside(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_accents_without_end_cost_no_more_than_letters() -> None:
    endless = "a" + "\u0301\u0316" * 300_000  # minutes, were they put in order first
    assert fold(endless) == "a"
    assert composed(endless, 4000) == endless


def test_what_may_be_short_enough_once_composed_is_composed() -> None:
    assert composed("e\u0301" * 40, 40) == "é" * 40


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "Élodie",
        "GARÇON",
        "Noël",
        "Zoë",
        "Œuvre",
        "Læticia",
        "Straße",
        "Łukasz",
        "Bjørn",
        "Đorđe",
        "Ðuro",
        "Þór",
        "Għajn",
    ],
)
def test_the_database_folds_names_as_python_does(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT colibox_fold(%s)", [name])
        assert cursor.fetchone()[0] == fold(name)


@pytest.mark.django_db
def test_columns_are_folded_together() -> None:
    with tenancy.everything():
        account = CustomerAccount.objects.create(
            number="900138", company="Société Été", town="Nîmes", email="a@b.example"
        )
        folded = CustomerAccount.objects.annotate(f=Fold(F("company"), F("town"), Value("É"))).get(pk=account.pk)
    assert folded.f == "societe ete nimes e"
