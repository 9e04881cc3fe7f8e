"""What people hold on their accounts, right by right, with the reason of what is not in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from colibox.lib.days import shown
from rights import catalogue
from rights.access import rights_of
from rights.models import AccountLink, Entitlement, Grant


@dataclass(frozen=True)
class Holding:
    """One right on one link. Without a grant it comes with administering the account."""

    link: AccountLink
    right: catalogue.Right
    grant: Grant | None
    reason: catalogue.Text | None

    @property
    def in_force(self) -> bool:
        return self.reason is None


def of(links: Iterable[AccountLink]) -> dict[int, list[Holding]]:
    """The rights of these links by link, in catalogue order: a few queries however many links there are.

    The links come with their account.
    """
    by_pk = {link.pk: link for link in links}
    in_force = rights_of(by_pk.values())
    held = _entitlements({link.account_id for link in by_pk.values()})
    holdings: dict[int, list[Holding]] = {pk: [] for pk in by_pk}
    for grant in Grant.objects.filter(link__in=by_pk):
        link = by_pk[grant.link_id]
        if grant.definition and not link.administers:
            reason = None if grant.right in in_force[link.pk] else _reason(grant, link, held[link.account_id])
            holdings[link.pk].append(Holding(link, grant.definition, grant, reason))
    for link in by_pk.values():
        if link.administers:
            holdings[link.pk] = _of_administrator(link, held[link.account_id], in_force[link.pk])
    return {pk: sorted(found, key=_catalogue_order) for pk, found in holdings.items()}


def _entitlements(accounts: set[int]) -> dict[int, set[str]]:
    held = defaultdict(set)
    for account_id, right in Entitlement.objects.filter(account__in=accounts).values_list("account_id", "right"):
        held[account_id].add(right)
    return held


def _of_administrator(link: AccountLink, held: set[str], in_force: frozenset[str]) -> list[Holding]:
    rights = [catalogue.BY_CODE[code] for code in held if code in catalogue.BY_CODE]
    return [Holding(link, right, None, None if right.code in in_force else closed(link)) for right in rights]


def _reason(grant: Grant, link: AccountLink, held: set[str]) -> catalogue.Text:
    """Why a grant opens nothing now."""
    if reason := closed(link):
        return reason
    if grant.right not in held:
        return _("The account no longer holds this right.")
    return _("This right was given until a date that is past.")


def closed(link: AccountLink) -> catalogue.Text | None:
    """Why a link opens nothing now; None when it does."""
    today, first, last = timezone.localdate(), link.starts_on, link.ends_on
    begins = _("Access to this account begins on %(day)s.") % {"day": shown(first)}
    ended = _("Access to this account ended on %(day)s.") % {"day": shown(last)}
    reasons: list[tuple[bool, catalogue.Text]] = [
        (last is not None and last < today, ended),
        (link.state == AccountLink.State.SUSPENDED, _("Access to this account is suspended.")),
        (link.account.state == CustomerAccount.State.CLOSED, _("This account is closed.")),
        (link.paused, _("This account requires two-factor authentication, which you have not set up.")),
        (first is not None and first > today, begins),
        (link.state != AccountLink.State.ACTIVE, _("Access to this account is not open.")),
    ]
    return next((reason for holds, reason in reasons if holds), None)


def _catalogue_order(holding: Holding) -> int:
    return catalogue.RIGHTS.index(holding.right)
