"""Spreadsheet files as they leave: whatever the texts, a workbook can be read."""

from __future__ import annotations

import csv
import io

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from colibox.lib import sheets


def test_characters_that_no_workbook_may_contain_do_not_spoil_it() -> None:
    with sheets.xlsx([["Name"], ["a\ufffeb\uffffc\x00d"]], title="People") as file:
        book = openpyxl.load_workbook(file)
    assert [cell.value for row in book.worksheets[0] for cell in row] == ["Name", "a b c d"]


TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("a1é=+-@;'\"\n \t_()")), max_size=6)


@given(line=st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=200)
def test_a_line_is_written_the_same_way_whether_or_not_it_needs_care(line: list[str]) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow([sheets.inert(cell) for cell in line])
    assert b"".join(sheets.csv_parts([line])).decode("utf-8-sig") == written.getvalue()
