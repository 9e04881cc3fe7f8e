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

from tracking.models import Parcel, ParcelQuerySet
from tracking.scopes import Scope

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
    filtered: ParcelQuerySet, scopes: Sequence[Scope], *, limit: int, after: Place | None = None
) -> list[Parcel]:
    """The newest parcels among those filtered that these scopes show, at most `limit`; two statements.

    Each account gives its own newest (LATERAL, along an index that begins with the account), then they are
    merged: `account IN (…) ORDER BY created_at` would sort all that the accounts have.
    """
    filtered = filtered.filter(after.condition) if after else filtered
    found = [compiled(filtered, branch, limit) for branch in branches(scopes)]
    if not found:
        return []
    union = " UNION ".join(sql for sql, _ in found)
    sql = f"SELECT id FROM ({union}) AS found ORDER BY created_at DESC, id DESC LIMIT %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*(value for _, values in found for value in values), limit])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Parcel.objects.filter(pk__in=ids).order_by("-created_at", "-id")) if ids else []


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


def compiled(filtered: ParcelQuerySet, branch: Branch, limit: int, *also: str) -> tuple[str, list[Any]]:
    """One branch in SQL, the newest of each account with `also` these columns, and its parameters."""
    one = filtered.filter(branch.condition, account=RawSQL("branch.account", ()))
    inner, values = one.order_by("-created_at", "-id").values("id", "created_at", *also)[:limit].query.sql_with_params()
    source, given = "unnest(%s::bigint[]) AS branch(account)", [list[Any](branch.accounts)]
    if branch.values is not None:
        source = "unnest(%s::bigint[], %s::text[]) AS branch(account, value)"
        given.append(list(branch.values))
    sql = f"(SELECT parcel.* FROM {source} CROSS JOIN LATERAL ({inner}) AS parcel)"  # noqa: S608
    return sql, [*given, *values]
