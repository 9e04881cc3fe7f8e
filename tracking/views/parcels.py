"""The tracking tool: the parcels of all one's accounts, and one of them with all that happened to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from rights.access import rights_of
from rights.models import AccountLink
from tracking import numbers
from tracking.actions.franking import COLISHIP
from tracking.events import Status
from tracking.filters import Asked
from tracking.models import Parcel
from tracking.reasons import reasons
from tracking.scopes import served
from tracking.seeing import TrackingRequest, tracker
from tracking.shipped import parcels_of
from tracking.shipping_forms import kilograms
from tracking.tables import Row, Table
from tracking.timeline import steps

LONGEST_QUERY = 4000
"""A longer address says nothing that the list understands: it is written anew."""
MOST_LISTED = 200
"""More accounts than that are typed, not chosen from a list."""


@tracker
def parcels(request: TrackingRequest) -> HttpResponseBase:
    """All the parcels one sees, the newest first; a whole number typed leads to its parcel."""
    asked = Asked.read(request.GET)
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
        return redirect(reverse("tracking:parcels") + asked.url())
    if number := _whole_number(request, asked):
        return redirect("tracking:parcel", number)
    context = {
        "asked": asked,
        "number": numbers.show(asked.number),
        "table": Table(asked, request.scopes),
        "chips": asked.chips(),
        "clear_url": reverse("tracking:parcels"),
        "may_claim": any(scope.claims for scope in request.scopes),
        "figures": any(scope.everything for scope in request.scopes),
        **_choices(request, asked),
    }
    return render(request, "tracking/parcels.html", context)


def _whole_number(request: TrackingRequest, asked: Asked) -> str:
    """The number asked for when it is that of a parcel one sees, and nothing else was asked while typing."""
    whole = numbers.NATIONAL.fullmatch(asked.number) or numbers.INTERNATIONAL.fullmatch(asked.number)
    if not whole or asked != Asked(number=asked.number) or "HX-Request" in request.headers:
        return ""
    there = Parcel.objects.seen(request.scopes).filter(number=asked.number).exists()
    return asked.number if there else ""


def _choices(request: TrackingRequest, asked: Asked) -> dict[str, Any]:
    """What the filters offer."""
    accounts = [scope.account for scope in request.scopes]
    return {
        "statuses": [(status.value, status.label, status in asked.statuses) for status in Status],
        "accounts": [(account, account.number == asked.account) for account in accounts[:MOST_LISTED]],
        "listed": 1 < len(accounts) <= MOST_LISTED,
        "typed": len(accounts) > MOST_LISTED,
    }


@tracker
def parcel(request: TrackingRequest, parcel_number: str) -> HttpResponseBase:
    """One parcel: where it is, all that happened to it, and by which right one sees it."""
    parcel = get_object_or_404(Parcel.objects.seen(request.scopes), number=numbers.read(parcel_number))
    scope = next(scope for scope in request.scopes if scope.account.pk == parcel.account_id)
    happened = list(parcel.events.filter(account_id=parcel.account_id).order_by("-at", "-step", "-code"))
    may_claim = scope.claims and Parcel.objects.seen(served([scope])).filter(pk=parcel.pk).exists()
    context = {
        "parcel": parcel,
        "row": Row(parcel, scope.account),
        "steps": steps(parcel, happened),
        "events": happened,
        "reasons": reasons(parcel, scope),
        "weight": kilograms(parcel.weight),
        "may_print": _prints(request, parcel),
        "may_claim": may_claim,
    }
    return render(request, "tracking/parcel.html", context)


def _prints(request: TrackingRequest, parcel: Parcel) -> bool:
    """Whether they may print this label: they frank for its account, and it is one of those they may see there."""
    if parcel.label is None or parcel.cancelled_at:
        return False
    link = AccountLink.objects.of(request.user).get(account=parcel.account_id)
    return COLISHIP in rights_of([link])[link.pk] and parcels_of(link).filter(pk=parcel.pk).exists()
