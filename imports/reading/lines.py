"""A row becomes what is asked for one person, or what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from django.utils import translation
from django.utils.translation import gettext as _

from imports.reading import cells as cleaning
from imports.reading.archives import bomb
from imports.reading.asked import NO_TAG, Asked
from imports.reading.cells import FIELDS, REMEMBERED, SPREADSHEET_ERROR, Cell
from imports.reading.columns import EMAIL, Header, heading
from imports.reading.found import LONGEST_CELL, MOST_ROWS, MOST_TEXT, Fault, Found, Line, Unreadable
from imports.reading.names import Names
from imports.reading.places import COLUMNS, PlaceCells
from imports.reading.texts import Row
from rights import catalogue
from rights.actions.many.deciding import MASK
from rights.actions.many.entries import NO_PROFILE, Act, Entry, Status
from rights.models import AccountLink
from rights.places import Places

AT_ONCE = 50
"""Rows read together, in the language of who sent them."""
LONGEST_SHOWN = 200
MOST_SHARED = 50
"""Rows with an address that several people may share: looking them up costs once more for each."""
ADVANCED = str(AccountLink.Kind.ADVANCED)
IDENTITY = [name for name in FIELDS if name != EMAIL]
OF_STANDARD = ("civility", "fax")
"""What is asked about standard users only."""
APART = ("country", "postcode", *OF_STANDARD)
"""The postcode depends on the country, so these two come first and last."""
REQUIRED = [name for name in IDENTITY if FIELDS[name].required and name not in ("country", *OF_STANDARD)]


class Reading:
    """The reading of one file under its header."""

    def __init__(
        self,
        header: Header,
        found: Found,
        language: str,
        profiles: Mapping[str, str],
        places: Callable[[], Places],
    ) -> None:
        self.header, self.found, self.language = header, found, language
        with translation.override(language):
            self.profiles = Names(
                {**profiles, **dict.fromkeys(NO_TAG, NO_PROFILE)},
                unknown=_("This account has no profile of this name."),
            )
        self.width, self.count, self.text = len(header.headings), 0, 0
        self.seen: dict[int, int] = {}
        self.shared = Counter[int]()
        codes = [name for name in header.places if name in catalogue.BY_CODE]
        self.asked = Asked(codes)
        self.place_columns = [name for name in COLUMNS if name in header.places]
        self.place_cells = PlaceCells(places() if self.place_columns else Places([], []))
        self.right_places = [header.places[code] for code in codes]
        cleaners = [(name, header.places[name], cleaning.cleaner(name)) for name in IDENTITY if name in header.places]
        self.columns = [each for each in cleaners if each[0] not in APART]
        self.of_standard = [each for each in cleaners if each[0] in OF_STANDARD]
        self.country, self.postcode = cleaning.cleaner("country"), lru_cache(REMEMBERED)(cleaning.postcode)

    def lines(self, rows: Iterator[Row]) -> Iterator[Line]:
        """The rows below the header; what is empty or a comment is counted and left out."""
        while True:
            with translation.override(self.language):
                block = list(islice(rows, AT_ONCE))
                lines = [self._line(number, row) for number, row in block if self._says_something(row)]
            if not block:
                return
            yield from lines

    def _says_something(self, row: list[str]) -> bool:
        text = "".join(row)
        if not text or text.isspace():
            self.found.empty_rows += 1
        elif row[0].lstrip()[:1] == "#" and not SPREADSHEET_ERROR.match(row[0].strip()):
            self.found.comments += 1
        else:
            self.count += 1
            if self.count > MOST_ROWS:
                raise Unreadable(_("This file has more than 50,000 rows: cut it in several files."))
            return True
        return False

    def _line(self, number: int, row: list[str]) -> Line:
        text = sum(map(len, row))
        self.text += text
        if self.text > MOST_TEXT:
            raise bomb()
        fits = len(row) == self.width and text <= LONGEST_CELL
        line = Line(number, row if fits else self._fit(row))
        if not fits:
            self._check_size(line, row)
        entry = self._entry(line)
        if not line.faults:
            line.entry = entry
        elif entry.lacks and not any(fault.column == self._heading(EMAIL) for fault in line.faults):
            line.unread = entry
        else:
            refuse_lacking(line, entry.lacks, self.header.headings)
        return line

    def _fit(self, row: list[str]) -> list[str]:
        """As many cells as there are headings, none much longer than it may be."""
        cells = [cell if len(cell) <= LONGEST_CELL else cell[:LONGEST_CELL] + "…" for cell in row[: self.width]]
        return cells + [""] * (self.width - len(cells))

    def _check_size(self, line: Line, row: list[str]) -> None:
        if beyond := "".join(row[self.width :]).strip():
            reason = _("This row has more cells than there are headings.")
            fix = _("Put a text that contains the separator between quotation marks, or name the column.")
            self._fault(line, "", Cell(beyond, "", reason, fix))
        for column, cell in zip(self.header.headings, line.cells, strict=True):
            if len(cell) > LONGEST_CELL:
                reason = _("This cell is longer than %(most)s characters.") % {"most": LONGEST_CELL}
                self._fault(line, column, Cell(cell, "", reason, _("Shorten it.")))

    def _entry(self, line: Line) -> Entry:
        act = self._word(line, "action") or Act.CREATE
        kind = self._word(line, "kind") or ADVANCED
        identity = self._identity(line, kind) if act == Act.CREATE else {}
        rights, about = self._rights(line)
        where = self._places(line) if self.place_columns else {}
        return Entry(
            email=self._email(line, kind),
            act=Act(act),
            kind=kind,
            identity=identity,
            rights=rights,
            about=about,
            tags=self._tags(line),
            language=self._word(line, "language") or self.language,
            sub_accounts=where.get("sub_accounts"),
            sites=where.get("sites"),
            profile=self._profile(line) if "profile" in self.header.places else "",
            starts_on=self._day(line, "starts_on"),
            ends_on=self._day(line, "ends_on"),
            lacks=_lacks(identity, kind) if act == Act.CREATE else (),
        )

    def _email(self, line: Line, kind: str) -> str:
        text = line.cells[self.header.places[EMAIL]]
        email = self._cell(line, EMAIL, cleaning.email(text))
        if email and (reason := self._already(line, kind, email)):
            self._fault(line, EMAIL, Cell(text, "", reason, _("Keep one row for each person.")))
        return email

    def _already(self, line: Line, kind: str, email: str) -> str:
        """Why this address may not be in one more row; standard users may share theirs, and so may those masked."""
        key = hash((kind, email.casefold()))
        if kind == ADVANCED and MASK not in email:
            first = self.seen.setdefault(key, line.number)
            return "" if first == line.number else _("This address is in row %(row)s already.") % {"row": first}
        self.shared[key] += 1
        self.found.in_order = self.found.in_order or self.shared[key] > 1
        return "" if self.shared[key] <= MOST_SHARED else _("This address is in too many rows.")

    def _identity(self, line: Line, kind: str) -> dict[str, str]:
        """What is said of the person."""
        places, cells = self.header.places, line.cells
        country = self._cell(line, "country", self.country(cells[places["country"]] if "country" in places else ""))
        values = dict.fromkeys(IDENTITY, "")
        values["country"] = country
        for name, place, clean in self.columns if kind == ADVANCED else [*self.columns, *self.of_standard]:
            cell = clean(cells[place])
            values[name] = cell.value if cell.value and not cell[1] and not cell[2] else self._cell(line, name, cell)
        if "postcode" in places:
            cell = self.postcode(cells[places["postcode"]], country)
            values["postcode"] = self._cell(line, "postcode", cell)
        return values

    def _cell(self, line: Line, name: str, cell: Cell) -> str:
        """The value of a cell, once its repair is counted or its fault is said."""
        if cell.reason:
            self._fault(line, name, cell)
        elif cell.repair:
            self.found.repairs[cell.repair] += 1
        return cell.value

    def _rights(self, line: Line) -> tuple[frozenset[str], frozenset[str]]:
        said = self.asked.rights(tuple([line.cells[place] for place in self.right_places]))
        for place, cell in said.wrong:
            self._fault(line, self.asked.codes[place], cell, Status.CHOICE)
        return said.given, said.about

    def _tags(self, line: Line) -> list[str] | None:
        if "tags" not in self.header.places:
            return None
        tags, fault = self.asked.tags(line.cells[self.header.places["tags"]])
        if fault:
            self._fault(line, "tags", fault)
        return None if tags is None else list(tags)

    def _profile(self, line: Line) -> str:
        key, fault = self.profiles.read(line.cells[self.header.places["profile"]])
        if fault:
            self._fault(line, "profile", fault, Status.CHOICE)
        return key

    def _day(self, line: Line, name: str) -> str:
        if name not in self.header.places:
            return ""
        day, fault = self.asked.day(line.cells[self.header.places[name]])
        if fault:
            self._fault(line, name, fault, Status.CHOICE)
        return day

    def _places(self, line: Line) -> dict[str, tuple[int, ...] | None]:
        """Where the person is to be attached, by the columns that there are."""
        found: dict[str, tuple[int, ...] | None] = {}
        for name in self.place_columns:
            found[name], fault = self.place_cells.read(name, line.cells[self.header.places[name]])
            if fault:
                self._fault(line, name, fault, Status.CHOICE)
        return found

    def _word(self, line: Line, name: str) -> str:
        if name not in self.header.places:
            return ""
        meaning, fault = self.asked.word(name, line.cells[self.header.places[name]])
        if fault:
            self._fault(line, name, fault, Status.CHOICE)
        return meaning

    def _fault(self, line: Line, name: str, cell: Cell, status: Status = Status.IDENTITY) -> None:
        """Write down what is wrong, under the heading of the file, and the graver of two verdicts."""
        right = name if name in catalogue.BY_CODE else ""
        value = cell.value if len(cell.value) <= LONGEST_SHOWN else cell.value[:LONGEST_SHOWN] + "…"
        line.faults.append(Fault(self._heading(name), value, cell.reason, cell.fix, right))
        line.status = status if line.status == Status.OK else max(line.status, status, key=GRAVER.index)

    def _heading(self, name: str) -> str:
        """How the file calls a column; how we do, when the file has none."""
        return heading(name, self.header.headings) or name


def refuse_lacking(line: Line, names: Iterable[str], headings: Sequence[str]) -> None:
    """Say of a row about somebody new what is asked and not said."""
    if faults := lacking(names, headings):
        line.faults += faults
        line.status = Status.IDENTITY


def lacking(names: Iterable[str], headings: Sequence[str]) -> list[Fault]:
    """What is wrong where this is not said of somebody new, in the words of the form."""
    cells = ((name, cleaning.missing(name)) for name in names)
    return [Fault(heading(name, headings), "", cell.reason, cell.fix) for name, cell in cells]


def _lacks(identity: Mapping[str, str], kind: str) -> tuple[str, ...]:
    """What the form asks about somebody new of this kind and is not said."""
    lacks = [name for name in REQUIRED if not identity[name]]
    if kind != ADVANCED and not identity["civility"]:
        lacks.append("civility")
    return tuple(lacks)


GRAVER = (Status.OK, Status.CHOICE, Status.RIGHT, Status.IDENTITY)
