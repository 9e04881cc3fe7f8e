"""How a parcel label looks: one composition for every size and printer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_countries import countries

from colibox.lib.writing import capitals, width, wrapped
from tracking import numbers
from tracking.labels import routing
from tracking.labels.label import Address, Label
from tracking.labels.sheet import POINT, Sheet

MARGIN = 3
GAP = 1.2
"""Between what people read and what machines read."""

LEADING = 1.2 * POINT
"""Millimetres from line to line for a size of one point."""

SMALL = 0.75
"""Below this share of its sizes an address rather takes floor and building in one line."""

TOWN_FIRST = {"AU", "CA", "GB", "GG", "IE", "IM", "IN", "JE", "NZ", "SG", "US"}
"""Countries where the postcode stands behind the town."""


@dataclass(frozen=True)
class Plan:
    """Heights of the bands of a label in millimetres, from the top, and how large its print is."""

    header: float
    sender: float
    code: float
    routing: float
    scale: float
    note: int
    """Lines of a note at most."""

    @property
    def number(self) -> float:
        """Height of the line with the parcel number."""
        return 8 * self.scale

    @property
    def below(self) -> float:
        """Height of all that stands on the bottom: number, both bar codes, what is read under the second, a gap."""
        return GAP + self.number + self.code + 3 + self.routing + 3.6 * self.scale


PLANS = {
    100: Plan(header=10, sender=14.5, code=13, routing=8, scale=0.75, note=1),
    120: Plan(header=12, sender=18.5, code=16, routing=10, scale=0.86, note=2),
    140: Plan(header=14, sender=22, code=21, routing=14, scale=1, note=2),
}
"""By the least height each one needs; the addressee has what is left."""


def compose(label: Label, wide: float, high: float, *, paired: bool = True) -> Sheet:
    """Lay out a label on a paper of this size."""
    plan = PLANS[max(least for least in PLANS if least <= high)]
    sheet = Sheet(wide, high, paired)
    inner = wide - 2 * MARGIN
    top: float = MARGIN
    _header(sheet, label, plan, top, inner)
    top += plan.header + 1
    _sender(sheet, label, plan, top, inner)
    top += plan.sender
    bottom = high - MARGIN - plan.below
    for note in reversed(list(_notes(label))):
        bottom -= _note(sheet, note, plan, bottom, inner)
    _addressee(sheet, label, plan, top, bottom - top - 1, inner)
    _codes(sheet, label, plan, high - MARGIN - plan.below, inner)
    return sheet


def _header(sheet: Sheet, label: Label, plan: Plan, top: float, inner: float) -> None:
    """Whose label it is; the product in a black box, which a hurried person reads first."""
    high, scale = plan.header, plan.scale
    sheet.mark(MARGIN - 1, top - 0.3, high - 1)
    left = MARGIN + high - 1.5
    sheet.text(left, top + high * 0.57, "Colibox", 14 * scale, 22, bold=True)
    box = 26 * scale
    right = MARGIN + inner - box
    sheet.fill(right, top, box, high - 1)
    sheet.text(right + 1, top + high * 0.66, label.product, 24 * scale, box - 2, bold=True, white=True, align=0.5)
    middle = left + 21 * scale
    room = right - middle - 2
    if label.return_label:
        _stamp(sheet, _("Return").upper(), right - 2, top, 4.8 * scale)
    signature = _("Handed over against signature") if label.signature else _("Without signature")
    sheet.text(middle, top + high * 0.58, label.product_label, 10 * scale, room, bold=True, align=1)
    sheet.text(middle, top + high * 0.85, signature, 8 * scale, room, bold=label.signature, align=1)
    sheet.fill(MARGIN, top + high, inner, 0.5)


def _stamp(sheet: Sheet, text: str, right: float, top: float, high: float) -> None:
    """A word in white on black, to the left of a point."""
    size = high * 0.66 / POINT
    wide = width(text, size, bold=True) * POINT + 4
    sheet.fill(right - wide, top, wide, high)
    sheet.text(right - wide, top + high * 0.75, text, size, wide, bold=True, white=True, align=0.5)


def _sender(sheet: Sheet, label: Label, plan: Plan, top: float, inner: float) -> None:
    """Who sent it, and beside it what the sender's software knows it by."""
    half, step, size = inner * 0.53, (plan.sender - 0.8) / 6.1, 8.5 * plan.scale
    sheet.text(MARGIN, top + step, _("Sender").upper(), 6.5, half, bold=True)
    sender = label.sender
    streets = ", ".join(line for line in (sender.line0, sender.line1, sender.line2, sender.line3) if line)
    lines = [label.commercial_name, sender.name, streets, place(sender), abroad(sender)]
    for row, text in enumerate([line for line in dict.fromkeys(lines) if line], start=2):
        sheet.text(MARGIN, top + step * row, text, size, half - 3, bold=row == 2)
    facts = [
        (_("Account"), label.account), (_("Weight"), weight(label.weight)), (_("Date"), day(label.created)),
        (_("Your ref."), label.reference), (_("Tag"), label.tag), (_("Label"), label.customer_label),
    ]  # fmt: skip
    left, caption = MARGIN + half, 15 * plan.scale
    for row, (name, value) in enumerate([fact for fact in facts if fact[1]], start=1):
        sheet.text(left, top + step * row, name, 7 * plan.scale, caption - 1)
        sheet.text(left + caption, top + step * row, value, size, inner - half - caption, bold=True)


