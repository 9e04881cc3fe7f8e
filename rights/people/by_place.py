"""People in the order of the sub-accounts or sites that they are attached to: one statement, whatever is asked.

The first place of each person is found from the account's own places, along the indexes of attachments, and not
person by person: what other accounts hold costs nothing. Who is attached nowhere comes last.
"""

# ruff: noqa: S608 (what is put into the statement is written here, or by Django)

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rights.models import AccountLinkQuerySet

NAMED = {
    "site": "SELECT id, colibox_fold(name) AS key FROM accounts_site WHERE account_id = %s",
    "sub_account": "SELECT id, colibox_fold(number || ' ' || name) AS key FROM accounts_subaccount"
    " WHERE account_id = %s",
}
ATTACHED = {
    "site": "SELECT a.link_id, named.key FROM named JOIN rights_attachment a ON a.site_id = named.id",
    "sub_account": "SELECT a.link_id, named.key FROM named JOIN rights_attachment a ON a.sub_account_id = named.id"
    " UNION ALL SELECT a.link_id, named.key FROM named JOIN accounts_site s ON s.sub_account_id = named.id"
    " JOIN rights_attachment a ON a.site_id = s.id",
}
"""Each person with each of their places; a site stands for its sub-account, too."""
PLACED = """
    WITH named AS MATERIALIZED ({named}),
    placed AS (SELECT link_id AS id, min(key) AS key FROM ({attached}) AS all_of_them GROUP BY link_id),
    asked (id, sort_key) AS ({asked}),
    ranked AS (
        SELECT placed.key IS NULL AS nowhere, coalesce(placed.key, '') AS key, asked.sort_key, asked.id
        FROM asked LEFT JOIN placed USING (id))
"""
PAGE = "SELECT id FROM ranked {beyond} ORDER BY nowhere {way}, key {way}, sort_key {way}, id {way} OFFSET %s LIMIT %s"
BEYOND = "WHERE (nowhere, key, sort_key, id) {sign} (%s, %s, %s, %s)"


def page(
    links: AccountLinkQuerySet,
    sort: str,
    *,
    account: int,
    beyond: Sequence[Any] | None,
    backwards: bool,
    start: int,
    size: int,
) -> list[int]:
    """The keys of so many of these people, from there on, in the order of `sort` (site, or sub_account)."""
    statement, values = _placed(links, sort, account)
    where = BEYOND.format(sign="<" if backwards else ">") if beyond else ""
    statement += PAGE.format(beyond=where, way="DESC" if backwards else "ASC")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *(beyond or ()), start, size])
        return [pk for (pk,) in cursor.fetchall()]


def place_in_order(link: AccountLinkQuerySet, sort: str, *, account: int) -> Sequence[Any] | None:
    """Where somebody stands in that order."""
    statement, values = _placed(link, sort, account)
    with connection.cursor() as cursor:
        cursor.execute(statement + "SELECT nowhere, key, sort_key, id FROM ranked", values)
        found: Sequence[Any] | None = cursor.fetchone()
        return found


def _placed(links: AccountLinkQuerySet, sort: str, account: int) -> tuple[str, list[Any]]:
    asked, values = links.order_by().values_list("pk", "sort_key").query.sql_with_params()
    return PLACED.format(named=NAMED[sort], attached=ATTACHED[sort], asked=asked), [account, *values]
