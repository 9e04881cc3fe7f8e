"""What was sent to a session that was locked: shown before anything is done with it."""

from __future__ import annotations

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from colibox.lib.access import signed_in
from rights.idle import KEPT
from users.requests import PersonRequest

UNSEEN = {"version", "digest", "next"}
"""Fields of forms that nobody typed."""


@signed_in
@require_http_methods(["GET", "HEAD"])
def sent_while_locked(request: PersonRequest) -> HttpResponseBase:
    """Once: whoever unlocked the session sends it, or leaves it. Nothing was done with it until then."""
    kept = request.session.pop(KEPT, None)
    if kept is None:
        return redirect("home")
    fields = [(name, value) for name, values in QueryDict(kept["sent"]).lists() for value in values]
    typed = [value for name, value in fields if name not in UNSEEN and value.strip()]
    context = {"to": kept["to"], "page": kept["page"], "fields": fields, "typed": typed}
    return render(request, "rights/own/sent_while_locked.html", context)
