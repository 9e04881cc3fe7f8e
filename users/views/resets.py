"""The page of the link in the mail of a reset: whoever did not ask for it stops it, without signing in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from colibox.lib import objecting
from colibox.lib.access import public
from users import resetting
from users.models import FactorReset


@public
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reset(request: HttpRequest, token: str) -> HttpResponseBase:
    """What was asked, then the press that stops it: a GET, which mail scanners make too, changes nothing."""
    named = objecting.read("reset", token)
    reset = FactorReset.objects.select_related("person", "asked_by").filter(pk=named[0]).first() if named else None
    if reset and request.method == "POST":
        try:
            resetting.stop_by_mail(reset=reset)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect(request.path)
    return render(request, "users/stop_reset.html", {"reset": reset}, status=200 if reset else 410)
