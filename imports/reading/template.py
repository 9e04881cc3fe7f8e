"""The file to fill in: our headings, two examples that are not read, and cells that Excel leaves as they are typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl.styles.fonts import Font
from openpyxl.utils.cell import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from colibox.lib import sheets
from imports.reading.columns import ONLY_READ
from rights import catalogue
from rights.models import AccountLink
from rights.people.resources import PeopleResource, RightField
from users.models import Civility

PREPARED_ROWS = 1000
"""So many rows of the workbook offer yes and no."""
FORMATS = {
    "phone": "@",
    "fax": "@",
    "postcode": "@",
    "sub_accounts": "@",
    "starts_on": "yyyy-mm-dd",
    "ends_on": "yyyy-mm-dd",
}
"""How Excel keeps what is typed in these columns: a text as it is, a day as one that everybody reads."""
EXAMPLES = (2, 3)
"""The rows of the examples."""
LEFT_OUT = ("contract", *ONLY_READ)


@dataclass(frozen=True)
class Own:
    """What an account calls its places, and a profile for standard users: the examples speak of them."""

    sub_accounts: Sequence[str] = ()
    sites: Sequence[str] = ()
    profile: str = ""


NOTHING_OWN = Own()


def template(
    format: str,  # noqa: A002
    *,
    rights: Iterable[catalogue.Right],
    own: Own = NOTHING_OWN,
) -> IO[bytes]:
    """An empty file of this format, csv or xlsx, with a column for each of these rights, in the active language.

    On an account that has places, it asks where people belong too.
    """
    resource = PeopleResource(rights, contract="x" if own.sub_accounts or own.sites else "")
    columns = {
        name: str(column.column_name)
        for name, column in resource.fields.items()
        if column in resource.columns and name not in LEFT_OUT
    }
    if format == "xlsx":
        return _workbook(resource, columns, own)
    return BytesIO(b"".join(sheets.csv_parts([list(columns.values()), *_examples(resource, columns, own)])))


def _examples(resource: PeopleResource, columns: Iterable[str], own: Own) -> list[list[str]]:
    """One of each kind, as comments: the first cell begins with #."""
    year = timezone.localdate().year
    there = {"address_1": "12 rue du Port", "postcode": "44000", "town": "Nantes", "country": "FR"}
    advanced = {
        "last_name": _("# Example, not read: Martin"), "first_name": "Claire", "function": _("Logistics manager"),
        "email": "claire.martin@example.fr", "phone": "02 41 74 20 88", "tags": "LYON, PARIS SUD",
        "sites": " | ".join(own.sites[:2]), "ends_on": f"{year + 1}-12-31", **there,
        **_answers(resource, columns, AccountLink.Kind.ADVANCED),
    }  # fmt: skip
    standard = {
        "last_name": _("# Example, not read: Petit"), "first_name": "Louis", "function": _("Order picker"),
        "email": "louis.petit@example.fr", "phone": "02 41 74 20 89", "civility": resource.titles[Civility.SIR],
        "sub_accounts": "".join(own.sub_accounts[:1]), "starts_on": f"{year + 1}-01-01", "profile": own.profile,
        **there, **({} if own.profile else _answers(resource, columns, AccountLink.Kind.STANDARD)),
    }  # fmt: skip
    people = {AccountLink.Kind.ADVANCED: advanced, AccountLink.Kind.STANDARD: standard}
    return [
        [(person | {"kind": resource.kinds[kind]}).get(name, "") for name in columns] for kind, person in people.items()
    ]


def _answers(resource: PeopleResource, columns: Iterable[str], kind: str) -> dict[str, str]:
    """Yes to the first right that suits this kind of user, and no to the others."""
    suiting = {right.code for right in catalogue.suiting(kind)}
    codes = [name for name in columns if name in suiting]
    return {code: resource.no if place else resource.yes for place, code in enumerate(codes)}


def _workbook(resource: PeopleResource, columns: dict[str, str], own: Own) -> IO[bytes]:
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = _("Users")[:31]
    sheet.freeze_panes = "A2"
    sheet.append(list(columns.values()))
    for example in _examples(resource, columns, own):
        sheet.append(example)
    yes_or_no = _choice(sheet, resource.yes, resource.no)
    choices = {
        "kind": _choice(
            sheet, *map(resource.kinds.__getitem__, (AccountLink.Kind.ADVANCED, AccountLink.Kind.STANDARD))
        ),
        "civility": _choice(sheet, *map(resource.titles.__getitem__, Civility.values)),
    }
    for number, (name, heading) in enumerate(columns.items(), 1):
        letter = get_column_letter(number)
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[letter].width = min(max(len(heading) + 2, 14), 60)
        if name in FORMATS:
            sheet.column_dimensions[letter].number_format = FORMATS[name]
        for row in EXAMPLES:
            sheet.cell(row, number).font = Font(italic=True, color="666666")
            sheet.cell(row, number).number_format = FORMATS.get(name, "General")
        choice = yes_or_no if isinstance(resource.fields[name], RightField) else choices.get(name)
        if choice:
            choice.add(f"{letter}2:{letter}{PREPARED_ROWS + 1}")
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _choice(sheet: Worksheet, *words: str) -> DataValidation:
    """A list of words that cells of this sheet may offer."""
    choice = DataValidation("list", formula1=f'"{",".join(words)}"', allow_blank=True)
    sheet.add_data_validation(choice)
    return choice
