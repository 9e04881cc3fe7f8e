"""Who manages people, or is of the carrier's staff, proves anew that it is them after half an hour without a request.

The session is locked rather than ended: it opens nothing until the password, a code or a passkey is given, and then
goes on where it was, with what was typed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from colibox.lib import tenancy
from colibox.lib.sessions import SEEN
from rights.models import AccountLink
from users.models import User

GetResponse = Callable[[HttpRequest], HttpResponseBase]

IDLE_SECONDS = 30 * 60
NOTED_SECONDS = 60
"""A session that serves is written once in so many seconds."""
LOCKED = "locked"
"""Under what a session remembers since when it is locked."""
SECRETS = {"code", "credential"}
"""Beside passwords, what is typed that no session may keep."""
WAYS_OUT = {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout"}


def lock_when_idle(get_response: GetResponse) -> GetResponse:
    """Let a session that nobody used for a while open nothing but the pages that prove who it is."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.is_locked = isinstance(request.user, User) and _is_locked(request, request.user)  # type: ignore[attr-defined]
        return get_response(request)

    def process_view(request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Behind the check of the form's origin: what is kept of a form was sent from a page of ours."""
        match = request.resolver_match
        if not request.is_locked or (match and match.view_name in WAYS_OUT):  # type: ignore[attr-defined]
            return None
        if getattr(view, "access", "") == "public":
            request.user = AnonymousUser()
            return None
        return _ask(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _is_locked(request: HttpRequest, person: User) -> bool:
    """Whether this session waits for a proof; if not, note from time to time that it serves."""
    session, now = request.session, time.time()
    if LOCKED not in session and now - session.get(SEEN, now) > IDLE_SECONDS and _guards(person):
        session[LOCKED] = now
    if LOCKED in session:
        if not any(record["at"] >= session[LOCKED] for record in get_authentication_records(request, person)):
            return True
        del session[LOCKED]
    polls = request.method == "GET" and "HX-Request" in request.headers  # a page that looks by itself is not somebody
    if not polls and now - session.get(SEEN, 0) > NOTED_SECONDS:
        session.modified = True
    return False


def _guards(person: User) -> bool:
    """Whether others' access is in this person's hands."""
    if person.is_staff:
        return True
    with transaction.atomic(), tenancy.scope(user=person.pk):
        return AccountLink.objects.of(person).filter(role__in=AccountLink.MANAGERS).exists()


def _ask(request: HttpRequest) -> HttpResponseBase:
    """To the page that asks for the password; what was typed goes on after it, unless it is a secret."""
    asks = reverse("account_reauthenticate")
    if "HX-Request" in request.headers:
        here = urlsplit(request.headers.get("HX-Current-URL", "/")).path
        return HttpResponse(headers={"HX-Redirect": f"{asks}?{urlencode({'next': here})}"})
    if request.method == "POST" and any(name in SECRETS or "password" in name for name in request.POST):
        return HttpResponseRedirect(f"{asks}?{urlencode({'next': '/'})}")
    return suspend_request(request, asks)
