"""The people of all the accounts of a company's group, read together: found, ordered by name, page by page."""

# ruff: noqa: S608 (what is put into these statements is written here)

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import AccountGroup, CustomerAccount
from colibox.lib import tenancy
from colibox.lib.text import fold
from rights.access import AccountRequest
from rights.models import AccountLink
from rights.people.details import places_shown, seen
from rights.people.filters import KINDS, ROLES, STATES, Asked
from rights.people.search import COUNTED, SHOWN
from users.models import User

SIZE = 50
AT_ONCE = 500
MOST = 200
"""So many accounts of a group are read, the first by number."""


def accounts_of(head: CustomerAccount) -> list[CustomerAccount]:
    """The accounts of the group that this account heads, itself among them; none where it heads no group."""
    group = AccountGroup.objects.filter(head=head).first()
    if group is None:
        return []
    with tenancy.everything():
        return list(CustomerAccount.objects.filter(group=group).order_by("number")[:MOST])


def reads(request: AccountRequest, number: str) -> bool:
    """Whether the holder of this link may read the people of the account of this number with those of the group."""
    return "groups" in request.rights and any(each.number == number for each in accounts_of(request.account))


def closed_to(reader: User, account: CustomerAccount) -> bool:
    """Whether an account requires a second factor by now, which the reader has not: a link to it would be paused."""
    since = account.second_factor_from
    return since is not None and since <= timezone.localdate() and not reader.second_factor


@dataclass(frozen=True)
class Page:
    """One page of people in order of name."""

    links: list[AccountLink]
    more: bool


def page(accounts: Sequence[int], asked: Asked) -> Page:
    """The people of these accounts, which are in reach, that are asked for: those beyond `asked.after`."""
    ids = _ids(accounts, asked, _place(accounts, asked.after), SIZE)
    return Page(_links(ids[:SIZE]), len(ids) > SIZE)


def _place(accounts: Sequence[int], after: UUID | None) -> tuple[str, int]:
    """Where somebody stands in the order; before everybody, if they are nobody of these accounts."""
    rows = AccountLink.objects.filter(account__in=accounts, uuid=after) if after else AccountLink.objects.none()
    return rows.values_list("sort_key", "pk").first() or ("", 0)


def everybody(accounts: Sequence[int], asked: Asked) -> Iterator[AccountLink]:
    """All that are asked for, account by account, as many at a time as a file takes."""
    for account in accounts:
        place = ("", 0)
        while links := _links(_ids([account], asked, place, AT_ONCE)[:AT_ONCE]):
            yield from links
            place = (links[-1].sort_key, links[-1].pk)


def count(accounts: Sequence[int], asked: Asked) -> int:
    """How many they are, as far as results are counted."""
    with connection.cursor() as cursor:
        statement = f"SELECT count(*) FROM (SELECT 1 FROM {FOUND} {_narrowed(asked)} LIMIT %(most)s) AS these"
        cursor.execute(statement, {**_values(accounts, asked), "most": COUNTED + 1})
        counted: int = cursor.fetchone()[0]
    return counted


def headers() -> list[str]:
    """The first line of a file of them."""
    return [
        _("Account"), _("Company"), _("Contract name"), _("Last Name"), _("First Name"), _("Email"),
        pgettext("of user", "Type"), _("Role"), _("Status"), _("Sub-account"), _("Site"),
    ]  # fmt: skip


def line(link: AccountLink) -> list[str]:
    """One person of one account, in the order of the headers."""
    account, state = link.account, STATES[link.shown_state]
    return [
        account.number, account.company, str(account.get_contract_display()), link.last_name, link.first_name,
        link.shown_email, str(link.get_kind_display()), str(link.get_role_display()), str(state),
        " | ".join(getattr(link, "sub_account_names", [])), " | ".join(getattr(link, "site_names", [])),
    ]  # fmt: skip


