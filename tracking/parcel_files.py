"""Several parcels in a CSV file: its columns in either language, each row an order with its problems, its template."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any
from uuid import UUID, uuid5

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from colibox.lib import sheets
from colibox.lib.text import fold
from rights.models import AccountLink
from tracking import products
from tracking.actions.franking import sender_of
from tracking.labels.label import Address
from tracking.orders import Order, Problem, check, tidy
from tracking.shipping_forms import grams, kilograms

MOST_ROWS = 500
LARGEST = 1_000_000
LONGEST_CELL = 200
SEPARATORS = (";", ",", "\t")

COLUMNS = {
    "product": gettext_lazy("Product"),
    "weight": gettext_lazy("Weight (kg)"),
    "addressee.company": gettext_lazy("Company"),
    "addressee.last_name": gettext_lazy("Last name"),
    "addressee.first_name": gettext_lazy("First name"),
    "addressee.line2": gettext_lazy("Number and street"),
    "addressee.line1": gettext_lazy("Entrance, building, residence"),
    "addressee.line0": gettext_lazy("Floor, staircase, flat"),
    "addressee.line3": gettext_lazy("Locality or other mention"),
    "addressee.postcode": gettext_lazy("Postcode"),
    "addressee.town": gettext_lazy("Town"),
    "addressee.country": gettext_lazy("Country"),
    "addressee.mobile": gettext_lazy("Mobile number"),
    "addressee.email": gettext_lazy("E-mail"),
    "pickup_point": gettext_lazy("Pickup point"),
    "reference": gettext_lazy("Client reference"),
    "tag": gettext_lazy("Tag"),
    "instructions": gettext_lazy("Instructions for the delivery"),
}
"""What a file may say of a parcel, by the names of tracking.orders."""
NEEDED = ("product", "weight", "addressee.line2", "addressee.postcode", "addressee.town")
LANGUAGES = ("fr", "en")
EXAMPLES = (
    {"product": "DOM", "weight": 1250, "addressee.last_name": "Durand", "addressee.first_name": "Camille",
     "addressee.line2": "5 rue du Bellay", "addressee.postcode": "69003", "addressee.town": "LYON",
     "addressee.country": "FR", "addressee.mobile": "06 12 34 56 78", "addressee.email": "camille.durand@example.fr",
     "reference": "CMD-2041"},
    {"product": "DOS", "weight": 4500, "addressee.company": "Atelier du Port", "addressee.last_name": "Le Goff",
     "addressee.line2": "12 quai de la Fosse", "addressee.postcode": "44000", "addressee.town": "NANTES",
     "addressee.country": "FR", "reference": "CMD-2042"},
)  # fmt: skip


class Unreadable(Exception):
    """Why nothing of a file can be read, and what to do."""


@dataclass
class Row:
    """One row: its number in the file, its cells by column, and what is wrong with it."""

    number: int
    cells: dict[str, str]
    problems: list[Problem] = field(default_factory=list)

    def order(self, link: AccountLink, token: UUID) -> Order:
        """The row as an order of this account; the same row of the same sending is one parcel."""
        cell = self.cells.get
        names = (name.removeprefix("addressee.") for name in COLUMNS if name.startswith("addressee."))
        address = {name: cell(f"addressee.{name}", "") for name in names}
        weight: Any = grams(cell("weight", ""))
        return Order(
            product=_product(cell("product", "")),
            weight=weight,
            addressee=Address(**{**address, "country": address["country"] or "FR"}),
            sender=sender_of(link.account),
            pickup_point=cell("pickup_point", ""),
            commercial_name=link.account.company[:35],
            reference=cell("reference", ""),
            tag=cell("tag", ""),
            instructions=cell("instructions", ""),
            token=uuid5(token, str(self.number)),
        )

    @property
    def whom(self) -> str:
        """To whom it goes, as a list shows it."""
        names = ("addressee.company", "addressee.first_name", "addressee.last_name")
        return " ".join(text for name in names if (text := self.cells.get(name, "")))

    @property
    def place(self) -> str:
        """Postcode and town."""
        return f"{self.cells.get('addressee.postcode', '')} {self.cells.get('addressee.town', '')}".strip()

    @property
    def said(self) -> list[str]:
        """What is wrong, each with the column it is about."""
        text = _("%(column)s: %(problem)s")
        return [
            text % {"column": COLUMNS.get(problem.field, problem.field), "problem": problem}
            for problem in self.problems
        ]


def _product(typed: str) -> str:
    """The code of a product, also by its name in either language."""
    for language in LANGUAGES:
        with override(language):
            named = {fold(str(product.label)): product.code for product in products.PRODUCTS}
        if code := named.get(fold(typed)):
            return code
    return typed


def read(content: bytes) -> list[Row]:
    """The rows of a file; raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable(_("This file is too large: 1 MB is the most. Cut it in several files."))
    lines = _lines(_decoded(content))
    header = next(lines, (0, list[str]()))[1]
    places = _places(header)
    if missing := [str(COLUMNS[name]) for name in NEEDED if name not in places]:
        text = _("The first line must name the columns; these are missing: %(columns)s. Begin with the template.")
        raise Unreadable(text % {"columns": ", ".join(missing)})
    rows = [Row(number, _cells(line, places)) for number, line in lines if any(cell.strip() for cell in line)]
    if not rows:
        raise Unreadable(_("This file names its columns and has no parcel. Add a line for each."))
    if len(rows) > MOST_ROWS:
        text = _("This file has %(n)s parcels; 500 are the most. Cut it in several files.")
        raise Unreadable(text % {"n": len(rows)})
    return rows


