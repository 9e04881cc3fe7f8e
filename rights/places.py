"""Where in the company people belong: the sub-accounts and sites of an account, and how they are spoken of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.db.models import F

from accounts.models import Site, SubAccount
from colibox.lib.text import Fold, fold
from rights import bounds
from rights.models import AccountLink

SUB_ACCOUNT, SITE = "sub_account", "site"
Spot = tuple[str, int]
"""One place: whether it is a sub-account or a site, and its key."""


def spot_of(place: SubAccount | Site) -> Spot:
    """A place as people are attached to it."""
    return (SITE if isinstance(place, Site) else SUB_ACCOUNT, place.pk)


@dataclass(frozen=True)
class Places:
    """The places of one account, read once."""

    sub_accounts: list[SubAccount]
    sites: list[Site]

    @classmethod
    def of(cls, account_id: int) -> Self:
        """All the places of an account; two queries."""
        sites = Site.objects.filter(account=account_id).select_related("sub_account").order_by(Fold(F("name")), "pk")
        return cls(list(SubAccount.objects.filter(account=account_id)), list(sites))

    def __bool__(self) -> bool:
        return bool(self.sub_accounts or self.sites)

    @cached_property
    def by_spot(self) -> dict[Spot, SubAccount | Site]:
        """Each place by its spot."""
        found: dict[Spot, SubAccount | Site] = {(SUB_ACCOUNT, place.pk): place for place in self.sub_accounts}
        return found | {(SITE, place.pk): place for place in self.sites}

    @cached_property
    def by_uuid(self) -> dict[str, Spot]:
        """Each spot by the identifier that pages show."""
        return {str(place.uuid): spot for spot, place in self.by_spot.items()}

    @cached_property
    def ordered(self) -> list[Spot]:
        """All of them as pages show them: each sub-account before its sites, then the sites of the account itself."""
        under: dict[int | None, list[Spot]] = {}
        for site in self.sites:
            under.setdefault(site.sub_account_id, []).append((SITE, site.pk))
        spots = [spot for each in self.sub_accounts for spot in ((SUB_ACCOUNT, each.pk), *under.get(each.pk, ()))]
        return spots + under.get(None, [])

    @cached_property
    def said(self) -> dict[Spot, tuple[str, ...]]:
        """What each place is called, whole and by its parts, as people compare it."""
        whole = {spot: (fold(str(place)),) for spot, place in self.by_spot.items()}
        parts = {(SUB_ACCOUNT, each.pk): (fold(each.number), fold(each.name)) for each in self.sub_accounts}
        return {spot: said + parts.get(spot, ()) for spot, said in whole.items()}

    def parent_of(self, spot: Spot) -> SubAccount | None:
        """The sub-account that a site is under."""
        place = self.by_spot[spot]
        return place.sub_account if isinstance(place, Site) else None

    def names(self, spots: Iterable[Spot]) -> list[str]:
        """What these places are called, in the order of pages; those that are gone are left out."""
        wanted = set(spots)
        return [str(place) for spot, place in self.by_spot.items() if spot in wanted]

    def open_to(self, by: AccountLink) -> frozenset[Spot]:
        """Where the holder of this link may attach people: anywhere, or, for a local administrator, to their own."""
        if not by.is_local:
            return frozenset(self.by_spot)
        own = {(SITE, site) if site else (SUB_ACCOUNT, sub_account or 0) for sub_account, site in bounds.places(by)}
        under = {(SITE, site.pk) for site in self.sites if (SUB_ACCOUNT, site.sub_account_id) in own}
        return frozenset((own | under) & self.by_spot.keys())


def of_sort(spots: Collection[Spot], sort: str) -> frozenset[Spot]:
    """The sub-accounts, or the sites, among these."""
    return frozenset(spot for spot in spots if spot[0] == sort)
