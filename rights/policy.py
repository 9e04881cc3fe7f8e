"""What accounts ask of sign-in: who has the second factor that is required, and who is kept out without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.utils import timezone

from accounts.models import CustomerAccount
from rights.models import AccountLink, AccountLinkQuerySet
from users.models import User

SHOWN = 20
"""How many accounts a page of one's own names."""
PAGE = 50
NAMES = Tuple("sort_key", "pk")
MOST = 10_000
"""Up to how many people are counted."""


@dataclass(frozen=True)
class Asked:
    """What is asked of one person: accounts that are paused for them, and those that will be."""

    paused: list[AccountLink]
    coming: list[AccountLink]


def without(account: CustomerAccount) -> AccountLinkQuerySet:
    """The active people of an account who have no second factor, by kind and name, as an index has them."""
    links = AccountLink.objects.filter(account=account, state=AccountLink.State.ACTIVE, second_factor=False)
    return links.order_by("kind", "sort_key", "id")


def page(account: CustomerAccount, after: UUID | None) -> tuple[list[AccountLink], bool]:
    """One page of them, beyond this one, with who they are; and whether there are more."""
    found = without(account)
    place = found.filter(uuid=after).values_list("kind", "sort_key", "pk").first() if after else None
    links: list[AccountLink] = []
    for kind in sorted(AccountLink.Kind.values):
        of_kind = found.filter(kind=kind).select_related("user")
        if place and kind <= place[0]:
            of_kind = of_kind.filter(TupleGreaterThan(NAMES, place[1:])) if kind == place[0] else of_kind.none()
        if len(links) <= PAGE:
            links += of_kind[: PAGE + 1 - len(links)]
    return links[:PAGE], len(links) > PAGE


def counted(links: AccountLinkQuerySet) -> int:
    """How many there are, up to MOST."""
    return links.order_by()[:MOST].count()


def asked_of(user: User) -> Asked:
    """The accounts that want a second factor of somebody who has none; without a query to who has one."""
    if user.second_factor:
        return Asked([], [])
    links = AccountLink.objects.filter(user=user, second_factor=False, state=AccountLink.State.ACTIVE)
    links = links.filter(account__state=CustomerAccount.State.OPEN, account__second_factor_from__isnull=False)
    found = list(links.select_related("account").order_by("account__number")[:SHOWN])
    return Asked([link for link in found if link.paused], [link for link in found if not link.paused])


def days_until(day: date) -> int:
    """How many days are left, in the portal's time zone."""
    return (day - timezone.localdate()).days
