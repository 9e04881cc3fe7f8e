"""Contacts that come in as a file: sent, compared with the directory, and written once that was looked at."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.actions.contacts import Conflict, hold
from colibox.lib import travelling, uploads
from colibox.lib.numbers import thousands
from imports import contacts as reading
from imports.contacts import Asked
from imports.forms import ContactsFileForm
from imports.reading import Unreadable
from rights.access import AccountRequest
from rights.actions import contacts as actions
from rights.contacts.files import IDENTIFIER, labels
from rights.views.contacts import keeper

SEALED = "imports.contacts"
SHOWN = 200
"""Rows of each sort that the preview shows; all are counted."""


@keeper
@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: AccountRequest) -> HttpResponseBase:
    """The file, then what it would do, then what it did; between the two its rows travel sealed in the page."""
    if request.method == "POST" and "rows" in request.POST:
        return _apply(request)
    form = ContactsFileForm(request.POST or None, request.FILES or None, too_large=uploads.is_too_large(request))
    if form.is_valid():
        try:
            rows = reading.read(form.cleaned_data["file"])
        except Unreadable as problem:
            form.add_error("file", str(problem))
        else:
            return _preview(request, rows)
    columns = [label for name, label in labels().items() if name != IDENTIFIER]
    return render(request, "imports/contacts.html", {"form": form, "columns": columns})


def _preview(request: AccountRequest, rows: list[tuple[int, dict[str, str]]], **context: Any) -> HttpResponseBase:
    """What each row would do; nothing is done yet."""
    asked = reading.compare(rows, request.link)
    sorts = {sort: [row for row in asked if row.status == sort] for sort in (reading.CHANGED, reading.NEW)}
    refused = [row for row in asked if row.faults]
    counts = Counter(row.status for row in asked)
    context |= {
        **{sort: found[:SHOWN] for sort, found in sorts.items()},
        "refused": refused[:SHOWN],
        "counts": {name: counts[name] for name in (reading.NEW, reading.CHANGED, reading.SAME, reading.REFUSED)},
        "writes": counts[reading.NEW] + counts[reading.CHANGED],
        "rows": travelling.sealed(rows, what=SEALED, account=request.account.pk, user=request.user.pk),
        "digest": reading.digest(asked),
    }
    return render(request, "imports/contacts_preview.html", context)


def _apply(request: AccountRequest) -> HttpResponseBase:
    """Write what was looked at; where the directory changed meanwhile, show what the file would do now."""
    whose = {"account": request.account.pk, "user": request.user.pk}
    rows = travelling.opened(request.POST["rows"], what=SEALED, **whose)
    if rows is None:
        messages.error(request, _("This page is too old. Send the file again: nothing was written by this attempt."))
        return redirect("imports:contacts", request.account.number)
    hold(request.account)
    asked = reading.compare(rows, request.link)
    if reading.digest(asked) != request.POST.get("digest"):
        return _preview(request, rows, stale=True)
    try:
        _write(request, asked)
    except (Conflict, ValidationError):
        return _preview(request, rows, stale=True)
    return redirect("rights:contacts", request.account.number)


def _write(request: AccountRequest, asked: list[Asked]) -> None:
    new = [row.facts for row in asked if row.status == reading.NEW]
    changed = [(row.contact, row.facts) for row in asked if row.contact and row.status == reading.CHANGED]
    actions.take_in(by=request.link, new=new, changed=changed)
    texts = (
        ngettext("%(n)s contact is added.", "%(n)s contacts are added.", len(new)) % {"n": thousands(len(new))},
        ngettext("%(n)s contact is changed.", "%(n)s contacts are changed.", len(changed))
        % {"n": thousands(len(changed))},
    )
    said = [text for text, rows in zip(texts, (new, changed), strict=True) if rows]
    messages.success(request, " ".join(said) or _("Nothing had to be changed."))
