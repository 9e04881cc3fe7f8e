"""The people of a whole group of accounts, for the head office: to read and to take along, nothing to change."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CustomerAccount
from colibox.lib import sheets, tenancy
from colibox.lib.numbers import thousands
from rights import access, groups
from rights.access import AccountRequest
from rights.models import AccountLink
from rights.people.filters import KINDS, ROLES, STATES, Asked
from rights.people.tables import how_many
from users.requests import proven


@dataclass(frozen=True)
class Group:
    """The accounts of a group as one reader asks for them."""

    request: AccountRequest
    asked: Asked
    accounts: list[CustomerAccount]
    closed: list[CustomerAccount]
    """Those that require of the reader a second factor which they have not."""
    chosen: CustomerAccount | None

    @classmethod
    def of(cls, request: AccountRequest) -> Group:
        accounts = groups.accounts_of(request.account)
        closed = [account for account in accounts if groups.closed_to(request.user, account)]
        wanted = next((each for each in accounts if each.number == request.GET.get("account")), None)
        return cls(request, Asked.read(request.GET), accounts, closed, wanted)

    @property
    def read(self) -> list[int]:
        """The accounts whose people are read."""
        asked = [self.chosen] if self.chosen else self.accounts
        return [account.pk for account in asked if account not in self.closed]

    @property
    def narrowed(self) -> bool:
        """Whether somebody may be left out."""
        return bool(self.chosen or self.asked.filtered or self.asked.kind)

    def reach(self) -> AbstractContextManager[None]:
        """These accounts, for as long as they are read."""
        return tenancy.scope(accounts={*self.read, self.request.account.pk}, user=self.request.user.pk)


@access.holder("groups")
def group(request: AccountRequest) -> HttpResponseBase:
    """Everybody on the accounts of the group that this account heads, by name; those asked for, if any are."""
    of = Group.of(request)
    context: dict[str, Any] = {
        "group": of,
        "head_office": None if of.accounts else request.account.head_office,
        "asked": of.asked,
        "accounts": of.accounts,
        "states": [(state, label, state in of.asked.states) for state, label in STATES.items()],
        "roles": [(name, each.label, name in of.asked.roles) for name, each in ROLES.items()],
        "kinds": [(kind, label, kind == of.asked.kind) for kind, label in KINDS.items()],
    }
    with of.reach():
        page = groups.page(of.read, of.asked)
        own = _own_links(request, of.accounts)
        rows = [_row(link, own.get(link.account_id)) for link in page.links]
        context |= {"page": page, "rows": rows, "how_many": how_many(groups.count(of.read, of.asked))}
        return render(request, "rights/group/group.html", context)


@access.holder("groups")
@proven
def export_group(request: AccountRequest) -> HttpResponseBase:
    """Say what a file of these people holds; once it is asked for, write it, and tell each account in its history."""
    of = Group.of(request)
    if not of.accounts:
        return redirect("rights:group", request.account.number)
    with of.reach():
        count = groups.count(of.read, of.asked)
        if request.method == "POST":
            return _file(of, sheets.kind_for(request.POST.get("format", ""), count))
    context = {"people": how_many(count), "columns": groups.headers(), "too_long": _too_long(count)}
    return render(request, "rights/group/export.html", context)


def _too_long(count: int) -> str:
    if count <= sheets.MOST_IN_WORKBOOK:
        return ""
    return _("Beyond %(most)s people, choose CSV.") % {"most": thousands(sheets.MOST_IN_WORKBOOK)}


def _file(of: Group, kind: str) -> HttpResponseBase:
    """The file; each account whose people leave is told by whom."""
    for account in of.read:
        facts = {"head": str(of.request.account), "asked": of.asked.query, "format": kind}
        audit.record("people exported with the group", by=of.request.user, account_id=account, after=facts)
    lines: Iterable[list[str]] = (groups.line(link) for link in groups.everybody(of.read, of.asked))
    name = f"{_('group')}-{of.request.account.number}-{timezone.localdate():%Y-%m-%d}"
    return sheets.download(chain([groups.headers()], lines), name=name, title=_("group"), kind=kind)


def _own_links(request: AccountRequest, accounts: list[CustomerAccount]) -> dict[int, AccountLink]:
    """The links that the reader has to these accounts themselves."""
    own = AccountLink.objects.of(request.user).filter(account__in=[account.pk for account in accounts])
    return {link.account_id: link for link in own}


def _row(link: AccountLink, own: AccountLink | None) -> dict[str, Any]:
    """One person, and whether the reader may open the account, or the person's page."""
    return {
        "link": link,
        "state": link.shown_state,
        "sub_accounts": ", ".join(getattr(link, "sub_account_names", [])),
        "sites": ", ".join(getattr(link, "site_names", [])),
        "opens": own is not None,
        "manages": own is not None and own.administers,
    }