FIRST = """
    SELECT link.id FROM unnest(%(accounts)s::bigint[]) AS of (account),
    unnest(%(kinds)s::text[]) AS k (kind), {kept}
    LATERAL (
        SELECT id, sort_key FROM rights_accountlink AS link
        WHERE account_id = of.account AND kind = k.kind AND state {is_kept}
        AND (sort_key, id) > (%(key)s, %(id)s) {narrowed} ORDER BY sort_key, id LIMIT %(most)s
    ) AS link ORDER BY link.sort_key, link.id LIMIT %(most)s
"""
"""Each account gives its first people along an index of names: what a page costs does not grow with them."""
EVERYBODY = {"kept": "", "is_kept": "<> 'ended'"}
IN_STATES = {"kept": "unnest(%(kept)s::text[]) AS s (state),", "is_kept": "= s.state"}
"""Where states are asked for, along the index of names in each of the states that are kept of them."""
KEPT = {
    AccountLink.PAUSED: (AccountLink.State.ACTIVE,),
    AccountLink.State.EXPIRED: (AccountLink.State.EXPIRED, AccountLink.State.INVITED),
}
"""What is shown and is not what is kept: late, or without the second factor required."""
FOUND = """
    rights_accountlink AS link WHERE link.account_id = ANY(%(accounts)s) AND link.kind = ANY(%(kinds)s)
    AND link.state <> 'ended'
"""
SAID = """
    AND link.id IN (
        SELECT found FROM unnest(%(accounts)s::bigint[]) AS of (account),
        LATERAL rights_search(of.account, %(terms)s::text[], 10000000) AS found)
"""
STATE = """
    AND link.state = ANY(%(kept)s) AND CASE WHEN link.state = 'invited' AND link.expires_at <= now() THEN 'expired'
        WHEN link.state = 'active' AND NOT link.second_factor AND EXISTS (
            SELECT FROM accounts_customeraccount AS a WHERE a.id = link.account_id AND a.second_factor_from <= %(today)s
        ) THEN 'paused' ELSE link.state END = ANY(%(states)s)
"""
ROLE = "AND link.role = ANY(%(roles)s)"


PLACED = """
    AND link.id IN (
        SELECT a.link_id FROM rights_attachment AS a LEFT JOIN accounts_site AS s ON s.id = a.site_id
        LEFT JOIN accounts_subaccount AS p ON p.id = coalesce(a.sub_account_id, s.sub_account_id)
        WHERE a.account_id = ANY(%(accounts)s) AND {called})
"""
CALLED = {
    "sub_accounts": "colibox_fold(p.number || ' ' || p.name) LIKE ANY(%(sub_accounts)s)",
    "sites": "colibox_fold(s.name) LIKE ANY(%(sites)s)",
}
"""Attached to a place in whose number and name one of these texts stands; a sub-account covers its sites."""


def _placed(asked: Asked) -> str:
    called = [CALLED[name] for name in CALLED if getattr(asked, name)]
    return PLACED.format(called=" AND ".join(called)) if called else ""


def _anywhere(texts: Sequence[str]) -> list[str]:
    """What finds a text anywhere in another one."""
    return ["%" + re.sub(r"([\\%_])", r"\\\1", fold(text)) + "%" for text in texts]


def _narrowed(asked: Asked) -> str:
    """The conditions that are asked for."""
    conditions = [SAID if asked.terms else "", STATE if asked.states else "", ROLE if asked.roles else ""]
    return " ".join([*conditions, _placed(asked)])


def _values(accounts: Sequence[int], asked: Asked) -> dict[str, Any]:
    return {
        "accounts": list(accounts),
        "kinds": [asked.kind] if asked.kind else list(KINDS),
        "terms": asked.terms,
        "today": timezone.localdate(),
        "states": list(asked.states),
        "kept": sorted({str(kept) for state in asked.states for kept in KEPT.get(state, (state,))}),
        "sub_accounts": _anywhere(asked.sub_accounts),
        "sites": _anywhere(asked.sites),
        "roles": [role for name in asked.roles for role in ROLES[name].roles],
    }


def _ids(accounts: Sequence[int], asked: Asked, place: tuple[str, int], size: int) -> list[int]:
    """So many beyond a place in the order, and one more."""
    beyond = "AND (link.sort_key, link.id) > (%(key)s, %(id)s) ORDER BY link.sort_key, link.id LIMIT %(most)s"
    found = f"SELECT link.id FROM {FOUND} {_narrowed(asked)} {beyond}"
    with connection.cursor() as cursor:
        values = {**_values(accounts, asked), "key": place[0], "id": place[1], "most": size + 1}
        first = FIRST.format(narrowed=_narrowed(asked), **(IN_STATES if asked.states else EVERYBODY))
        cursor.execute(found if asked.terms or _placed(asked) else first, values)
        return [pk for (pk,) in cursor.fetchall()]


def _links(ids: Sequence[int]) -> list[AccountLink]:
    """These people with what the list shows of them, in this order."""
    places = places_shown()
    links = AccountLink.objects.filter(pk__in=ids).annotate(
        seen=seen(), sub_account_names=places["sub_account"], site_names=places["site"]
    )
    shown = links.select_related("account").only(
        *SHOWN, "account__number", "account__company", "account__contract", "account__second_factor_from"
    )
    by_key = {link.pk: link for link in shown}
    return [by_key[pk] for pk in ids if pk in by_key]
