"""Text compared as people compare it, by Python and by the database alike."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.models import F, Value
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.text import Fold, composed, fold, rules


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


TYPED = st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0"), max_size=20)
"""What may be typed: all that both Python and PostgreSQL know, and may keep."""


def by_the_database(texts: Sequence[str]) -> list[str]:
    """These texts as the database folds them, with single spaces as those that it keeps have."""
    with connection.cursor() as cursor:
        numbered = "unnest(%s::text[]) WITH ORDINALITY AS typed (text, number)"
        cursor.execute(f"SELECT colibox_fold(text) FROM {numbered} ORDER BY number", [list(texts)])  # noqa: S608
        return [" ".join(folded.split()) for (folded,) in cursor.fetchall()]


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(TYPED, max_size=20))
def test_whatever_is_typed_the_database_folds_as_python_does(texts: list[str]) -> None:
    assert by_the_database(texts) == [fold(text) for text in texts]


@pytest.mark.django_db
def test_each_sign_that_the_database_writes_otherwise_is_written_so_by_python() -> None:
    signs = [f"x{sign}X" for sign in rules()]
    assert len(signs) > 2000
    assert by_the_database(signs) == [fold(sign) for sign in signs]


@pytest.mark.parametrize(
    ("typed", "straight"),
    [
        ("Quai d’expédition", "quai d'expedition"),
        ("Entrepôt de lʼÉtoile", "entrepot de l'etoile"),
        ("Quai 4 – Nord", "quai 4 - nord"),
        ("Quai 4 — Nord", "quai 4 - nord"),
        ("Saint‑Étienne", "saint-etienne"),
        ("«\xa0Le\u202fPort\xa0»", "<< le port >>"),
        (
            "Œuvre Læticia Straße Łukasz Bjørn Đorđe Ðuro Þór Għajn",
            "oeuvre laeticia strasse lukasz bjorn dorde duro thor ghajn",
        ),
    ],
)
def test_apostrophes_and_dashes_are_folded_like_straight_ones(typed: str, straight: str) -> None:
    assert fold(typed) == straight


@pytest.mark.django_db
def test_columns_are_folded_together() -> None:
    with tenancy.everything():
        account = CustomerAccount.objects.create(
            number="900138", company="Société Été", town="Nîmes", email="a@b.example"
        )
        folded = CustomerAccount.objects.annotate(f=Fold(F("company"), F("town"), Value("É"))).get(pk=account.pk)
    assert folded.f == "societe ete nimes e"
