"""The deposit slip: what is handed over together, on as many pages of A4 as it takes, for two signatures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colibox.lib.pdf import LOCK, document, saved
from colibox.lib.writing import capitals
from tracking import numbers
from tracking.labels import pdf
from tracking.labels.label import Slip, SlipLine
from tracking.labels.layout import place, weight
from tracking.labels.paper import SIZES
from tracking.labels.sheet import Sheet

WIDTH, HEIGHT = SIZES["A4"]
MARGIN = 12
INNER = WIDTH - 2 * MARGIN
ROW, FIRST_ROW, LAST_ROW = 6, 66, 280
SIGNATURES = 42
"""Height of the boxes to sign in."""

COLUMNS = (9, 34, 30, 40, 35, 22, 16)
"""Widths in millimetres: rank, number, product, addressee, town, reference, weight."""


@dataclass(slots=True)
class Pages:
    """Pages being filled from the top."""

    slip: Slip
    sheets: list[Sheet] = field(default_factory=list)
    down: float = HEIGHT

    def room(self, height: float) -> Sheet:
        """The page with so much room left, a new one if need be."""
        if self.down + height > LAST_ROW:
            self.sheets.append(Sheet(WIDTH, HEIGHT))
            _head(self.sheets[-1], self.slip)
            self.down = FIRST_ROW
        self.down += height
        return self.sheets[-1]


def deposit_slip(slip: Slip) -> bytes:
    """The slip as PDF; the same one makes the same bytes."""
    pages = Pages(slip)
    for rank, line in enumerate(slip.parcels, start=1):
        _row(pages, rank, line)
    _totals(pages)
    _signatures(pages)
    with LOCK:
        canvas = document(f"{_('Deposit slip')} {slip.number}", (WIDTH, HEIGHT))
        for number, sheet in enumerate(pages.sheets, start=1):
            _foot(sheet, number, len(pages.sheets))
            pdf.draw(canvas, sheet, 0, HEIGHT)
            canvas.showPage()
        return saved(canvas)


def _head(sheet: Sheet, slip: Slip) -> None:
    """What every page repeats."""
    sheet.mark(MARGIN - 1, 10, 14)
    sheet.text(MARGIN + 15, 19.5, "Colibox", 17, 40, bold=True)
    sheet.text(MARGIN + 46, 17, _("Deposit slip"), 17, 62, bold=True)
    sheet.text(MARGIN + 46, 23, _("no. %(number)s") % {"number": slip.number}, 12, 62)
    sheet.bars(WIDTH - MARGIN - 62, 10, 12, code(slip), 64, align=1)
    sheet.fill(MARGIN, 28, INNER, 0.5)
    sender = slip.sender
    lines = [sender.name, sender.person if sender.company else "", sender.line2, place(sender)]
    for row, text in enumerate(filter(None, lines)):
        sheet.text(MARGIN, 34.5 + 5.2 * row, text, 10.5, 90, bold=row == 0)
    facts = [
        (_("Account"), slip.account),
        (_("Date"), date_format(timezone.localtime(slip.created), "SHORT_DATETIME_FORMAT")),
        (_("Made by"), slip.by),
        (_("Contents"), _parcels(len(slip.parcels), sum(line.weight for line in slip.parcels))),
    ]
    for row, (name, value) in enumerate(facts):
        sheet.text(MARGIN + 100, 34.5 + 5.2 * row, name, 9, 22)
        sheet.text(MARGIN + 123, 34.5 + 5.2 * row, value, 10.5, INNER - 123, bold=True)
    _columns(sheet)


def _columns(sheet: Sheet) -> None:
    sheet.fill(MARGIN, FIRST_ROW - 8, INNER, 6.5)
    names = ("", _("Parcel number"), _("Product"), _("Addressee"), _("Town"), _("Your ref."), _("Weight"))
    for (left, room, align), name in zip(_cells(), names, strict=True):
        sheet.text(left, FIRST_ROW - 3.7, name, 8.5, room, bold=True, white=True, align=align)


def _cells() -> Iterator[tuple[float, float, float]]:
    """Where each column begins, its room, and how it is aligned."""
    left: float = MARGIN
    for rank, width in enumerate(COLUMNS):
        yield left + 1, width - 2, 1 if rank in {0, len(COLUMNS) - 1} else 0
        left += width


def _row(pages: Pages, rank: int, line: SlipLine) -> None:
    sheet = pages.room(ROW)
    where = f"{line.postcode} {capitals(line.town)}" + ("" if line.country in {"", "FR"} else f" ({line.country})")
    number = numbers.show(numbers.read(line.number))
    texts = (str(rank), number, line.product_label, line.addressee, where, line.reference, weight(line.weight))
    for rank_, ((left, room, align), text) in enumerate(zip(_cells(), texts, strict=True)):
        sheet.text(left, pages.down - 1.9, text, 8.5, room, bold=rank_ == 1, align=align)
    sheet.fill(MARGIN, pages.down, INNER, 0.1)


def _totals(pages: Pages) -> None:
    """How many parcels and how heavy, of each product and in all."""
    parcels = pages.slip.parcels
    pages.room(4)
    for product in sorted({line.product_label for line in parcels}):
        _total(pages, product, [line.weight for line in parcels if line.product_label == product], bold=False)
    _total(pages, _("Total"), [line.weight for line in parcels], bold=True)


def _total(pages: Pages, name: str, weights: Sequence[int], *, bold: bool) -> None:
    sheet = pages.room(ROW)
    if bold:
        sheet.fill(WIDTH - MARGIN - 100, pages.down - ROW, 100, 0.4)
    sheet.text(WIDTH - MARGIN - 99, pages.down - 1.6, name, 10, 44, bold=bold)
    sheet.text(WIDTH - MARGIN - 55, pages.down - 1.6, _parcels(len(weights), sum(weights)), 10, 54, bold=bold, align=1)


def _signatures(pages: Pages) -> None:
    sheet = pages.room(SIGNATURES + 6)
    top = pages.down - SIGNATURES
    half = (INNER - 6) / 2
    for left, who in ((MARGIN, _("Sender")), (MARGIN + half + 6, _("Carrier"))):
        sheet.frame(left, top, half, SIGNATURES, 0.3)
        sheet.text(left + 2, top + 5.5, who, 10, half - 4, bold=True)
        sheet.text(left + 2, top + 11.5, _("Name, date and time, signature"), 8.5, half - 4)
    sheet.text(MARGIN + half + 8, top + SIGNATURES - 2.5, _("Number of parcels received:"), 8.5, half - 4)


def _foot(sheet: Sheet, number: int, count: int) -> None:
    text = _("Page %(number)s of %(count)s") % {"number": number, "count": count}
    sheet.text(MARGIN, HEIGHT - 9, text, 8.5, INNER, align=1)


def _parcels(count: int, grams: int) -> str:
    counted = ngettext("%(count)s parcel", "%(count)s parcels", count) % {"count": count}
    return f"{counted}, {weight(grams)}"


def code(slip: Slip) -> str:
    """What the bar code of a slip says: its number on ten places."""
    return f"{slip.number:010d}"
