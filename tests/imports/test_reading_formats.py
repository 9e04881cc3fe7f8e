"""Formats, encodings, separators and headings: whatever sane file comes, the same people come out."""

from __future__ import annotations

import io
from itertools import product

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook.workbook import Workbook

from imports import reading
from imports.reading.columns import key, names
from rights import catalogue
from rights.actions.many.entries import Act
from tests.imports.corpus import (
    CLAIRE,
    HEADER,
    SHEET,
    csv_text,
    header_xml,
    lines,
    one,
    people_csv,
    person,
    problem,
    raw_workbook,
    read,
    row_xml,
    saved,
    workbook,
)

ENCODINGS = {
    "utf-8": ("utf-8", b""),
    "utf-8-sig": ("utf-8-sig", b""),
    "utf-16": ("utf-16", b""),
    "utf-16-le": ("utf-16-le", b""),
    "utf-16-be": ("utf-16-be", b""),
    "utf-16 of big ends": ("utf-16-be", b"\xfe\xff"),
    "cp1252": ("cp1252", b""),
    "mac-roman": ("mac-roman", b""),
}
SEPARATORS = ";,\t|"


@pytest.mark.parametrize(("encoding", "separator"), list(product(ENCODINGS, SEPARATORS)))
def test_every_encoding_with_every_separator(encoding: str, separator: str) -> None:
    codec, mark = ENCODINGS[encoding]
    table = read(mark + csv_text([HEADER, CLAIRE], separator).encode(codec))
    [line] = table.lines
    assert line.cells == CLAIRE and line.entry and line.number == 2
    assert line.entry.identity["town"] == "Besançon" and line.entry.identity["first_name"] == "Zoé"
    assert table.found.separator == separator and table.found.format == "csv"
    assert table.found.encoding == ("utf-16" if mark else encoding)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_end_of_line(end: str) -> None:
    data = csv_text([HEADER, person(1), person(2)], end=end).encode()
    assert [line.number for line in lines(data)] == [2, 3]


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_line_may_declare_the_separator(separator: str) -> None:
    table = read(f"sep={separator}\r\n".encode() + csv_text([HEADER, CLAIRE], separator).encode("cp1252"))
    assert [line.number for line in table.lines] == [2] and table.found.separator == separator


def test_a_cell_may_hold_new_lines_quotes_and_separators() -> None:
    address = '12 rue "du Port";\r\nbât. A'
    data = people_csv(person(1, **{"ADRESSE GEOGRAPHIQUE": address}), person(2))
    first, second = lines(data)
    assert first.entry and first.entry.identity["address_1"] == '12 rue "du Port"; bât. A'
    assert second.number == 3 and second.entry


CELL = st.text("ab1é;,\t|\"'\n\r =", max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(CELL, min_size=8, max_size=8), max_size=4), st.sampled_from(SEPARATORS))
def test_whatever_cells_hold_they_are_read_as_they_were_written(rows: list[list[str]], separator: str) -> None:
    kept = [row for row in rows if "".join(row).strip()]
    assert [line.cells for line in lines(csv_text([HEADER, *rows], separator).encode())] == kept


def test_an_address_of_several_lines_with_commas_swallows_nothing() -> None:
    address = "Zone B,\nquai 3, porte 4, étage 5, bât. A,\n@2"
    first, second = lines(csv_text([HEADER, person(1, **{"ADRESSE GEOGRAPHIQUE": address}), person(2)], ",").encode())
    assert first.entry and second.entry


def test_a_row_that_is_wrong_by_one_byte_is_refused_alone() -> None:
    data = people_csv(*(person(n) for n in range(20)), person(99, VILLE="Besan@on")).replace(
        b"Besan@on", b"Besan\xe7on"
    )
    read_lines = lines(data)
    assert [line.number for line in read_lines if line.faults] == [22]
    assert read_lines[-1].faults[0].column == "VILLE"


