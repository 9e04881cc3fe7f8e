"""The directory of contacts as its page asks for it: a search, a role, web access, an order, and one page by key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from accounts.models import Contact, CustomerAccount
from accounts.models.contacts import ContactQuerySet
from colibox.lib.asking import Chip, Question, as_uuid, one
from colibox.lib.numbers import telephone, thousands
from colibox.lib.text import Fold, Text, fold, line
from rights.actions import reach
from rights.models import AccountLink
from rights.people import search
from rights.people.details import rights_given
from rights.people.filters import STATES
from rights.people.tables import Column, column

State = AccountLink.State
PAGE = 50
LONGEST = 100
MOST_WORDS = 8
SHOWN_REMOVED = 20
KEY = Tuple("sort_key", "pk")
SORTS: Mapping[str, Text] = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("Contact details"),
    "function": gettext_lazy("Job title"),
}
WITH, WITHOUT = "with", "without"
ACCESS: Mapping[str, Text] = {
    WITH: gettext_lazy("With web access"),
    WITHOUT: gettext_lazy("No web access"),
    **{state: STATES[state] for state in (State.ACTIVE, State.INVITED, State.EXPIRED, State.SUSPENDED)},
}
"""What may be asked about the web access of contacts: any, none, or how it stands."""


@dataclass(frozen=True)
class Asked(Question):
    """What is asked of the directory: words, a role, web access, an order, and where in it a page is."""

    PLACE = ("at", "after", "before")

    q: str = ""
    role: str = ""
    access: str = ""
    sort: str = "name"
    at: UUID | None = None
    after: UUID | None = None
    before: UUID | None = None

    @classmethod
    def read(cls, values: QueryDict) -> Asked:
        """What an address asks; what it cannot mean is not asked."""
        sort = values.get("sort", "")
        return cls(
            q=line(values.get("q"), LONGEST),
            role=one(values.get("role"), Contact.Role),
            access=one(values.get("access"), ACCESS),
            sort=sort if sort.removeprefix("-") in SORTS else "name",
            **{name: as_uuid(values.get(name)) for name in ("at", "after", "before")},
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.role or self.access)

    def pairs(self) -> list[tuple[str, str]]:
        asked = {name: getattr(self, name) for name in ("q", "role", "access", "sort")}
        return [(name, value) for name, value in asked.items() if value != self._unasked(name)]

    def chips(self) -> list[Chip]:
        """What narrows the list, each with the address without it."""
        role = Contact.Role(self.role).label if self.role else ""
        return [
            *self.chip("q", pgettext("filter", "Search"), self.q),
            *self.chip("role", _("Role"), role),
            *self.chip("access", _("Web access"), ACCESS.get(self.access, "")),
        ]

    @property
    def backwards(self) -> bool:
        return self.sort.startswith("-")

    @property
    def order(self) -> tuple[str, ...]:
        """The columns of the order; whom the first does not tell apart, the name does."""
        return ("sort_key", "pk") if self.sort.endswith("name") else ("first", "sort_key", "pk")

    def columns(self) -> list[Column]:
        """The heads of the table that sort it."""
        return [column(self, key, str(label)) for key, label in SORTS.items()]

    def sorted_by(self, key: str) -> str:
        """The address of the list in this order; once it is, in the other direction."""
        return self.url(sort=f"-{key}" if self.sort == key else key)


def matching(account: CustomerAccount, asked: Asked) -> ContactQuerySet:
    """The contacts in whose name, function, e-mail and telephone numbers all that is asked for is found."""
    contacts = Contact.objects.for_account(account)
    if asked.role:
        contacts = contacts.filter(roles__contains=[asked.role])
    if asked.access:
        contacts = contacts.filter(_having(account, asked.access))
    for word in _words(asked.q):
        contacts = contacts.filter(words__contains=word)
    if "first" in asked.order:
        contacts = contacts.annotate(first=Fold(F(asked.sort.removeprefix("-"))))
    return contacts.order_by(*(f"-{name}" if asked.backwards else name for name in asked.order))


def _having(account: CustomerAccount, access: str) -> Combinable:
    """Whether a contact has web access of this kind."""
    links = AccountLink.objects.for_account(account).filter(contact=OuterRef("pk"))
    if access in (WITH, WITHOUT):
        return Exists(links) if access == WITH else ~Exists(links)
    return Exists(links.filter(state=access))


def _words(q: str) -> list[str]:
    """What is looked for: a telephone number however it is spaced, or words, of which each may be one."""
    number = _telephone(q)
    return [number] if number else [_telephone(word) or word for word in fold(q).split()[:MOST_WORDS]]


def _telephone(q: str) -> str:
    """The digits of what looks like a telephone number, as they are kept: without the zero of national numbers."""
    bare = "".join(character for character in q if character not in " .-()/")
    digits = bare.removeprefix("+").removeprefix("00") if bare[:1] == "+" or bare[:2] == "00" else bare.lstrip("0")
    return digits if len(bare) >= 4 and len(digits) >= 3 and digits.isascii() and digits.isdigit() else ""


@dataclass(frozen=True)
class Entry:
    """A contact as a row shows it: with their web access, if they have one, and what may be done about it."""

    contact: Contact
    link: AccountLink | None
    reachable: bool
    rights: int

    @property
    def profile(self) -> str:
        """What they may do on line, in a word: all of it, a profile, or how many rights."""
        if self.link is None:
            return ""
        if self.link.administers:
            return _("All the rights of the account")
        if self.link.profile:
            name = str(self.link.profile)
            return name if self.link.follows_profile else _("%(profile)s (copied)") % {"profile": name}
        if not self.rights:
            return _("No right")
        return ngettext("%(n)s right", "%(n)s rights", self.rights) % {"n": self.rights}

    @property
    def role(self) -> str:
        """What they are for the account besides, if they manage people."""
        return capfirst(str(AccountLink.Role(self.link.role).label)) if self.link and self.link.manages else ""

    @property
    def waits(self) -> bool:
        """Whether they were invited and have not come yet."""
        return self.link is not None and self.link.state in (State.INVITED, State.EXPIRED)

    @property
    def renewable(self) -> bool:
        """Whether a link can be sent to them: the invitation again, or the one to another password."""
        return self.reachable and self.link is not None and self.link.state != State.SUSPENDED

    @property
    def other_email(self) -> str:
        """The address of their sign-in, where it is not the one of the directory."""
        email = self.link.email if self.link else ""
        return email if email.casefold() != self.contact.email.casefold() else ""

    @property
    def telephones(self) -> list[tuple[str, str]]:
        """The numbers as they are read and as they are dialled."""
        return [(telephone(number), str(number)) for number in (self.contact.phone, self.contact.mobile) if number]

    @property
    def roles(self) -> list[Any]:
        return [role.label for role in Contact.Role if role in self.contact.roles]


def entries(contacts: list[Contact], by: AccountLink) -> list[Entry]:
    """These contacts with their web access: one query."""
    links = AccountLink.objects.for_account(by.account).filter(contact__in=[contact.pk for contact in contacts])
    found = {link.contact_id: link for link in links.select_related("profile").annotate(given=rights_given())}
    for link in found.values():
        link.account = by.account
    return [_entry(contact, found.get(contact.pk), by) for contact in contacts]


def entry(contact: Contact, by: AccountLink) -> Entry:
    return entries([contact], by)[0]


def _entry(contact: Contact, link: AccountLink | None, by: AccountLink) -> Entry:
    rights: list[str] = getattr(link, "given", None) or []
    return Entry(contact, link, link is not None and reach.refusal(link, by) is None, len(rights))


@dataclass(frozen=True)
class Page:
    """One page of the directory, and where the others are."""

    by: AccountLink
    asked: Asked

    @cached_property
    def count(self) -> int:
        """How many there are, as far as they are counted."""
        return matching(self.by.account, self.asked).order_by().values("pk")[: search.COUNTED + 1].count()

    @property
    def how_many(self) -> str:
        if self.count > search.COUNTED:
            return _("More than %(n)s contacts") % {"n": thousands(search.COUNTED)}
        return ngettext("%(n)s contact", "%(n)s contacts", self.count) % {"n": thousands(self.count)}

    @cached_property
    def _read(self) -> tuple[list[Contact], bool, bool]:
        """The contacts of the page, whether some come before and whether some come after."""
        contacts, asked = matching(self.by.account, self.asked), self.asked
        if self.count <= PAGE:
            return list(contacts), False, False
        key = Tuple(*asked.order)
        later: Any = TupleLessThan if asked.backwards else TupleGreaterThan
        if at := self._place(asked.before):
            earlier: Any = TupleGreaterThan if asked.backwards else TupleLessThan
            found = list(contacts.filter(earlier(key, at)).reverse()[: PAGE + 1])
            return found[:PAGE][::-1], len(found) > PAGE, True
        at = self._place(asked.at or asked.after)
        if at and asked.at:
            later = TupleLessThanOrEqual if asked.backwards else TupleGreaterThanOrEqual
        found = list((contacts.filter(later(key, at)) if at else contacts)[: PAGE + 1])
        return found[:PAGE], at is not None, len(found) > PAGE

    def _place(self, uuid: UUID | None) -> tuple[Any, ...] | None:
        """Where a contact stands in this order, even one who left the list meanwhile."""
        everybody = Contact.objects.filter(account=self.by.account_id)
        if "first" in self.asked.order:
            everybody = everybody.annotate(first=Fold(F(self.asked.sort.removeprefix("-"))))
        return everybody.filter(uuid=uuid).values_list(*self.asked.order).first() if uuid else None

    @cached_property
    def entries(self) -> list[Entry]:
        return entries(self._read[0], self.by)

    @property
    def previous_url(self) -> str:
        contacts, earlier, _later = self._read
        return self.asked.url(before=contacts[0].uuid) if earlier and contacts else ""

    @property
    def next_url(self) -> str:
        contacts, _earlier, later = self._read
        return self.asked.url(after=contacts[-1].uuid) if later and contacts else ""


def place(rows: QuerySet[Any], uuid: UUID | None) -> tuple[str, int] | None:
    """Where one of these stands in the order of names, even one who left the list meanwhile."""
    return rows.filter(uuid=uuid).values_list("sort_key", "pk").first() if uuid else None


def removed(account: CustomerAccount) -> list[Contact]:
    """The contacts removed lately, the last first."""
    contacts = Contact.objects.filter(account=account, deleted_at__isnull=False)
    kept = contacts.exclude(pk__in=Contact.objects.outlived().values("pk"))
    return list(kept.order_by("-deleted_at", "-pk")[:SHOWN_REMOVED])
