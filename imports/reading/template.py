"""The file to fill in: our headings, an example that is not read, and cells that Excel leaves as they are typed."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import IO

from django.utils.translation import gettext as _
from openpyxl.styles.fonts import Font
from openpyxl.utils.cell import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from colibox.lib import sheets
from imports.reading.columns import ONLY_READ
from rights import catalogue
from rights.people.resources import PeopleResource, RightField

PREPARED_ROWS = 1000
"""So many rows of the workbook offer yes and no."""
FORMATS = {"phone": "@", "postcode": "@", "sub_accounts": "@", "starts_on": "yyyy-mm-dd", "ends_on": "yyyy-mm-dd"}
"""How Excel keeps what is typed in these columns: a text as it is, a day as one that everybody reads."""
LEFT_OUT = ("kind", "contract", *ONLY_READ)


def template(
    format: str,  # noqa: A002
    *,
    rights: Iterable[catalogue.Right],
    places: bool = False,
) -> IO[bytes]:
    """An empty file of this format, csv or xlsx, with a column for each of these rights, in the active language.

    With `places`, it asks where people belong too.
    """
    resource = PeopleResource(rights, contract="x" if places else "")
    columns = {
        name: str(column.column_name)
        for name, column in resource.fields.items()
        if column in resource.columns and name not in LEFT_OUT
    }
    if format == "xlsx":
        return _workbook(resource, columns)
    return BytesIO(b"".join(sheets.csv_parts([list(columns.values()), _example(resource, columns)])))


def _example(resource: PeopleResource, columns: Iterable[str]) -> list[str]:
    """Somebody, as a comment: the first cell begins with #."""
    somebody = {
        "last_name": _("# Example, not read: Martin"), "first_name": "Claire", "function": _("Logistics manager"),
        "email": "claire.martin@example.fr", "phone": "02 41 74 20 88", "address_1": "12 rue du Port",
        "postcode": "44000", "town": "Nantes", "country": "FR", "tags": "LYON, PARIS SUD",
    }  # fmt: skip
    rights = [name for name in columns if isinstance(resource.fields[name], RightField)]
    answers = {code: resource.no if place else resource.yes for place, code in enumerate(rights)}
    return [(somebody | answers).get(name, "") for name in columns]


def _workbook(resource: PeopleResource, columns: dict[str, str]) -> IO[bytes]:
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = _("Users")[:31]
    sheet.freeze_panes = "A2"
    sheet.append(list(columns.values()))
    sheet.append(_example(resource, columns))
    choice = DataValidation("list", formula1=f'"{resource.yes},{resource.no}"', allow_blank=True)
    sheet.add_data_validation(choice)
    for number, (name, heading) in enumerate(columns.items(), 1):
        letter = get_column_letter(number)
        sheet.cell(1, number).font = Font(bold=True)
        sheet.cell(2, number).font = Font(italic=True, color="666666")
        sheet.column_dimensions[letter].width = min(max(len(heading) + 2, 14), 60)
        if name in FORMATS:
            sheet.column_dimensions[letter].number_format = FORMATS[name]
            sheet.cell(2, number).number_format = FORMATS[name]
        if isinstance(resource.fields[name], RightField):
            choice.add(f"{letter}2:{letter}{PREPARED_ROWS + 1}")
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file