def _addressee(sheet: Sheet, label: Label, plan: Plan, top: float, high: float, inner: float) -> None:
    """Where it goes, as large as the frame allows."""
    sheet.frame(MARGIN, top, inner, high, 0.5)
    tab, beside = 4.4 * plan.scale, 26 * plan.scale
    sheet.fill(MARGIN + inner - beside, top, beside, tab)
    caption, left = _("Addressee").upper(), MARGIN + inner - beside
    sheet.text(left, top + tab * 0.75, caption, 8 * plan.scale, beside, bold=True, white=True, align=0.5)
    contact = _contact(label.addressee)
    sheet.text(MARGIN + 2, top + high - 1.4, contact, 8.5 * plan.scale, inner - 4)
    room = high - 2.5 - (3.6 * plan.scale if contact else 0)
    lines = list(_lines(label.addressee))
    if _height(lines) * SMALL > room:
        lines = list(_lines(label.addressee, compact=True))
    if _height(lines) + tab <= room:  # else the first line stands beside the caption
        room, top, beside = room - tab, top + tab, 0
    scale = min(1.15, room / max(_height(lines), 1))
    baseline = top + 0.3
    for row, (text, size, bold) in enumerate(lines):
        baseline += size * scale * LEADING
        sheet.text(MARGIN + 2, baseline, text, size * scale, inner - 4 - (0 if row else beside), bold=bold)


def _lines(to: Address, *, compact: bool = False) -> list[tuple[str, float, bool]]:
    """The lines of an address with their sizes: name and town stand out."""
    named = [(to.company, 13.0, True), (to.person, 12.0 if to.company else 13.0, not to.company)]
    streets = [to.line0, to.line1, to.line2, to.line3]
    if compact:
        streets = [", ".join(filter(None, (to.line0, to.line1))), to.line2, to.line3]
    lines = [*named, *((line, 12.0, False) for line in streets), (place(to), 17.0, True), (abroad(to), 14.0, True)]
    return [line for line in lines if line[0]]


def _height(lines: list[tuple[str, float, bool]]) -> float:
    return sum(size for _text, size, _bold in lines) * LEADING


def _contact(to: Address) -> str:
    """Telephones, door codes and intercom on one line."""
    codes = " / ".join(code for code in (to.door_code1, to.door_code2) if code)
    parts = {
        _("Tel."): " / ".join(dict.fromkeys(number for number in (to.mobile, to.phone) if number)),
        _("Door code"): codes,
        _("Intercom"): to.intercom,
    }
    return "  ·  ".join(f"{name} {value}" for name, value in parts.items() if value)


