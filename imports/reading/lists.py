"""Pasted addresses: one a person, with their name where it stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from imports.reading import cells as cleaning
from imports.reading.found import LONGEST_CELL, MOST_ROWS, Fault, Found, Line, Table, Unreadable
from rights.actions.many.entries import Entry, Status
from users.forms import IdentityForm

QUOTED = re.compile(r'"[^"]*"')
BETWEEN = re.compile(r"[;,\n\r]")
LONGEST_NAME = 200
"""What stands before an address and is longer is no name."""
NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>\s*\Z")
"""Claire Martin <claire.martin@example.fr>"""


def read_list(text: str, *, asked: Entry, language: str) -> Table:
    """What is pasted, separated by new lines, commas, semicolons or spaces: the same is asked for everybody.

    What is said of the list is in `language`; the people are written to in that of what is asked.
    """
    with translation.override(language):
        header = [_("E-mail")]
    return Table(Found(format="list", known=header), header, PastedList(asked, header[0], language).lines(text))


class PastedList:
    """The reading of one list."""

    def __init__(self, asked: Entry, heading: str, language: str) -> None:
        self.asked, self.heading, self.language = asked, heading, language
        self.seen: dict[str, int] = {}

    def lines(self, text: str) -> Iterator[Line]:
        """A line a person, numbered as they stand in the list."""
        for number, item in enumerate(items(text), 1):
            with translation.override(self.language):
                if number > MOST_ROWS:
                    raise Unreadable(_("This list has more than 50,000 addresses: cut it in several lists."))
                line = self._line(number, item)
            yield line

    def _line(self, number: int, item: str) -> Line:
        named = NAMED.match(item)
        cell = cleaning.email(named["address"].strip() if named else item)
        first = self.seen.setdefault(cell.value.casefold(), number)
        line = Line(number, [item[:LONGEST_CELL]])
        if cell.reason:
            line.faults.append(Fault(self.heading, item[:200], cell.reason, cell.fix))
        elif first != number:
            reason = _("This address is number %(row)s of the list already.") % {"row": first}
            line.faults.append(Fault(self.heading, item[:200], reason))
        line.status = Status.IDENTITY if line.faults else Status.OK
        if not line.faults:
            line.entry = self._entry(cell.value, named["name"] if named else "")
        return line

    def _entry(self, email: str, name: str) -> Entry:
        return replace(self.asked, email=email, identity=identity(name), tags=self.asked.tags and [*self.asked.tags])


def items(text: str) -> Iterator[str]:
    """The addresses one by one, each with the name written before it."""
    for line in text.splitlines():
        before = ""
        for part in _parts(line):
            item = f"{before}, {part}" if before else part
            before = ""
            if "@" in item:
                yield from [item] if "<" in item else item.split()
            elif len(item) > LONGEST_NAME:
                yield item
            elif item.strip():
                before = item.strip()
        if before:
            yield before


def _parts(line: str) -> Iterator[str]:
    """What stands between commas and semicolons that are not between quotation marks."""
    hidden = QUOTED.sub(lambda quoted: BETWEEN.sub("\0", quoted[0]), line)
    at = 0
    for part in BETWEEN.split(hidden):
        yield line[at : at + len(part)].strip()
        at += len(part) + 1


def identity(name: str) -> dict[str, str]:
    """First and last name of « Claire Martin », « MARTIN Claire » or « Martin, Claire »; nothing of what is no name."""
    if len(name) > LONGEST_NAME:
        return {}
    last, comma, first = (part.strip() for part in name.strip(" \"'\t").partition(","))
    if not comma:
        words = last.split()
        capitals = [word for word in words if len(word) > 1 and word.isupper()]
        if 0 < len(capitals) < len(words):
            last, first = " ".join(capitals), " ".join(word for word in words if word not in capitals)
        else:
            first, last = " ".join(words[:1]), " ".join(words[1:])
    try:
        return {
            field: IdentityForm.base_fields[field].clean(part)
            for field, part in (("first_name", first), ("last_name", last))
            if part
        }
    except ValidationError:
        return {}
