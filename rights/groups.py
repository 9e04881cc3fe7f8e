"""The people of all the accounts of a company's group, read together: found, ordered by name, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import AccountGroup, CustomerAccount
from colibox.lib import tenancy
from rights.models import AccountLink
from rights.people.search import SHOWN, places_shown, seen

SIZE = 50
MOST = 200
"""So many accounts of a group are read, the first by number."""


def accounts_of(head: CustomerAccount) -> list[CustomerAccount]:
    """The accounts of the group that this account heads, itself among them; none where it heads no group."""
    group = AccountGroup.objects.filter(head=head).first()
    if group is None:
        return []
    with tenancy.everything():
        return list(CustomerAccount.objects.filter(group=group).order_by("number")[:MOST])


@dataclass(frozen=True)
class Page:
    """One page of people in order of name."""

    links: list[AccountLink]
    more: bool


def page(accounts: Sequence[int], *, terms: Sequence[str], after: UUID | None) -> Page:
    """The people of these accounts, which are in reach, beyond somebody; in whom all the words are found."""
    ids = _ids(accounts, list(terms), _place(accounts, after))
    links = AccountLink.objects.filter(pk__in=ids[:SIZE]).annotate(
        seen=seen(), sub_account_names=places_shown()["sub_account"], site_names=places_shown()["site"]
    )
    found = links.select_related("account").only(*SHOWN, "account__number", "account__company", "account__contract")
    by_key = {link.pk: link for link in found}
    return Page([by_key[pk] for pk in ids[:SIZE] if pk in by_key], len(ids) > SIZE)


def _place(accounts: Sequence[int], after: UUID | None) -> tuple[str, int]:
    """Where somebody stands in the order; before everybody, if they are nobody of these accounts."""
    rows = AccountLink.objects.filter(account__in=accounts, uuid=after) if after else AccountLink.objects.none()
    place = rows.values_list("sort_key", "pk").first()
    return place or ("", 0)


FIRST = """
    SELECT link.id FROM unnest(%(accounts)s::bigint[]) AS of (account),
    unnest('{standard,advanced}'::text[]) AS k (kind),
    LATERAL (
        SELECT id, sort_key FROM rights_accountlink
        WHERE account_id = of.account AND kind = k.kind AND state <> 'ended' AND (sort_key, id) > (%(key)s, %(id)s)
        ORDER BY sort_key, id LIMIT %(most)s
    ) AS link ORDER BY link.sort_key, link.id LIMIT %(most)s
"""
"""Each account gives its first people along the index of names: what a page costs does not grow with them."""
FOUND = """
    SELECT link.id FROM rights_accountlink AS link
    WHERE link.id IN (
        SELECT found FROM unnest(%(accounts)s::bigint[]) AS of (account),
        LATERAL rights_search(of.account, %(terms)s::text[], 10000000) AS found)
    AND link.state <> 'ended' AND (link.sort_key, link.id) > (%(key)s, %(id)s)
    ORDER BY link.sort_key, link.id LIMIT %(most)s
"""


def _ids(accounts: Sequence[int], terms: list[str], place: tuple[str, int]) -> list[int]:
    asked: dict[str, Any] = {"accounts": list(accounts), "terms": terms, "most": SIZE + 1}
    with connection.cursor() as cursor:
        cursor.execute(FOUND if terms else FIRST, {**asked, "key": place[0], "id": place[1]})
        return [pk for (pk,) in cursor.fetchall()]
