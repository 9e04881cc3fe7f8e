"""One cell: what Excel damaged repaired, then cleaned by the very field of the form that asks for it on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django_countries import countries
from phonenumbers import PhoneMetadata

from colibox.lib import sheets
from colibox.lib.text import fold
from rights.people.resources import CIVILITIES, one_of
from users.forms import StandardIdentityForm, french_postcode
from users.models import Language

FIELDS: dict[str, forms.Field] = StandardIdentityForm.base_fields
REMEMBERED = 2048
"""So many different cells of a column are known again: towns, functions and first names come back."""


class Cell(NamedTuple):
    """A cell once cleaned: its value, what was repaired, or what is wrong and what to do."""

    value: str
    repair: str = ""
    reason: str = ""
    fix: str = ""


# What Excel does to what people type.

QUOTES = {"“": "”", "«": "»", '"': '"', "‘": "’", "„": "“", "”": "”"}
LITERAL = re.compile(r'="([^"]*)"\Z')
SPREADSHEET_ERROR = re.compile(r"#(?:N/A|[A-Z/0À-Ü]+[!?])\Z")
SCIENTIFIC = re.compile(r"[0-9]+[.,]?[0-9]*E\+?[0-9]+\Z", re.IGNORECASE)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9:.]+)?\Z")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\u00ad\ufeff"))


def tidy(text: str) -> tuple[str, str]:
    """The text without what an export or Excel put around it, and what that was."""
    text = text.strip()
    if text[:1].isalnum():
        return text, ""
    if literal := LITERAL.match(text):
        return literal[1].strip(), "formula"
    if len(text) > 1 and QUOTES.get(text[0]) == text[-1]:
        return text[1:-1].strip(), "quotes"
    return sheets.plain(text), ""


def _without_apostrophe(text: str) -> tuple[str, str]:
    """What was typed as text with an apostrophe, where none can be meant."""
    text, repair = tidy(text)
    return (text.lstrip("'’").strip(), "apostrophe") if text[:1] in ("'", "’") else (text, repair)


def _damage(text: str) -> Cell | None:
    """What can no longer be known, because Excel wrote something else in its place."""
    if SPREADSHEET_ERROR.match(text):
        return Cell(text, "", _("Excel shows an error in this cell."), _("Type the value again."))
    if DATE.match(text):
        return Cell(text, "", _("Excel made a date of this cell."), _as_text())
    if "\ufffd" in text:
        return Cell(text, "", _("A character of this cell cannot be read."), _("Type the value again."))
    return None


def _as_text() -> str:
    return _("Format the column as Text in Excel, then type the value again.")


def clean(name: str, text: str, repair: str = "") -> Cell:
    """The value of a cell that is not empty, as the form's field takes it."""
    try:
        return Cell(str(FIELDS[name].clean(text)), repair)
    except ValidationError as error:
        reason = str(error.messages[0])
        if {"required", "invalid", "invalid_choice"} & {getattr(one, "code", "") for one in error.error_list}:
            return Cell(text, repair, _("This is not understood."), reason)
        return Cell(text, repair, reason)


def missing(name: str) -> Cell:
    """The verdict on an empty cell of someone new, in the words of the form."""
    return Cell("", "", _("This cell is empty."), str(FIELDS[name].error_messages["required"]))


def civility(text: str) -> Cell:
    """Ms or Mr, in either language and however short."""
    text, repair = tidy(text)
    if not text:
        return Cell("")
    try:
        return Cell(one_of(CIVILITIES, text.rstrip("."), ""), repair)
    except ValueError:
        return Cell(text, repair, _("This is not understood."), str(FIELDS["civility"].error_messages["required"]))


# Column by column.


def line(name: str, text: str) -> Cell:
    """A name, a function, an address, a town."""
    text, repair = tidy(text)
    return Cell("") if not text else _damage(text) or clean(name, text, repair)


