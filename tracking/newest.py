"""The newest of the parcels that somebody sees, found account by account so that the cost does not follow the size."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from tracking.beginnings import Beginning
from tracking.models import Parcel, ParcelQuerySet
from tracking.scopes import Scope

FEW = 10_000
"""So many parcels are sorted without a thought; more are walked through by time."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN = re.compile(r"([0-9]{1,10})\.([0-9]{6})-([0-9]{1,18})")


@dataclass(frozen=True)
class Place:
    """A place in the list: right after the parcel created then, with that id."""

    created_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{int(self.created_at.timestamp())}.{self.created_at.microsecond:06}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """The place that an address names; None when it names none."""
        if not (found := WRITTEN.fullmatch(text)):
            return None
        seconds, microseconds, key = map(int, found.groups())
        return cls(EPOCH + timedelta(seconds=seconds, microseconds=microseconds), key)

    @property
    def condition(self) -> Q:
        """The parcels after this place, newest first."""
        return self.following()

    def following(self, moment: str = "created_at") -> Q:
        """What comes after this place, newest first by that moment."""
        earlier = Q(**{f"{moment}__lt": self.created_at}) | Q(id__lt=self.id)
        return Q(**{f"{moment}__lte": self.created_at}) & earlier  # the first half is what an index follows


@dataclass(frozen=True)
class Branch:
    """Accounts whose parcels are looked for in one way, each by its own walk along one index."""

    accounts: tuple[int, ...]
    condition: Q
    values: tuple[str, ...] | None = None
    """With `condition` on a value, one for each account."""


def newest(
    filtered: ParcelQuerySet,
    scopes: Sequence[Scope],
    *,
    limit: int,
    after: Place | None = None,
    beginning: Beginning | None = None,
) -> list[Parcel]:
    """The newest parcels among those filtered that begin so and that these scopes show, at most `limit`.

    Two statements. What begins so is in the order of an alphabet, not of time, so it is looked for in its own way.
    """
    filtered = filtered.filter(after.condition) if after else filtered
    walked = list(branches(scopes))
    if not walked:
        return []
    if beginning is None:
        sql, values = _walked(filtered, walked, limit)
    else:
        sql, values = _few_or_walked(filtered, beginning, walked, limit)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY created_at DESC, id DESC LIMIT {int(limit)}", values)
        ids = [row[0] for row in cursor.fetchall()]
    return list(Parcel.objects.filter(pk__in=ids).order_by("-created_at", "-id")) if ids else []


def _walked(filtered: ParcelQuerySet, walked: Sequence[Branch], limit: int) -> tuple[str, list[Any]]:
    """Each account gives its own newest, along an index that begins with the account.

    `account IN (…) ORDER BY created_at` would sort all that the accounts have. Of many accounts, the first few of
    each say first how far back the page can reach at most; most accounts then have nothing that is new enough.
    """
    few = 1 + 2 * limit // max(len(branch.accounts) for branch in walked)
    if few > limit // 2:
        return _united(filtered, walked, limit)
    near, near_values = _united(filtered, walked, few)
    reach = f"(SELECT created_at FROM ({near}) AS near ORDER BY created_at DESC OFFSET {int(limit) - 1} LIMIT 1)"  # noqa: S608
    edge = RawSQL("(SELECT created_at FROM edge)", ())
    sql, values = _united(filtered.filter(created_at__gte=edge), walked, limit)
    return f"WITH edge AS MATERIALIZED (SELECT coalesce({reach}, '-infinity') AS created_at) {sql}", [
        *near_values, *values,
    ]  # fmt: skip


def _few_or_walked(
    filtered: ParcelQuerySet, beginning: Beginning, walked: Sequence[Branch], limit: int
) -> tuple[str, list[Any]]:
    """All that begins so when that is few; when it is many, the newest are soon met by walking."""
    found = [compiled(filtered.filter(begins), branch, None) for begins in beginning.each for branch in walked]
    all_found = " UNION ALL ".join(sql for sql, _ in found)
    many, many_values = _walked(filtered.filter(beginning.frequent), walked, limit)
    sql = f"""
        WITH few AS MATERIALIZED (SELECT id, created_at FROM ({all_found}) AS found LIMIT {FEW + 1}),
            counted AS MATERIALIZED (SELECT count(*) AS n FROM few)
        SELECT id FROM (
            SELECT id, created_at FROM few WHERE (SELECT n FROM counted) <= {FEW}
            UNION SELECT id, created_at FROM ({many}) AS many WHERE (SELECT n FROM counted) > {FEW}
        ) AS found
    """  # noqa: S608
    return sql, [*(value for _, values in found for value in values), *many_values]


def _united(filtered: ParcelQuerySet, walked: Sequence[Branch], limit: int) -> tuple[str, list[Any]]:
    """The branches together; a parcel on two of them comes once."""
    found = [compiled(filtered, branch, limit) for branch in walked]
    union = " UNION ".join(sql for sql, _ in found)
    return f"SELECT id, created_at FROM ({union}) AS found", [value for _, values in found for value in values]  # noqa: S608


def count(filtered: ParcelQuerySet, scopes: Sequence[Scope], *, most: int) -> int:
    """How many of the parcels filtered these scopes show, counted up to `most` and no further; one statement."""
    found = [compiled(filtered, branch, most) for branch in branches(scopes)]
    if not found:
        return 0
    each = (f"(SELECT id FROM {sql} AS branch LIMIT {int(most)})" for sql, _ in found)  # noqa: S608
    sql = f"SELECT least(count(*), {int(most)}) FROM ({' UNION '.join(each)}) AS counted"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in found for value in values])
        counted: int = cursor.fetchone()[0]
    return counted


def branches(scopes: Iterable[Scope]) -> Iterator[Branch]:
    """The walks that together show what these scopes show."""
    scopes = list(scopes)
    if whole := tuple(scope.account.pk for scope in scopes if scope.everything):
        yield Branch(whole, Q())
    by_key = [scope for scope in scopes if scope.by_key]
    if by_key:
        accounts, one = tuple(scope.account.pk for scope in by_key), by_key[0]
        yield Branch(accounts, Q(franked_by=one.user))
        if one.user_key:
            yield Branch(accounts, Q(user_key=one.user_key) & ~Q(user_key=""))
    tagged = [(scope.account.pk, tag) for scope in scopes if not scope.everything for tag in scope.tags]
    if tagged:
        accounts, tags = zip(*tagged, strict=True)
        yield Branch(accounts, Q(tag_key=RawSQL("branch.value", ())) & ~Q(tag=""), tags)


def compiled(filtered: ParcelQuerySet, branch: Branch, limit: int | None, *also: str) -> tuple[str, list[Any]]:
    """One branch in SQL, the newest of each account with `also` these columns, and its parameters.

    Without a limit all of them, in no order.
    """
    one = filtered.filter(branch.condition, account=RawSQL("branch.account", ())).values("id", "created_at", *also)
    ordered = one.order_by("-created_at", "-id")[:limit] if limit else one.order_by()
    inner, values = ordered.query.sql_with_params()
    source, given = "unnest(%s::bigint[]) AS branch(account)", [list[Any](branch.accounts)]
    if branch.values is not None:
        source = "unnest(%s::bigint[], %s::text[]) AS branch(account, value)"
        given.append(list(branch.values))
    sql = f"(SELECT parcel.* FROM {source} CROSS JOIN LATERAL ({inner}) AS parcel)"  # noqa: S608
    return sql, [*given, *values]
