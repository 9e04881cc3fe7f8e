"""What is asked for one parcel, and all that is wrong with it: the published limits, each with its published id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _
from django_countries import countries

from tracking import pickup, places, products
from tracking.labels.label import Address
from tracking.products import Product

LONGEST = {
    "company": 35, "last_name": 35, "first_name": 29, "line0": 35, "line1": 35, "line2": 35, "line3": 35,
    "postcode": 10, "town": 35, "country": 2, "phone": 15, "mobile": 15, "email": 80,
    "door_code1": 8, "door_code2": 8, "intercom": 30,
}  # fmt: skip
"""Characters a field of an address may have."""
LONGEST_BESIDES = {"reference": 30, "tag": 40, "instructions": 35, "commercial_name": 35, "customer_label": 15}
STEP = 10
"""Grams: the published weight has two decimals of a kilogram."""
FARTHEST_DAY = timedelta(days=365)
READ = 1000
"""How many characters of a field are looked at; no limit comes near."""

BADLY_SEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what no label shows: controls, direction overrides, private and unassigned characters."""
FORMER_PICKUP = dict.fromkeys(products.FORMER_PICKUP_CODES, "HD")
MOBILE = re.compile(r"(?:\+|00)?[0-9]{8,15}", re.ASCII)
POSTCODE_ABROAD = re.compile(r"[0-9A-Z](?:[0-9A-Z -]*[0-9A-Z])?", re.ASCII)
QUARTER = re.compile(r" [0-9]+(?:er|e) Arrondissement$")
WITHOUT_POSTCODES = frozenset({
    "AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BO", "BS", "BW", "BZ", "CD", "CF", "CG", "CI", "CM", "DJ", "DM",
    "ER", "FJ", "GA", "GD", "GH", "GM", "GQ", "GY", "HK", "IE", "JM", "KI", "KM", "KN", "LC", "ML", "MO", "MR",
    "MW", "NR", "NU", "QA", "RW", "SB", "SC", "SL", "SR", "ST", "SY", "TD", "TG", "TK", "TL", "TO", "TT", "TV",
    "UG", "VU", "YE", "ZW",
})  # fmt: skip
"""Countries whose addresses have no postcode, or need none."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """One parcel to frank. Whatever is in the fields, check() answers for it."""

    product: str
    weight: int | float | str | None
    """Grams; whatever else was typed is refused."""
    addressee: Address
    sender: Address | None = None
    """None is the account itself."""
    reference: str = ""
    tag: str = ""
    pickup_point: str = ""
    instructions: str = ""
    commercial_name: str = ""
    customer_label: str = ""
    deposit_date: date | None = None
    """None is today."""
    token: UUID | None = field(default=None, compare=False)
    """Two orders of one token on one account are one parcel, however often they are sent."""


@dataclass(frozen=True)
class Problem:
    """Something wrong with an order: where, by its published id, in a sentence, and what to do about it."""

    field: str
    code: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.message} {self.fix}".strip()


# What is asked, as it will be written.


def tidy(order: Order) -> Order:
    """The same order with composed accents, single spaces, tags and codes in capitals; oddities are left to check()."""
    product = _text(order.product).upper()
    day = order.deposit_date.date() if isinstance(order.deposit_date, datetime) else order.deposit_date
    return replace(
        order,
        product=FORMER_PICKUP.get(product, product),
        reference=_text(order.reference),
        tag=_text(order.tag).upper(),
        pickup_point=_text(order.pickup_point),
        instructions=_text(order.instructions),
        commercial_name=_text(order.commercial_name),
        customer_label=_text(order.customer_label),
        addressee=_tidy_address(order.addressee),
        sender=_tidy_address(order.sender) if order.sender is not None else None,
        deposit_date=day,
    )


def _tidy_address(address: Any) -> Address:
    values = {each.name: _text(getattr(address, each.name, "")) for each in fields(Address)}
    values["country"] = values["country"].upper()
    values["postcode"] = values["postcode"].upper()
    if _french(values["country"]):
        values["postcode"] = values["postcode"].replace(" ", "")
    for name in ("phone", "mobile"):
        values[name] = re.sub(r"[ .\-()]", "", values[name].replace("(0)", ""))
    return Address(**values)


def _text(value: Any) -> str:
    """What was given as one line; control characters stay, to be refused. What is no text counts as nothing."""
    composed = unicodedata.normalize("NFC", value[:READ]) if isinstance(value, str) else ""
    return re.sub(r"[ \u00a0\u2007\u202f]+", " ", composed).strip(" ")


def product_of(order: Order) -> Product | None:
    """The product asked for, if it is sold."""
    return products.BY_CODE.get(order.product)


def grams_of(order: Order) -> int:
    """The weight of an order that was checked."""
    return int(order.weight or 0)


# What is wrong with it.


def check(order: Order) -> list[Problem]:
    """All that is wrong with an order, in the order of the form; nothing when it can be franked. Never raises."""
    order = tidy(order)
    product = product_of(order)
    return [
        *_check_product(order, product),
        *_check_weight(order),
        *_check_date(order),
        *(_check_sender(order.sender) if order.sender is not None else ()),
        *_check_addressee(order.addressee, product),
        *_check_pickup(order, product),
        *_check_texts(order, "", LONGEST_BESIDES),
    ]


def _check_product(order: Order, product: Product | None) -> Iterator[Problem]:
    if not order.product:
        yield Problem("product", "30014", _("The product is missing."), _("Choose a product."))
    elif product is None:
        yield Problem("product", "30015", _("There is no such product."), _("Choose one of the list."))


def _check_weight(order: Order) -> Iterator[Problem]:
    fix = _("Enter a weight from 0.01 to 30.00 kg, with two decimals at most.")
    weight: Any = order.weight
    if weight is None or weight == "":
        yield Problem("weight", "30300", _("The weight is missing."), fix)
    elif not is_weight(weight):
        yield Problem("weight", "30301", _("The weight is wrong."), fix)


def is_weight(grams: Any) -> bool:
    """Whether this is a weight that a parcel may have, in grams."""
    if isinstance(grams, bool) or not isinstance(grams, int | float):
        return False
    return products.LIGHTEST <= grams <= products.HEAVIEST and grams % STEP == 0


def _check_date(order: Order) -> Iterator[Problem]:
    day: Any = order.deposit_date
    if day is None:
        return
    fix = _("Choose today or a day to come.")
    if not isinstance(day, date):
        yield Problem("deposit_date", "30010", _("The day of the deposit is missing."), fix)
    elif day < timezone.localdate():
        yield Problem("deposit_date", "30002", _("The deposit date is past."), fix)
    elif day > timezone.localdate() + FARTHEST_DAY:
        fix = _("Choose a day within a year.")
        yield Problem("deposit_date", "30010", _("The day of the deposit is too far away."), fix)


def _check_pickup(order: Order, product: Product | None) -> Iterator[Problem]:
    """A pickup point, a commercial name, a mobile number and an e-mail go with the product that needs them."""
    if product is None:
        return
    if not product.pickup:
        if order.pickup_point:
            fix = _("Leave it empty, or choose delivery to a pickup point.")
            yield Problem("pickup_point", "30401", _("This product is not delivered to a pickup point."), fix)
        return
    if not order.commercial_name:
        fix = _("Enter the name under which the addressee knows you.")
        yield Problem("commercial_name", "30018", _("The commercial name is missing."), fix)
    to, told = order.addressee, _("The addressee is told by it that the parcel waits for them.")
    if not to.first_name:
        yield Problem(
            "addressee.first_name", "30202", _("The first name is missing."), _("A pickup point asks for it.")
        )
    if not to.mobile:
        yield Problem("addressee.mobile", "30220", _("The mobile number is missing."), told)
    if not to.email:
        yield Problem("addressee.email", "30222", _("The e-mail address is missing."), told)
    yield from _check_point(order)


def _check_point(order: Order) -> Iterator[Problem]:
    choose = _("Choose one of the list.")
    if not order.pickup_point:
        yield Problem("pickup_point", "30400", _("The pickup point is missing."), choose)
        return
    known = re.fullmatch(r"[0-9]{6}", order.pickup_point, re.ASCII)
    point = pickup.by_id(order.pickup_point) if known else None
    if point is None:
        yield Problem("pickup_point", "30401", _("This pickup point takes no parcels."), choose)
    elif is_weight(order.weight) and grams_of(order) > point.heaviest:
        text = _("This pickup point takes parcels of %(kg)s kg at most.") % {"kg": point.heaviest // 1000}
        yield Problem("weight", "30301", text, _("Choose another one, or a lighter parcel."))


# Addresses.


def _check_sender(sender: Address) -> Iterator[Problem]:
    if not (sender.company or sender.last_name):
        yield Problem("sender.last_name", "30065", _("The name is missing."), _("Enter a company or a last name."))
    if not sender.line2:
        yield Problem("sender.line2", "30100", _("The street is missing."), _("Enter it, for example 5 rue du Bellay."))
    codes = {"no country": "30102", "country": "30103", "no town": "30104", "no postcode": "30106", "postcode": "30107",
             "elsewhere": "30108"}  # fmt: skip
    yield from _check_place("sender", sender, codes)
    yield from _check_contact("sender", sender, mobile="30047", email="30046")
    yield from _check_texts(sender, "sender.", LONGEST)


def _check_addressee(to: Address, product: Product | None) -> Iterator[Problem]:
    if product and product.return_label and not to.company:
        fix = _("Enter the company that takes the parcel back.")
        yield Problem("addressee.company", "30089", _("The company is missing."), fix)
    elif not (to.company or to.last_name):
        yield Problem("addressee.last_name", "30200", _("The name is missing."), _("Enter a company or a last name."))
    if not to.line2 and not _is_cedex(to):
        fix = _("Enter it, for example 5 rue du Bellay.")
        yield Problem("addressee.line2", "30204", _("The street is missing."), fix)
    codes = {"no country": "30206", "country": "30207", "no town": "30208", "no postcode": "30210", "postcode": "30211",
             "elsewhere": "30212"}  # fmt: skip
    found = list(_check_place("addressee", to, codes))
    yield from found
    if not found:
        yield from _check_destination(to, product)
    yield from _check_contact("addressee", to, mobile="30221", email="30223")
    yield from _check_texts(to, "addressee.", LONGEST)


def _check_place(party: str, at: Address, codes: dict[str, str]) -> Iterator[Problem]:
    """Country, postcode and town, each by itself and together."""
    if not at.country:
        yield Problem(f"{party}.country", codes["no country"], _("The country is missing."), _("Choose a country."))
        return
    if at.country not in countries:
        fix = _("Use the two letters of ISO 3166, for example FR.")
        yield Problem(f"{party}.country", codes["country"], _("There is no such country."), fix)
        return
    if not at.town and not _is_cedex(at):
        yield Problem(f"{party}.town", codes["no town"], _("The town is missing."), _("Enter the town."))
    check_postcode = _check_french_postcode if _french(at.country) else _check_foreign_postcode
    yield from check_postcode(party, at, codes)


def _check_french_postcode(party: str, at: Address, codes: dict[str, str]) -> Iterator[Problem]:
    where = f"{party}.postcode"
    example = _("A French postcode has five digits, for example 69003.")
    if not at.postcode:
        yield Problem(where, codes["no postcode"], _("The postcode is missing."), example)
    elif not places.is_postcode(at.postcode):
        yield Problem(where, codes["postcode"], _("There is no such postcode."), example)
    elif (there := places.country(at.postcode)) != at.country:
        fix = _("%(postcode)s is in this country: %(country)s.")
        fix %= {"postcode": at.postcode, "country": countries.name(there)}
        yield Problem(where, codes["elsewhere"], _("This postcode is not in that country."), fix)


def _check_foreign_postcode(party: str, at: Address, codes: dict[str, str]) -> Iterator[Problem]:
    where, example = f"{party}.postcode", _("Letters, digits, spaces and hyphens, for example SW1A 1AA.")
    if not at.postcode and at.country not in WITHOUT_POSTCODES:
        yield Problem(where, codes["no postcode"], _("The postcode is missing."), example)
    elif at.postcode and not POSTCODE_ABROAD.fullmatch(at.postcode):
        yield Problem(where, codes["postcode"], _("There is no such postcode."), example)


def _check_destination(to: Address, product: Product | None) -> Iterator[Problem]:
    """The town is one of its postcode, and the product goes there."""
    if product and not product.goes_to(to.country):
        text = _("“%(product)s” does not go to this country.") % {"product": product.label}
        yield Problem("addressee.country", "30213", text, _("Choose a product that does."))
    elif _french(to.country) and to.town and not _is_military(to) and not places.find(to.postcode, to.town):
        towns = town_names(to.postcode)
        fix = _("Write a hamlet or a locality on the line for it. %(postcode)s is: %(towns)s.")
        fix = fix % {"postcode": to.postcode, "towns": ", ".join(towns[:8]) + ("…" if len(towns) > 8 else "")}
        fix = fix if towns else _("Check the postcode: no town has it.")
        yield Problem("addressee.town", "30211", _("This town is not one of this postcode."), fix)


def town_names(postcode: str) -> list[str]:
    """The towns of a postcode as addresses name them, the largest first: Lyon, not one of its quarters."""
    return list(dict.fromkeys(QUARTER.sub("", town.name) for town in places.towns(postcode)))


def _check_contact(party: str, at: Address, *, mobile: str, email: str) -> Iterator[Problem]:
    if at.mobile and not _is_mobile(at):
        fix = _("For example 06 12 34 56 78, or +32 470 12 34 56 outside France.")
        yield Problem(f"{party}.mobile", mobile, _("The mobile number is wrong."), fix)
    if at.email and not _is_email(at.email):
        fix = _("For example claire.martin@example.fr.")
        yield Problem(f"{party}.email", email, _("The e-mail address is wrong."), fix)


def _french(country: str) -> bool:
    """Whether addresses there have the postcodes of France."""
    return country in products.FRANCE | products.OVERSEAS


def _is_cedex(at: Address) -> bool:
    """Whether it is the postcode of an organisation: no town has it, and it needs neither street nor town."""
    return _french(at.country) and places.is_postcode(at.postcode) and not places.towns(at.postcode)


def _is_military(at: Address) -> bool:
    return at.postcode.startswith("00")


def _is_mobile(at: Address) -> bool:
    if _french(at.country) and not at.mobile.startswith(("+", "00")):
        return re.fullmatch(r"0[67][0-9]{8}", at.mobile, re.ASCII) is not None
    return MOBILE.fullmatch(at.mobile) is not None


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# Texts.


def _check_texts(within: Any, prefix: str, longest: dict[str, int]) -> Iterator[Problem]:
    """No field longer than what is printed of it, no character that cannot be printed."""
    for name, limit in longest.items():
        text = getattr(within, name)
        if len(text) > limit:
            told = _("This is too long: %(n)s characters at most.") % {"n": limit}
            yield Problem(f"{prefix}{name}", "30600", told, _("Shorten it, or use another line."))
        elif odd := unprintable(text):
            told = _("This contains a character that cannot be printed: %(character)s.") % {"character": odd}
            yield Problem(f"{prefix}{name}", "30600", told, _("Type it again without that character."))


def unprintable(text: str) -> str:
    """The first character that a label cannot show, in writing; nothing when all can be shown. Emoji cannot."""
    if text.isascii() and text.isprintable():
        return ""
    odd = next((symbol for symbol in text if _is_unprintable(symbol)), "")
    hidden = odd and unicodedata.category(odd) in BADLY_SEEN
    return f"U+{ord(odd):04X}" if hidden else odd


def _is_unprintable(symbol: str) -> bool:
    category = unicodedata.category(symbol)
    pictures = category == "So" and symbol >= "\u2190"
    return category in BADLY_SEEN or pictures or symbol > "\uffff" or "\ufe00" <= symbol <= "\ufe0f"
