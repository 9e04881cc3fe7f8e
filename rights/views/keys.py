"""A person's connection keys: the list, a new one, one's page, rotating it, ending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from colibox.lib.access import signed_in
from rights import actions
from rights.forms.keys import KeyForm, NewKeyForm, RotateForm, form_of
from rights.keys import keyring
from rights.keys.keyring import Range
from rights.models import ConnectionKey
from users.models import User
from users.requests import PersonRequest, proven

PAST = 50
"""The keys that no longer work of which the list keeps a row, the newest."""

SAMPLE_PARCEL = "6A12345678901"

page_only = require_http_methods(["GET", "HEAD"])
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _own(user: User, uuid: UUID) -> ConnectionKey:
    """A key of one's own; somebody else's is as absent as none."""
    return get_object_or_404(user.connection_keys.select_related("replaced_by"), uuid=uuid)


@signed_in
@page_only
def keys(request: PersonRequest) -> HttpResponseBase:
    """My connection keys: those that work, then those that no longer do."""
    mine = request.user.connection_keys.select_related("replaced_by").order_by("-created_at", "-pk")
    live = mine.live()
    past = mine.exclude(pk__in=live.values("pk"))[:PAST]
    described = keyring.describe([*live, *past])
    context = {
        "live": [each for each in described if each.key.is_live],
        "past": [each for each in described if not each.key.is_live],
        "closed": {link.pk: link for each in described for link in each.closed}.values(),
        "may": keyring.may_have_keys(request.user),
        "most": ConnectionKey.MOST,
    }
    return render(request, "rights/own/keys.html", context)


@signed_in
@proven
@page_or_post
@sensitive_variables("secret")
def new_key(request: PersonRequest) -> HttpResponseBase:
    """What a new key opens and until when; then the key, shown this once."""
    if not keyring.may_have_keys(request.user):
        raise PermissionDenied
    form = NewKeyForm(request.POST or None, user=request.user)
    if form.is_valid():
        values = form.cleaned_data
        wanted: dict[str, Any] = {"within": form.within(), "expires_at": form.expires_at()}
        try:
            secret = actions.make_key(user=request.user, uuid=values["uuid"], name=values["name"], **wanted)
        except actions.SpentForm:
            messages.warning(request, _("This key is made already and was shown once. Lost? End it and make another."))
            return redirect("rights:keys")
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return _shown_once(request, _own(request.user, values["uuid"]), secret)
    return render(request, "rights/own/new_key.html", {"form": form})


def _shown_once(request: PersonRequest, key: ConnectionKey, secret: str, **more: Any) -> HttpResponseBase:
    """The page that shows a whole key: the answer to the form that made it, at no address of its own."""
    [described] = keyring.describe([key])
    docs = f"{settings.PUBLIC_BASE_URL}/ws/docs"
    context = {"described": described, "secret": secret, "example": _example(key, secret), "docs": docs, **more}
    return render(request, "rights/own/key_once.html", context)


def _example(key: ConnectionKey, secret: str) -> str:
    """A call that can be pasted in a terminal; none where the key is not for tracking."""
    if key.rights is not None and "tracking_ws" not in key.rights:
        return ""
    address = f"{settings.PUBLIC_BASE_URL}/ws/suivi/v2/idships/{SAMPLE_PARCEL}"
    return f'curl --header "X-Okapi-Key: {secret}" \\\n  {address}'


@signed_in
@page_or_post
def key(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """One key: what it opens, its use, its history, and the form that changes it."""
    found = _own(request.user, uuid)
    form = form_of(found, request.user, request.POST or None) if found.is_live else None
    if form and form.is_valid():
        wider = form.within().wider_than(Range.of(found))
        return (proven(_save) if wider else _save)(request, found, form)
    return _page(request, found, form)


def _save(request: PersonRequest, found: ConnectionKey, form: KeyForm) -> HttpResponseBase:
    """Keep what was chosen; under `proven` when the key opens more than before."""
    name, within = form.cleaned_data["name"], form.within()
    try:
        changed = actions.change_key(user=request.user, key=found, name=name, within=within)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _page(request, found, form)
    if changed:
        messages.success(request, _("The key “%(name)s” is changed.") % {"name": name})
    return redirect("rights:key", found.uuid)


def _page(request: PersonRequest, found: ConnectionKey, form: KeyForm | None) -> HttpResponseBase:
    [described] = keyring.describe([found])
    context = {"described": described, "key": found, "form": form, "history": keyring.history(found)}
    return render(request, "rights/own/key.html", context)


@signed_in
@page_or_post
def rotate_key(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """How long the former key works beside the new one; then the new key, shown this once."""
    former = _own(request.user, uuid)
    if former.state == ConnectionKey.State.ACTIVE:
        return proven(_rotate)(request, former)
    messages.warning(request, _("This key was replaced or ended meanwhile, or it has expired."))
    return redirect("rights:key", uuid)


@sensitive_variables("secret")
def _rotate(request: PersonRequest, former: ConnectionKey) -> HttpResponseBase:
    form = RotateForm(request.POST or None)
    if form.is_valid():
        days, end = form.cleaned_data["overlap"], form.expires_at()
        try:
            secret = actions.rotate_key(user=request.user, key=former, overlap_days=days, expires_at=end)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            former = _own(request.user, former.uuid)
            assert former.replaced_by
            return _shown_once(request, former.replaced_by, secret, former=former)
    [described] = keyring.describe([former])
    context = {"key": former, "described": described, "form": form}
    return render(request, "rights/own/rotate_key.html", context)


@signed_in
@page_or_post
def end_key(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """What stops when a key is ended, then end it: no password is asked, a key in wrong hands cannot wait."""
    found = _own(request.user, uuid)
    if request.method == "POST":
        try:
            actions.end_key(user=request.user, key=found)
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
        else:
            messages.success(request, _("The key “%(name)s” is ended.") % {"name": found.name})
        return redirect("rights:keys")
    if not found.is_live:
        return redirect("rights:key", uuid)
    [described] = keyring.describe([found])
    return render(request, "rights/own/end_key.html", {"key": found, "described": described})
