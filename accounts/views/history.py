"""The history of an account: its events as filtered, and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts import audit
from accounts import history as events
from accounts.acts import acts
from accounts.history import CHANNELS, Asked, Sources, Trail
from colibox.lib import sheets
from colibox.lib.telling import Family
from rights import access
from users.requests import proven


@access.administrator
def history(request: access.AccountRequest) -> HttpResponseBase:
    """What happened on the account, the newest first."""
    asked, sources = _read(request)
    return render(request, "accounts/history/history.html", shown(Trail(asked, sources), request.account.number))


@access.administrator
@proven
def export(request: access.AccountRequest) -> HttpResponseBase:
    """Say what a file of the events asked for holds; once it is asked for, write it and leave a trace."""
    asked, sources = _read(request)
    trail = Trail(asked, sources)
    count, more = trail.count()
    if request.method == "POST":
        kind = sheets.kind_for(request.POST.get("format", ""), sheets.MOST_IN_WORKBOOK + 1 if more else count)
        file = download(trail, kind, named=request.account.number, accounts=[request.account.pk])
        facts = {"events": trail.written, "asked": asked.query, "format": kind}
        audit.record("history exported", by=request.user, account_id=request.account.pk, after=facts)
        return file
    return render(request, "accounts/history/export.html", exported(trail, count, more))


def _read(request: access.AccountRequest) -> tuple[Asked, Sources]:
    """What is asked of the history of this account, and where it is found; a person of another one is nobody."""
    asked, account = Asked.read(request.GET), request.account
    if asked.person:
        link = account.links.filter(uuid=asked.person).select_related("user").first()
        if link:
            asked = replace(asked, named=str(link))
            return asked, events.of_link(account.pk, link.uuid, link.user.uuid if link.user else None)
        asked = replace(asked, person=None)
    if asked.job:
        return asked, events.of_import(account.pk, asked.job)
    return asked, [events.of_account(account.pk)]


def shown(trail: Trail, number: str = "") -> dict[str, Any]:
    """What the page of a history takes; with the number of its account, names lead to their pages."""
    asked = trail.asked
    return {
        "trail": trail,
        "acts": acts(trail.page, number, whole=not asked.sifts and not asked.person),
        "asked": asked,
        "chips": asked.chips(),
        "clear_url": asked.unfiltered.url(),
        "families": [(family.value, family.label, family in asked.families) for family in Family],
        "channels": [(channel, label, channel in asked.channels) for channel, label in CHANNELS.items()],
    }


def exported(trail: Trail, count: int, more: bool) -> dict[str, Any]:
    """What the page takes that says what a file will hold."""
    most = sheets.MOST_IN_WORKBOOK
    return {
        "asked": trail.asked,
        "events": _how_many(count, more),
        "chips": trail.asked.chips(),
        "columns": trail.headers(),
        "too_long": _("Beyond %(most)s events, choose CSV.") % {"most": most} if more else "",
    }


def _how_many(count: int, more: bool) -> str:
    """How many events there are, as far as they were counted."""
    if more:
        return _("%(n)s events or more") % {"n": count} if count else _("All the events asked for")
    return ngettext("%(n)s event", "%(n)s events", count) % {"n": count}


def download(trail: Trail, kind: str, *, named: str, **reach: Any) -> HttpResponseBase:
    """The file, in the reader's language."""
    title = _("history")
    name = f"{title}-{named}-{timezone.localdate():%Y-%m-%d}"
    lines: Iterator[list[str]] = chain([trail.headers()], trail.lines(get_language() or "fr", **reach))
    return sheets.download(lines, name=name, title=title, kind=kind)
