"""Who is on an account already, by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection


def addresses(account: int, kind: str, asked: Iterable[str]) -> dict[str, list[int]]:
    """The links of this kind, not ended, that show each of these addresses, case ignored; by address as asked.

    A link request shows a masked address, which several people may share.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM rights_known(%s, %s, %s::text[])", [account, kind, list(asked)])
        found: defaultdict[str, list[int]] = defaultdict(list)
        for address, link in cursor.fetchall():
            found[address].append(link)
    return dict(found)
