"""Files that mean harm or came to it: a clear sentence or the right rows, in little memory and time."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from random import Random

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from imports import reading
from imports.reading import Unreadable
from imports.reading.archives import Archive
from tests.imports.corpus import (
    BILLION_LAUGHS,
    BOOK,
    HEADER,
    RELATIONS,
    SHARED,
    SHEET,
    csv_text,
    header_xml,
    lines,
    lying_about,
    people_csv,
    person,
    problem,
    raw_workbook,
    row_xml,
    workbook,
    zipped,
)

GOOD = workbook([HEADER, person(1)])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def bomb() -> bytes:
    """A sheet of 99 million spaces in a hundred kilobytes."""
    return raw_workbook(SHEET.format(header_xml()) + " " * 99_000_000)


def nested(data: bytes, times: int = 3) -> bytes:
    """Zips in zips, as 42.zip."""
    for number in range(times):
        data = zipped({f"{name}{number}.zip": data for name in "abcdefgh"})
    return data


def of_many_entries() -> bytes:
    return zipped({"[Content_Types].xml": "", **{f"p{number}": "" for number in range(1_001)}})


def of_a_long_directory() -> bytes:
    """A list of entries that claims to be short and is long."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b""
        for number in range(900):
            archive.writestr("x" * 400 + str(number), "")
    return buffer.getvalue()


