"""French sentences about people are said as they are spoken, whatever the name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import translation

from colibox.lib import telling
from colibox.lib.elision import elided


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("les droits de Aline Berlioz", ["Aline Berlioz"], "les droits d’Aline Berlioz"),
        ("a demandé que Élise Petit devienne", ["Élise Petit"], "a demandé qu’Élise Petit devienne"),
        ("le rôle de Yves Tanguy", ["Yves Tanguy"], "le rôle d’Yves Tanguy"),
        ("le rôle de Yann Le Bris", ["Yann Le Bris"], "le rôle de Yann Le Bris"),
        ("l’accès de Hélène Roy", ["Hélène Roy"], "l’accès d’Hélène Roy"),
        ("l’accès de Hassan Amrani", ["Hassan Amrani"], "l’accès de Hassan Amrani"),
        ("l’accès de 900138 ADMIN", ["900138 ADMIN"], "l’accès de 900138 ADMIN"),
        ("Aude Roy a vu le monde Aude Roy", ["Aude Roy"], "Aude Roy a vu le monde Aude Roy"),
        ("les droits de Ahmad, l’accès de Ahmad", ["Ahmad"], "les droits d’Ahmad, l’accès d’Ahmad"),
        ("les droits de personne", [""], "les droits de personne"),
    ],
)
def test_a_vowel_is_dropped_before_a_name_that_begins_with_one(text: str, names: list[str], said: str) -> None:
    with translation.override("fr"):
        assert elided(text, *names) == said
    with translation.override("en"):
        assert elided(text, *names) == text


def test_histories_are_said_so() -> None:
    event = SimpleNamespace(
        verb="person attached", actor_name="Omar Sy", subject_name="Aline Berlioz", before={}, after={}
    )
    with translation.override("fr"):
        assert "d’Aline Berlioz" in telling.sentence(event)
