"""A file of contacts: its columns and its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from accounts.forms.contacts import DirectoryForm, shown
from accounts.models import Contact
from rights.contacts.directory import Entry
from rights.people.filters import STATES

IDENTIFIER = "identifier"
"""The column that tells whom a row is about, whatever else in it is changed."""
COLUMNS = ("last_name", "first_name", "civility", "function", "email", "phone", "mobile", "roles")
TELEPHONES = {"phone", "mobile"}


def labels() -> dict[str, str]:
    """The headings of what a file that comes in may say, by field."""
    named = {name: str(DirectoryForm.base_fields[name].label) for name in COLUMNS}
    return {**named, IDENTIFIER: _("Identifier")}


def headings() -> list[str]:
    return [
        *labels().values(),
        _("Web access"),
        _("Role on the account"),
        _("Web profile"),
    ]


def lines(entries: Iterable[Entry]) -> Iterator[list[str]]:
    """The headings, then a line for each contact."""
    yield headings()
    for entry in entries:
        state = STATES[entry.link.shown_state] if entry.link else _("No web access")
        yield [
            *(_cell(entry.contact, name) for name in COLUMNS),
            str(entry.contact.uuid),
            str(state),
            entry.role,
            entry.profile,
        ]


def _cell(contact: Contact, name: str) -> str:
    """A value as software reads it: telephones as they are dialled from anywhere."""
    return str(getattr(contact, name) or "") if name in TELEPHONES else shown(contact, name)
