"""What is rare among a million is listed along an index on the staff's pages, and counted there too."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection

from rights.models import AccountLink


@pytest.mark.parametrize("role", [role for role in AccountLink.Role.values if role != "member"])
def test_who_manages_people_is_listed_by_an_index(role: str, cast: SimpleNamespace) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    listed = AccountLink.objects.filter(role=role)
    assert "links_with_a_role" in listed.order_by("-pk")[:51].explain()
    assert "links_with_a_role" in listed.order_by()[:10_000].explain()
