"""Home: what I may open, account by account; and the user guide."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from colibox.lib.access import signed_in
from rights.access import rights_of
from rights.catalogue import labels
from rights.models import AccountLink
from users.requests import PersonRequest


@signed_in
def home(request: PersonRequest) -> HttpResponseBase:
    """Tiles of what I may open, the link requests that wait for me."""
    links = list(AccountLink.objects.of(request.user)[:100])
    held = rights_of(links)
    context = {
        "cards": [{"link": link, "rights": labels(held[link.pk])} for link in links],
        "waiting": AccountLink.objects.waiting_for(request.user)[:20],
    }
    return render(request, "rights/home.html", context)
