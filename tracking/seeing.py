"""The tags of the pages about parcels of all the accounts that somebody may follow."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.access import View, rendered, tag
from tracking.scopes import Scope, counted_for, scopes_of
from users.requests import PersonRequest


class TrackingRequest(PersonRequest):
    """A request on the pages of the tracking tool, once what the person sees is known."""

    scopes: list[Scope]


class FiguresRequest(PersonRequest):
    """A request on the dashboard, once the accounts are known whose figures the person may see."""

    accounts: list[CustomerAccount]


def tracker(view: View) -> View:
    """Whoever may follow the parcels of some account may open it; those accounts are in reach."""

    @wraps(view)
    def wrapper(request: TrackingRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenancy.scope(user=request.user.pk):
            request.scopes = scopes_of(request.user)
            if not request.scopes:
                raise PermissionDenied
            tenancy.reach(accounts=[scope.account.pk for scope in request.scopes], user=request.user.pk)
            return rendered(view(request, *args, **kwargs))

    return tag(wrapper, "tracker")


def claimant(view: View) -> View:
    """Whoever may write to customer service about the parcels of some account may open it."""

    @wraps(view)
    def wrapper(request: TrackingRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not any(scope.claims for scope in request.scopes):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return tag(tracker(wrapper), "claimant")


def analyst(view: View) -> View:
    """Whoever may see the figures of some account may open it; those accounts are in reach."""

    @wraps(view)
    def wrapper(request: FiguresRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenancy.scope(user=request.user.pk):
            request.accounts = counted_for(request.user)
            if not request.accounts:
                raise PermissionDenied
            tenancy.reach(accounts=[account.pk for account in request.accounts], user=request.user.pk)
            return rendered(view(request, *args, **kwargs))

    return tag(wrapper, "analyst")
