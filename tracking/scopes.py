"""Which parcels somebody sees on which account, and by which right: one definition for pages, exports and services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Q

from accounts.models import CustomerAccount
from colibox.lib.text import fold
from rights import catalogue
from rights.access import rights_of
from rights.catalogue import Variant
from rights.keys.programs import Held
from rights.models import AccountLink, Grant
from users.models import User

SERVICE = "tracking_ws"
FIGURES = "dashboard"
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
    administers: bool = False

    @property
    def by_key(self) -> bool:
        """Whether the parcels that bear their user key, or that they franked, are shown."""
        return not self.everything and any(code.endswith("_key") for code in self.rights)

    @property
    def claims(self) -> bool:
        """Whether they may write to customer service about some of what they see here."""
        return bool(self.rights & CLAIMS)

    @property
    def served(self) -> Scope:
        """What of this they may write to customer service about: what the rights with that access show."""
        giving = self.rights & CLAIMS
        tags = self.tags if _by_tag(giving) else ()
        return replace(self, rights=giving, everything=_shows_all(giving, self.administers), tags=tags)

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
    return [scope_of(link, held, user) for link in links if (held := rights[link.pk] & TOOL)]


def counted_for(user: User) -> list[CustomerAccount]:
    """The accounts whose figures a person may see: by the right to them, or as they see all the parcels."""
    links = list(AccountLink.objects.of(user))
    rights = rights_of(links)
    whole = {link.pk for link in links if scope_of(link, rights[link.pk] & TOOL, user).everything}
    return [link.account for link in links if link.pk in whole or FIGURES in rights[link.pk]]


def service_scopes(user: User, held: Held) -> list[Scope]:
    """What a person's software sees on these links, each with its rights in force, by the web service right.

    A scope of the tracking tool on the same link narrows the service too, and goes on doing so when it is in force
    no longer: what a contract or a date takes away must not show more. A link that was never given one shows the
    whole account. One query, where no scope is in force.
    """
    lapsed = _given_scopes([link for link, rights in held.items() if not link.administers and not rights & TOOL])
    return [
        scope_of(link, rights & TOOL or lapsed.get(link.pk) or frozenset({SERVICE}), user)
        for link, rights in held.items()
    ]


def _given_scopes(links: list[AccountLink]) -> dict[int, frozenset[str]]:
    """The scopes once given on these links and not withdrawn, by link."""
    if not links:
        return {}
    given = Grant.objects.filter(link__in=links, right__in=TOOL).values_list("link_id", "right")
    return {pk: frozenset(right for of, right in given if of == pk) for pk, _ in given}


def scope_of(link: AccountLink, rights: frozenset[str], user: User) -> Scope:
    """What the holder of a link sees of its account by these rights."""
    tags = tuple(sorted({fold(tag) for tag in link.tags})) if _by_tag(rights) else ()
    everything = _shows_all(rights, link.administers)
    return Scope(link.account, everything, tags, user.user_key or "", user.pk, rights, link.administers)


def served(scopes: Iterable[Scope]) -> list[Scope]:
    """What somebody with these scopes may write to customer service about."""
    return [scope.served for scope in scopes if scope.claims]


def _by_tag(rights: frozenset[str]) -> bool:
    return any(code.endswith("_tag") for code in rights)


def _shows_all(rights: frozenset[str], administers: bool) -> bool:
    """Whether one of these rights shows the whole account; to its administrators each of them does."""
    whole = any(code in WHOLE_ACCOUNT or code == SERVICE or code.endswith("_consolidated") for code in rights)
    return whole or (administers and bool(rights))
