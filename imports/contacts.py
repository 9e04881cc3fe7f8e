"""A file of contacts: read, compared with the directory row by row, and shown before anything is written."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from io import SEEK_END
from itertools import islice
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.db.models.functions import Upper
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.actions.contacts import FIELDS, facts_of
from accounts.forms.contacts import DirectoryForm, shown
from accounts.models import Contact
from colibox.lib import sheets
from colibox.lib.asking import as_uuid
from colibox.lib.text import fold
from imports.reading import Unreadable
from imports.reading.archives import bomb
from imports.reading.sniffing import encoding_of, kind_of
from imports.reading.texts import Row, TextFile
from imports.reading.workbooks import Workbook
from rights.actions.contacts import check_calls
from rights.contacts.files import IDENTIFIER, labels
from rights.models import AccountLink
from users.models import Civility, Language

MOST_ROWS = 2000
LARGEST, MOST_INFLATED = 1_000_000, 10_000_000
"""Bytes of a file, and of a workbook once it is unpacked: it is read while somebody waits for the page."""
HEADER_WITHIN = 20
MOST_ALIKE = 20_000
"""So many of a directory are compared with the rows of one file."""
EMPTIED = ("-", "–", "—")
NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass
class Asked:
    """One row of the file: what it asks of the directory, or what is wrong with it."""

    number: int
    cells: dict[str, str]
    contact: Contact | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    """Label, what is written now, what would be."""
    faults: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        if self.faults:
            return REFUSED
        return NEW if self.contact is None else CHANGED if self.changes else SAME

    @property
    def name(self) -> str:
        """Whom the row is about."""
        typed = " ".join(filter(None, (self.cells.get("first_name"), self.cells.get("last_name"))))
        return str(self.contact or typed or self.cells.get("email", ""))


# From the file to its cells.


def read(file: IO[bytes]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file by field, each with its number there. Raises Unreadable with a sentence."""
    if file.seek(0, SEEK_END) > LARGEST:
        raise Unreadable(_("This file is too large: 1 MB is the most. Cut it in several files."))
    known = _headings()
    best: tuple[int, list[tuple[int, dict[str, str]]]] = (0, [])
    for rows in _tables(file):
        for places, rest in _headers(rows, known):
            if len(places) > best[0]:
                best = len(places), [(number, _cells(cells, places)) for number, cells in islice(rest, MOST_ROWS + 1)]
            break
    if not best[0]:
        raise Unreadable(_("No column was recognised: the first row names them as the export does, “Last name” first."))
    filled = [(number, cells) for number, cells in best[1] if any(cells.values())]
    if len(filled) > MOST_ROWS:
        raise Unreadable(_("This file has more than 2,000 rows: cut it in several files."))
    if not filled:
        raise Unreadable(_("This file names no contact."))
    if sum(len(cell) for _number, cells in filled for cell in cells.values()) > LARGEST:
        raise bomb()
    return filled


def _tables(file: IO[bytes]) -> Iterator[Iterator[Row]]:
    """What may be its table: each sheet of a workbook, or a text under each separator."""
    if kind_of(file) == "xlsx":
        book = Workbook(file, MOST_INFLATED)
        yield from (book.rows(sheet) for sheet in book.sheets)
    else:
        text = TextFile(file, encoding_of(file))
        yield from (text.rows(separator) for separator in text.separators)


def _headers(rows: Iterator[Row], known: dict[str, str]) -> Iterator[tuple[dict[int, str], Iterator[Row]]]:
    """The first row that names the last name or the identifier, with the fields by place, and the rows below."""
    for _number, cells in islice(rows, HEADER_WITHIN):
        places = {place: known[key] for place, cell in enumerate(cells) if (key := fold(cell)) in known}
        if {"last_name", IDENTIFIER} & set(places.values()):
            yield places, rows


def _cells(cells: Sequence[str], places: dict[int, str]) -> dict[str, str]:
    return {name: sheets.plain(cells[place].strip()) for place, name in places.items() if place < len(cells)}


def _headings() -> dict[str, str]:
    """The fields by heading, in every language of the portal and as the portal itself calls them."""
    found = {name: name for name in (*FIELDS, IDENTIFIER)}
    for language in Language.values:
        with translation.override(language):
            found |= {fold(label): name for name, label in labels().items()}
    return found


# From cells to what is asked.


def compare(rows: Iterable[tuple[int, dict[str, str]]], by: AccountLink) -> list[Asked]:
    """What each row asks of the directory as it is now."""
    asked = [Asked(number, cells) for number, cells in rows]
    directory = _Directory(by, asked)
    return [directory.ask(row) for row in asked]


