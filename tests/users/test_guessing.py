"""Passwords that are tried first are refused with the reason; sentences and what managers make are taken."""

from __future__ import annotations

import time

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from users import guessing

KNOWN = ["c.martin", "Élise Martin", "elise.martin", "900138", "Comptoir des Îles"]

FAMILIES = {
    "repeat": ["aaaaaaaaaaaa", "900138900138", "bonjourbonjour", "passwordpassword", "motdepassemotdepasse", "ab" * 64],
    "row": ["123456789012", "azertyuiop12", "azertyuiopqs", "qwertyuiop12", "&é\"'(-è_çàaze", "abcdefghijklmnop"],
    "word": ["motdepasse12", "Motdepasse123!", "P@ssw0rd2026", "bonjour-soleil", "Marseille2026!", "Vacances-2026"],
    "personal": [
        "elise.martin.1987", "Élise-Martin!!", "comptoir900138", "Comptoir-des-Iles", "c.martin-900138",
        "colibox-colibox", "Colibox-2026!!",
    ],
}  # fmt: skip


def refusal(password: str) -> str | None:
    try:
        guessing.check(password, known=KNOWN)
    except ValidationError as error:
        return str(error.messages[0])
    return None


@pytest.mark.parametrize(("family", "password"), [(name, text) for name, texts in FAMILIES.items() for text in texts])
def test_what_is_tried_first_is_refused_with_the_reason(family: str, password: str) -> None:
    with translation.override("en"):
        assert refusal(password) == str(guessing.REASONS[family])


@pytest.mark.parametrize(
    "password",
    [
        "une-phrase-toute-neuve", "un mot de passe à nous", "Élise aime les canards bleus", "k7Hq!z29bVpd",
        "lune-bleue-sur-la-colline", "correct horse battery staple", "colibox-demo-2026", "пароль-чайник-облако",
        "三毛猫は毎朝六時に鳴く",
    ],
)  # fmt: skip
def test_sentences_and_random_texts_are_taken(password: str) -> None:
    assert refusal(password) is None


def test_every_reason_is_said_in_both_languages() -> None:
    for reason in guessing.REASONS.values():
        with translation.override("fr"):
            french = str(reason)
        with translation.override("en"):
            assert french != str(reason)


@pytest.mark.parametrize(
    "password", ["x" * 127 + "y", "a1" * 64, "azerty" * 21, "/!\\" * 32, "a" + "\u0316\u0301" * 100_000,
     "4@8({[<69!1|7$5+2%0zx" * 3 + "abc"],
)  # fmt: skip
def test_the_longest_password_takes_no_time_to_judge(password: str) -> None:
    before = time.process_time()
    refusal(password)
    assert time.process_time() - before < 2
