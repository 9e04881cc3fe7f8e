"""What each request needs to know of the person: their language, and that they are signed in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.translation import gettext as _

from colibox.lib.addresses import parts


def language(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Activate the language for the length of the request and say so in the answer."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        known = request.user.is_authenticated
        chosen = (
            request.user.language if request.user.is_authenticated else translation.get_language_from_request(request)
        )
        with translation.override(chosen):
            response = get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        if known and not request.user.is_authenticated:
            keep_language(response, chosen)
        return response

    return middleware


def keep_language(response: HttpResponseBase, language: str) -> None:
    """Let a browser go on in this language while nobody is signed in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 3600, httponly=True,
        secure=settings.SECURE, samesite="Lax",
    )  # fmt: skip


class SignInRequired(LoginRequiredMiddleware):
    """To sign in, then on to the page that was asked for; a form leads back to its page, for it was not sent."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        messages.warning(request, _("You were no longer signed in: nothing was done. Sign in, then send it again."))
        return redirect_to_login(page_of(request))


def page_of(request: HttpRequest) -> str:
    """The page of ours that a form is on, as far as the browser says."""
    page = parts(request.headers.get("Referer", ""))
    here = page.netloc == request.get_host() and page.path.startswith("/") and not page.path.startswith("//")
    return f"{page.path}?{page.query}".rstrip("?") if here else "/"
