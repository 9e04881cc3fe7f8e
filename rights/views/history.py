"""What happened to one person of an account, and what happened to oneself everywhere."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts import history as events
from accounts.history import Asked, Trail
from accounts.views.history import download, shown
from colibox.lib.access import signed_in
from rights import access
from rights.access import AccountRequest
from rights.models import AccountLink
from rights.views.people import find
from users.requests import PersonRequest


@access.manager
def person_history(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """What was done to somebody, and to administrators also what they did on the account."""
    link = find(request, uuid)
    asked = replace(Asked.read(request.GET), person=None, job=None)
    administers = request.link.administers
    actor = link.user.uuid if link.user and administers else None
    reader = None if administers else request.user.uuid
    trail = Trail(asked, events.of_link(request.account.pk, link.uuid, actor), reader=reader)
    return render(request, "rights/people/history.html", {"link": link, "alone": True, **shown(trail)})


@signed_in
def my_history(request: PersonRequest) -> HttpResponseBase:
    """What was done to me on all my accounts, and what I did."""
    return render(request, "rights/own/history.html", shown(_mine(request)))


@signed_in
@require_POST
def export_my_history(request: PersonRequest) -> HttpResponseBase:
    """The same as a file."""
    return download(_mine(request), "csv", named=request.user.username, user=request.user.pk)


def _mine(request: PersonRequest) -> Trail:
    """The events about my links and me, and by me: what the database shows of them to nobody but me."""
    me, links = request.user.uuid, AccountLink.objects.filter(user=request.user).select_related("account")
    asked = replace(Asked.read(request.GET), person=None, job=None)
    accounts = {link.account_id: str(link.account) for link in links}
    return Trail(asked, events.of_person(me, [link.uuid for link in links]), me=me, accounts=accounts)
