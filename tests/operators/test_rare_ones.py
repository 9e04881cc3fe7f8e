"""What is rare among a million is listed along an index on the staff's pages, and counted there too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from rights.models import AccountLink
from users.models import User


@pytest.mark.parametrize("role", [role for role in AccountLink.Role.values if role != "member"])
def test_who_manages_people_is_listed_by_an_index(role: str, cast: SimpleNamespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    _both(AccountLink.objects.filter(role=role), "links_with_a_role")


@pytest.mark.parametrize(
    ("asked", "index"), [({"kind": "staff"}, "people_who_are_staff"), ({"is_active": False}, "people_who_left")]
)
def test_people_of_whom_there_are_few_are_listed_by_an_index(asked: dict[str, Any], index: str, db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    _both(User.objects.filter(**asked), index)


def _both(listed: QuerySet[Any], index: str) -> None:
    """The page of rows, and how many there are."""
    assert index in listed.order_by("-pk")[:51].explain()
    assert index in listed.order_by()[:10_000].explain()
