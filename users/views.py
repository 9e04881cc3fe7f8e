"""A person's own pages: their data, their language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from colibox.lib.access import public, signed_in
from users.models import Language


@signed_in
def profile(request: HttpRequest) -> HttpResponseBase:
    """My data."""
    return render(request, "users/profile.html")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages, and of the mails to who is signed in; back to the page it came from."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = redirect(back if safe else "/")
    if chosen in Language.values:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * 3600, httponly=True,
            secure=settings.SECURE, samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )  # fmt: skip
        if request.user.is_authenticated:
            request.user.language = chosen
            request.user.save(update_fields=["language"])
    return response
