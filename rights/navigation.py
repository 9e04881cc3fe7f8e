"""What every page's frame shows: the places, the account, the accounts one may switch to, the support."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import CustomerAccount
from colibox.lib.text import Text
from rights import administration, bounds, catalogue, outside
from rights.access import AccountRequest, held_somewhere
from rights.idle import IDLE_SECONDS
from rights.models import AccountLink, Handover
from rights.outside import Outside, applications
from users.models import User

SWITCHER = 20
"""How many accounts the switcher lists; the home page lists more."""


@dataclass(frozen=True)
class Tool:
    """What any of `rights` opens, wherever it is held.

    It is a main place when `part` says what the addresses of its pages have in common.
    """

    label: Text
    sentence: Text
    icon: str
    name: str
    part: str
    rights: frozenset[str]

    @property
    def url(self) -> str:
        return reverse(self.name)


TOOLS = (
    Tool(
        pgettext_lazy("place", "Tracking"), gettext_lazy("Where the parcels of your accounts are."), "truck-delivery",
        "tracking:parcels", "/tracking/", frozenset(right.code for right in catalogue.RIGHTS if right.follows),
    ),
    Tool(
        pgettext_lazy("place", "Frank"), gettext_lazy("Prepare a parcel and print its label."), "package",
        "tracking:start_franking", "/shipping/", frozenset({"coliship"}),
    ),
    Tool(
        gettext_lazy("Dashboard"), gettext_lazy("Parcels a day, delivery times and statuses."), "chart-bar",
        "tracking:dashboard", "", frozenset({"dashboard"}),
    ),
)  # fmt: skip


OPENING = outside.RIGHTS.union(*(tool.rights for tool in TOOLS))
"""The rights that open a tool, or an application that is not ours."""


def context(request: HttpRequest) -> dict[str, Any]:
    """The frame's context, worked out when a page shows its frame: an error page costs no query."""
    user = getattr(request, "user", None)
    frame = Frame(request, user) if isinstance(user, User) else None
    return {"support": settings.SUPPORT, "has_mailbox": settings.MAILBOX_DIR is not None, "frame": frame}


@dataclass(frozen=True)
class Frame:
    """What the top bar shows to somebody signed in."""

    request: HttpRequest
    person: User

    @cached_property
    def links(self) -> list[AccountLink]:
        """The first of the person's accounts; one query."""
        links = AccountLink.objects.of(self.person).only("account__number", "account__company", "role")
        return list(links[:SWITCHER])

    @property
    def guards(self) -> bool:
        """Whether others' access is in the person's hands, so that their session is locked when nobody uses it."""
        return self.person.is_staff or any(link.manages for link in self.links)

    @property
    def idle_seconds(self) -> int:
        return IDLE_SECONDS

    @cached_property
    def account(self) -> CustomerAccount | None:
        """The account of this page, or the only one that the person has."""
        account: CustomerAccount | None = getattr(self.request, "account", None)
        return self.links[0].account if account is None and len(self.links) == 1 else account

    @cached_property
    def administration(self) -> list[administration.Shown]:
        """On a page of administration, those that the person may open beside it."""
        return administration.around(cast(AccountRequest, self.request)) if hasattr(self.request, "link") else []

    @cached_property
    def reach(self) -> str:
        """To a local administrator, whose people they manage; one query."""
        link: AccountLink | None = getattr(self.request, "link", None)
        return ", ".join(bounds.names(link)) if link and link.is_local else ""

    @cached_property
    def passes(self) -> Handover | None:
        """To who administers the account, on all its pages: that it is about to have another owner; one query."""
        link: AccountLink = self.request.link  # type: ignore[attr-defined]
        change = Handover.objects.filter(account=link.account_id, state=Handover.State.ACCEPTED)
        return change.select_related("successor").first()

    @cached_property
    def tools(self) -> list[Tool]:
        """What one's rights open beside the pages of an account."""
        return [tool for tool in TOOLS if tool.rights & self.held]

    @cached_property
    def held(self) -> frozenset[str]:
        """Which of the rights that open something here or outside the person has somewhere; one query."""
        return held_somewhere(self.person, OPENING)

    @cached_property
    def outside(self) -> list[Outside]:
        """The applications that are not ours: those of the account of this page, or those of all one's accounts."""
        rights: frozenset[str] | None = getattr(self.request, "rights", None)
        return applications(self.held if rights is None else rights)

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        """The main places, the present one marked."""
        home, path = reverse("home"), self.request.path
        places = [{"label": _("Home"), "url": home, "active": path == home}]
        places += [
            {"label": tool.label, "url": tool.url, "active": tool.part in path} for tool in self.tools if tool.part
        ]
        if self.account:
            url = reverse("accounts:account", args=[self.account.number])
            elsewhere = any(place["active"] for place in places)
            places.append({"label": _("My account"), "url": url, "active": path.startswith(url) and not elsewhere})
        return places
