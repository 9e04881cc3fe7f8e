"""Home: what I may open, account by account."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from colibox.lib.access import signed_in
from rights import policy
from rights.access import rights_of
from rights.actions import handovers
from rights.catalogue import labels
from rights.models import AccountLink
from users.requests import PersonRequest

SHOWN = 24
"""How many accounts the home page shows; the page of my rights lists them all."""


@signed_in
def home(request: PersonRequest) -> HttpResponseBase:
    """Tiles of what I may open, the link requests that wait for me."""
    links = list(AccountLink.objects.of(request.user)[: SHOWN + 1])
    more, links = len(links) > SHOWN, links[:SHOWN]
    held = rights_of(links)
    context = {
        "cards": [{"link": link, "rights": labels(held[link.pk])} for link in links],
        "more": more,
        "waiting": AccountLink.objects.waiting_for(request.user)[:20],
        "changes": handovers.awaited(request.user),
        "asked": policy.asked_of(request.user),
    }
    return render(request, "rights/home.html", context)