def test_a_mark_in_the_middle_is_left_out() -> None:
    data = people_csv(person(1, NOM="\ufeffMartin"), person(2))
    assert [line.entry and line.entry.identity["last_name"] for line in lines(data)] == ["Martin", "Lefèvre"]


def test_empty_rows_and_comments_are_counted_and_left_out() -> None:
    table = read(people_csv(person(1), [""] * 8, ["# un exemple"], person(2), []))
    assert [line.number for line in table.lines] == [2, 5]
    assert (table.found.comments, table.found.empty_rows) == (1, 2)


def test_short_rows_are_filled_up_and_long_ones_refused() -> None:
    short, empty, long = lines(people_csv(person(1)[:4], [*person(2), "", ""], [*person(3), "de", "trop"]))
    assert short.cells[4:] == [""] * 4 and {fault.column for fault in short.faults} == set(HEADER[4:])
    assert empty.entry and len(empty.cells) == 8
    assert long.faults[0].value == "detrop" and "plus de cellules" in long.faults[0].reason


def test_a_title_may_stand_above_the_header() -> None:
    table = read(csv_text([["Nos collègues"], [], HEADER, person(1)]).encode())
    assert table.found.header_row == 3 and [line.number for line in table.lines] == [4]


@pytest.mark.parametrize("heading", ["Email ", " E-MAIL", "e_mail", "Adresse e-mail", "COURRIEL", '"Email"', "mail"])
def test_headings_however_typed(heading: str) -> None:
    assert one(f"{heading};Action\nclaire@example.fr;suspendre".encode()).entry


def test_headings_of_the_carriers_own_guide() -> None:
    header = [*HEADER, "WEB SERVICE AFFRANCHISSEMENT", "SUIVI CONSOLIDE", "TAG"]
    line = one(people_csv([*person(1), "oui", "", "lyon"], header=header))
    assert line.entry and line.entry.rights == {"shipping_ws"} and line.entry.tags == ["LYON"]
    assert names()[key("SUIVI CONSOLIDE")] == "tool_consolidated"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_label_of_the_catalogue_is_a_heading(language: str) -> None:
    with translation.override(language):
        for right in catalogue.RIGHTS:
            assert names()[key(right.full_label.upper())] == right.code


def test_headings_may_be_english_and_in_any_order() -> None:
    data = csv_text([["Town", "Email", "Action"], ["Leeds", "a@example.com", "Remove"]], ",").encode()
    line = one(data, language="en")
    assert line.entry and line.entry.act == Act.UNLINK and line.entry.language == "en"


def test_what_is_not_understood_is_named_and_what_may_be_meant() -> None:
    table = read(people_csv([*person(1), "x", "y", "z"], header=[*HEADER, "Couleur", "Adresse lign 2", "Erreur"]))
    assert table.found.unknown == ["Couleur", "Adresse lign 2"]
    assert table.found.meant == {"Adresse lign 2": "Adresse, ligne 2"}


def test_what_is_missing_is_named() -> None:
    table = read(csv_text([["EMAIL", "NOM", "TELEPHONE"]]).encode())
    assert table.found.missing == ["Prénom", "Fonction", "Adresse géographique", "Code postal", "Ville"]


def test_rights_that_the_account_does_not_hold_are_named_and_read() -> None:
    data = people_csv([*person(1), "oui"], header=[*HEADER, "Web Service suivi"])
    table = read(data, held=frozenset({"coliship"}))
    [line] = table.lines
    assert table.found.not_held == ["Web Service suivi"] and line.entry and line.entry.rights == {"tracking_ws"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "vide"),
        (b"  \r\n", "vide"),
        (b"bonjour", "intitul"),
        (b"a@example.fr\nb@example.fr", "intitul"),
        (b"NOM;PRENOM\nMartin;Claire", "Email\u202f» manque"),
        (b"EMAIL;E-mail\na@example.fr;b", "EMAIL"),
        ((";".join(f"c{n}" for n in range(150)) + ";EMAIL\n").encode(), "plus de 100 colonnes"),
        (("EMAIL;" + ";".join(f"c{n}" for n in range(150))).encode(), "plus de 100 colonnes"),
    ],
)
def test_a_file_without_a_header_gets_a_sentence(data: bytes, sentence: str) -> None:
    assert sentence in problem(data)