PLAIN_EMAIL = re.compile(
    r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@)((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})\Z"
)
"""The addresses that most people have: those that the form takes as they are, the domain in lower case."""
MASKED_EMAIL = re.compile(r".?••••@.?••••\.\S*\Z")
ADDRESS_IN = re.compile(r"[^<>]*<\s*(?:mailto:)?([^<>\s]+)\s*>\Z", re.IGNORECASE)


def email(text: str) -> Cell:
    """An address; one that an export has masked stays so."""
    plain = PLAIN_EMAIL.match(text)
    if plain and len(text) <= 254:
        return Cell(plain[1] + plain[2].lower())
    bare, repair = _without_apostrophe(text.translate(INVISIBLE).replace("\xa0", " "))
    if MASKED_EMAIL.match(bare):
        return Cell(bare)
    if inside := ADDRESS_IN.match(bare):
        bare, repair = inside[1], "email"
    if bare[:7].lower() == "mailto:":
        bare, repair = bare[7:], "email"
    if bare.endswith((";", ",")):
        bare, repair = bare[:-1].strip(), "email"
    if not bare:
        return missing("email")
    return clean("email", bare, repair or ("email" if bare != text.strip(" ") else ""))


def _french_numbers() -> re.Pattern[str]:
    """The numbers of France that are valid, after their zero, by the tables of phonenumbers."""
    france = PhoneMetadata.metadata_for_region("FR")
    kinds = (france.fixed_line, france.mobile) if france else ()
    return re.compile("|".join(str(kind.national_number_pattern) for kind in kinds if kind))


FRENCH_NUMBER = _french_numbers()
PLAIN_PHONE = re.compile(r"(0|\(?\+33\)? ?|0033 ?)?([1-7](?:[ .-]?[0-9]){8})\Z")
"""The French numbers that most people have; phonenumbers says the same of them, thirty times slower."""


def phone(text: str) -> Cell:
    """A telephone number, with the zero that Excel took off."""
    if plain := PLAIN_PHONE.match(text):
        number = plain[2].replace(" ", "").replace(".", "").replace("-", "")
        if FRENCH_NUMBER.fullmatch(number):
            return Cell(f"+33{number}", "" if plain[1] else "telephone")
    text, repair = _without_apostrophe(text)
    if SCIENTIFIC.match(text):
        return Cell(text, "", _("Excel rounded this number: its last digits are lost."), _as_text())
    if text.isdigit() and not text.startswith("0"):
        repair = "telephone"
    return Cell("") if not text else _damage(text) or clean("phone", text, repair)


def postcode(text: str, country: str) -> Cell:
    """A postcode; in France with the zero that Excel took off."""
    text, repair = _without_apostrophe(text)
    if SCIENTIFIC.match(text):
        return Cell(text, "", _("Excel rounded this number: its last digits are lost."), _as_text())
    if country != "FR":
        return line("postcode", text)
    if len(text) == 4 and text.isascii() and text.isdigit():
        text, repair = f"0{text}", "postcode"
    cell = Cell("") if not text else _damage(text) or clean("postcode", text, repair)
    if not cell.value or cell.reason:
        return cell
    try:
        return cell._replace(value=french_postcode(cell.value))
    except ValidationError as error:
        return Cell(text, "", str(error.messages[0]))


@cache
def _countries() -> dict[str, str]:
    """The code of each country by its name in either language."""
    found: dict[str, str] = {}
    for language in Language.values:
        with translation.override(language):
            found |= {fold(str(name)): code for code, name in countries}
    return found


def country(text: str) -> Cell:
    """A country by its code or its name; France when nothing is said."""
    text, repair = tidy(text)
    if not text:
        return Cell("FR")
    code = _countries().get(fold(text), text.upper())
    return Cell(code) if code in countries else clean("country", text, repair)


Cleaner = Callable[[str], Cell]


def cleaner(name: str) -> Cleaner:
    """What cleans the cells of a column, and knows again those that come back."""
    if name in ("phone", "fax"):
        return phone
    if name == "civility":
        return lru_cache(REMEMBERED)(civility)
    if name == "country":
        return lru_cache(REMEMBERED)(country)
    return lru_cache(REMEMBERED)(lambda text: line(name, text))
