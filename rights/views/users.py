"""The people of an account: the two tables, and who can do what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from colibox.lib.numbers import thousands
from rights import access, catalogue, groups
from rights.access import AccountRequest
from rights.models import AccountLink, Profile
from rights.people import columns, search
from rights.people.filters import (
    ENDS_DAYS,
    IDLE_DAYS,
    KINDS,
    MORE_COLUMNS,
    ROLES,
    SIZES,
    STATES,
    Asked,
    ends_label,
    idle_label,
)
from rights.people.rows import address
from rights.people.selection import acts_of
from rights.people.tables import how_many, tables
from rights.people.unfound import unfound
from rights.places import Places

LONGEST_QUERY = 4000
"""A longer address says nothing that the list understands: it is written anew."""
MATRIX_SIZE = 50


@access.manager
def users(request: AccountRequest) -> HttpResponseBase:
    """Standard users and advanced users: the first rows of both, or one of them page by page."""
    asked = Asked.read(request.GET)
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
        return redirect(address(request, asked))
    if other := _other_account(request, asked):
        return redirect(other)
    places = Places.of(request.account.pk)
    asked = columns.only_chosen(request, asked, places)
    more = columns.shown(request, asked, places)
    shown = tables(request, asked, more, chosen=columns.chosen(request, asked) is not None)
    context = {
        "asked": asked,
        "tables": shown,
        "nobody": asked.filtered and not any(table.rows for table in shown),
        "unsorted": any(table.listing.column != asked.sort.removeprefix("-") for table in shown),
        "most_sorted": thousands(search.COUNTED),
        "unfound": list(unfound(asked, places)),
        "places": places,
        "attaching": places.by_spot.get(places.by_uuid.get(asked.attach, ("", 0)))
        if request.link.administers
        else None,
        "columns": [(name, label, name in more) for name, label in MORE_COLUMNS.items()],
        "chips": asked.chips(),
        "clear_url": asked.unfiltered.url(),
        "acts": acts_of(request.link, placed=bool(places)),
        "here": address(request, asked),
        "profiles": Profile.objects.offered(request.account.pk),
        **_choices(asked),
        **_elsewhere(request, asked),
    }
    response = render(request, "rights/users/users.html", context)
    columns.keep(request, response, asked)
    return response


def _other_account(request: AccountRequest, asked: Asked) -> str:
    """Where one reads of another account of theirs, or of their group, that is asked for; no such number is said to."""
    number = "".join(request.GET.get("account", "").split())[:20]
    if number in ("", request.account.number) or "\0" in number:
        return ""
    links = AccountLink.objects.of(request.user).filter(role__in=AccountLink.MANAGERS)
    if links.filter(account__number=number).exists():
        return reverse("rights:users", args=[number]) + asked.url()
    if groups.reads(request, number):
        wanted = {"account": number, "q": asked.words} if asked.words else {"account": number}
        return f"{reverse('rights:group', args=[request.account.number])}?{urlencode(wanted)}"
    messages.warning(request, _("You manage no account with the number %(number)s.") % {"number": number})
    return ""


def _choices(asked: Asked) -> dict[str, Any]:
    """What the filters offer."""
    return {
        "states": [(state, label, state in asked.states) for state, label in STATES.items()],
        "roles": [(name, each.label, name in asked.roles) for name, each in ROLES.items()],
        "right_options": _right_options(asked.kind, get_language() or ""),
        "ends_choices": [(days, ends_label(days)) for days in ENDS_DAYS],
        "idle_choices": [(days, idle_label(days)) for days in IDLE_DAYS],
        "sizes": [(size, asked.url(size=size)) for size in SIZES],
    }


@cache
def _right_options(kind: str, language: str) -> SafeString:
    """The rights that suit a kind of user, or any, to choose from: drawn once in each language."""
    kinds = [kind] if kind else list(KINDS)
    suiting = {right.code: right for kind in kinds for right in catalogue.suiting(kind)}
    families: dict[catalogue.Text, list[catalogue.Right]] = {}
    for right in suiting.values():
        families.setdefault(right.group.label, []).append(right)
    return render_to_string("rights/users/_right_options.html", {"groups": families.items()})


def _elsewhere(request: AccountRequest, asked: Asked) -> dict[str, str]:
    """The same question to the matrix and to the export."""
    number, query = request.account.number, asked.url()
    return {
        "matrix_url": reverse("rights:matrix", args=[number]) + query,
        "export_url": reverse("rights:export", args=[number]) + query,
    }


@access.manager
def matrix(request: AccountRequest) -> HttpResponseBase:
    """Who can do what: people down, rights across, one kind of user at a time."""
    asked = Asked.read(request.GET)
    asked = replace(asked, size=MATRIX_SIZE)
    rights_shown = access.rights_shown(request)
    counted = {kind: search.Listing(request.link, asked.of_kind(kind), rights_shown, 1).count for kind in KINDS}
    asked = asked.of_kind(asked.kind or next((kind for kind in KINDS if counted[kind]), next(iter(KINDS))))
    [table] = tables(request, asked)
    rights = [right for right in catalogue.suiting(asked.kind) if right.code in rights_shown]
    context = {
        "asked": asked,
        "table": table,
        "chips": asked.chips(),
        "clear_url": asked.unfiltered.url(),
        "kinds": [
            (KINDS[kind], how_many(n), asked.url(kind=kind, size=SIZES[0]), kind == asked.kind)
            for kind, n in counted.items()
        ],
        "groups": _families(rights),
        "rights": [(right.label_for(asked.kind), asked.url(held=(right.code,))) for right in rights],
        "lines": [(row, [right.code in row.held for right in rights]) for row in table.rows],
        **_elsewhere(request, asked),
    }
    return render(request, "rights/users/matrix.html", context)


def _families(rights: Sequence[catalogue.Right]) -> list[tuple[catalogue.Text, int]]:
    """The families of these rights, a form of the tracking tool being one of its own, and how many each has."""
    families = groupby(rights, key=lambda right: right.variant or right.group)
    return [(family.label, len(list(of_it))) for family, of_it in families]
