"""Several parcels by file: sent, looked at row by row, franked in one go. Nothing is kept between the steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from colibox.lib import sheets, travelling, uploads
from rights import access
from rights.access import AccountRequest
from tracking import parcel_files
from tracking.actions import franking
from tracking.actions.franking import COLISHIP
from tracking.parcel_files import Row
from tracking.shipped import Line
from tracking.views.shipping import papers

SEALED = "tracking.parcel-file"
CHOOSE = gettext_lazy("Choose the file that you filled in.")


class ParcelFileForm(forms.Form):
    """A file of parcels."""

    file = forms.FileField(
        label=gettext_lazy("Your file"),
        help_text=gettext_lazy("CSV, 500 parcels and 1 MB at most."),
        allow_empty_file=True,  # reading it says what is wrong
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
        error_messages={"required": CHOOSE, "missing": CHOOSE, "invalid": CHOOSE},
    )


@access.holder(COLISHIP)
def frank_file(request: AccountRequest) -> HttpResponseBase:
    """The file; then what is in it; then what came of it. What was looked at travels signed, in the page."""
    if "rows" in request.POST:
        return _act(request)
    form = ParcelFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and uploads.is_too_large(request):
        form.add_error("file", _("This file is too large: 1 MB is the most. Cut it in several files."))
    elif form.is_valid():
        try:
            rows = parcel_files.read(form.cleaned_data["file"].read(parcel_files.LARGEST + 1))
        except parcel_files.Unreadable as reason:
            form.add_error("file", str(reason))
        else:
            return _preview(request, rows)
    return _start(request, form)


def _start(request: AccountRequest, form: ParcelFileForm) -> HttpResponseBase:
    context = {"form": form, "needed": [parcel_files.COLUMNS[name] for name in parcel_files.NEEDED]}
    return render(request, "tracking/shipping/file.html", context)


def _preview(request: AccountRequest, rows: list[Row]) -> HttpResponseBase:
    """Each row with what is wrong with it; nothing is franked."""
    token = uuid4()
    right, wrong = parcel_files.judge(rows, request.link, token)
    n = len(right)
    context = {
        "rows": rows,
        "right": n,
        "wrong": len(wrong),
        "frank": ngettext("Frank %(n)s parcel", "Frank %(n)s parcels", n) % {"n": n},
        "sealed": _sealed(request, rows, token),
    }
    return render(request, "tracking/shipping/file_preview.html", context)


def _sealed(request: AccountRequest, rows: list[Row], token: UUID) -> str:
    """The rows as they were read, for this person on this account."""
    told = {"token": str(token), "rows": [[row.number, row.cells] for row in rows]}
    return travelling.sealed(told, what=SEALED, account=request.account.pk, user=request.user.pk)


def _opened(request: AccountRequest) -> tuple[list[Row], UUID] | None:
    """What _sealed() wrote less than an hour ago for this person on this account."""
    whose = {"account": request.account.pk, "user": request.user.pk}
    told = travelling.opened(request.POST["rows"], what=SEALED, **whose)
    if told is None:
        return None
    return [Row(number, cells) for number, cells in told["rows"]], UUID(told["token"])


def _act(request: AccountRequest) -> HttpResponseBase:
    """Frank the rows that can be, or give those that cannot back as a file. Sent again, it changes nothing more."""
    opened = _opened(request)
    if opened is None:
        messages.error(request, _("This page is too old. Send the file again: nothing was franked by this attempt."))
        return redirect("tracking:frank_file", request.account.number)
    rows, token = opened
    right, wrong = parcel_files.judge(rows, request.link, token)
    if request.POST.get("act") == "refused":
        name = f"{_('parcels-to-correct')}-{request.account.number}"
        return sheets.download(parcel_files.refused(wrong), name=name, title=name[:31], kind="csv")
    context: dict[str, Any] = {"wrong": wrong, "sealed": request.POST["rows"], **papers(request)}
    try:
        parcels = franking.frank_many(link=request.link, by=request.user, orders=[order for _row, order in right])
    except franking.Refused as refusal:
        return render(request, "tracking/shipping/file_result.html", {**context, "refusal": refusal})
    context["lines"] = [(row, Line(parcel)) for (row, _order), parcel in zip(right, parcels, strict=True)]
    return render(request, "tracking/shipping/file_result.html", context)


@access.holder(COLISHIP)
def file_template(request: AccountRequest) -> HttpResponseBase:
    """The file to fill in."""
    name = _("parcels-to-frank")
    return sheets.download(parcel_files.template(), name=name, title=name, kind="csv")