def test_a_file_of_a_header_alone_has_no_line() -> None:
    assert lines(people_csv()) == []


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.reading.lines.MOST_ROWS", 60)
    data = people_csv(*(person(number) for number in range(60)), [""] * 8, ["# fin"])
    assert len(lines(data)) == 60
    assert "50\u202f000" in problem(people_csv(*(person(number) for number in range(61)))).replace(" ", "\u202f")


# Workbooks.


def test_a_workbook_is_read_as_a_text_is() -> None:
    table = read(workbook([HEADER, CLAIRE]))
    [line] = table.lines
    assert line.cells == CLAIRE and line.number == 2 and line.entry
    assert (table.found.format, table.found.sheet) == ("xlsx", "Personnes")


def test_numbers_dates_and_truth_values_become_texts() -> None:
    header = ["EMAIL", "CODE POSTAL", "TELEPHONE", "TAG", "Web Service suivi", "Action"]
    line = one(workbook([header, ["a@example.fr", 44000.0, 241742088, 3.5, True, "suspend"]]))
    assert line.cells == ["a@example.fr", "44000", "241742088", "3.5", "TRUE", "suspend"]
    assert line.entry and line.entry.rights == {"tracking_ws"}


def test_what_excel_took_for_a_date_is_said() -> None:
    import_date = person(1, VILLE="45000")
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    sheet.append(import_date)
    sheet["H2"].value, sheet["H2"].number_format = 45000, "dd/mm/yyyy"
    [fault] = one(saved(book)).faults
    assert (fault.column, fault.value) == ("VILLE", "2023-03-15") and "date" in fault.reason and "Texte" in fault.fix


def test_hidden_rows_are_read_and_hidden_sheets_are_not() -> None:
    book = Workbook()
    hidden, notes = book.worksheets[0], book.create_sheet("Notes")
    hidden.sheet_state = "hidden"
    hidden.append(HEADER)
    notes.append(["À lire"])
    seen = book.create_sheet("Équipe")
    for row in (HEADER, person(1), person(2)):
        seen.append(row)
    seen.row_dimensions[2].hidden = True
    book.active = 2
    table = read(saved(book))
    assert [line.number for line in table.lines] == [2, 3] and table.found.sheet == "Équipe"


def test_a_workbook_that_shows_nothing_gets_a_sentence() -> None:
    assert "feuille visible" in problem(workbook([]))


def test_row_numbers_are_those_of_the_sheet() -> None:
    people = dict(enumerate(person(1)))
    cells = [("ABCDEFGH"[place], text) for place, text in people.items()]
    data = raw_workbook(SHEET.format(header_xml() + row_xml(7, cells) + row_xml(1_048_576, [("D", "#fin")])))
    table = read(data)
    assert [line.number for line in table.lines] == [7, 1_048_576]


def test_shared_and_rich_texts() -> None:
    shared = (
        '<sst><si><t>EMAIL</t></si><si><r><t>claire</t></r><r><rPr/><t>@example.fr</t></r><rPh sb="0" eb="1"><t>x</t>'
        "</rPh></si><si><t>Ac</t></si></sst>"
    )
    sheet = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row><c t="s"><f>A1</f><v>1</v></c></row>'
    assert one(raw_workbook(SHEET.format(sheet), shared=shared)).cells == ["claire@example.fr"]


def test_the_registry_names_formats_and_content_types() -> None:
    assert list(reading.FORMATS) == ["csv", "xlsx"]
    assert reading.FORMATS["csv"].get_content_type() == "text/csv"
    assert all(known.can_import() for known in reading.FORMATS.values())


def test_the_file_stays_open() -> None:
    file = io.BytesIO(people_csv(person(1)))
    assert len(list(reading.read(file, filename="x", held=frozenset(), language="fr").lines)) == 1
    assert not file.closed
