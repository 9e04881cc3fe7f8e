"""A person's own pages: their data, e-mail, user key, sessions and language."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from colibox.lib import devices, keys, throttle
from colibox.lib.access import public, signed_in
from users import actions, confirmation, forms
from users.middleware import keep_language
from users.models import Language, User
from users.requests import PersonRequest, proven

page_or_post = require_http_methods(["GET", "HEAD", "POST"])

EMAIL_CHANGES_AN_HOUR = 5
"""Addresses that one person may have a confirmation sent to."""


@signed_in
@page_or_post
def profile(request: PersonRequest) -> HttpResponseBase:
    """My data, and what identifies me."""
    form_class = forms.ProfileForm if request.user.is_advanced else forms.StandardProfileForm
    known = {**request.user.identity(), "language": request.user.language}
    form = form_class(request.POST if request.method == "POST" else None, initial=known)
    if form.is_valid():
        language = form.cleaned_data["language"]
        actions.change_profile(user=request.user, identity=form.identity(), language=language)
        with translation.override(language):
            messages.success(request, _("Your data is saved."))
        return redirect("users:profile")
    return render(request, "users/profile.html", {"form": form})


@signed_in
@require_POST
def shortcuts(request: PersonRequest) -> HttpResponseBase:
    """Switch keyboard shortcuts on or off; a form of its own, for those whose data lacks something yet."""
    on = request.POST.get("shortcuts") == "on"
    actions.set_keyboard_shortcuts(user=request.user, on=on)
    messages.success(request, _("Keyboard shortcuts are on.") if on else _("Keyboard shortcuts are off."))
    return redirect("users:profile")


@signed_in
@proven
@page_or_post
def renew_user_key(request: PersonRequest) -> HttpResponseBase:
    """What a new user key changes, then the new key."""
    if not request.user.is_advanced:
        raise PermissionDenied
    if request.method == "POST":
        actions.renew_user_key(user=request.user)
        messages.success(request, _("Your user key is renewed; the former one no longer finds you."))
        return redirect("users:profile")
    return render(request, "users/renew_user_key.html")


@signed_in
@proven
@page_or_post
def email(request: PersonRequest) -> HttpResponseBase:
    """Ask for another e-mail: the same answer whether it can be taken or not, the mail decides."""
    form = forms.EmailChangeForm(request.POST or None, user=request.user)
    if form.is_valid():
        if not throttle.allow(f"email:{request.user.pk}", limit=EMAIL_CHANGES_AN_HOUR, seconds=3600):
            return render(request, "429.html", status=429)
        address = form.cleaned_data["email"]
        actions.ask_email_change(user=request.user, email=address)
        return render(request, "users/email_sent.html", {"address": address})
    return render(request, "users/email.html", {"form": form})


@signed_in
@page_or_post
def confirm_email(request: PersonRequest, token: str) -> HttpResponseBase:
    """The link of the mail to a new address: only a POST of the person it was made for takes it."""
    found = confirmation.read(token, user=request.user)
    error: ValidationError | None = None
    if found and request.method == "POST":
        try:
            actions.change_email(user=request.user, former=found.former, email=found.email)
        except ValidationError as refusal:
            error = refusal
        else:
            messages.success(request, _("Your e-mail is now %(email)s.") % {"email": found.email})
            return redirect("users:profile")
    return render(request, "users/confirm_email.html", {"found": found, "error": error})


# Sessions.


def _shown_sessions(request: PersonRequest) -> list[dict[str, Any]]:
    """My open sessions as the page shows them; a session is named by a digest, its key is a secret."""
    return [
        {
            "open": each,
            "session": each.session,
            "name": keys.digest(each.session.session_key),
            "device": devices.read(each.session.user_agent),
            "current": each.session.session_key == request.session.session_key,
        }
        for each in actions.live_sessions(request.user)
    ]


@signed_in
@require_http_methods(["GET", "HEAD"])
def sessions(request: PersonRequest) -> HttpResponseBase:
    """Where I am signed in."""
    shown = _shown_sessions(request)
    shown.sort(key=lambda row: not row["current"])
    context = {"sessions": shown, "more": len(shown) == actions.SHOWN_SESSIONS}
    return render(request, "usersessions/usersession_list.html", context)


@signed_in
@require_http_methods(["GET", "HEAD"])
def alive(request: PersonRequest) -> HttpResponseBase:
    """What static/js/idle.js asks for while somebody works on a page: that they asked is all there is to it."""
    return HttpResponse(status=204)


@signed_in
@require_POST
def end_sessions(request: PersonRequest) -> HttpResponseBase:
    """End the session named, or all but this one, also those that the page has no room for."""
    if name := request.POST.get("session"):
        named = [row for row in _shown_sessions(request) if row["name"] == name and not row["current"]]
        ended = actions.end_sessions(user=request.user, sessions=[row["session"] for row in named])
    else:
        ended = actions.end_other_sessions(user=request.user, keep=request.session.session_key or "")
    if ended:
        messages.success(request, ngettext("%(n)s session ended.", "%(n)s sessions ended.", ended) % {"n": ended})
    return redirect("usersessions_list")


# Language.


@public
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of the pages, and of the mails to who is signed in; back to the page it came from."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "/")
    local = back.startswith("/")  # a word would be taken for the name of a page
    safe = local and url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = redirect(back if safe else "/")
    if chosen in Language.values:
        keep_language(response, chosen)
        if isinstance(request.user, User):
            actions.set_language(user=request.user, language=chosen)
    return response
