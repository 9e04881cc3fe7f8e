"""Who owns an account, who may be next, and how far a change of owner has come."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from rights.models import AccountLink, AccountLinkQuerySet, Handover
from users.models import User

Role, Progress = AccountLink.Role, Handover.State

SHOWN_TO_BOTH = (Progress.OFFERED, Progress.ACCEPTED)
"""The steps of which both know: what the carrier asked is not announced before it is confirmed."""
MOST_ACCOUNTS = 1000
"""Accounts of one person that are looked through for a change of owner."""


class Mine(NamedTuple):
    """A change of owner that somebody is one side of."""

    change: Handover
    owns: bool

    @property
    def waits(self) -> bool:
        """Whether it waits for their answer."""
        return not self.owns and self.change.state == Progress.OFFERED


def candidates(account: CustomerAccount) -> AccountLinkQuerySet:
    """Who may become the owner of an account: whoever accepted, has an active access, and one without an end."""
    links = AccountLink.objects.active().filter(account=account, ends_on=None, user__is_active=True)
    return links.exclude(role=Role.OWNER).select_related("account", "user")


def owner_of(account: CustomerAccount) -> AccountLink | None:
    """The account's owner."""
    return AccountLink.objects.for_account(account).select_related("user").filter(role=Role.OWNER).first()


def under_way(account: CustomerAccount) -> Handover | None:
    """The change of owner that is on its way, if there is one."""
    changes = Handover.objects.for_account(account).under_way()
    return changes.select_related("account", "former__user", "successor__user").first()


def of_person(user: User) -> list[Mine]:
    """The changes of owner that this person may still answer or stop, the most urgent first."""
    accounts = list(AccountLink.objects.of(user).values_list("account", flat=True)[:MOST_ACCOUNTS])
    with tenancy.scope(accounts=accounts, user=user.pk):
        changes = Handover.objects.filter(account__in=accounts, state__in=SHOWN_TO_BOTH)
        open_to_them = Q(state=Progress.ACCEPTED) | Q(due_at__gt=Now())
        sides = Q(former__user=user) | Q(successor__user=user) & open_to_them
        found = list(changes.filter(sides).select_related("account", "former", "successor").order_by("due_at"))
    return [Mine(change, change.former is not None and change.former.user_id == user.pk) for change in found]


def named(account: CustomerAccount) -> Handover | None:
    """The successor named ahead, if there is one."""
    return Handover.objects.for_account(account).filter(state=Progress.NAMED).select_related("successor").first()
