"""The people of an account as a file: what it will hold, then the file itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts import audit
from colibox.lib import sheets
from colibox.lib.numbers import thousands
from rights import access
from rights.access import AccountRequest
from rights.models import AccountLink
from rights.people import columns, search
from rights.people.filters import KINDS, Asked
from rights.people.listed import ListedResource
from rights.people.matching import matching
from rights.people.resources import PeopleResource, exported
from rights.people.tables import how_many
from rights.places import Places
from users.requests import proven

WHOLE, LISTED = "all", "list"
"""Which columns a file may have."""

File = PeopleResource | ListedResource


@access.manager
@proven
def export(request: AccountRequest) -> HttpResponseBase:
    """Say what a file of the people asked for holds; once it is asked for, write it and leave a trace."""
    asked, files = Asked.read(request.GET), _files(request)
    people = matching(request.link, asked, access.rights_shown(request))
    if request.method == "POST":
        count, what = people.count(), request.POST.get("what", WHOLE)
        kind = sheets.kind_for(request.POST.get("format", ""), count)
        facts = {"people": count, "asked": asked.query, "format": kind} | ({"columns": what} if what == LISTED else {})
        audit.record("people exported", by=request.user, account_id=request.account.pk, after=facts)
        return _file(request, asked, files.get(what, files[WHOLE]), kind)
    count = search.bounded_count(people)
    context = {
        "asked": asked,
        "people": capfirst(how_many(count)),
        "chips": asked.chips(),
        "columns": files[WHOLE].headers,
        "listed": ", ".join(files[LISTED].headers),
        "too_long": _("Beyond %(most)s people, choose CSV.") % {"most": thousands(sheets.MOST_IN_WORKBOOK)}
        if count > sheets.MOST_IN_WORKBOOK
        else "",
    }
    return render(request, "rights/users/export.html", context)


def _files(request: AccountRequest) -> dict[str, File]:
    """The two files there are: whole, to be imported again, and with the columns of the list alone."""
    asked, places = Asked.read(request.GET), Places.of(request.account.pk)
    kinds = [asked.kind] if asked.kind else list(KINDS)
    contract = request.account.get_contract_display()
    return {
        WHOLE: PeopleResource(exported(kinds, access.rights_shown(request)), contract if places else ""),
        LISTED: ListedResource(columns.shown(request, asked, places), contract),
    }


def _file(request: AccountRequest, asked: Asked, resource: File, kind: str) -> HttpResponseBase:
    """The file, in the reader's language."""
    lines, title = _lines(request, asked, resource), _name(asked.kind)
    name = f"{title}-{request.account.number}-{timezone.localdate():%Y-%m-%d}"
    return sheets.download(lines, name=name, title=title, kind=kind)


def _lines(request: AccountRequest, asked: Asked, resource: File) -> Iterator[list[str]]:
    return chain([resource.headers], resource.lines(request.link, asked, access.rights_shown(request)))


def _name(kind: str) -> str:
    names = {
        AccountLink.Kind.STANDARD: _("standard-users"),
        AccountLink.Kind.ADVANCED: _("advanced-users"),
    }
    return names[AccountLink.Kind(kind)] if kind else _("users")
