"""What every page's frame shows: the places, the account, the accounts one may switch to, the support."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from rights.models import AccountLink
from users.models import User

SWITCHER = 20
"""How many accounts the switcher lists; the home page lists more."""


def context(request: HttpRequest) -> dict[str, Any]:
    """The frame's context; an error page, outside any scope, costs no query."""
    user = getattr(request, "user", None)
    person = user if isinstance(user, User) else None
    return {
        "support": settings.SUPPORT,
        "places": _places(request) if person else [],
        "my_links": _links(person) if person else [],
        "has_mailbox": settings.MAILBOX_DIR is not None,
    }


def _links(user: User) -> Any:
    return SimpleLazyObject(lambda: list(AccountLink.objects.of(user)[:SWITCHER]))


def _places(request: HttpRequest) -> list[dict[str, Any]]:
    home = reverse("home")
    places = [{"label": _("Home"), "url": home, "icon": "home", "active": request.path == home}]
    account = getattr(request, "account", None)
    if account is not None:
        url = reverse("accounts:account", args=[account.number])
        active = request.path.startswith(url)
        places.append({"label": _("My account"), "url": url, "icon": "building", "active": active})
    return places
