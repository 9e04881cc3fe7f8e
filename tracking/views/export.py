"""The parcels asked for as a file: what it will hold, then the file itself."""

from __future__ import annotations

from itertools import chain

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from colibox.lib import sheets, throttle
from colibox.lib.numbers import thousands
from tracking import exports
from tracking.filters import Asked
from tracking.newest import count
from tracking.seeing import TrackingRequest, tracker

MOST = sheets.MOST_IN_WORKBOOK
AT_ONCE, LONGEST = 2, 900
"""How many files may be under way for one person, and after how many seconds one is taken for ended at the latest."""


@tracker
def export(request: TrackingRequest) -> HttpResponseBase:
    """Say what a file of the parcels asked for holds; once it is asked for, write it and leave a trace."""
    asked = Asked.read(request.GET)
    number = MOST + 1 if asked.inside else count(asked.parcels(), asked.scopes(request.scopes), most=MOST + 1)
    if request.method == "POST":
        if not throttle.allow(_slot(request), limit=AT_ONCE, seconds=LONGEST):
            throttle.give_back(_slot(request), seconds=LONGEST)
            messages.error(request, _("Two files are already being written for you: wait until one of them is ready."))
            return redirect(request.get_full_path())
        kind = sheets.kind_for(request.POST.get("format", ""), number)
        _trace(request, asked, kind)
        return _file(request, asked, kind)
    xlsx = request.GET.get("format") == "xlsx" and number <= MOST
    context = {
        "asked": asked,
        "parcels": _how_many(number),
        "chips": asked.chips(),
        "columns": exports.headers(),
        "too_long": _("Beyond %(most)s parcels, choose CSV.") % {"most": thousands(MOST)} if number > MOST else "",
        "xlsx": xlsx,
        "csv": not xlsx,
    }
    return render(request, "tracking/export.html", context)


def _slot(request: TrackingRequest) -> str:
    return f"parcels-export:{request.user.pk}"


def _how_many(number: int) -> str:
    if number > MOST:
        return _("More than %(n)s parcels") % {"n": thousands(MOST)}
    return ngettext("%(n)s parcel", "%(n)s parcels", number) % {"n": thousands(number)}


def _trace(request: TrackingRequest, asked: Asked, kind: str) -> None:
    """Each account keeps that its parcels left, and by whom."""
    facts = {"asked": asked.query, "format": kind}
    for scope in asked.scopes(request.scopes):
        audit.record("parcels exported", by=request.user, account_id=scope.account.pk, after=facts)


def _file(request: TrackingRequest, asked: Asked, kind: str) -> HttpResponseBase:
    """The file; the slot is free again when it is made, or when it cannot be."""
    words, title = exports.Words(), _("parcels")
    name, headers = f"{title}-{timezone.localdate():%Y-%m-%d}", exports.headers()
    try:
        if kind == "csv":
            parts = exports.csv_parts(asked, request.scopes, words)
            return sheets.joined(chain(sheets.csv_parts([headers]), parts), name=name)
        rows = exports.rows(asked, request.scopes, words)
        return sheets.download(chain([headers], rows), name=name, title=title, kind=kind)
    finally:
        throttle.give_back(_slot(request), seconds=LONGEST)