def _decoded(content: bytes) -> str:
    """UTF-8, else what Excel writes here; a workbook is no CSV file."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable(_("This is a workbook. Save it as CSV (semicolons) first."))
    if b"\x00" in content:
        raise Unreadable(_("This is no CSV file in UTF-8. Save it again as “CSV UTF-8”."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers, by the separator that the first one has most of."""
    first = text.partition("\n")[0]
    reader = csv.reader(StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count))
    try:
        for line in reader:
            yield reader.line_num, line
    except csv.Error as error:
        text = _("Line %(n)s cannot be read: a quotation mark or a cell is wrong there.")
        raise Unreadable(text % {"n": reader.line_num}) from error


def _places(header: Sequence[str]) -> dict[str, int]:
    """Where each column is, by its name in either language or in the web service's words."""
    known: dict[str, str] = {}
    for name, label in COLUMNS.items():
        for language in LANGUAGES:
            with override(language):
                known[_key(str(label))] = name
        known[_key(name)] = known[_key(name.removeprefix("addressee."))] = name
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        if _key(cell) in known:
            found.setdefault(known[_key(cell)], place)
    return found


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(re.sub(r"\([^()]*\)", "", text[:LONGEST_CELL])))


def _cells(line: Sequence[str], places: dict[str, int]) -> dict[str, str]:
    cells = {
        name: sheets.plain(line[place].strip())[:LONGEST_CELL] for name, place in places.items() if place < len(line)
    }
    return {name: cell for name, cell in cells.items() if cell}


def judge(rows: Sequence[Row], link: AccountLink, token: UUID) -> tuple[list[tuple[Row, Order]], list[Row]]:
    """The rows that can be franked, each as its order, and those that cannot, with their problems."""
    right: list[tuple[Row, Order]] = []
    wrong: list[Row] = []
    for row in rows:
        order = tidy(row.order(link, token))
        row.problems = check(order)
        if row.problems:
            wrong.append(row)
        else:
            right.append((row, order))
    return right, wrong


def template() -> Iterator[list[str]]:
    """The file to fill in, with two examples."""
    yield [str(label) for label in COLUMNS.values()]
    for example in EXAMPLES:
        cells = {**example, "weight": kilograms(int(str(example["weight"])))}
        yield [str(cells.get(name, "")) for name in COLUMNS]


def refused(rows: Sequence[Row]) -> Iterator[list[str]]:
    """The rows to correct, as a file that can be sent again: what is wrong is in a last column."""
    yield [*(str(label) for label in COLUMNS.values()), _("To correct")]
    for row in rows:
        yield [*(row.cells.get(name, "") for name in COLUMNS), " ".join(row.said)]
