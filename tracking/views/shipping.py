"""What was franked on an account: the list of a day, one parcel, its label, and its cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST

from accounts import audit
from rights import access
from rights.access import AccountRequest
from tracking import labels, numbers
from tracking.actions import deposits, franking
from tracking.actions.franking import COLISHIP, PRINTED_IN
from tracking.events import Status
from tracking.labels import Label, Paper
from tracking.models import TO_HAND_OVER, Parcel
from tracking.scopes import TOOL, scope_of
from tracking.shipped import Line, numbered, on_day, parcels_of

PAGE = 100
MOST_LABELS = 500
"""How many labels one file holds."""
PAPERS = {
    Paper.PDF_A4_300dpi: gettext_lazy("PDF, A4 sheet"),
    Paper.PDF_10x15_300dpi: gettext_lazy("PDF, 10 × 15 cm label"),
    Paper.ZPL_10x15_203dpi: gettext_lazy("ZPL, 10 × 15 cm, 203 dpi"),
    Paper.ZPL_10x15_300dpi: gettext_lazy("ZPL, 10 × 15 cm, 300 dpi"),
}
"""What the screens offer, of all that the web service knows."""
A_YEAR = 365 * 24 * 3600


@access.holder(COLISHIP)
def shipping(request: AccountRequest) -> HttpResponseBase:
    """The parcels franked on a day, today unless another is asked for."""
    today = timezone.localdate()
    day = min(_day(request) or today, today)
    mine = parcels_of(request.link)
    found = on_day(mine, day)
    status = request.GET.get("status", "")
    if status in Status.values:
        found = found.filter(status=status)
    page = Paginator(found.select_related("slip"), PAGE).get_page(request.GET.get("page"))
    context = {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today else None,
        "today": today,
        "status": status,
        "statuses": [(each.value, each.label) for each in Status],
        "chips": _chips(request, day, status),
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "lines": list(map(Line, page)),
        "waiting": mine.filter(TO_HAND_OVER)[: deposits.MOST + 1].count(),
        "most": deposits.MOST,
        **papers(request),
    }
    return render(request, "tracking/shipping/list.html", context)


def _day(request: AccountRequest) -> date | None:
    try:
        day = parse_date(request.GET.get("day", "")[:10])
    except ValueError:
        return None
    return day if day and day.year >= 2000 else None


def _chips(request: AccountRequest, day: date, status: str) -> list[dict[str, str]]:
    """The status asked for, which can be taken away."""
    if status not in Status.values:
        return []
    url = reverse("tracking:shipping", args=[request.account.number]) + f"?day={day.isoformat()}"
    return [{"label": _("Status"), "value": str(Status(status).label), "url": url}]


# Labels.


def papers(request: AccountRequest) -> dict[str, Any]:
    """What a label can be printed on, with the one this person chose last."""
    chosen = request.COOKIES.get(_cookie(request), "")
    return {"papers": PAPERS.items(), "paper": chosen if chosen in PAPERS else Paper.PDF_A4_300dpi.value}


def _cookie(request: AccountRequest) -> str:
    return f"paper-{str(request.user.uuid)[:8]}"


@access.holder(COLISHIP)
def franked(request: AccountRequest, parcel_number: str) -> HttpResponseBase:
    """A parcel that was franked: its label, and what can be done next."""
    parcel = find(request, parcel_number)
    context = {
        "parcel": parcel,
        "line": Line(parcel),
        "label": Label.from_dict(parcel.label) if parcel.label else None,
        "follows": _follows(request, parcel),
        **papers(request),
    }
    return render(request, "tracking/shipping/franked.html", context)


def _follows(request: AccountRequest, parcel: Parcel) -> bool:
    """Whether this person sees the parcel in the tracking tool."""
    if not request.rights & TOOL:
        return False
    scope = scope_of(request.link, request.rights & TOOL, request.user)
    return Parcel.objects.seen([scope]).filter(pk=parcel.pk).exists()


def find(request: AccountRequest, parcel_number: str) -> Parcel:
    """The parcel of this number, if this person may print it; 404 whatever it is elsewhere."""
    parcels = parcels_of(request.link).select_related("account", "slip")
    return get_object_or_404(parcels, number=numbers.read(parcel_number))


@access.holder(COLISHIP)
def label(request: AccountRequest, parcel_number: str) -> HttpResponseBase:
    """The label of a parcel, on the paper asked for or the one chosen last."""
    parcel = find(request, parcel_number)
    if parcel.label is None:
        raise Http404
    if parcel.cancelled_at is not None:
        messages.error(request, _("This parcel is cancelled: its label is not printed any more."))
        return redirect("tracking:franked", request.account.number, parcel.number)
    return _printed(request, [parcel], request.GET.get("paper", ""), parcel.number)


@access.holder(COLISHIP)
@require_POST
def print_labels(request: AccountRequest) -> HttpResponseBase:
    """The labels of the parcels ticked, in one file."""
    chosen = numbered(parcels_of(request.link), request.POST.getlist("parcel"), MOST_LABELS)
    printable = [parcel for parcel in chosen if parcel.label is not None and parcel.cancelled_at is None]
    if not printable:
        messages.error(request, _("Tick the parcels whose labels you want; cancelled ones have none."))
        return redirect("tracking:shipping", request.account.number)
    audit.record("labels printed", by=request.user, account_id=request.account.pk, after={"labels": len(printable)})
    name = f"{_('labels')}-{request.account.number}-{timezone.localdate().isoformat()}"
    return _printed(request, printable, request.POST.get("paper", ""), name)


def _printed(request: AccountRequest, parcels: Sequence[Parcel], asked: str, name: str) -> HttpResponse:
    """The file of these labels; the paper is remembered in this person's browser."""
    paper = Paper(asked if asked in PAPERS else papers(request)["paper"])
    with override(PRINTED_IN):
        body = labels.render([Label.from_dict(parcel.label) for parcel in parcels if parcel.label], paper)
    shown = "inline" if paper.language == "PDF" else "attachment"
    disposition = {"Content-Disposition": f'{shown}; filename="{name}.{paper.extension}"'}
    response = HttpResponse(body, content_type=paper.content_type, headers=disposition)
    response.set_cookie(
        _cookie(request), paper.value, max_age=A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax"
    )  # fmt: skip
    return response


# What is called off.


@access.holder(COLISHIP)
def cancel(request: AccountRequest, parcel_number: str) -> HttpResponseBase:
    """Cancel a parcel that was not handed over, after a page that says what stops."""
    parcel = find(request, parcel_number)
    if request.method == "POST":
        try:
            franking.cancel(parcel=parcel, by=request.user)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("Parcel %(number)s is cancelled.") % {"number": numbers.show(parcel.number)})
            day = timezone.localtime(parcel.created_at).date().isoformat()
            return redirect(reverse("tracking:shipping", args=[request.account.number]) + f"?day={day}")
    elif parcel.may_be_cancelled:
        return render(request, "tracking/shipping/cancel.html", {"parcel": parcel, "line": Line(parcel)})
    else:
        messages.error(request, _("This parcel cannot be cancelled any more."))
    return redirect("tracking:franked", request.account.number, parcel.number)
