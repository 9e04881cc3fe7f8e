"""The people of an account as lists show them: a question becomes a bounded, sorted, counted page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable, Expression
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce, Concat, Now
from django.db.models.lookups import LessThan
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import CustomerAccount, Site, SubAccount
from colibox.lib.text import Fold, fold
from rights.bounds import people_of
from rights.models import TODAY, AccountLink, AccountLinkQuerySet, Attachment, Grant, Profile
from rights.people import by_place
from rights.people.by_place import place_in_order
from rights.people.filters import ROLES, Asked
from users.models import User

Kind, State = AccountLink.Kind, AccountLink.State

COUNTED = 10_000
"""Results are counted, and pages numbered, up to here; beyond, one goes from page to page."""
EVERYONE = 10_000_000
NEVER = datetime(1, 1, 1, tzinfo=UTC)
SHOWN = (
    "uuid", "account_id", "kind", "role", "state", "last_name", "first_name", "email", "masked_email", "username",
    "tags", "accepted_at", "expires_at", "starts_on", "ends_on", "sort_key",
    "second_factor",
)  # fmt: skip


class _Found(Func):
    """The people of an account in whose words all of these are found: an index that row-level security forbids."""

    template = "(SELECT rights_search(%(expressions)s))"
    output_field = BigIntegerField()


def matching(by: AccountLink, asked: Asked, rights: Iterable[str]) -> AccountLinkQuerySet:
    """The people that are asked for of those whom `by` manages; `rights` are those shown to them."""
    links = people_of(by)
    if asked.kind:
        links = links.filter(kind=asked.kind)
    if asked.terms:
        links = links.filter(said(by.account, asked.terms))
    if asked.states:
        links = links.filter(Q.create([in_state(state) for state in asked.states], connector=Q.OR))
    for code in asked.held:
        links = links.filter(_holds(code, by.account_id)) if code in rights else links.none()
    for code in asked.lacked:
        links = links.exclude(_holds(code, by.account_id)) if code in rights else links
    for tag in asked.tags:
        links = links.filter(said(by.account, [tag]), tags__contains=[tag])
    if asked.roles:
        links = links.filter(role__in=[role for name in asked.roles for role in ROLES[name].roles])
    if asked.profiles:
        links = links.filter(profile__in=Profile.objects.called(by.account_id, asked.profiles).values("pk"))
    if asked.sub_accounts or asked.sites:
        links = links.filter(attached_to(by.account_id, sub_accounts=asked.sub_accounts, sites=asked.sites))
    if asked.ends:
        today = timezone.localdate()
        links = links.filter(ends_on__range=(today, today + timedelta(days=asked.ends)))
    if asked.idle:
        before = Now() - timedelta(days=asked.idle)
        signed_in = Subquery(User.objects.filter(pk=OuterRef("user")).values("last_login"))
        idle = LessThan(Coalesce(signed_in, Value(NEVER)), before)  # not joined: that reads all users there are
        links = links.filter(idle, accepted_at__isnull=False)
    return links


def said(account: CustomerAccount, terms: Sequence[str]) -> Q:
    """All these words found in the name, the e-mail, the user name and the tags of somebody of the account."""
    return Q(pk__in=_Found(Value(account.pk), Value(list(terms)), Value(EVERYONE)))


def in_state(state: str) -> Q:
    """The state as it is shown: an invitation past its deadline is expired before the sweeper comes by."""
    if state == State.INVITED:
        return Q(state=state, expires_at__gt=Now())
    if state == State.EXPIRED:
        return Q(state=state) | Q(state=State.INVITED, expires_at__lte=Now())
    paused = Q(second_factor=False, account__second_factor_from__lte=TODAY)
    if state == AccountLink.PAUSED:
        return Q(paused, state=State.ACTIVE)
    return Q(~paused, state=state) if state == State.ACTIVE else Q(state=state)


def attached_to(account_id: int, *, sub_accounts: Sequence[str] = (), sites: Sequence[str] = ()) -> Q:
    """Attached to a place so called: a sub-account by number or name, which covers its sites, or a site."""
    there = Q()
    if sub_accounts:
        called = _called(SubAccount.objects.filter(account=account_id), ("number", "name"), sub_accounts)
        there = Q(sub_account__in=called) | Q(site__sub_account__in=called)
    if sites:
        there &= Q(site__in=_called(Site.objects.filter(account=account_id), ("name",), sites))
    return Q(pk__in=Attachment.objects.filter(there, account=account_id).values("link"))


def _called(places: QuerySet[Any], fields: Sequence[str], texts: Sequence[str]) -> QuerySet[Any]:
    """The places in whose number and name one of these texts is found; where it is all of one, that place alone."""
    said = {"all_said": Fold(*map(F, fields)), **{f"{field}_said": Fold(F(field)) for field in fields}}
    places, wanted = places.alias(**said), Q()
    for text in map(fold, texts):
        exactly = Q.create([(name, text) for name in said], connector=Q.OR)
        wanted |= exactly | (Q(all_said__contains=text) & ~Q(Exists(places.filter(exactly))))
    return places.filter(wanted).values("pk")


def places_shown() -> dict[str, ArraySubquery]:
    """The sub-accounts and sites of somebody, in words; a site is told with its sub-account."""
    of = Attachment.objects.filter(link=OuterRef("pk"))
    number, name = (Coalesce(f"sub_account__{field}", f"site__sub_account__{field}") for field in ("number", "name"))
    parents = of.annotate(said=Concat(number, Value(" "), name)).filter(
        Q(sub_account__isnull=False) | Q(site__sub_account__isnull=False)
    )
    return {
        "sub_account": ArraySubquery(parents.order_by("said").values("said").distinct()),
        "site": ArraySubquery(of.filter(site__isnull=False).order_by("site__name").values("site__name")),
    }


def places_written() -> dict[str, ArraySubquery]:
    """The places of somebody as a file names them: those that they are attached to, and no others."""
    of = Attachment.objects.filter(link=OuterRef("pk"))
    said = Concat("sub_account__number", Value(" "), "sub_account__name")
    parents = of.filter(site=None).annotate(said=said)
    return {
        "sub_accounts": ArraySubquery(parents.order_by("said").values("said")),
        "sites": ArraySubquery(of.filter(site__isnull=False).order_by("site__name").values("site__name")),
    }


def _holds(code: str, account_id: int) -> Q:
    """Given this right that the account holds; administrators have them all."""
    given = Grant.objects.held().filter(account=account_id, right=code)
    return Q(role__in=AccountLink.ADMINISTRATORS) | Q(pk__in=given.values("link"))


# In which order.


def seen() -> Expression:
    """The last sign-in; nothing before the person accepted, as it is not this account's to know."""
    return Case(When(accepted_at__isnull=False, then=F("user__last_login")))


