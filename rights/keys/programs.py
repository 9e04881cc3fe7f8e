"""What somebody may do on each of their accounts, as programs ask it at every call: in one statement."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.compiled import Compiled
from rights.models import AccountLink, AccountLinkQuerySet, Grant
from users.models import User

Held = dict[AccountLink, frozenset[str]]
"""The rights in force on each link. Of these links only what is named here is known: key, account, role, tags."""


def held_by(user: User) -> Held:
    """The rights in force of a person, link by link, by account number: what rights.access.rights_of says of them.

    From here on the person's own links are in reach, until the transaction or the enclosing scope ends.
    """
    tenancy.reach(user=user.pk)
    links: dict[int, AccountLink] = {}
    rights: dict[int, set[str]] = {}
    for pk, account, number, role, tags, right in _held(user.pk):
        if pk not in links:
            of = CustomerAccount(pk=account, number=number)
            links[pk], rights[pk] = AccountLink(pk=pk, account=of, user=user, role=role, tags=tags), set()
        rights[pk].add(right)
    ordered = sorted(links.values(), key=lambda link: link.account.number)
    return {link: frozenset(rights[link.pk]) for link in ordered}


def rights_on(link: AccountLink) -> frozenset[str]:
    """The rights in force on one link, now; its account is to be in reach."""
    return frozenset(right for (right,) in _on_link(link.pk))


def _in_force(links: AccountLinkQuerySet) -> QuerySet[Any, Any]:
    """Of what each account holds, what was granted on the link and is in force; all of it where it administers."""
    held: QuerySet[Any, Any] = links.active().annotate(right=F("account__entitlements__right"))
    granted = Grant.objects.in_time().filter(link=OuterRef("pk"), right=OuterRef("right"))
    return held.filter(Q(role__in=AccountLink.ADMINISTRATORS) | Exists(granted), right__isnull=False)


def _of_person(user: int) -> QuerySet[Any, Any]:
    links = _in_force(AccountLink.objects.filter(user=user))
    return links.values_list("pk", "account_id", "account__number", "role", "tags", "right")


def _of_link(link: int) -> QuerySet[Any, Any]:
    return _in_force(AccountLink.objects.filter(pk=link)).values_list("right")


_held, _on_link = Compiled(_of_person), Compiled(_of_link)
