"""The people of an account as lists show them: a question becomes a bounded, sorted, counted page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import Case, Count, F, Func, IntegerField, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from accounts.models import CustomerAccount
from colibox.lib.text import Fold
from rights.models import AccountLink, AccountLinkQuerySet, Grant
from rights.people import by_place
from rights.people.details import NEVER, places_shown, rights_given, seen
from rights.people.filters import SORTS, Asked
from rights.people.matching import matching

COUNTED = 10_000
"""Results are counted, and pages numbered, up to here; beyond, one goes from page to page."""
INDEXED = ("name", "email", "state")
"""The orders in which people are found by an index, however many; any other is worked out for all of them."""
SHOWN = (
    "uuid", "account_id", "kind", "role", "state", "last_name", "first_name", "email", "masked_email", "username",
    "tags", "accepted_at", "expires_at", "starts_on", "ends_on", "sort_key",
    "second_factor",
)  # fmt: skip


def ordering(key: str, rights: Iterable[str]) -> tuple[Combinable, ...]:
    """What the list is sorted by, never null, ending on what tells two people apart."""
    codes = sorted(rights)
    given = Grant.objects.held().filter(link=OuterRef("pk")).order_by().values("link").annotate(n=Count("pk"))
    by: dict[str, tuple[Combinable, ...]] = {
        "name": (F("sort_key"),),
        "first_name": (Fold(F("first_name")), F("sort_key")),
        "email": (F("email"),),
        "user_name": (F("username"),),
        "state": (F("state"), F("sort_key")),
        "seen": (Coalesce(seen(), Value(NEVER)),),
        "rights": (
            Case(
                When(role__in=AccountLink.ADMINISTRATORS, then=Value(len(codes))),
                default=Coalesce(given.values("n"), Value(0)),
                output_field=IntegerField(),
            ),
        ),
        "tags": (F("tags"),),
    }
    return (*by[key], F("pk"))


@dataclass
class Listing:
    """One table of people: the rows of one page, how many there are, and where the other pages are."""

    by: AccountLink
    asked: Asked
    rights: frozenset[str]
    first_rows: int = 0
    """Show only that many, the first; otherwise pages of the size asked."""
    total: int = field(init=False)
    count: int = field(init=False)
    ids: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.total = self._count_all()
        if self.column not in self.sorts:
            self.asked = replace(self.asked, sort="name")
        if self.in_order_of_name and self.asked.terms and not self.cursor:
            self.count, self.ids = self._found()
        else:
            self.count = self._counted
            self.ids = list(self._ids())

    @property
    def size(self) -> int:
        return self.first_rows or self.asked.size

    @property
    def descending(self) -> bool:
        return self.asked.sort.startswith("-")

    @property
    def column(self) -> str:
        """The column that the list is sorted by."""
        return self.asked.sort.removeprefix("-")

    @property
    def narrowed(self) -> bool:
        """Whether more bounds the list than words: the question, or the reach of who asks."""
        return self.asked.narrowed or self.by.is_local

    @property
    def in_order_of_name(self) -> bool:
        """Whether the indexes that hold at any size can answer."""
        return not self.narrowed and self.column == "name"

    @cached_property
    def sorts(self) -> Sequence[str]:
        """What these people can be sorted by: an order that is worked out for all of them is for a bounded list."""
        return SORTS if self.total <= COUNTED or self._counted <= COUNTED else INDEXED

    @property
    def numbered(self) -> bool:
        """Whether pages have numbers; otherwise one goes from one to the next."""
        return self.count <= COUNTED

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def number(self) -> int:
        """The number of this page; the last one when a later one is asked."""
        return min(self.asked.page, self.pages)

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size if self.numbered else 0

    @cached_property
    def queryset(self) -> AccountLinkQuerySet:
        return matching(self.by, self.asked, self.rights)

    @cached_property
    def cursor(self) -> Sequence[Any] | None:
        """The place in the order of the row that was named, which may have left the list since."""
        named = self.asked.before or self.asked.after
        if named is None or self.first_rows or self.column not in INDEXED:
            return None
        rows = AccountLink.objects.filter(account=self.by.account_id, uuid=named)
        return rows.values_list(*ordering(self.column, self.rights)).first()

    @property
    def _asked(self) -> tuple[int, str, list[str]]:
        """What the functions of the database are told first."""
        return self.by.account_id, self.asked.kind, self.asked.terms

    @cached_property
    def _counted(self) -> int:
        if self.narrowed:
            return bounded_count(self.queryset)
        return count(self.by.account, self.asked.kind, self.asked.terms) if self.asked.terms else self.total

    def _count_all(self) -> int:
        """How many there are before anything is asked."""
        if self.by.is_local:
            return bounded_count(matching(self.by, Asked(kind=self.asked.kind), self.rights))
        return count(self.by.account, self.asked.kind)

    def _found(self) -> tuple[int, list[int]]:
        """A search in order of name: the page and the count by one reading."""
        with connection.cursor() as query:
            query.execute(
                "SELECT * FROM rights_people_found(%s, %s, %s::text[], %s, %s, %s)",
                [*self._asked, self.descending, (self.asked.page - 1) * self.size, self.size],
            )
            found = query.fetchall()
        return min(found[0][1], COUNTED + 1) if found else 0, [row[0] for row in found]

    def _ids(self) -> Iterable[int]:
        if not self.count:
            return []
        start, backwards = self.start, False
        size = min(self.size, self.count - start)
        if self.numbered and start > self.count // 2:
            start, backwards = self.count - start - size, True
        elif self.cursor and self.asked.before:
            backwards = True
        by_another = self._by_place if self.column in by_place.NAMED else self._by_any
        in_order = self._by_name if self.in_order_of_name else by_another
        ids = in_order(start, size, backwards)
        return reversed(ids) if backwards else ids

    def _by_name(self, start: int, size: int, backwards: bool) -> list[int]:
        key, pk = self.cursor or (None, None)
        with connection.cursor() as query:
            query.execute(
                "SELECT * FROM rights_people(%s, %s, %s::text[], %s, %s, %s, %s, %s)",
                [
                    self.by.account_id,
                    self.asked.kind,
                    self.asked.terms,
                    key,
                    pk,
                    backwards != self.descending,
                    start,
                    size,
                ],
            )
            return [row[0] for row in query.fetchall()]

    def _by_place(self, start: int, size: int, backwards: bool) -> list[int]:
        return by_place.page(
            self.queryset,
            self.column,
            account=self.by.account_id,
            backwards=backwards != self.descending,
            start=start,
            size=size,
        )

    def _by_any(self, start: int, size: int, backwards: bool) -> list[int]:
        order = ordering(self.column, self.rights)
        down = backwards != self.descending
        links = self.queryset
        if self.cursor:
            beyond = TupleLessThan if down else TupleGreaterThan
            links = links.filter(beyond(Tuple(*order), tuple(self.cursor)))
        by = [Func(key, template="%(expressions)s").desc() if down else key for key in order]
        return list(links.order_by(*by).values_list("pk", flat=True)[start : start + size])


def bounded_count(links: AccountLinkQuerySet) -> int:
    """How many these are, as far as results are counted."""
    return links.order_by().values("pk")[: COUNTED + 1].count()


def count(account: CustomerAccount, kind: str, terms: Sequence[str] = ()) -> int:
    """How many people of this kind the account has, or in how many all the words are found; bounded."""
    with connection.cursor() as query:
        asked = (account.pk, kind, list(terms), COUNTED + 1)
        query.execute("SELECT rights_people_count(%s, %s, %s::text[], %s)", asked)
        counted: int = query.fetchone()[0]
    return counted


def rows(by: AccountLink, ids: Iterable[int], *, owner: bool, columns: Collection[str] = ()) -> dict[int, AccountLink]:
    """These people with what a list shows of them, and the account's own administrator if asked; one query."""
    owner = owner and not by.is_local
    wanted = Q(pk__in=list(ids)) | Q(role=AccountLink.Role.OWNER) if owner else Q(pk__in=list(ids))
    links = AccountLink.objects.for_account(by.account).filter(wanted)
    places = {f"{name}_names": names for name, names in places_shown().items() if name in columns}
    more: list[str] = []
    if "profile" in columns:
        links = links.select_related("profile")
        more += ["profile", "follows_profile", "profile__name", "profile__shipped"]
    found = links.annotate(seen=seen(), given=rights_given(), **places).only(*SHOWN, *more)
    for link in found:
        link.account = by.account
    return {link.pk: link for link in found}
