"""What can be asked of the list of people: read from an address, shown as chips, written to an address again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from colibox.lib.asking import LONGEST, Chip, Question, as_uuid, one, some, texts, whole
from colibox.lib.text import line
from rights import catalogue
from rights.models import AccountLink

SIZES = (25, 50, 100)
SORTS = ("name", "first_name", "email", "user_name", "state", "seen", "rights", "tags", "sub_account", "site")
IDLE_DAYS = (30, 90, 180, 365)
ENDS_DAYS = (14, 30, 90)
STATES: Mapping[str, catalogue.Text] = {
    AccountLink.State.ACTIVE: pgettext_lazy("state", "Active"),
    AccountLink.PAUSED: pgettext_lazy("state", "Paused"),
    AccountLink.State.INVITED: pgettext_lazy("state", "Invited"),
    AccountLink.State.EXPIRED: pgettext_lazy("state", "Invitation expired"),
    AccountLink.State.SUSPENDED: pgettext_lazy("state", "Suspended"),
}
KINDS: Mapping[str, catalogue.Text] = {
    AccountLink.Kind.STANDARD: gettext_lazy("Standard users"),
    AccountLink.Kind.ADVANCED: gettext_lazy("Advanced users"),
}
DAYS = ("starts_on", "ends_on")


class RolesOf(NamedTuple):
    """Roles that are found together."""

    label: catalogue.Text
    roles: tuple[str, ...]


ROLES: Mapping[str, RolesOf] = {
    "administrator": RolesOf(gettext_lazy("Administrators"), AccountLink.ADMINISTRATORS),
    "local": RolesOf(gettext_lazy("Local administrators"), (AccountLink.Role.LOCAL,)),
    "manager": RolesOf(gettext_lazy("Membership managers"), (AccountLink.Role.MANAGER,)),
}
MORE_COLUMNS: Mapping[str, catalogue.Text] = {
    "tags": gettext_lazy("Tags"),
    "seen": gettext_lazy("Last sign-in"),
    "contract": gettext_lazy("Contract name"),
    "sub_account": gettext_lazy("Sub-account"),
    "site": gettext_lazy("Site"),
    "role": gettext_lazy("Role"),
    "profile": gettext_lazy("Profile"),
    "starts_on": gettext_lazy("Start date"),
    "ends_on": gettext_lazy("End date"),
}
"""Columns of the list that whoever reads it may show or hide."""
NO_COLUMN = NOWHERE = "none"
MOST_WORDS = 5
MOST_IDLE = 3650
LAST_PAGE = 400
LAST_IMPORT = 2**31 - 1


@dataclass(frozen=True)
class Asked(Question):
    """A question to the list of people."""

    PLACE = ("page", "after", "before")

    kind: str = ""
    words: str = ""
    states: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    lacked: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sub_accounts: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    nowhere: bool = False
    """Attached to no sub-account and no site."""
    imported: int = 0
    """Invited or changed by the import of this number."""
    profiles: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    idle: int = 0
    ends: int = 0
    """Within so many days, their access ends."""
    columns: tuple[str, ...] | None = None
    """The columns to show beside those that are always there; None where nothing is said of them."""
    attach: str = ""
    """The place that one is looking for people to attach to; it leaves nobody out."""
    sort: str = "name"
    size: int = SIZES[0]
    page: int = 1
    after: UUID | None = field(default=None, compare=False)
    before: UUID | None = field(default=None, compare=False)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """What this query asks; what it says wrongly is as if it were not there."""
        sort = query.get("sort", "")
        return cls(
            kind=one(query.get("kind"), KINDS),
            words=line(query.get("q"), LONGEST),
            states=some(query.getlist("status"), STATES),
            held=some(query.getlist("right"), catalogue.BY_CODE),
            lacked=some(query.getlist("without"), catalogue.BY_CODE),
            tags=texts(query.getlist("tag")),
            sub_accounts=texts(query.getlist("subaccount")),
            sites=texts(query.getlist("site")),
            nowhere=query.get("place") == NOWHERE,
            imported=whole(query.get("import"), 0, LAST_IMPORT),
            profiles=texts(query.getlist("profile")),
            roles=some(query.getlist("role"), ROLES),
            idle=whole(query.get("idle"), 0, MOST_IDLE),
            ends=whole(query.get("ends"), 0, MOST_IDLE),
            columns=some(query.getlist("columns"), MORE_COLUMNS) if "columns" in query else None,
            attach=str(as_uuid(query.get("attach")) or ""),
            sort=sort if sort.removeprefix("-") in SORTS else "name",
            size=int(one(query.get("size"), map(str, SIZES)) or SIZES[0]),
            page=whole(query.get("page"), 1, LAST_PAGE),
            after=as_uuid(query.get("after")),
            before=as_uuid(query.get("before")),
        )

    @property
    def terms(self) -> list[str]:
        """The words to be found, all of them."""
        return self.words.split()[:MOST_WORDS]

    @property
    def narrowed(self) -> bool:
        """Whether more is asked than the words."""
        who = self.states or self.roles or self.profiles or self.tags or self.idle or self.ends
        where = self.sub_accounts or self.sites or self.nowhere
        return bool(who or where or self.held or self.lacked or self.imported)

    @property
    def filtered(self) -> bool:
        """Whether some people may be left out."""
        return self.narrowed or bool(self.terms)

    def of_kind(self, kind: str) -> Self:
        """The same question about one kind of user."""
        return replace(self, kind=kind)

    @property
    def unfiltered(self) -> Self:
        """The same list with everybody in it."""
        kept = {name: getattr(self, name) for name in ("kind", "sort", "size", "columns", "attach")}
        return type(self)(**kept)

    def pairs(self) -> list[tuple[str, str]]:
        asked: list[tuple[str, Any]] = [("kind", self.kind), ("q", self.words)]
        asked += [("status", state) for state in self.states]
        asked += [("right", code) for code in self.held]
        asked += [("without", code) for code in self.lacked]
        asked += [("tag", tag) for tag in self.tags]
        asked += [("subaccount", text) for text in self.sub_accounts]
        asked += [("site", text) for text in self.sites]
        asked += [("place", NOWHERE if self.nowhere else ""), ("import", self.imported or "")]
        asked += [("profile", name) for name in self.profiles]
        asked += [("role", name) for name in self.roles]
        asked += [
            ("idle", self.idle or ""),
            ("ends", self.ends or ""),
            ("attach", self.attach),
            ("sort", "" if self.sort == "name" else self.sort),
        ]
        asked += [("columns", name) for name in self.columns or ()]
        asked += [("columns", NO_COLUMN)] if self.columns == () else []
        asked += [("size", "" if self.size == SIZES[0] else self.size)]
        return [(name, str(value)) for name, value in asked if value != ""]

    def sorted_by(self, key: str) -> str:
        """The address of the list sorted by a column, the other way round if it is so already."""
        return self.url(sort=f"-{key}" if self.sort == key else key)

    def chips(self) -> list[Chip]:
        """The active filters, each with the address that removes it."""
        return [
            *self.chip("words", pgettext("filter", "Search"), self.words if self.terms else ""),
            *self.chips_each("states", _("Status"), STATES),
            *self.chips_each("held", _("Holds"), _labels(self.held)),
            *self.chips_each("lacked", _("Does not hold"), _labels(self.lacked)),
            *self.chips_each("tags", _("Tag")),
            *self.chips_each("sub_accounts", _("Sub-account")),
            *self.chips_each("sites", _("Site")),
            *self.chip("nowhere", _("Sub-account or site"), _("attached nowhere") if self.nowhere else ""),
            *self.chip("imported", pgettext("noun", "Import"), import_label(self.imported) if self.imported else ""),
            *self.chips_each("profiles", _("Profile")),
            *self.chips_each("roles", _("Role"), {name: found.label for name, found in ROLES.items()}),
            *self.chip("idle", _("Last sign-in"), idle_label(self.idle) if self.idle else ""),
            *self.chip("ends", _("End date"), ends_label(self.ends) if self.ends else ""),
        ]


def import_label(number: int) -> str:
    """Which import, in words."""
    return _("no. %(number)s") % {"number": number}


def ends_label(days: int) -> str:
    """Within so many days, in words."""
    return ngettext("within %(days)s day", "within %(days)s days", days) % {"days": days}


def idle_label(days: int) -> str:
    """More than so many days ago, in words."""
    return ngettext("more than %(days)s day ago", "more than %(days)s days ago", days) % {"days": days}


def _labels(codes: Iterable[str]) -> dict[str, catalogue.Text]:
    return {code: catalogue.BY_CODE[code].full_label for code in codes}
