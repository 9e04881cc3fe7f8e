"""Who manages the people of an account, and how far each reaches, as the page of administrators shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from rights.actions import roles
from rights.models import AccountLink, Attachment

Role = AccountLink.Role


@dataclass(frozen=True)
class Manager:
    """Somebody who manages people: where they are bounded to, and whether the reader may change their role."""

    link: AccountLink
    places: list[str]
    may_change: bool

    @property
    def is_lost(self) -> bool:
        """Whether they are a local administrator of nothing: nobody is in their reach."""
        return self.link.is_local and not self.places and not self.link.tags


def managers(by: AccountLink) -> list[Manager]:
    """All of them, the highest first; two queries."""
    attached = Prefetch("attachments", Attachment.objects.select_related("sub_account", "site"))
    links = AccountLink.objects.for_account(by.account).filter(role__in=AccountLink.MANAGERS)
    found = sorted(links.prefetch_related(attached), key=lambda link: (-link.rank, link.role, link.sort_key, link.pk))
    return [_manager(link, by) for link in found]


def _manager(link: AccountLink, by: AccountLink) -> Manager:
    link.account = by.account
    places = [str(place) for place in link.attachments.all()] if link.is_local else []
    return Manager(link, places, may_change=not roles.refusal(link, by))
