"""The page of the link in the mail of a forced change of owner: for an owner who cannot sign in any more."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from colibox.lib import objecting, tenancy
from colibox.lib.access import public
from rights.actions import handovers
from rights.models import Handover


@public
@require_http_methods(["GET", "HEAD", "POST"])
def object_to_handover(request: HttpRequest, token: str) -> HttpResponseBase:
    """What is planned, then the objection: a GET, which mail scanners make too, changes nothing."""
    named = objecting.read("handover", token)
    if named is None:
        return render(request, "rights/administrators/objection.html", status=410)
    change_id, account_id = named
    with tenancy.scope(accounts=[account_id]):
        changes = Handover.objects.select_related("account", "former__user", "successor__user")
        change = changes.filter(pk=change_id, forced=True).first()
        if change and request.method == "POST":
            try:
                handovers.object_by_mail(change=change)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            return redirect(request.path)
        return render(request, "rights/administrators/objection.html", {"change": change})