def locked() -> bytes:
    """A zip whose entries say that they have a password."""
    data = bytearray(GOOD)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str]] = {
    "zip bomb": (bomb, "décompressé"),
    "zip in zip": (lambda: nested(b"x" * 1000), "archive"),
    "a thousand entries": (of_many_entries, "décompressé"),
    "long list of entries": (of_a_long_directory, "décompressé"),
    "entries with a password": (locked, "mot de passe"),
    "billion laughs in the sheet": (lambda: raw_workbook(BILLION_LAUGHS + SHEET.format("&i;")), "entités"),
    "billion laughs in the book": (
        lambda: raw_workbook(SHEET.format(""), **{"xl/workbook.xml": BILLION_LAUGHS + BOOK}), "entités",
    ),
    "foreign entity": (
        lambda: raw_workbook('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SHEET.format("&a;")), "entités",
    ),
    "truncated workbook": (GOOD[: len(GOOD) // 2], "endommagé"),
    "workbook without end": (GOOD[:-30], "endommagé"),
    "broken XML": (raw_workbook("<worksheet><sheetData><row>"), "endommagé"),
    "XML of no known encoding": (raw_workbook('<?xml version="1.0" encoding="klingon"?><worksheet/>'), "endommagé"),
    "text that is not there": (
        raw_workbook(SHEET.format('<row><c t="s"><v>99</v></c></row>'), shared="<sst/>"), "endommagé",
    ),
    "a name as long as a book": (
        lambda: raw_workbook("<worksheet><x" + Random(1).randbytes(1_500_000).hex()), "endommagé",
    ),
    "workbook of nothing": (zipped({"[Content_Types].xml": "", "xl/workbook.xml": BOOK}), "feuille visible"),
    "any zip": (zipped({"a.txt": "a"}), "archive compressée"),
    "OpenDocument": (zipped({"mimetype": "x", "content.xml": "<a/>"}), "OpenDocument"),
    "Word": (zipped({"[Content_Types].xml": "", "word/document.xml": "<a/>"}), "Word"),
    "Numbers": (zipped({"Index/Document.iwa": b"1"}), "Numbers"),
    "xlsb": (zipped({"[Content_Types].xml": "", "xl/workbook.bin": b"1"}), "xlsb"),
    "old Excel": (OLE, "ancien Excel"),
    "encrypted workbook": (OLE + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "image"),
    "PDF": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "HTML": (b"\n <!DOCTYPE HTML><html><table><tr><td>EMAIL</td></tr></table>", "page web"),
    "HTML table": (b"\xef\xbb\xbf<table><tr><td>EMAIL</td></tr></table>", "page web"),
    "Excel 2003 XML": (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "2003"),
    "noise": (bytes(range(256)) * 500, "inconnu"),
    "zeros": (bytes(10_000), "intitulé"),
    "a quotation mark nobody closes": (
        csv_text([HEADER, person(1)]).encode() + b'"Martin;Claire\n' + csv_text([person(2)]).encode(), "ligne 3",
    ),
    "one that swallows a file": (
        csv_text([HEADER]).encode() + b'"Martin;' + csv_text(person(n) for n in range(3000)).encode(), "ligne 2",
    ),
    "one that another one closes": (
        csv_text([HEADER]).encode() + b'"Martin;Claire\n' + csv_text([person(1), person(2)]).encode() + b'";;',
        "ligne 2",
    ),
    "a header of 100,000 separators": (b"EMAIL" + b";" * 100_000 + b"x", "colonnes"),
    "too large": (b"EMAIL\n" + b"a" * 10_000_000, "10 Mo"),
    "16,384 headings": (
        raw_workbook(SHEET.format(row_xml(1, [("A", "EMAIL"), *((f"X{letter}D", "x") for letter in "ABCDEF")]))),
        "100 colonnes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_each_gets_its_sentence_in_little_time_and_memory(name: str) -> None:
    made, sentence = REFUSED[name]
    data = made if isinstance(made, bytes) else made()
    began = time.process_time()
    tracemalloc.start()
    try:
        said = problem(data)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sentence in said, said
    assert peak < 20_000_000 and time.process_time() - began < 5


def test_what_comes_out_counts_not_what_the_list_says() -> None:
    data = raw_workbook(SHEET.format(header_xml() + "".join(row_xml(n, [("D", "x")]) for n in range(2, 2000))))
    assert "endommagé" in problem(lying_about(data, 1000))
    archive = Archive(io.BytesIO(data))
    archive.most = 50_000
    with pytest.raises(Unreadable), translation.override("fr"):
        list(archive.parts("xl/worksheets/sheet1.xml"))
    assert archive.inflated < 150_000


def test_a_directory_of_the_large_kind_is_measured_too() -> None:
    large = struct.pack("<4sQHHLLQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, 1 << 30, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4, 1)
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 1, 1, 46, 0, 0)
    assert "décompressé" in problem(b"PK\x03\x04" + large + locator + end)
    assert "endommagé" in problem(b"PK\x03\x04" + locator.replace(b"\4\0\0\0\0\0\0\0", b"\xff" * 8) + end)


def test_a_cell_of_a_megabyte_refuses_its_row_alone() -> None:
    first, second = lines(people_csv(person(1, NOM="x" * 1_000_000), person(2)))
    assert "2000 caractères" in first.faults[0].reason and sum(map(len, first.cells)) < 3000
    assert second.number == 3 and second.entry


def test_a_long_cell_in_a_workbook_refuses_its_row_alone() -> None:
    first, second = lines(workbook([HEADER, person(1, VILLE="x" * 30_000), person(2)]))
    assert {fault.column for fault in first.faults} == {"VILLE"} and second.entry
    assert all(len(cell) <= 2001 for cell in first.cells) and all(len(fault.value) <= 201 for fault in first.faults)


def test_an_endless_heading_is_not_said_again_with_each_fault() -> None:
    read = lines(f"EMAIL{'.' * 100_000};NOM\n".encode() + b"nobody;\n" * 50)
    assert max(len(fault.column) for line in read for fault in line.faults) <= 200


def test_one_long_text_named_by_millions_of_cells_is_refused() -> None:
    shared = f"<sst><si><t>EMAIL</t></si><si><t>{'x' * 2_000}</t></si></sst>"
    row = "<row>" + '<c t="s"><v>1</v></c>' * 80 + "</row>"
    heading = '<row><c t="s"><v>0</v></c>' + "<c t='str'><v>x</v></c>" * 79 + "</row>"
    data = raw_workbook(SHEET.format(heading + row * 400), shared=shared)
    assert len(data) < 100_000 and "décompressé" in problem(data)


def test_more_styles_than_excel_knows_are_refused() -> None:
    parts: dict[str, str | bytes] = {
        "xl/_rels/workbook.xml.rels": RELATIONS.format(
            kind="worksheet", target="worksheets/sheet1.xml", more=SHARED.replace("sharedStrings", "styles")
        ),
        "xl/styles.xml": f"<styleSheet><cellXfs>{'<xf/>' * 150_000}</cellXfs></styleSheet>",
    }
    assert "endommagé" in problem(raw_workbook(SHEET.format(header_xml()), **parts))


def test_a_part_that_takes_long_to_parse_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.reading.archives.SECONDS", 0.05)
    assert "trop de temps" in problem(raw_workbook(SHEET.format(header_xml() + "<row>" + "<c/>" * 190_000 + "</row>")))


def test_a_row_of_100_000_separators_is_no_trouble() -> None:
    data = csv_text([HEADER]).encode() + b";" * 100_000 + b"\n" + b"a" + b";" * 100_000 + b"b\n"
    [line] = lines(data)
    assert len(line.cells) == 8 and line.faults


def test_a_sparse_sheet_costs_what_it_holds() -> None:
    sheet = header_xml() + row_xml(1_048_576, [("D", "a@example.fr"), ("XFD", "loin")])
    [line] = lines(raw_workbook(SHEET.format(sheet)))
    assert line.number == 1_048_576 and "plus de cellules" in line.faults[0].reason


def test_row_numbers_that_lie_are_not_believed() -> None:
    rows = (
        '<row r="9"><c r="A9"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row><row r="x"><c><v>3</v></c></row>'
    )
    assert [line.number for line in lines(raw_workbook(SHEET.format(header_xml() + rows)))] == [9, 10, 11]


def test_nul_and_half_characters_are_refused_and_can_be_kept() -> None:
    by_text = lines(people_csv(person(1, NOM="Mar\0tin"), *(person(n) for n in range(2, 60))))
    assert [line.number for line in by_text if line.faults] == [2] and "\0" not in by_text[0].cells[0]
    sheet = header_xml() + row_xml(2, [("A", "_x0000_"), ("B", "_xD800_"), ("D", "a@example.fr")])
    [line] = lines(raw_workbook(SHEET.format(sheet)))
    assert "\0" not in "".join(line.cells) and "".join(line.cells).encode()


@pytest.mark.parametrize("text", ["=1+1", "＝1+1", "＋33", "－a", "＠SUM(A1)", "+cmd|' /C calc'!A0", "@a", "-1"])
def test_a_formula_is_a_text_like_another(text: str) -> None:
    header = ["EMAIL", "Action", "Fonction"]
    [line] = lines(csv_text([header, ["a@example.fr", "créer", text]], "\t").encode())
    assert line.cells[2] == text
    assert not [fault for fault in line.faults if fault.column == "Fonction"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_lead_to_a_traceback(data: bytes) -> None:
    for start in (b"", b"EMAIL;NOM\n", b"PK\x03\x04", b"\xff\xfe", b'sep=;\nEMAIL;NOM\n"'):
        problem(start + data)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_workbook_leads_to_a_traceback(at: int, noise: bytes) -> None:
    problem(GOOD[:at] + noise + GOOD[at + len(noise) :])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_no_markup_leads_to_a_traceback(text: str) -> None:
    problem(raw_workbook(SHEET.format(header_xml() + text).encode(errors="replace")))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), min_size=8, max_size=8), max_size=8), st.sampled_from(";,\t|"))
def test_any_texts_become_lines_that_can_be_kept(rows: list[list[str]], separator: str) -> None:
    data = csv_text([HEADER, *rows], separator).encode(errors="replace")
    try:
        for line in lines(data):
            assert len(line.cells) == 8 and "\0" not in "".join(line.cells)
            assert bool(line.entry) != bool(line.faults)
    except Unreadable:
        pass


def growth(rows: int, made: Callable[[list[list[str]]], bytes]) -> int:
    """The peak of memory while so many rows are read and none is kept."""
    data = made([HEADER, *(person(number, NOM=f"Nom {number}") for number in range(rows))])
    file = io.BytesIO(data)
    tracemalloc.start()
    try:
        table = reading.read(file, filename="x", held=frozenset(), language="fr")
        assert sum(1 for line in table.lines if line.entry) == rows
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def as_workbook(rows: list[list[str]]) -> bytes:
    """As Excel writes it: each text once, apart from the cells."""
    texts = {text: number for number, text in enumerate(dict.fromkeys(text for row in rows for text in row))}
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    cells = ("".join(f'<c t="s"><v>{texts[text]}</v></c>' for text in row) for row in rows)
    return raw_workbook(SHEET.format("".join(f"<row>{row}</row>" for row in cells)), shared=f"<sst>{shared}</sst>")


@pytest.mark.parametrize("made", [lambda rows: csv_text(rows).encode(), as_workbook], ids=["csv", "xlsx"])
def test_memory_does_not_grow_with_the_rows(made: Callable[[list[list[str]]], bytes]) -> None:
    assert growth(6_000, made) - growth(2_500, made) < 1_500_000
