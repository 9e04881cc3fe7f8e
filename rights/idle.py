"""Who manages people, or is of the carrier's staff, proves anew that it is them after half an hour without a request.

The session is locked rather than ended: it opens nothing until the password, a code or a passkey is given, and then
goes on where it was. What is sent to a locked session may be a passer-by's: it is shown to whoever unlocks it, who
sends it or leaves it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from colibox.lib import tenancy
from colibox.lib.addresses import parts
from colibox.lib.sessions import SEEN
from rights.models import AccountLink
from users.middleware import page_of
from users.models import User

GetResponse = Callable[[HttpRequest], HttpResponseBase]

IDLE_SECONDS = 30 * 60
NOTED_SECONDS = 60
"""A session that serves is written once in so many seconds."""
LOCKED, KEPT = "locked", "kept"
"""Under what a session remembers since when it is locked, and what was sent to it meanwhile."""
LONGEST_KEPT = 100_000
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
        session.pop(STATE_SESSION_KEY, None)  # what waited for a proof is no longer done by the one that unlocks
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
    """To the page that asks for the password; what was typed is kept to be shown after it, unless it is a secret."""
    asks, back = reverse("account_reauthenticate"), request.get_full_path()
    if "HX-Request" in request.headers:
        here = parts(request.headers.get("HX-Current-URL", "")).path or "/"
        return HttpResponse(headers={"HX-Redirect": f"{asks}?{urlencode({'next': here})}"})
    if request.method == "POST":
        back = reverse("rights:sent_while_locked") if _keep(request) else "/"
    return HttpResponseRedirect(f"{asks}?{urlencode({'next': back})}")


def _keep(request: HttpRequest) -> bool:
    """Keep the form that was sent, with the page it is on; whether it may be kept."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    text = sent.urlencode()
    if len(text) > LONGEST_KEPT or any(name in SECRETS or "password" in name for name in sent):
        return False
    request.session[KEPT] = {"to": request.get_full_path(), "page": page_of(request), "sent": text}
    return True