def digest(asked: Iterable[Asked]) -> str:
    """What is asked, in short: another one once the directory, or the file, is no longer the same."""
    told = [(row.number, row.status, row.contact and (row.contact.pk, row.contact.version), row.facts) for row in asked]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class _Directory:
    """Those of the directory of an account whom rows may be about, or whose address they may give to somebody."""

    def __init__(self, by: AccountLink, rows: Sequence[Asked]) -> None:
        self.by, self.taken, self.new = by, dict[int, int](), dict[str, int]()
        found = Contact.objects.for_account(by.account)
        identified = {uuid for row in rows if (uuid := as_uuid(row.cells.get(IDENTIFIER)))}
        self.identified = {contact.uuid: contact for contact in found.filter(uuid__in=identified)}
        emails = {email.upper() for row in rows if (email := _email(row))}
        addressed = found.alias(upper=Upper("email")).filter(upper__in=emails)
        self.addressed = {contact.email.casefold(): contact for contact in addressed[:MOST_ALIKE]}
        self.named = defaultdict[str, list[Contact]](list)
        for contact in found.filter(sort_key__in={_name(row) for row in rows})[:MOST_ALIKE]:
            self.named[contact.sort_key].append(contact)

    def ask(self, row: Asked) -> Asked:
        """Whom a row is about, what it would write, and what speaks against it."""
        try:
            row.contact = self._whom(row)
            self._check_once(row)
            row.facts = self._facts(row)
            check_calls(self.by, row.facts, row.contact)
            self._check_address(row)
        except ValidationError as refusal:
            row.faults = list(refusal.messages)
        else:
            row.changes = self._changes(row)
        return row

    def _whom(self, row: Asked) -> Contact | None:
        """The contact that the row names: by its identifier, or by name and address; None is somebody new."""
        if identifier := row.cells.get(IDENTIFIER):
            uuid = as_uuid(identifier)
            found = self.identified.get(uuid) if uuid else None
            if not found:
                raise ValidationError(_("No contact has this identifier: leave it empty to add somebody new."))
            return found
        alike, email = self.named[_name(row)], _email(row)
        same = [contact for contact in alike if contact.email.casefold() == email or not (email and contact.email)]
        if len(same) > 1:
            text = _("Several contacts are called so: write the identifier of the one who is meant, from the export.")
            raise ValidationError(text)
        return same[0] if same else None

    def _check_once(self, row: Asked) -> None:
        if row.contact and (before := self.taken.setdefault(row.contact.pk, row.number)) != row.number:
            raise ValidationError(_("Row %(row)s is about the same contact.") % {"row": before})

    def _check_address(self, row: Asked) -> None:
        """Raise ValidationError when the row gives somebody the address of another contact."""
        email = row.facts["email"].casefold()
        if not email or (row.contact and row.contact.email.casefold() == email):
            return
        if twin := self.addressed.get(email):
            text = _("%(contacts)s has this address already.") % {"contacts": twin}
            raise ValidationError(text)
        if (before := self.new.setdefault(email, row.number)) != row.number:
            raise ValidationError(_("Row %(row)s has this address already.") % {"row": before})

    def _facts(self, row: Asked) -> dict[str, Any]:
        """What is written once the row is: an empty cell leaves what is there, a dash empties it."""
        data: dict[str, Any] = dict(facts_of(row.contact)) if row.contact else {}
        for name, cell in row.cells.items():
            if name in FIELDS and cell:
                data[name] = "" if cell in EMPTIED else self._value(name, cell)
        form = DirectoryForm(data)
        if not form.is_valid():
            labelled = [(form.fields[name].label, text) for name, texts in form.errors.items() for text in texts]
            raise ValidationError([f"{label} – {text}" for label, text in labelled])
        return form.facts()

    @staticmethod
    def _value(name: str, cell: str) -> Any:
        """A cell as the form takes it."""
        if name == "roles":
            return [_known(Contact.Role, each) for each in cell.replace(";", ",").split(",") if each.strip()]
        return _known(Civility, cell) if name == "civility" else cell

    @staticmethod
    def _changes(row: Asked) -> list[tuple[str, str, str]]:
        if row.contact is None:
            return []
        then, told = Contact(**row.facts), facts_of(row.contact)
        changed = [name for name in FIELDS if not _alike(facts_of(then)[name], told[name])]
        named = labels()
        return [(named[name], shown(row.contact, name), shown(then, name)) for name in changed]


def _alike(one: object, other: object) -> bool:
    return sorted(one) == sorted(other) if isinstance(one, list) and isinstance(other, list) else one == other


def _name(row: Asked) -> str:
    """What a row calls somebody, as the directory is sorted."""
    return fold(f"{row.cells.get('last_name', '')} {row.cells.get('first_name', '')}")


def _email(row: Asked) -> str:
    cell = row.cells.get("email", "")
    return "" if cell in EMPTIED else cell.casefold()


def _known(choices: type[TextChoices], cell: str) -> str:
    """The value that a cell means: by its label in any language, or by itself."""
    if (value := _values(choices).get(fold(cell).strip(" ."))) is not None:
        return value
    text = _("“%(value)s” is not known here; known are: %(known)s.")
    raise ValidationError(text % {"value": cell.strip(), "known": ", ".join(str(label) for label in choices.labels)})


@cache
def _values(choices: type[TextChoices]) -> dict[str, str]:
    found = {value: value for value in choices.values}
    for language in Language.values:
        with translation.override(language):
            found |= {fold(str(each.label)).strip(" ."): each.value for each in choices}
    return found
