"""The questions everybody asks: may this person do this here, may they pass it on, may they open this page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from typing import Any

from django.db import connection
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.access import View, tag
from rights import catalogue
from rights.models import AccountLink, Entitlement, Grant
from users.models import User
from users.requests import PersonRequest


class AccountRequest(PersonRequest):
    """A request on the pages of an account, once its link is found."""

    account: CustomerAccount
    link: AccountLink
    rights: frozenset[str]


# May this person do this here?


def can(user: User, right: str, account: CustomerAccount) -> bool:
    """Whether this person may do this in the name of this account, now."""
    link = AccountLink.objects.of(user).filter(account=account).first()
    return link is not None and right in rights_of([link])[link.pk]


def rights_of(links: Iterable[AccountLink]) -> dict[int, frozenset[str]]:
    """The rights in force of each of these links, by link: two queries however many there are.

    An administrator holds all that the account holds; anybody else what was granted to them and the
    account still holds. A link that is not active holds nothing.
    """
    links = list(links)
    rights: dict[int, set[str]] = {link.pk: set() for link in links}
    administrators = [link.pk for link in links if link.administers]
    members = [link.pk for link in links if not link.administers]
    if administrators:
        for link_id, right in _all_of_accounts(administrators):
            rights[link_id].add(right)
    if members:
        granted = Grant.objects.effective().filter(link__in=members).values_list("link_id", "right")
        for link_id, right in granted:
            rights[link_id].add(right)
    return {pk: frozenset(codes) for pk, codes in rights.items()}


def _all_of_accounts(administrators: list[int]) -> Iterable[tuple[int, str]]:
    """What the accounts of these links hold, by link, for those that are active."""
    active = AccountLink.objects.active().filter(pk__in=administrators)
    return active.filter(account__entitlements__isnull=False).values_list("pk", "account__entitlements__right")


def held_somewhere(user: User, codes: Collection[str]) -> frozenset[str]:
    """Which of these rights a person holds on one account or another; their links are to be in reach. One query."""
    statement, values = _held_somewhere(frozenset(codes))
    with connection.cursor() as cursor:
        cursor.execute(statement, [user.pk if value == SOMEBODY else value for value in values])
        return frozenset(right for (right,) in cursor.fetchall())


SOMEBODY = -1
"""Stands for the person in a statement that is put together once."""


@cache
def _held_somewhere(codes: frozenset[str]) -> tuple[str, Sequence[Any]]:
    """The statement and its values: every page asks, and Django writes it more slowly than PostgreSQL answers."""
    somebody = User(pk=SOMEBODY)
    administered = AccountLink.objects.of(somebody).filter(role__in=AccountLink.ADMINISTRATORS).order_by()
    given = Grant.objects.effective().filter(link__user=SOMEBODY, right__in=codes).values_list("right")
    own = Entitlement.objects.filter(account__in=administered.values("account"), right__in=codes).values_list("right")
    return given.union(own).query.sql_with_params()


# May they pass it on?

PEOPLE_NOT_RIGHTS = _("You manage people, not rights: an administrator gives and withdraws them.")


@dataclass(frozen=True)
class Ceiling:
    """What somebody may give on an account: what they hold, that the account may delegate."""

    link: AccountLink

    @cached_property
    def entitlements(self) -> dict[str, bool]:
        """Whether each right that the account holds may be delegated."""
        rows = Entitlement.objects.filter(account=self.link.account_id).values_list("right", "delegable")
        return dict(rows)

    @cached_property
    def held(self) -> frozenset[str]:
        return rights_of([self.link])[self.link.pk]

    def refusal(self, code: str, kind: str) -> catalogue.Text | None:
        """Why this right cannot be given to a user of this kind; None when it can."""
        right = catalogue.BY_CODE.get(code)
        if right is None or not right.suits(kind):
            return _("This right does not exist for this kind of user.")
        if code not in self.entitlements:
            return _("Your account does not hold this right.")
        if not self.entitlements[code]:
            return _("Your contract does not allow this right to be delegated.")
        if not self.link.gives_rights:
            return PEOPLE_NOT_RIGHTS if self.link.manages else _("You do not hold this right yourself.")
        if code not in self.held:
            return _("You do not hold this right yourself.")
        return None

    def covers(self, codes: Iterable[str], kind: str) -> bool:
        """Whether all of these could be given to a user of this kind."""
        return all(self.refusal(code, kind) is None for code in codes)

    def grantable(self, kind: str) -> list[catalogue.Right]:
        """The rights that can be given to a user of this kind, in the order of the forms."""
        return [right for right in catalogue.suiting(kind) if self.refusal(right.code, kind) is None]


# May they open this page?


def rights_shown(request: AccountRequest) -> frozenset[str]:
    """The rights that the account holds, as lists of its people show them to whoever manages some of them."""
    return request.rights if request.link.administers else frozenset(Ceiling(request.link).entitlements)


Rule = Callable[[AccountRequest], bool]


def _account_view(view: View, name: str, rule: Rule) -> View:
    """A page of an account: no link → 404, as for an account that does not exist; rule not met → 403."""

    @wraps(view)
    def wrapper(request: AccountRequest, number: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenancy.scope(user=request.user.pk):
            link = AccountLink.objects.of(request.user).filter(account__number=number).first()
            if link is None:
                return _paused(request, number)
            tenancy.reach(accounts=[link.account_id], user=request.user.pk)
            request.account, request.link = link.account, link
            request.rights = rights_of([link])[link.pk]
            if not rule(request):
                return _refused(request)
            return view(request, *args, **kwargs)

    return tag(wrapper, name)


def _refused(request: AccountRequest) -> HttpResponseBase:
    """The page of a right that one does not have, with whom to ask for it: who owns the account; for them, support."""
    owner = AccountLink.objects.for_account(request.account).filter(role=AccountLink.Role.OWNER).first()
    context = {"account": request.account, "owner": None if owner == request.link else owner}
    return render(request, "403.html", context, status=403)


def _paused(request: AccountRequest, number: str) -> HttpResponseBase:
    """To whoever lacks the second factor that the account requires, how to come in again; 404 to anybody else."""
    links = AccountLink.objects.filter(user=request.user, account__number=number, state=AccountLink.State.ACTIVE)
    link = links.select_related("account").filter(account__state=CustomerAccount.State.OPEN).first()
    if link is None or not link.paused:
        raise Http404
    return render(request, "rights/paused.html", {"link": link}, status=403)


def member(view: View) -> View:
    """Anybody with an active link to the account may open it."""
    return _account_view(view, "member", lambda request: True)


def manager(view: View) -> View:
    """Those who manage people of the account, be it some of them only, may open it; `rights.bounds` says whom."""
    return _account_view(view, "manager", lambda request: request.link.manages)


def administrator(view: View) -> View:
    """Those who manage everybody on the account, and hold all its rights, may open it."""
    return _account_view(view, "administrator", lambda request: request.link.administers)


def owner(view: View) -> View:
    """The account's own administrator alone may open it."""
    return _account_view(view, "owner", lambda request: request.link.role == AccountLink.Role.OWNER)


def holder(right: str) -> Callable[[View], View]:
    """Those who hold this right on the account may open it."""
    if right not in catalogue.BY_CODE:
        raise ValueError(right)

    def decorate(view: View) -> View:
        return _account_view(view, f"holder of {right}", lambda request: right in request.rights)

    return decorate
