"""The list of people as a file, with the columns that it shows and no others: to be read, not to be imported again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from colibox.lib import tenancy
from rights import catalogue, shipped
from rights.models import AccountLink
from rights.people.details import places_shown, seen
from rights.people.filters import DAYS, MORE_COLUMNS, STATES, Asked
from rights.people.matching import matching
from rights.people.resources import AT_ONCE, in_words
from rights.people.tables import COLUMNS

FIRST = {name: label for name, label in COLUMNS if name != "user_name"}
"""The columns that are always there; a user name is half of what one signs in with, and stays."""
READ = (
    "last_name", "first_name", "shown_email", "shown_state", "given", "role", "tags", "profile__name",
    "profile__shipped", "follows_profile", *DAYS,
)  # fmt: skip


class ListedResource:
    """A person a row, in the columns of the list."""

    def __init__(self, more: Sequence[str], contract: str) -> None:
        self.more, self.contract = more, contract
        self.states = {state: str(label) for state, label in STATES.items()}
        self.roles = {role: capfirst(str(label)) for role, label in AccountLink.Role.choices}
        self.shipped = {code: str(each.name) for code, each in shipped.BY_CODE.items()}
        self.labels = cache(lambda codes: ", ".join(catalogue.labels(codes)))

    @property
    def headers(self) -> list[str]:
        """The first line of the file."""
        return [*map(str, FIRST.values()), *(str(MORE_COLUMNS[name]) for name in self.more)]

    def lines(self, by: AccountLink, asked: Asked, held: frozenset[str]) -> Iterator[list[str]]:
        """Everybody asked for, in a reach of its own, and read as they are written."""
        everything = frozenset(catalogue.widest(held))
        places = {f"{name}_names": names for name, names in places_shown().items() if name in self.more}
        with transaction.atomic(), tenancy.scope(accounts=[by.account_id]):
            links = matching(by, asked, held).order_by("kind", "sort_key", "pk")
            rows = links.annotate(**in_words(), seen=seen(), **places).values(*READ, "seen", *places)
            for row in rows.iterator(chunk_size=AT_ONCE):
                administers = row["role"] in AccountLink.ADMINISTRATORS
                codes = everything if administers else held.intersection(row["given"])
                yield self._line(row, codes)

    def _line(self, row: dict[str, Any], codes: frozenset[str]) -> list[str]:
        first = [row["last_name"], row["first_name"], row["shown_email"], self.states[row["shown_state"]]]
        return [*(text or "" for text in first), self.labels(codes), *(self._cell(name, row) for name in self.more)]

    def _cell(self, name: str, row: dict[str, Any]) -> str:
        if name in DAYS:
            return row[name].isoformat() if row[name] else ""
        if name in ("site", "sub_account"):
            return " | ".join(row[f"{name}_names"])
        said = {
            "tags": lambda: ", ".join(row["tags"]),
            "seen": lambda: _moment(row["seen"]),
            "contract": lambda: self.contract,
            "role": lambda: self.roles[row["role"]] if row["role"] in AccountLink.MANAGERS else "",
            "profile": lambda: self._profile(row),
        }
        return said[name]()

    def _profile(self, row: dict[str, Any]) -> str:
        name: str = self.shipped.get(row["profile__shipped"]) or row["profile__name"] or ""
        return _("%(profile)s (copy)") % {"profile": name} if name and not row["follows_profile"] else name


def _moment(at: datetime | None) -> str:
    """A moment as every programme reads it; nothing where there was none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
