"""The people of a whole group of accounts, for the head office: one list to read, nothing to change."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from rights import access, groups
from rights.access import AccountRequest
from rights.models import AccountLink
from rights.people.filters import STATES, Asked


@access.holder("groups")
def group(request: AccountRequest) -> HttpResponseBase:
    """Everybody on the accounts of the group that this account heads, by name; one account of it, if asked."""
    asked, accounts = Asked.read(request.GET), groups.accounts_of(request.account)
    chosen = [account for account in accounts if account.number == request.GET.get("account")]
    wanted = [account.pk for account in chosen or accounts]
    context: dict[str, Any] = {"asked": asked, "accounts": accounts, "chosen": chosen[0] if chosen else None}
    with tenancy.scope(accounts={*wanted, request.account.pk}, user=request.user.pk):
        page = groups.page(wanted, terms=asked.terms, after=asked.after)
        own = _own_links(request, accounts)
        context |= {"page": page, "rows": [_row(link, own.get(link.account_id)) for link in page.links]}
        return render(request, "rights/group/group.html", context)


def _own_links(request: AccountRequest, accounts: list[CustomerAccount]) -> dict[int, AccountLink]:
    """The links that the reader has to these accounts themselves."""
    own = AccountLink.objects.of(request.user).filter(account__in=[account.pk for account in accounts])
    return {link.account_id: link for link in own}


def _row(link: AccountLink, own: AccountLink | None) -> dict[str, Any]:
    """One person, and whether the reader may open the account, or the person's page."""
    return {
        "link": link,
        "state_label": STATES[link.shown_state],
        "sub_accounts": ", ".join(getattr(link, "sub_account_names", [])),
        "sites": ", ".join(getattr(link, "site_names", [])),
        "opens": own is not None,
        "manages": own is not None and own.administers,
    }
