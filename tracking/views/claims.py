"""Claims: the list of those that somebody may follow, one with its messages, a new one on a parcel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracking import numbers
from tracking.actions import claims as actions
from tracking.forms import ClaimForm, ReplyForm
from tracking.models import Claim, Parcel
from tracking.newest import Place
from tracking.scopes import Scope
from tracking.seeing import TrackingRequest, claimant, tracker

PAGE = 25

page_only = require_http_methods(["GET", "HEAD"])
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@claimant
@page_only
def claims(request: TrackingRequest) -> HttpResponseBase:
    """The claims on the accounts where I have access to customer service, newest change first."""
    asked = request.GET.get("status", "")
    state = asked if asked in Claim.State else ""
    found = Claim.objects.seen(request.scopes).select_related("account", "parcel").order_by("-changed_at", "-id")
    found = found.filter(state=state) if state else found
    after = Place.read(request.GET.get("after", ""))
    page = list((found.filter(after.following("changed_at")) if after else found)[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    context = {
        "claims": page[:PAGE], "state": state, "states": Claim.State.choices, "begun": after is not None,
        "next": last and str(Place(last.changed_at, last.pk)),
    }  # fmt: skip
    return render(request, "tracking/claims.html", context)


@tracker
@page_or_post
def file_claim(request: TrackingRequest, parcel_number: str) -> HttpResponseBase:
    """A claim on a parcel that I see."""
    parcel, scope = _claimable(request, parcel_number)
    form = ClaimForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            claim = actions.file_claim(parcel=parcel, scope=scope, by=request.user, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            told = _("Claim no. %(n)s is filed. Customer service answers you by e-mail and here.")
            messages.success(request, told % {"n": claim.number})
            return redirect("tracking:claim", claim.uuid)
    open_ones = parcel.claims.exclude(state=Claim.State.CLOSED).order_by("number")
    context = {"parcel": parcel, "form": form, "open_claims": open_ones}
    return render(request, "tracking/claims/file.html", context)


def _claimable(request: TrackingRequest, number: str) -> tuple[Parcel, Scope]:
    """A parcel that I see, with the scope that opens customer service about it, else refused."""
    seen = Parcel.objects.seen(request.scopes).select_related("account")
    parcel = get_object_or_404(seen, number=numbers.read(number))
    scope = next(scope for scope in request.scopes if scope.account.pk == parcel.account_id)
    if not (scope.claims and Parcel.objects.seen([scope.served]).filter(pk=parcel.pk).exists()):
        raise PermissionDenied
    return parcel, scope


@claimant
@page_or_post
def claim(request: TrackingRequest, uuid: UUID) -> HttpResponseBase:
    """One claim with its messages; writing reopens it when it is closed."""
    found, scope = _followed(request, uuid)
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.reply(claim=found, scope=scope, by=request.user, text=form.cleaned_data["text"])
        except ValidationError as refusal:
            form.add_error("text", refusal.messages[0])
        else:
            messages.success(request, _("Your message is with customer service."))
            return redirect("tracking:claim", found.uuid)
    context: dict[str, Any] = {"claim": found, "thread": found.messages.all(), "form": form}
    return render(request, "tracking/claims/claim.html", context)


@claimant
@require_POST
def close_claim(request: TrackingRequest, uuid: UUID) -> HttpResponseBase:
    """Nothing more is expected."""
    found, scope = _followed(request, uuid)
    actions.close(claim=found, scope=scope, by=request.user)
    told = _("Claim no. %(n)s is closed. Write there again if something is left to say.")
    messages.success(request, told % {"n": found.number})
    return redirect("tracking:claim", found.uuid)


def _followed(request: TrackingRequest, uuid: UUID) -> tuple[Claim, Scope]:
    """A claim that I may follow, with the scope that opens it; a foreign one is an absent one."""
    found = get_object_or_404(Claim.objects.seen(request.scopes).select_related("account", "parcel"), uuid=uuid)
    return found, next(scope for scope in request.scopes if scope.account.pk == found.account_id)
