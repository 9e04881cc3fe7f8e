"""What every page's frame shows: the places, the account, the accounts one may switch to, the support."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import CustomerAccount
from rights.models import AccountLink
from users.models import User

SWITCHER = 20
"""How many accounts the switcher lists; the home page lists more."""


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
        links = AccountLink.objects.of(self.person).only("account__number", "account__company")
        return list(links[:SWITCHER])

    @cached_property
    def account(self) -> CustomerAccount | None:
        """The account of this page, or the only one that the person has."""
        account: CustomerAccount | None = getattr(self.request, "account", None)
        return self.links[0].account if account is None and len(self.links) == 1 else account

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        """The main places, the present one marked."""
        home = reverse("home")
        places = [{"label": _("Home"), "url": home, "active": self.request.path == home}]
        if self.account:
            url = reverse("accounts:account", args=[self.account.number])
            places.append({"label": _("My account"), "url": url, "active": self.request.path.startswith(url)})
        return places
