"""Which parcels somebody sees on which account, and by which right: one definition for pages, exports and services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import CustomerAccount
from colibox.lib.text import fold
from rights import catalogue
from rights.access import rights_of
from rights.catalogue import Variant
from rights.models import AccountLink
from users.models import User

SERVICE = "tracking_ws"
WHOLE_ACCOUNT = frozenset({"tracking_claims", "coliview"})
"""The rights of standard users that show all the parcels of their account."""
SCOPED = {right.code: right for right in catalogue.RIGHTS if right.variant}
"""The rights of advanced users: one of the three scopes, with or without customer service."""
CLAIMS = frozenset({"tracking_claims"} | {code for code, r in SCOPED.items() if r.variant == Variant.WITH_SERVICE})
"""The rights that let one write to customer service."""
TOOL = WHOLE_ACCOUNT | frozenset(SCOPED)
"""Each of these opens the tracking tool."""


@dataclass(frozen=True)
class Scope:
    """What somebody sees of one account: everything, or what bears their tags, their key or their franking."""

    account: CustomerAccount
    everything: bool
    tags: tuple[str, ...]
    user_key: str
    user: int
    rights: frozenset[str]
    """The rights that give this scope, for whoever asks why a parcel is shown."""

    @property
    def by_key(self) -> bool:
        """Whether the parcels that bear their user key, or that they franked, are shown."""
        return not self.everything and any(code.endswith("_key") for code in self.rights)

    @property
    def claims(self) -> bool:
        """Whether they may write to customer service about what they see here."""
        return bool(self.rights & CLAIMS)

    @property
    def condition(self) -> Q:
        """The parcels of this scope."""
        account = Q(account=self.account.pk)
        if self.everything:
            return account
        mine = Q(tag_key__in=self.tags) & ~Q(tag="")
        if self.by_key:
            mine |= Q(franked_by=self.user)
            mine |= Q(user_key=self.user_key) if self.user_key else Q()
        return account & mine


def scopes_of(user: User) -> list[Scope]:
    """What a person sees in the tracking tool, by account number; their links are to be in reach. Three queries."""
    links = list(AccountLink.objects.of(user))
    rights = rights_of(links)
    return [scope_of(link, rights[link.pk], user) for link in links if rights[link.pk] & TOOL]


def service_scopes(user: User, links: Iterable[AccountLink]) -> list[Scope]:
    """What a person's software sees on these links, those that bear the web service right.

    A scope of the tracking tool on the same link narrows the service too; without one it shows the whole account.
    """
    links = list(links)
    rights = rights_of(links)
    served = [link for link in links if SERVICE in rights[link.pk]]
    return [scope_of(link, rights[link.pk] & TOOL or frozenset({SERVICE}), user) for link in served]


def scope_of(link: AccountLink, rights: frozenset[str], user: User) -> Scope:
    """What the holder of a link sees of its account by these rights."""
    giving = rights & (TOOL | {SERVICE})
    everything = link.administers or any(_shows_all(code) for code in giving)
    tags = tuple(sorted({fold(tag) for tag in link.tags})) if any(code.endswith("_tag") for code in giving) else ()
    return Scope(link.account, everything, tags, user.user_key or "", user.pk, giving)


def _shows_all(code: str) -> bool:
    return code in WHOLE_ACCOUNT or code == SERVICE or code.endswith("_consolidated")
