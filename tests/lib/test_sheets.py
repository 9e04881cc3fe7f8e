"""Spreadsheet files as they leave: whatever the texts, a workbook can be read."""

from __future__ import annotations

import openpyxl

from colibox.lib import sheets


def test_characters_that_no_workbook_may_contain_do_not_spoil_it() -> None:
    with sheets.xlsx([["Name"], ["a\ufffeb\uffffc\x00d"]], title="People") as file:
        book = openpyxl.load_workbook(file)
    assert [cell.value for row in book.worksheets[0] for cell in row] == ["Name", "a b c d"]