def _notes(label: Label) -> Iterator[tuple[str, str]]:
    """What the driver has to know beyond the address."""
    if label.pickup_id or label.pickup_name:
        yield _("Pickup point"), f"{label.pickup_id} {label.pickup_name}".strip()
    if label.instructions:
        yield _("Instructions"), label.instructions


def _note(sheet: Sheet, note: tuple[str, str], plan: Plan, bottom: float, inner: float) -> float:
    """A note in a frame that stands on the bottom; how much height it took."""
    name, text = note
    caption, size = 22 * plan.scale, 9 * plan.scale
    room = inner - caption - 3
    lines = wrapped(text, size, room / POINT, plan.note, bold=True)
    high = (4 * len(lines) + 1.6) * plan.scale
    sheet.frame(MARGIN, bottom - high, inner, high)
    sheet.text(MARGIN + 1.5, bottom - high + 3.9 * plan.scale, name, 7.5 * plan.scale, caption - 2)
    for row, line in enumerate(lines):
        baseline = bottom - high + (3.9 + 4 * row) * plan.scale
        sheet.text(MARGIN + caption, baseline, line, size, room, bold=True)
    return high + 1


def _codes(sheet: Sheet, label: Label, plan: Plan, top: float, inner: float) -> None:
    """What machines read: the number, number and address in the square, the way through the sorting."""
    number, to = parcel_number(label), label.addressee
    top += GAP
    square = min(plan.code + plan.number - 1, 20)
    room, shown = inner - square - 2, numbers.show(number)
    sheet.text(MARGIN, top + plan.number * 0.72, shown, 21 * plan.scale, room, bold=True, align=0.5)
    sheet.bars(MARGIN, top + plan.number, plan.code, number, room, align=0.5)
    sheet.matrix(MARGIN + inner - square, top + 1, square_text(label), square)
    top += plan.number + plan.code + 3
    sheet.fill(MARGIN, top - 1.8, inner, 0.25)
    routed = routing.routing(number, to.postcode, to.country)
    sheet.bars(0, top, plan.routing, routed, inner + 2 * MARGIN, align=0.5)
    below = top + plan.routing + 3.3 * plan.scale
    sheet.text(MARGIN, below, routing.show(routed), 8.5 * plan.scale, inner, align=0.5)


def square_text(label: Label) -> str:
    """Number, country, postcode and reference, as far as they are plain characters."""
    to = label.addressee
    reference = "".join(c for c in label.reference if c.isascii() and (c.isalnum() or c in " -./"))[:30]
    return ";".join((parcel_number(label), numbers.read(to.country)[:2], numbers.read(to.postcode)[:10], reference))


def parcel_number(label: Label) -> str:
    """Capitals and digits of the number, no more than a bar code has room for."""
    return numbers.read(label.number)[:15]


def place(to: Address) -> str:
    """Postcode and town, in the order of the country."""
    town = capitals(to.town)
    return f"{town} {to.postcode}".strip() if to.country in TOWN_FIRST else f"{to.postcode} {town}".strip()


def abroad(to: Address) -> str:
    """The country in full, unless it is ours."""
    return "" if to.country in {"", "FR"} else _country(to.country[:2], get_language()).upper()


@lru_cache(maxsize=1024)
def _country(code: str, _language: str | None) -> str:
    name, _comma, article = str(countries.name(code)).partition(", ")
    return f"{article} {name}".strip() or code


def weight(grams: int) -> str:
    """Kilogrammes, as the language writes them."""
    return _weight(grams, get_language())


@lru_cache(maxsize=4096)
def _weight(grams: int, _language: str | None) -> str:
    return f"{number_format(grams / 1000, 2)} kg"


def day(of: date) -> str:
    """A date, as the language writes it."""
    return _day(of, get_language())


@lru_cache(maxsize=256)
def _day(of: date, _language: str | None) -> str:
    return date_format(of, "SHORT_DATE_FORMAT")
