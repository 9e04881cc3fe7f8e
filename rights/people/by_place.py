"""People in the order of the sub-accounts or sites that they are attached to: two statements, whatever is asked.

They cost what the people asked for cost, `search.COUNTED` of them at most, and not what others of the account or the
portal cost: where people are attached is read along the index of their own attachments. Their keys stand in the
statement, so that no plan, however old its statistics, meets each of them with all attachments there are. Who is
attached nowhere comes last.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from rights.models import AccountLinkQuerySet

NAMED = {
    "site": "SELECT id, colibox_fold(name) AS key FROM accounts_site WHERE account_id = %s",
    "sub_account": "SELECT id, colibox_fold(number || ' ' || name) AS key FROM accounts_subaccount"
    " WHERE account_id = %s",
}
HELD = {
    "site": "SELECT link_id, site_id AS place FROM rights_attachment WHERE link_id = ANY(%s::bigint[])",
    "sub_account": "SELECT a.link_id, coalesce(a.sub_account_id, s.sub_account_id) AS place"
    " FROM rights_attachment a LEFT JOIN accounts_site s ON s.id = a.site_id WHERE a.link_id = ANY(%s::bigint[])",
}
"""Each person with each of their places; a site stands for its sub-account, too."""
PLACED = """
    WITH named AS MATERIALIZED ({named}),
    placed AS (
        SELECT held.link_id AS id, min(named.key) AS key
        FROM ({held}) AS held JOIN named ON named.id = held.place GROUP BY held.link_id),
    ranked AS (
        SELECT placed.key IS NULL AS nowhere, coalesce(placed.key, '') AS key, l.sort_key, l.id
        FROM rights_accountlink l LEFT JOIN placed USING (id) WHERE l.id = ANY(%s::bigint[]))
"""
PAGE = "SELECT id FROM ranked ORDER BY nowhere {way}, key {way}, sort_key {way}, id {way} OFFSET %s LIMIT %s"


def page(
    links: AccountLinkQuerySet,
    sort: str,
    *,
    account: int,
    backwards: bool,
    start: int,
    size: int,
) -> list[int]:
    """The keys of so many of these people, in the order of `sort` (site, or sub_account)."""
    statement, values = _placed(links, sort, account)
    statement += PAGE.format(way="DESC" if backwards else "ASC")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, start, size])
        return [pk for (pk,) in cursor.fetchall()]


def _placed(links: AccountLinkQuerySet, sort: str, account: int) -> tuple[str, list[Any]]:
    keys = list(links.order_by().values_list("pk", flat=True))
    return PLACED.format(named=NAMED[sort], held=HELD[sort]), [account, keys, keys]