def rights_given() -> ArraySubquery:
    """The codes of the rights given, whether or not the account still holds them."""
    return ArraySubquery(Grant.objects.in_time().filter(link=OuterRef("pk")).values("right"))


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


# Page by page.


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
        if self.in_order_of_place and not self.sorts_by_place:
            self.asked = replace(self.asked, sort="name")
        if self.in_order_of_name and self.asked.terms and not self.cursor:
            self.count, self.ids = self._found()
        else:
            self.count = self._count()
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

    @property
    def in_order_of_place(self) -> bool:
        """Whether people are sorted by where they are attached."""
        return self.column in by_place.NAMED

    @cached_property
    def sorts_by_place(self) -> bool:
        """Whether these people can be sorted so: an order that is worked out for all of them is for a bounded list."""
        return self.total <= COUNTED or self._count() <= COUNTED

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
        if named is None or self.first_rows:
            return None
        rows = AccountLink.objects.filter(account=self.by.account_id, uuid=named)
        if self.in_order_of_place:
            return place_in_order(rows, self.column, account=self.by.account_id)
        order = ordering(self.column, self.rights)
        return rows.values_list(*order).first()

    @property
    def _asked(self) -> tuple[int, str, list[str]]:
        """What the functions of the database are told first."""
        return self.by.account_id, self.asked.kind, self.asked.terms

    def _count(self) -> int:
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
        in_order = (
            self._by_name if self.in_order_of_name else self._by_place if self.in_order_of_place else self._by_any
        )
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
            beyond=self.cursor,
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
