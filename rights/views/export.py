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
from rights.people import search
from rights.people.filters import KINDS, Asked
from rights.people.matching import matching
from rights.people.resources import PeopleResource, exported
from rights.people.tables import how_many
from rights.places import Places
from users.requests import proven


@access.manager
@proven
def export(request: AccountRequest) -> HttpResponseBase:
    """Say what a file of the people asked for holds; once it is asked for, write it and leave a trace."""
    asked = Asked.read(request.GET)
    kinds = [asked.kind] if asked.kind else list(KINDS)
    rights = access.rights_shown(request)
    resource = PeopleResource(exported(kinds, rights), _contract(request))
    people = matching(request.link, asked, rights)
    if request.method == "POST":
        count = people.count()
        kind = sheets.kind_for(request.POST.get("format", ""), count)
        facts = {"people": count, "asked": asked.query, "format": kind}
        audit.record("people exported", by=request.user, account_id=request.account.pk, after=facts)
        return _file(request, asked, resource, kind)
    count = search.bounded_count(people)
    context = {
        "asked": asked,
        "people": capfirst(how_many(count)),
        "chips": asked.chips(),
        "columns": resource.headers,
        "too_long": _("Beyond %(most)s people, choose CSV.") % {"most": thousands(sheets.MOST_IN_WORKBOOK)}
        if count > sheets.MOST_IN_WORKBOOK
        else "",
    }
    return render(request, "rights/users/export.html", context)


def _contract(request: AccountRequest) -> str:
    """What the contract is called, if the account has places: only then the file says where people belong."""
    return request.account.get_contract_display() if Places.of(request.account.pk) else ""


def _file(request: AccountRequest, asked: Asked, resource: PeopleResource, kind: str) -> HttpResponseBase:
    """The file, in the reader's language."""
    lines, title = _lines(request, asked, resource), _name(asked.kind)
    name = f"{title}-{request.account.number}-{timezone.localdate():%Y-%m-%d}"
    return sheets.download(lines, name=name, title=title, kind=kind)


def _lines(request: AccountRequest, asked: Asked, resource: PeopleResource) -> Iterator[list[str]]:
    return chain([resource.headers], resource.lines(request.link, asked, access.rights_shown(request)))


def _name(kind: str) -> str:
    names = {
        AccountLink.Kind.STANDARD: _("standard-users"),
        AccountLink.Kind.ADVANCED: _("advanced-users"),
    }
    return names[AccountLink.Kind(kind)] if kind else _("users")
