"""Spreadsheet files as they leave: whatever the texts, a workbook can be read."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from colibox.lib import lines, sheets


def test_characters_that_no_workbook_may_contain_do_not_spoil_it() -> None:
    with sheets.xlsx([["Name"], ["a\ufffeb\uffffc\x00d"]], title="People") as file:
        book = openpyxl.load_workbook(file)
    assert [cell.value for row in book.worksheets[0] for cell in row] == ["Name", "a b c d"]


TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("a1é=+-@;'\"\n \t_()")), max_size=6)


@given(line=st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=200, deadline=None)
def test_a_line_is_written_the_same_way_whether_or_not_it_needs_care(line: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow([sheets.inert(cell) for cell in line])
    assert b"".join(sheets.csv_parts([line])).decode("utf-8-sig") == written.getvalue()


@pytest.mark.django_db
def test_what_the_database_takes_for_calm_is_written_as_it_is() -> None:
    signs = [chr(code) for code in [*range(1, 0x3400), *range(0xF900, 0x10000), 0x1D7CE, 0x1F600]]
    texts = [text for sign in signs for text in (sign, f"{sign}1", f"a{sign}", f"a{sign}=1", f"+33{sign}12345")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM unnest(%s) AS text WHERE text ~ %s", [texts, lines.CALM])
        calm = [text for (text,) in cursor.fetchall()]
    assert {"a", "é1", "aé", "a "} < set(calm)
    assert [text for text in calm if sheets.inert(text) != text or set(text) & set(';"\r\n')] == []
