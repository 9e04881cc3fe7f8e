"""Words looked for inside the names of addressees, which no index may answer: some thousands of parcels at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from tracking.models import Parcel, ParcelQuerySet
from tracking.newest import Branch, Place, branches, compiled
from tracking.scopes import Scope

WALK = 5000
"""How many parcels of each account are looked through at a time."""


@dataclass(frozen=True)
class Walk:
    """The parcels found, newest first, and the place down to which all were looked through; None is to the end."""

    parcels: list[Parcel]
    reached: Place | None


def look(
    filtered: ParcelQuerySet, scopes: Sequence[Scope], *, words: Sequence[str], limit: int, after: Place | None = None
) -> Walk:
    """Look through the newest parcels of each account, after this place, for addressees with all these words.

    The accounts are looked through down to one place in common, so that the next look can go on from there. Two
    statements, and none reads more than WALK parcels of an account.
    """
    filtered = filtered.filter(after.condition) if after else filtered
    walks = [_walked(filtered, branch, words) for branch in branches(scopes)]
    if not walks:
        return Walk([], None)
    sql = " UNION ".join(f"({sql})" for sql, _ in walks)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in walks for value in values])
        rows = cursor.fetchall()
    ends = [(created_at, key) for created_at, key, last, _ in rows if last]
    reached = Place(*max(ends)) if ends else None
    found = sorted({(at, key) for at, key, _, found in rows if found and (not ends or (at, key) >= max(ends))})
    parcels = Parcel.objects.filter(pk__in=[key for _, key in found[-limit:]]).order_by("-created_at", "-id")
    return Walk(list(parcels) if found else [], reached)


def _walked(filtered: ParcelQuerySet, branch: Branch, words: Sequence[str]) -> tuple[str, list[Any]]:
    """What one branch looks through, in SQL: the place where it ends, and where the words are found."""
    order = (F("created_at").desc(), F("id").desc())
    numbered = filtered.annotate(n=Window(RowNumber(), order_by=order))
    walk, values = compiled(numbered, branch, WALK, "addressee_key", "n")
    found = " AND ".join(["strpos(addressee_key, %s) > 0"] * len(words))
    sql = f"SELECT created_at, id, n = {WALK}, {found} FROM {walk} AS walk WHERE n = {WALK} OR ({found})"  # noqa: S608
    return sql, [*words, *values, *words]
