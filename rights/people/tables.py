"""The tables of people: their heads, rows, counts and pages, as the templates show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from colibox.lib import outbox
from colibox.lib.numbers import thousands
from rights import access, catalogue
from rights.access import AccountRequest
from rights.actions import bulk
from rights.models import AccountLink
from rights.people import search
from rights.people.filters import KINDS, MORE_COLUMNS, Asked
from rights.people.rows import Row, RowMaker
from rights.people.search import Listing

OVERVIEW = 10
"""How many rows of each table are shown before one asks for more."""
COLUMNS: tuple[tuple[str, catalogue.Text], ...] = (
    ("name", gettext_lazy("Last Name")),
    ("first_name", gettext_lazy("First Name")),
    ("email", gettext_lazy("Email")),
    ("user_name", gettext_lazy("User Name")),
    ("state", gettext_lazy("Status")),
    ("rights", gettext_lazy("Rights")),
)
MOST_COLUMNS = 2
"""With more columns besides, the table is wider than a desk."""


@dataclass(frozen=True, slots=True)
class Column:
    """A head of the table: what it says, and the address that sorts by it."""

    label: str
    url: str
    sort: str
    icon: str


class Ordered(Protocol):
    """What is asked of a list that its heads sort."""

    @property
    def sort(self) -> str: ...

    def sorted_by(self, key: str) -> str: ...


@dataclass(frozen=True)
class PageLink:
    """A numbered page; one without an address is the page shown, or a gap."""

    label: str
    url: str = ""
    current: bool = False


@dataclass
class Table:
    """One of the two tables: a listing with its rows."""

    listing: Listing
    request: AccountRequest
    rows: list[Row]
    more_columns: Sequence[str] = ()

    @property
    def asked(self) -> Asked:
        return self.listing.asked

    @property
    def body(self) -> SafeString:
        """The rows, drawn."""
        language = get_language() or ""
        return SafeString("".join(row.markup(language) for row in self.rows))

    @property
    def kind(self) -> str:
        return self.asked.kind

    @property
    def title(self) -> catalogue.Text:
        return KINDS[self.kind]

    @property
    def columns(self) -> list[Column]:
        """The heads; sorting stays on the page shown, with one table or both."""
        asked = replace(self.asked, kind="") if self.listing.first_rows else self.asked
        heads = [*COLUMNS, *((name, MORE_COLUMNS[name]) for name in self.more_columns)]
        return [
            column(asked, key, str(label)) if key in self.listing.sorts else Column(str(label), "", "", "")
            for key, label in heads
        ]

    @property
    def wide(self) -> bool:
        """Whether it may take more room than there is."""
        return len(self.more_columns) > MOST_COLUMNS

    @property
    def caption(self) -> str:
        """How many people there are, and how many of them are asked for: 312 people, 4 filtered."""
        if not self.asked.filtered:
            return how_many(self.listing.total)
        filtered = ngettext("%(n)s matches", "%(n)s match", self.listing.count) % {"n": _number(self.listing.count)}
        return f"{how_many(self.listing.total)}, {filtered}"

    @property
    def count(self) -> str:
        return _number(self.listing.count)

    @property
    def selectable(self) -> int:
        """How many can be chosen at once beyond the page; none when they are too many for one act."""
        return self.listing.count if self.listing.count <= bulk.MOST else 0

    @property
    def more(self) -> str:
        """The link to the people left out of the first rows; empty when there is none."""
        left = self.listing.count - self.listing.first_rows
        if not self.listing.first_rows or left <= 0:
            return ""
        if not self.listing.numbered:
            return _("See all")
        return ngettext("See %(n)s more", "See %(n)s more", left) % {"n": _number(left)}

    @property
    def pages(self) -> list[PageLink]:
        """Numbered pages with gaps; none when there is only one, or too many to number."""
        listing = self.listing
        if listing.first_rows or not listing.numbered or listing.pages == 1:
            return []
        shown = {1, 2, listing.pages - 1, listing.pages, *range(listing.number - 2, listing.number + 3)}
        numbers = sorted(number for number in shown if 1 <= number <= listing.pages)
        links: list[PageLink] = []
        for before, number in zip([0, *numbers], numbers, strict=False):
            if number - before > 1:
                links.append(PageLink("…"))
            links.append(PageLink(str(number), self.asked.url(page=number), current=number == listing.number))
        return links

    @property
    def previous_url(self) -> str:
        listing = self.listing
        if listing.numbered:
            return self.asked.url(page=listing.number - 1) if listing.number > 1 else ""
        at_start = listing.cursor is None or (self.asked.before and len(listing.ids) < listing.size)
        return "" if at_start or not self.rows else self.asked.url(before=self.rows[0].uuid)

    @property
    def next_url(self) -> str:
        listing = self.listing
        if listing.numbered:
            return self.asked.url(page=listing.number + 1) if listing.number < listing.pages else ""
        at_end = not self.asked.before and len(listing.ids) < listing.size
        return "" if at_end or not self.rows else self.asked.url(after=self.rows[-1].uuid)

    @property
    def first_url(self) -> str:
        return self.asked.url()

    @property
    def position(self) -> str:
        """Which rows of how many: 26 to 50 of 312."""
        listing = self.listing
        if not listing.numbered:
            return how_many(listing.count)
        first, last = listing.start + 1, listing.start + len(listing.ids)
        text = _("%(first)s to %(last)s of %(total)s")
        return text % {"first": _number(first), "last": _number(last), "total": _number(listing.count)}


def tables(request: AccountRequest, asked: Asked, columns: Sequence[str] = (), *, chosen: bool = True) -> list[Table]:
    """The table asked for, or the first rows of both, with these columns more; those nobody chose only if filled."""
    kinds = [asked.kind] if asked.kind else list(KINDS)
    first_rows = 0 if asked.kind else OVERVIEW
    rights = access.rights_shown(request)
    listings = [Listing(request.link, asked.of_kind(kind), rights, first_rows) for kind in kinds]
    ids = [pk for listing in listings for pk in listing.ids]
    links = search.rows(request.link, ids, owner=True, columns=columns)
    trouble = outbox.trouble([link.uuid for link in links.values()])
    found = []
    for listing in listings:
        people = list(_placed(listing, links))
        shown = [
            name for name in columns if chosen or name == listing.column or any(_fills(name, link) for link in people)
        ]
        make = RowMaker(request, asked, rights, trouble, shown)
        found.append(Table(listing, request, [make.row(link) for link in people], shown))
    return found


def _fills(column: str, link: AccountLink) -> bool:
    """Whether somebody has something in a column that is often empty."""
    names = {"tags": "tags", "site": "site_names", "sub_account": "sub_account_names"}
    return column not in names or bool(getattr(link, names[column], None))


def _placed(listing: Listing, links: dict[int, AccountLink]) -> Iterable[AccountLink]:
    """The links of a page in order; the account's own administrator comes first of all users of their kind."""
    found = [links[pk] for pk in listing.ids if pk in links]
    if listing.asked.filtered or not listing.numbered:
        return found
    others = [link for link in found if link.role != AccountLink.Role.OWNER]
    owners = [link for link in links.values() if link.role == AccountLink.Role.OWNER]
    owner = [link for link in owners if link.kind == listing.asked.kind]
    return [*owner, *others] if listing.number == 1 else others


def how_many(count: int) -> str:
    """312 people; beyond what is counted, more than 10,000 people."""
    if count > search.COUNTED:
        return _("more than %(n)s people") % {"n": thousands(search.COUNTED)}
    return ngettext("%(n)s person", "%(n)s people", count) % {"n": thousands(count)}


def _number(count: int) -> str:
    if count > search.COUNTED:
        return pgettext("number", "more than %(n)s") % {"n": thousands(search.COUNTED)}
    return thousands(count)


def column(asked: Ordered, key: str, label: str) -> Column:
    """A head that sorts by this, and once it does, in the other direction."""
    if asked.sort == key:
        return Column(label, asked.sorted_by(key), "ascending", "arrow-up")
    if asked.sort == f"-{key}":
        return Column(label, asked.sorted_by(key), "descending", "arrow-down")
    return Column(label, asked.sorted_by(key), "", "selector")
