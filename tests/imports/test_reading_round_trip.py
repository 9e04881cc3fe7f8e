"""What the portal writes it reads again: exports, results, templates, and any text that was made harmless."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.reader.excel import load_workbook

from colibox.lib import sheets
from imports import reading
from rights import catalogue
from rights.actions.many.entries import Act
from rights.people.resources import PeopleResource, exported
from tests.imports.corpus import lines, read, workbook

LANGUAGES = ["fr", "en"]
ADVANCED = catalogue.suiting("advanced")
CODES = [right.code for right in catalogue.RIGHTS]
PERSON: dict[str, Any] = {
    "last_name": "Lefèvre", "first_name": "Zoé", "function": "Chargée d’été", "shown_email": "zoe@example.fr",
    "phone": "+33241742088", "address_1": "3 allée du Chêne", "address_2": "bât. A", "address_3": "",
    "postcode": "01000", "town": "Bourg-en-Bresse", "country": "FR", "kind": "advanced", "role": "member",
    "fax": "", "civility": "",
    "tags": ["LYON", "PARIS SUD"], "shown_state": "active", "given": ["shipping_ws", "tool_tag"],
    "profile__name": None, "profile__shipped": None, "starts_on": None, "ends_on": date(2027, 1, 31),
}  # fmt: skip
BARE = {"phone": "", "address_1": "", "address_2": "", "postcode": "", "town": "", "function": "", "tags": []}


def export(*people: dict[str, Any], form: str = "csv") -> bytes:
    """The people as the page of users exports them, in the active language."""
    resource = PeopleResource(exported(["advanced", "standard"], CODES))
    rows = [resource.headers, *(resource.line(PERSON | person) for person in people)]
    if form == "csv":
        return b"".join(sheets.csv_parts(rows))
    with sheets.xlsx(rows, title="x") as file:
        return file.read()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_export_says_what_there_is(language: str, form: str) -> None:
    with translation.override(language):
        table = read(export({}, form=form), language=language)
        [line] = table.lines
    assert line.entry and (table.found.unknown, table.found.missing, dict(table.found.repairs)) == ([], [], {})
    assert line.entry.identity == {name: PERSON[name] for name in line.entry.identity}
    assert line.entry.email == "zoe@example.fr" and line.entry.act == Act.CREATE
    assert line.entry.rights == {"shipping_ws", "tool_tag"} and line.entry.about == set(CODES)
    assert line.entry.tags == ["LYON", "PARIS SUD"]
    assert (line.entry.starts_on, line.entry.ends_on) == ("", "2027-01-31")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_more_is_asked_of_who_is_on_the_account(language: str) -> None:
    people = [
        BARE | {"shown_email": "c••••@s••••.fr", "shown_state": "invited"},
        BARE | {"shown_email": "c••••@s••••.fr", "shown_state": "expired"},
        BARE | {"shown_email": "a@example.fr", "last_name": "", "first_name": "", "shown_state": "suspended"},
        {"kind": "standard", "shown_email": "a@example.fr", "given": ["invoices"]},
    ]
    with translation.override(language):
        entries = [line.entry for line in read(export(*people), language=language).lines]
    assert [entry and (entry.email, entry.kind) for entry in entries] == [
        ("c••••@s••••.fr", "advanced"), ("c••••@s••••.fr", "advanced"),
        ("a@example.fr", "advanced"), ("a@example.fr", "standard"),
    ]  # fmt: skip


def test_a_state_frees_nobody_new_from_the_form() -> None:
    data = b"EMAIL;Statut\na@example.fr;Traitement OK\nb@example.fr;actif\n"
    assert [len(line.faults) for line in lines(data)] == [7, 7]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_of_results_can_be_sent_back(language: str) -> None:
    with translation.override(language):
        header, row = csv.reader(io.StringIO(export({}).decode("utf-8-sig")), delimiter=";")
        own = ["Row", "Status", "Result", "Details"]
        ours = [translation.gettext(heading) for heading in own]
        table = read(workbook([[*ours, *header, translation.gettext("Error")], ["2", "OK", "", "", *row, "quoi"]]))
        [line] = table.lines
    assert line.entry and line.entry.email == "zoe@example.fr" and table.found.unknown == []


VISIBLE = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
LIVELY = st.text("=+-@'＝＋ (3)a1", max_size=12)


@settings(max_examples=400, deadline=None)
@given(st.one_of(VISIBLE, LIVELY))
def test_what_was_made_harmless_is_what_it_was(text: str) -> None:
    assert sheets.plain(sheets.inert(text)) == text


@settings(max_examples=60, deadline=None)
@given(st.text("=+-@'＝ aé1", min_size=1, max_size=12).map(str.strip).filter(bool))
def test_a_name_comes_back_to_the_letter(name: str) -> None:
    with translation.override("fr"):
        [line] = lines(export({"last_name": name, "first_name": "É"}))
    assert line.entry and line.entry.identity["last_name"] == " ".join(name.split())


# The template.


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_is_understood_and_empty(language: str, form: str) -> None:
    with translation.override(language):
        data = reading.template(form, rights=ADVANCED).read()
    table = read(data)
    assert (list(table.lines), table.found.unknown, table.found.missing) == ([], [], [])
    assert table.found.comments == 2 and len(table.header) == 18 + len(ADVANCED)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_its_example_is_a_row_once_it_is_no_comment(language: str, form: str) -> None:
    with translation.override(language):
        data = reading.template(form, rights=ADVANCED).read()
    if form == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    else:
        sheet = load_workbook(io.BytesIO(data)).worksheets[0]
        rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    rows[1][0] = "Martin"
    [line] = lines(workbook(rows))
    rows[2][0] = "Petit"
    [_first, other] = lines(workbook(rows))
    assert other.entry and (other.entry.kind, other.entry.identity["civility"]) == ("standard", "m")
    assert other.entry.starts_on and line.entry and line.entry.ends_on
    assert line.entry and len(line.entry.rights) == 1 and line.entry.about == {right.code for right in ADVANCED}
    assert line.entry.identity["first_name"] == "Claire" and line.entry.tags == ["LYON", "PARIS SUD"]


def test_the_workbook_keeps_zeros_and_offers_yes_and_no() -> None:
    with translation.override("fr"):
        file = reading.template("xlsx", rights=ADVANCED)
    sheet = load_workbook(file).worksheets[0]
    header = {cell.value: cell.column_letter for cell in sheet[1]}
    for heading in ("Téléphone", "Code postal"):
        assert sheet.column_dimensions[header[heading]].number_format == "@"
    choice, kinds, titles = sheet.data_validations.dataValidation
    assert choice.formula1 == '"oui,non"' and len(choice.sqref.ranges) == len(ADVANCED)
    assert kinds.formula1 == '"utilisateur avancé,utilisateur standard"' and titles.formula1 == '"Mme,M."'
    assert sheet["A1"].font.bold and sheet.freeze_panes == "A2"


def test_french_excel_opens_the_template() -> None:
    with translation.override("fr"):
        data = reading.template("csv", rights=ADVANCED[:1]).read()
    assert data.startswith("\ufeffNom;Prénom;Fonction;Email;".encode()) and data.count(b"\r\n") == 3
