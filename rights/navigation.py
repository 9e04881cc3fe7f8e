"""What every page's frame shows: the places, the account, the accounts one may switch to, the support."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from rights.models import AccountLink

SWITCHER = 20
"""How many accounts the switcher lists; the home page lists more."""


def context(request: HttpRequest) -> dict[str, Any]:
    """The frame's context; an error page, outside any scope, costs no query."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "support": settings.SUPPORT,
        "places": _places(request) if signed_in else [],
        "my_links": SimpleLazyObject(lambda: list(AccountLink.objects.of(user)[:SWITCHER])) if signed_in else [],
        "has_mailbox": settings.MAILBOX_DIR is not None,
    }


def _places(request: HttpRequest) -> list[dict[str, Any]]:
    places = [{"label": _("Home"), "url": reverse("home"), "icon": "home"}]
    account = getattr(request, "account", None)
    if account is not None:
        url = reverse("accounts:account", args=[account.number])
        places.append({"label": _("My account"), "url": url, "icon": "building"})
    for place in places:
        place["active"] = request.path == place["url"] or place["url"] != "/" and request.path.startswith(place["url"])
    return places
