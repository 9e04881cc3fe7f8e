"""Places and the people attached to them: those that a text finds on forms, and what becomes of whose place goes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Site
from colibox.lib.numbers import thousands
from colibox.lib.text import line
from rights import access
from rights.access import AccountRequest
from rights.actions import removal
from rights.actions.removal import AnyPlace, Leaving
from rights.forms.places import LONGEST, Picker
from rights.people.previews import Naming
from rights.places import Places


@access.manager
@require_POST
def find_places(request: AccountRequest) -> HttpResponseBase:
    """The boxes of the places ticked and of those found, for the form that asks; posted, as the ticked may be many."""
    places = Places.of(request.account.pk)
    words = line(request.POST.get("place_words"), LONGEST)
    chosen = frozenset(request.POST.getlist("places"))
    picker = Picker(places, places.open_to(request.link), chosen, words, one="one" in request.POST)
    return render(request, "rights/people/_place_boxes.html", {"picker": picker})


@access.administrator
@require_http_methods(["GET", "HEAD", "POST"])
def remove_place(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Who is attached to a place and what is under it; then it goes, and they are detached or moved in one act."""
    places = Places.of(request.account.pk)
    spot = places.by_uuid.get(str(uuid))
    if spot is None:
        raise Http404
    place = places.by_spot[spot]
    if request.method == "POST":
        return _remove(request, place, places)
    return _show_removal(request, place, places)


def _remove(request: AccountRequest, place: AnyPlace, places: Places) -> HttpResponseBase:
    wanted = request.POST.get("into", "")
    into = next((each for each in removal.places_after(place, places) if str(each.uuid) == wanted), None)
    if wanted and into is None:
        return _show_removal(
            request, place, places, error=_("One of these places is not there any more: choose again.")
        )
    digest = request.POST.get("digest", "")
    try:
        left = removal.remove_place(place=place, by=request.link, into=into, digest=digest)
    except removal.Stale:
        return _show_removal(request, place, places, stale=True, into=wanted)
    except ValidationError as refusal:
        return _show_removal(request, place, places, error=" ".join(refusal.messages))
    messages.success(request, _said(left, into))
    return redirect("accounts:sites", request.account.number)


def _said(left: Leaving, into: AnyPlace | None) -> str:
    """What was done, in a sentence or two."""
    n, words = len(left.links), [_("%(place)s is removed.") % {"place": left.place}]
    if n and into:
        text = ngettext("%(n)s person is attached to %(place)s.", "%(n)s people are attached to %(place)s.", n)
        words.append(text % {"n": thousands(n), "place": into})
    elif n:
        text = ngettext("%(n)s person is no longer attached to it.", "%(n)s people are no longer attached to it.", n)
        words.append(text % {"n": thousands(n)})
    return " ".join(words)


def _show_removal(
    request: AccountRequest, place: AnyPlace, places: Places, *, into: str = "", **context: object
) -> HttpResponseBase:
    leaving = Leaving.of(place)
    context |= {
        "place": place,
        "is_site": isinstance(place, Site),
        "leaving": leaving,
        "named": Naming(leaving.links).of(leaving.links),
        "targets": [(str(each.uuid), each, str(each.uuid) == into) for each in removal.places_after(place, places)],
        "too_many": removal.too_many() if leaving.too_many else "",
    }
    return render(request, "rights/places/remove.html", context)
