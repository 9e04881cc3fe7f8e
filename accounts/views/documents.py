"""What the carrier puts at an account's disposal: invoices and price conditions, each behind its right."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models.functions import ExtractYear
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.actions import documents as actions
from accounts.models import Document
from rights import access

PAGE = 25
HEADINGS = {
    Document.Kind.INVOICE: {
        "title": _("Invoices"),
        "intro": _("The invoices of the account, the latest first. Each download is in the history of the account."),
        "file": "accounts:invoice",
    },
    Document.Kind.PRICES: {
        "title": _("Price conditions"),
        "intro": _("The price conditions of the account, the latest first."),
        "file": "accounts:price",
    },
}


@access.holder("invoices")
def invoices(request: access.AccountRequest) -> HttpResponseBase:
    """The invoices of the account."""
    return _list(request, Document.Kind.INVOICE)


@access.holder("tariffs")
def prices(request: access.AccountRequest) -> HttpResponseBase:
    """The price conditions of the account."""
    return _list(request, Document.Kind.PRICES)


@access.holder("invoices")
@require_POST
def invoice(request: access.AccountRequest, uuid: UUID) -> HttpResponseBase:
    """An invoice, as a file."""
    return _file(request, Document.Kind.INVOICE, uuid)


@access.holder("tariffs")
@require_POST
def price(request: access.AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Price conditions, as a file."""
    return _file(request, Document.Kind.PRICES, uuid)


def _list(request: access.AccountRequest, kind: Document.Kind) -> HttpResponseBase:
    """The documents of a kind, page by page, of one year or of all."""
    found = Document.objects.for_account(request.account).filter(kind=kind)
    years = list(found.order_by().annotate(year=ExtractYear("issued_on")).values_list("year", flat=True).distinct())
    year = next((each for each in years if str(each) == request.GET.get("year")), None)
    page = Paginator(found.filter(issued_on__year=year) if year else found, PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        **HEADINGS[kind],
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "years": sorted(years, reverse=True),
        "year": year,
        "is_invoices": kind == Document.Kind.INVOICE,
    }
    return render(request, "accounts/documents.html", context)


def _file(request: access.AccountRequest, kind: Document.Kind, uuid: UUID) -> HttpResponseBase:
    """To be saved, never to be shown by the browser; that it was taken is in the trace."""
    document = get_object_or_404(Document, account=request.account, kind=kind, uuid=uuid)
    actions.take_document(document=document, by=request.user)
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=document.filename)
        or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(document.content), content_type=document.content_type, headers=headers)
