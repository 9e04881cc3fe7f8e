"""Whom of an account somebody manages: everybody, or, who is local, the people of their places and tags."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Site
from rights.models import AccountLink, AccountLinkQuerySet, Attachment

Place = tuple[int | None, int | None]
"""A sub-account or a site, by its key; the other is None."""


MOST = 10_000
"""Up to how many people are counted."""


def people_of(by: AccountLink) -> AccountLinkQuerySet:
    """The people of the account whom the holder of this link manages: what every page about people starts from."""
    links = AccountLink.objects.for_account(by.account)
    return links.filter(_covered(by)) if by.is_local else links


def inside(links: Iterable[AccountLink], by: AccountLink) -> set[int]:
    """Which of these links, by key, the holder of `by` manages; no statement unless they are bounded."""
    keys = {link.pk for link in links if link.account_id == by.account_id}
    if by.is_local and keys:
        return set(
            AccountLink.objects.filter(_covered(by), account=by.account_id, pk__in=keys).values_list("pk", flat=True)
        )
    return keys


def names(by: AccountLink) -> list[str]:
    """What bounds somebody who is local, in words: their places and their tags."""
    return [*map(str, by.attachments.select_related("sub_account", "site")), *by.tags]


def elsewhere(links: Iterable[AccountLink], by: AccountLink) -> dict[int, list[str]]:
    """Where else these people work, by key, of whom the holder of `by` manages only a part; nothing of the others."""
    found: dict[int, list[str]] = {}
    if by.is_local:
        outside = Attachment.objects.filter(link__in=[link.pk for link in links]).exclude(_there(by))
        for attachment in outside.select_related("sub_account", "site").order_by("site__name", "sub_account__number"):
            found.setdefault(attachment.link_id, []).append(str(attachment))
    return found


def would_manage(link: AccountLink) -> int:
    """How many people somebody would manage as a local administrator, up to MOST."""
    others = AccountLink.objects.for_account(link.account).filter(_covered(link)).exclude(pk=link.pk)
    return others.order_by()[:MOST].count()


def places(by: AccountLink) -> list[Place]:
    """Where somebody is attached."""
    return list(Attachment.objects.filter(link=by).values_list("sub_account", "site"))


def _covered(by: AccountLink) -> Q:
    """Attached where they are, a sub-account covering its sites, or bearing one of their tags."""
    there = Attachment.objects.filter(_there(by), link=OuterRef("pk"))
    return Q(Exists(there)) | Q(tags__overlap=by.tags)


def _there(by: AccountLink) -> Q:
    """Attachments to where they are attached, a sub-account covering its sites."""
    found = places(by)
    sites = [site for _sub_account, site in found if site]
    wholes = [sub_account for sub_account, _site in found if sub_account]
    return Q(site__in=sites) | Q(sub_account__in=wholes) | Q(site__in=_sites_under(wholes))


def _sites_under(sub_accounts: list[int]) -> QuerySet[Site, int]:
    return Site.objects.filter(sub_account__in=sub_accounts).values_list("pk", flat=True)
