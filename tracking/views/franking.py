"""Franking on screen: the choice of the account, one parcel, and what helps to fill in its form."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from colibox.lib.access import signed_in
from colibox.lib.text import fold
from rights import access
from rights.access import AccountRequest
from rights.models import AccountLink
from tracking import numbers
from tracking.actions import franking
from tracking.actions.franking import COLISHIP
from tracking.models import Parcel
from tracking.shipped import parcels_of
from tracking.shipping_forms import FrankForm, towns_of
from users.requests import PersonRequest

SEARCHED = 8
"""With more accounts than that, one can be looked for."""
LISTED = 100


@signed_in
def start_franking(request: PersonRequest) -> HttpResponseBase:
    """The accounts in whose name one may frank; with only one, its page."""
    links = [link for link in AccountLink.objects.of(request.user).standing(COLISHIP) if link.in_force]
    if not links:
        raise PermissionDenied
    if len(links) == 1:
        return redirect("tracking:shipping", links[0].account.number)
    q = request.GET.get("q", "").strip()[:100]
    found = [link for link in links if fold(q) in fold(str(link.account))] if q else links
    context = {"links": found[:LISTED], "total": len(links), "more": len(found) > LISTED, "q": q, "searched": SEARCHED}
    return render(request, "tracking/shipping/start.html", context)


@access.holder(COLISHIP)
def frank(request: AccountRequest) -> HttpResponseBase:
    """Frank one parcel. The button that looks for pickup points comes back with them, nothing judged yet."""
    form = FrankForm(request.POST or None, link=request.link, like=_like(request))
    if request.POST.get("act") == "points":
        return _with_points(request)
    if request.method == "POST" and form.is_valid():
        try:
            parcel = franking.frank(link=request.link, by=request.user, order=form.order())
        except franking.Refused as refusal:
            form.refuse(refusal.problems)
        else:
            messages.success(request, _("The parcel is franked: %(number)s.") % {"number": numbers.show(parcel.number)})
            return redirect("tracking:franked", request.account.number, parcel.number)
    return render(request, "tracking/shipping/frank.html", {"form": form})


def _like(request: AccountRequest) -> Parcel | None:
    """The parcel whose sender is taken again, when it is one of theirs."""
    number = numbers.read(request.GET.get("like", ""))
    return parcels_of(request.link).filter(number=number).first() if number else None


def _with_points(request: AccountRequest) -> HttpResponseBase:
    """The form as it was typed, with the pickup points near its addressee; to a script, only those."""
    form = FrankForm(link=request.link)
    form.initial.update(request.POST.dict())
    page = "tracking/shipping/_points.html" if "HX-Request" in request.headers else "tracking/shipping/frank.html"
    return render(request, page, {"form": form, "looked": True})


@access.holder(COLISHIP)
def towns(request: AccountRequest) -> HttpResponse:
    """The towns of the postcode that is being typed, to choose from."""
    typed = next((str(value) for name, value in request.GET.items() if name.endswith("_postcode")), "")
    return render(request, "tracking/shipping/_towns.html", {"towns": towns_of(typed[:10])})
