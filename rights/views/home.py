"""Home: what I may open, account by account."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from colibox.lib.access import signed_in
from rights import holdings, policy, succession
from rights.access import rights_of
from rights.catalogue import labels
from rights.models import AccountLink
from users.requests import PersonRequest

SHOWN = 24
"""How many accounts the home page shows; the page of my rights lists them all."""


@signed_in
def home(request: PersonRequest) -> HttpResponseBase:
    """Tiles of what I may open, what waits for me, and what is about to change."""
    links = list(AccountLink.objects.of(request.user)[: SHOWN + 1])
    more, links = len(links) > SHOWN, links[:SHOWN]
    held, changes = rights_of(links), succession.of_person(request.user)
    shut = AccountLink.objects.taken_by(request.user).shut()[:SHOWN]
    context = {
        "cards": [{"link": link, "rights": labels(held[link.pk])} for link in links],
        "more": more,
        "shut": [(link, holdings.closed(link)) for link in shut if not link.paused],
        "waiting": AccountLink.objects.waiting_for(request.user)[:20],
        "asks": [mine for mine in changes if mine.waits],
        "changes": [mine for mine in changes if not mine.waits],
        "asked": policy.asked_of(request.user),
    }
    return render(request, "rights/home.html", context)
