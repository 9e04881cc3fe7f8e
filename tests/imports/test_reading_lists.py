"""Pasted addresses: however they are separated, with names or without."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports import reading
from imports.reading import Line
from rights.actions.many.entries import Act, Entry, Status

RIGHTS = frozenset({"shipping_ws"})


def pasted(text: str) -> list[Line]:
    asked = Entry("", rights=RIGHTS, about=RIGHTS, tags=["LYON"], sites=(7,), profile="own", ends_on="2030-12-31")
    return list(reading.read_list(text, asked=asked, language="fr").lines)


@pytest.mark.parametrize(
    "text",
    [
        "a@x.fr\nb@x.fr",
        "a@x.fr, b@x.fr",
        "a@x.fr;b@x.fr;",
        " a@x.fr  b@x.fr ",
        "a@x.fr\r\n\r\n\tb@x.fr",
        "mailto:a@x.fr,b@X.FR",
    ],
)
def test_addresses_however_separated(text: str) -> None:
    entries = [line.entry for line in pasted(text)]
    assert [entry and entry.email for entry in entries] == ["a@x.fr", "b@x.fr"]
    for entry in entries:
        assert entry and (entry.act, entry.rights, entry.about, entry.tags) == (Act.CREATE, RIGHTS, RIGHTS, ["LYON"])
        assert entry.identity == {} and entry.language == "fr"
        assert (entry.sub_accounts, entry.sites, entry.profile, entry.ends_on) == (None, (7,), "own", "2030-12-31")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Claire Martin <c@m.fr>", "Claire", "Martin"),
        ('"Claire Martin" <c@m.fr>', "Claire", "Martin"),
        ("MARTIN Claire <c@m.fr>", "Claire", "MARTIN"),
        ("DE LA TOUR Anne Marie <c@m.fr>", "Anne Marie", "DE LA TOUR"),
        ("Martin, Claire <c@m.fr>", "Claire", "Martin"),
        ('"Martin, Claire" <c@m.fr>', "Claire", "Martin"),
        ("Claire <c@m.fr>", "Claire", ""),
        ("<c@m.fr>", "", ""),
        ("www.m.fr x <c@m.fr>", "", ""),
    ],
)
def test_names_beside_addresses(text: str, first: str, last: str) -> None:
    [line] = pasted(text)
    assert line.entry and line.entry.email == "c@m.fr"
    names = {"first_name": first, "last_name": last}
    assert line.entry.identity == {field: name for field, name in names.items() if name}


def test_what_outlook_copies() -> None:
    entries = [line.entry for line in pasted("Martin, Claire <c@m.fr>; Dupont, Jean <j@d.fr>; k@d.fr")]
    assert [entry and entry.email for entry in entries] == ["c@m.fr", "j@d.fr", "k@d.fr"]
    assert entries[1] and entries[1].identity == {"first_name": "Jean", "last_name": "Dupont"}


def test_what_is_wrong_is_said_line_by_line() -> None:
    read = pasted("a@x.fr\nbonjour\nA@x.fr, c@")
    assert [(line.number, bool(line.entry), line.status) for line in read] == [
        (1, True, Status.OK), (2, False, Status.IDENTITY), (3, False, Status.IDENTITY), (4, False, Status.IDENTITY),
    ]  # fmt: skip
    assert "claire.martin@example.fr" in read[1].faults[0].fix and "numéro 1" in read[2].faults[0].reason
    assert read[2].cells == ["A@x.fr"] and read[2].faults[0].column == "E-mail"


def test_nothing_pasted_is_no_line() -> None:
    assert pasted(" \n ;; ,") == []


@pytest.mark.parametrize(
    "text",
    ["a," * 490_000, '"a",' * 240_000, " ".join(f"A{n}A b{n}" for n in range(70_000)) + " <a@b.fr>"],
    ids=["parts", "quoted parts", "names"],
)
def test_a_million_characters_in_one_line_are_read_at_once(text: str) -> None:
    began = time.process_time()
    assert pasted(text)
    assert time.process_time() - began < 5


def test_people_of_a_list_do_not_share_their_tags() -> None:
    one, two = pasted("a@x.fr b@x.fr")
    assert one.entry and two.entry and one.entry.tags is not two.entry.tags


@given(st.text(max_size=200))
def test_no_text_leads_to_a_traceback(text: str) -> None:
    for line in pasted(text):
        assert bool(line.entry) != bool(line.faults)
