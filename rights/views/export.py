"""The people of an account as a file: what it will hold, then the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from colibox.lib import sheets
from rights import access, people
from rights.access import AccountRequest
from rights.filters import KINDS, Asked
from rights.models import AccountLink
from rights.resources import PeopleResource, exported
from rights.tables import how_many

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@access.administrator
def export(request: AccountRequest) -> HttpResponseBase:
    """Say what a file of the people asked for holds; once it is asked for, write it and leave a trace."""
    asked = Asked.read(request.GET)
    kinds = [asked.kind] if asked.kind else list(KINDS)
    resource = PeopleResource(exported(kinds, request.rights))
    count = people.matching(request.account, asked, request.rights).count()
    if request.method == "POST":
        facts = {"people": count, "asked": asked.query, "format": _format(request)}
        audit.record("people exported", by=request.user, account_id=request.account.pk, after=facts)
        return _file(request, asked, resource)
    context = {
        "asked": asked,
        "people": how_many(count) if count <= people.COUNTED else str(count),
        "chips": asked.chips(),
        "columns": resource.headers,
    }
    return render(request, "rights/users/export.html", context)


def _format(request: AccountRequest) -> str:
    return "xlsx" if request.POST.get("format") == "xlsx" else "csv"


def _file(request: AccountRequest, asked: Asked, resource: PeopleResource) -> HttpResponseBase:
    """The file, streamed; the headers are read now, while the reader's language is on."""
    lines = _lines(request, asked, resource)
    name = f"{_name(asked.kind)}-{request.account.number}-{timezone.localdate():%Y-%m-%d}.{_format(request)}"
    if _format(request) == "xlsx":
        file = sheets.xlsx(lines, title=_name(asked.kind))
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(sheets.csv_parts(lines), content_type="text/csv; charset=utf-8", headers=disposition)


def _lines(request: AccountRequest, asked: Asked, resource: PeopleResource) -> Iterator[list[str]]:
    return chain([resource.headers], resource.lines(request.account, asked, request.rights))


def _name(kind: str) -> str:
    names = {
        AccountLink.Kind.STANDARD: _("standard-users"),
        AccountLink.Kind.ADVANCED: _("advanced-users"),
    }
    return names[AccountLink.Kind(kind)] if kind else _("users")
