"""The request of somebody who is signed in, proof that it is still them, and of whom the operators' pages are asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, is_reauthentication_required
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from colibox.lib.access import View
from users.models import User


class PersonRequest(HttpRequest):
    """What a view tagged `signed_in` receives: its user is a person."""

    user: User


def proven(view: View) -> View:
    """Ask for the password first, unless it was asked less than five minutes ago: under the view's tag.

    What was sent and then left is not done by the next proof.
    """
    asking: View = reauthentication_required(view)

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        forget_what_waits(request)
        return asking(request, *args, **kwargs)

    return wrapper


def forget_what_waits(request: HttpRequest) -> None:
    """Where a page is asked for, and nothing sent: what was sent before and waits for a proof is not done."""
    if request.method in ("GET", "HEAD"):
        request.session.pop(STATE_SESSION_KEY, None)


def proven_for_file(back: Callable[..., str]) -> Callable[[View], View]:
    """The same for a file that a button fetches: after the password, back to the page of the button."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not is_reauthentication_required(request, app=""):
                return view(request, *args, **kwargs)
            messages.info(request, _("First show that it is you; then fetch the file again."))
            return redirect_to_login(back(request, *args, **kwargs), reverse("account_reauthenticate"))

        return wrapper

    return decorate


def staff_of(request: HttpRequest) -> User:
    """The member of the carrier's staff who asks."""
    if not (isinstance(request.user, User) and request.user.is_staff):
        raise PermissionDenied
    return request.user
