"""Cells: what Excel damages is repaired and counted, what cannot be is said, and the form's own rules hold."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from imports.reading import cells
from rights.actions.many.entries import Act, Status
from tests.imports.corpus import HEADER, csv_text, lines, one, people_csv, person, read, workbook
from users.forms import INVISIBLE, IdentityForm, check_visible

FORM = IdentityForm.base_fields
PHONE, EMAIL = FORM["phone"], FORM["email"]


def cleaned(field: Any, text: str) -> str | None:
    """What the form makes of it; None when it refuses."""
    try:
        return str(field.clean(text))
    except ValidationError:
        return None


DIGITS = st.text("0123456789", min_size=8, max_size=8)
NATIONAL = st.builds("{}{}".format, st.sampled_from("1234567"), DIGITS)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["", "0", "+33", "(+33) ", "(+33)", "+33 ", "0033", "0033 "]),
    NATIONAL,
    st.sampled_from(["", " ", ".", "-"]),
)
def test_the_quick_way_with_telephones_is_that_of_the_form(prefix: str, number: str, between: str) -> None:
    pairs = [number[0], *(number[at : at + 2] for at in range(1, 9, 2))]
    text = prefix + between.join(pairs)
    cell = cells.phone(text)
    assert (cell.value if not cell.reason else None) == cleaned(PHONE, text)


@settings(max_examples=120, deadline=None)
@given(st.one_of(st.emails(), st.from_regex(cells.PLAIN_EMAIL), st.text("aA1.-_+@é ", max_size=20)))
def test_the_quick_way_with_addresses_is_that_of_the_form(text: str) -> None:
    cell = cells.email(text)
    expected = cleaned(EMAIL, text)
    if cell.reason:
        assert expected is None or text[:1] == "'"  # what marks a text in Excel is taken off first
    elif expected is not None:
        assert cell.value in (expected, expected.lstrip("'"))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_the_quick_way_of_seeing_is_that_of_the_form(text: str) -> None:
    seen = all(unicodedata.category(character) not in INVISIBLE for character in text)
    if "\0" not in text:
        try:
            check_visible(text)
        except ValidationError:
            assert not seen
        else:
            assert seen


@pytest.mark.parametrize(
    ("heading", "damaged", "field", "value", "repair"),
    [
        ("CODE POSTAL", "1000", "postcode", "01000", "postcode"),
        ("CODE POSTAL", "44 000", "postcode", "44000", ""),
        ("CODE POSTAL", "'01000", "postcode", "01000", "apostrophe"),
        ("CODE POSTAL", '="01000"', "postcode", "01000", "formula"),
        ("TELEPHONE", "241742088", "phone", "+33241742088", "telephone"),
        ("TELEPHONE", "33241742088", "phone", "+33241742088", "telephone"),
        ("TELEPHONE", "'0241742088", "phone", "+33241742088", "apostrophe"),
        ("TELEPHONE", "’02 41 74 20 88", "phone", "+33241742088", "apostrophe"),
        ("TELEPHONE", "02\xa041\xa074\xa020\xa088", "phone", "+33241742088", ""),
        ("TELEPHONE", "(+33) 241742088", "phone", "+33241742088", ""),
        ("TELEPHONE", "+32 2 201 23 45", "phone", "+3222012345", ""),
        ("NOM", "“Martin”", "last_name", "Martin", "quotes"),
        ("NOM", "« Martin »", "last_name", "Martin", "quotes"),
        ("NOM", "\xa0Mar\xa0tin ", "last_name", "Mar tin", ""),
        ("NOM", "'t Hooft", "last_name", "'t Hooft", ""),
        ("NOM", "'=Martin", "last_name", "=Martin", ""),
        ("NOM", "Le\u0300ve", "last_name", "L\u00e8ve", ""),
        ("VILLE", "L’Haÿ-les-Roses", "town", "L’Haÿ-les-Roses", ""),
    ],
)
def test_what_excel_damaged_is_repaired_and_counted(
    heading: str, damaged: str, field: str, value: str, repair: str
) -> None:
    table = read(people_csv(person(1, **{heading: damaged})))
    [line] = table.lines
    assert line.entry, line.faults
    assert line.entry.identity[field] == value
    assert dict(table.found.repairs) == ({repair: 1} if repair else {})
    assert line.cells[HEADER.index(heading)] == damaged


@pytest.mark.parametrize(
    "typed",
    [
        " claire@Example.FR ", "mailto:claire@example.fr", "<claire@example.fr>", "Claire Martin <claire@example.fr>",
        "claire@example.fr;", "claire@example.fr\u200b", "\xa0claire@example.fr", "“claire@example.fr”",
        "'claire@example.fr",
    ],
)  # fmt: skip
def test_addresses_are_freed_of_what_surrounds_them(typed: str) -> None:
    line = one(people_csv(person(1, EMAIL=typed)))
    assert line.entry and line.entry.email == "claire@example.fr"


@pytest.mark.parametrize(
    ("heading", "typed", "reason", "fix"),
    [
        ("TELEPHONE", "3,32417E+10", "arrondi", "Texte"),
        ("TELEPHONE", "2.41742E+08", "arrondi", "Texte"),
        ("CODE POSTAL", "4.41E+04", "arrondi", "Texte"),
        ("CODE POSTAL", "440001", "cinq chiffres", ""),
        ("TELEPHONE", "12", "comprise", "02 41 74 20 88"),
        ("EMAIL", "claire", "comprise", "claire.martin@example.fr"),
        ("EMAIL", "", "vide", "claire.martin@example.fr"),
        ("NOM", "", "vide", "Martin"),
        ("NOM", "#REF!", "erreur", "Saisissez"),
        ("NOM", "2026-11-21", "date", "Texte"),
        ("NOM", "Mar\u202etin", "invisibles", ""),
        ("NOM", "www.example.fr", "adresse", ""),
        ("NOM", "x" * 81, "80", ""),
        ("PAYS", "Atlantide", "comprise", "France"),
    ],
)
def test_what_cannot_be_repaired_is_said(heading: str, typed: str, reason: str, fix: str) -> None:
    header = [*HEADER, "PAYS"]
    line = one(people_csv([*person(1, **{heading: typed})] + ([] if heading == "PAYS" else [""]), header=header))
    [fault] = line.faults
    assert (fault.column, line.status, line.entry) == (heading, Status.IDENTITY, None)
    assert reason in fault.reason and fix in fault.fix and fault.value == typed.strip()[:200]


def test_an_error_in_the_first_cell_is_no_comment() -> None:
    assert "erreur" in one(people_csv(person(1, NOM="#N/A"))).faults[0].reason


@pytest.mark.parametrize("typed", ["Belgique", "belgium", "BE", "be", "BELGIQUE "])
def test_countries_by_code_or_name_and_their_own_postcodes(typed: str) -> None:
    line = one(people_csv([*person(1, **{"CODE POSTAL": "1000"}), typed], header=[*HEADER, "Pays"]))
    assert line.entry and (line.entry.identity["country"], line.entry.identity["postcode"]) == ("BE", "1000")


def test_the_rules_are_those_of_the_form() -> None:
    line = one(people_csv(person(1)))
    assert line.entry
    data = {**line.entry.identity, "email": line.entry.email}
    form = IdentityForm(data)
    assert form.is_valid() and form.identity() | {"civility": "", "fax": ""} == data


# What is asked.


def asked(heading: str, word: str, *, language: str = "fr") -> Any:
    return one(csv_text([["EMAIL", "Action", heading], ["a@example.fr", "update", word]]).encode(), language=language)


@pytest.mark.parametrize("word", ["oui", "OUI", " Oui ", "yes", "x", "X", "1", "true", "VRAI", "“oui”", "o"])
def test_yes(word: str) -> None:
    entry = asked("Web Service suivi", word).entry
    assert entry.rights == {"tracking_ws"} == entry.about


@pytest.mark.parametrize("word", ["non", "NO", "0", "faux", "False", "n"])
def test_no(word: str) -> None:
    entry = asked("Web Service suivi", word).entry
    assert entry.rights == set() and entry.about == {"tracking_ws"}


def test_an_empty_cell_says_nothing() -> None:
    entry = asked("Web Service suivi", "").entry
    assert entry.rights == entry.about == set()


@pytest.mark.parametrize("word", ["peut-être", "2", "ouii", "=oui", "#N/A"])
def test_anything_else_names_the_right(word: str) -> None:
    line = asked("Web Service suivi", word)
    [fault] = line.faults
    assert (line.status, fault.right, fault.value) == (Status.CHOICE, "tracking_ws", word)
    assert "Web Service suivi" in fault.reason and "oui ou non" in fault.fix


def test_two_scopes_of_one_tool_exclude_one_another() -> None:
    header = [
        *HEADER,
        "Suivi consolidé",
        "Suivi limité au tag utilisateur avec service client",
        "Suivi limité au tag utilisateur",
    ]
    both, one_of_each = lines(people_csv([*person(1), "oui", "", "oui"], [*person(2), "oui", "oui", ""], header=header))
    assert both.status == Status.CHOICE and both.faults[0].right == "tool_tag"
    assert one_of_each.entry and one_of_each.entry.rights == {"tool_consolidated", "tool_service_tag"}


def test_a_graver_fault_gives_the_verdict() -> None:
    line = one(people_csv([*person(1, NOM=""), "bof"], header=[*HEADER, "Web Service suivi"]))
    assert line.status == Status.IDENTITY and len(line.faults) == 2


@pytest.mark.parametrize(
    ("word", "act"),
    [
        ("", Act.CREATE), ("Créer", Act.CREATE), ("CREATE", Act.CREATE), ("modifier", Act.UPDATE),
        ("update", Act.UPDATE),
        ("suspendre", Act.SUSPEND), ("Suspend", Act.SUSPEND), ("retirer", Act.UNLINK), ("délier", Act.UNLINK),
        ("DISSOCIER", Act.UNLINK), ("unlink", Act.UNLINK),
    ],
)  # fmt: skip
def test_actions(word: str, act: Act) -> None:
    line = one(people_csv([*person(1), word], header=[*HEADER, "Action"]))
    assert line.entry and line.entry.act == act


@pytest.mark.parametrize("heading", ["Action", "Langue", "Type"])
def test_a_word_that_means_nothing_is_refused(heading: str) -> None:
    line = one(people_csv([*person(1), "frobnicate"], header=[*HEADER, heading]))
    assert line.status == Status.CHOICE and line.faults[0].column == heading and line.faults[0].fix


@pytest.mark.parametrize("action", ["modifier", "suspendre", "dissocier"])
def test_only_the_address_is_needed_of_who_is_there(action: str) -> None:
    line = one(f"EMAIL;NOM;Action\na@example.fr;;{action}".encode())
    assert line.entry and line.entry.identity == {}


@pytest.mark.parametrize(
    ("word", "tags"),
    [("", None), ("lyon, paris  sud,LYON", ["LYON", "PARIS SUD"]), ("-", []), ("aucun", []), ("a;b", ["A", "B"])],
)
def test_tags(word: str, tags: list[str] | None) -> None:
    assert asked("Tag utilisateur", word).entry.tags == tags


def test_tags_have_the_rules_of_the_form() -> None:
    assert "40" in asked("Tag", "x" * 41).faults[0].reason


def test_the_language_is_that_of_the_sender_unless_said() -> None:
    assert asked("Langue", "anglais").entry.language == "en" and asked("Langue", "").entry.language == "fr"


def test_an_address_twice_is_refused_the_second_time() -> None:
    rows = [person(1, EMAIL="claire@example.fr"), person(2), person(3, EMAIL="CLAIRE@Example.fr")]
    *_others, last = lines(people_csv(*rows))
    assert last.number == 4 and "ligne 2" in last.faults[0].reason


def test_masked_addresses_stay_and_may_be_shared() -> None:
    masked = "c••••@s••••.fr"
    first, second = lines(people_csv(person(1, EMAIL=masked), person(2, EMAIL=masked)))
    assert first.entry and second.entry and first.entry.email == second.entry.email == masked


def test_a_standard_and_an_advanced_user_may_share_an_address() -> None:
    header = [*HEADER, "Civilité", "Type"]
    rows = [[*person(1), "M.", "utilisateur standard"], [*person(1), "", "avancé"], [*person(2), "", ""]]
    assert [line.entry and line.entry.kind for line in lines(people_csv(*rows, header=header))] == [
        "standard", "advanced", "advanced",
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "email"), [("standard", "quai@example.fr"), ("avancé", "c••••@s••••.fr")])
def test_an_address_that_may_be_shared_is_not_by_thousands(kind: str, email: str) -> None:
    rows = [[*person(number, EMAIL=email), "Mme", kind] for number in range(52)]
    refused = [line.number for line in lines(people_csv(*rows, header=[*HEADER, "Civilité", "Type"])) if line.faults]
    assert refused == [52, 53]


@pytest.mark.parametrize(
    ("typed", "meant"), [("Mme", "mme"), ("madame", "mme"), ("M.", "m"), ("Monsieur", "m"), ("Mr", "m"), ("", "")]
)
def test_a_title_is_understood_however_it_is_typed(typed: str, meant: str) -> None:
    data = people_csv([*person(1), typed, "standard"], header=[*HEADER, "Civilité", "Type"])
    [line] = read(data).lines
    assert line.entry and (line.entry.identity["civility"], line.entry.lacks) == (meant, () if meant else ("civility",))


def test_a_title_that_means_nothing_is_said_of_standard_users_only() -> None:
    rows = [[*person(1), "Dr", "standard"], [*person(2), "Dr", "avancé"]]
    first, second = lines(people_csv(*rows, header=[*HEADER, "Civilité", "Type"]))
    assert [fault.column for fault in first.faults] == ["Civilité"] and not second.faults


def test_faults_speak_the_language_of_the_sender() -> None:
    with translation.override("fr"):
        assert one(people_csv(person(1, NOM="")), language="en").faults[0].reason == "This cell is empty."


def test_a_column_that_is_missing_is_named_by_its_label() -> None:
    line = one(csv_text([HEADER[1:], person(1)[1:]]).encode())
    assert [fault.column for fault in line.faults] == ["Nom"]


def test_a_number_of_a_workbook_is_whole_again() -> None:
    line = one(workbook([HEADER, [*person(1)[:4], 33241742088.0, "3 rue", 1000, "Bourg"]]))
    assert line.entry and line.entry.identity["phone"] == "+33241742088" and line.entry.identity["postcode"] == "01000"
