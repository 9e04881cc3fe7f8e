"""A person's second factors: what they have, add and remove; the second step of signing in by allauth's views."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.stages import LoginStageController
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from colibox.lib.access import View, public, signed_in
from users import actions
from users.factors import Factors, of
from users.models import User
from users.requests import PersonRequest, forget_what_waits

page_only = require_http_methods(["GET", "HEAD"])
page_or_post = require_http_methods(["GET", "HEAD", "POST"])

Needs = Callable[[Factors], Any]


def _kept(factors: Factors) -> bool:
    return bool(factors.codes)


def watched(view: View, needs: Needs | None = None) -> View:
    """Tell the person and the trace what changed; back to the list where there is not what the page is about.

    The page knows what the person has, as `factors`.
    """

    @wraps(view)
    def wrapper(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forget_what_waits(request)
        before = of(request.user)
        if needs and not needs(before):
            return redirect("mfa_index")
        try:
            response = view(request, *args, **kwargs)
        except ValidationError as refusal:  # what was sealed under a key that is gone
            messages.error(request, " ".join(refusal.messages))
            return redirect("mfa_index")
        if request.method == "POST":
            keep = request.session.session_key
            actions.factors_changed(user=request.user, before=before, after=of(request.user), keep=keep)
        if isinstance(response, TemplateResponse):
            response.context_data = {**(response.context_data or {}), "factors": before}
        return response

    return signed_in(page_or_post(wrapper))


@signed_in
@page_only
def factors(request: PersonRequest) -> HttpResponseBase:
    """What I have: an app, passkeys, recovery codes."""
    return render(request, "mfa/index.html", {"factors": of(request.user)})


@signed_in
@page_only
def passkeys(request: PersonRequest) -> HttpResponseBase:
    """Where allauth leads after a change of a passkey: they are on the page of all second factors."""
    return redirect("mfa_index")


activate_totp = watched(totp.activate_totp)
deactivate_totp = watched(totp.deactivate_totp, lambda had: had.app)
add_passkey = watched(webauthn.add_webauthn)
rename_passkey = watched(webauthn.edit_webauthn, lambda had: had.passkeys)
remove_passkey = watched(webauthn.remove_webauthn, lambda had: had.passkeys)
recovery_codes = watched(codes.view_recovery_codes, _kept)
download_recovery_codes = watched(codes.download_recovery_codes, _kept)
generate_recovery_codes = watched(codes.generate_recovery_codes, lambda had: had.any)

# Signing in.

authenticate = public(base.authenticate)
sign_in_by_passkey = public(webauthn.login_webauthn)
reauthenticate = signed_in(base.reauthenticate)
reauthenticate_by_passkey = signed_in(webauthn.reauthenticate_webauthn)


@public
@page_only
def lost(request: HttpRequest) -> HttpResponseBase:
    """What to do without one's device, and whom to ask; to who gave their password, what holds for them."""
    stage = LoginStageController.enter(request, AuthenticateStage.key)
    person = stage.login.user if stage else request.user
    factors = of(request.user) if isinstance(request.user, User) else None
    layout = "layouts/profile.html" if factors else "layouts/entrance.html"
    context = {"person": person, "stage": stage, "layout": layout, "factors": factors}
    return render(request, "mfa/lost.html", context)
