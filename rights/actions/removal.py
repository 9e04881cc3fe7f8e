"""Removing a sub-account or a site: who is attached to it, and where they and its sites go from there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Self

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import audit
from accounts.actions import places as places_actions
from accounts.models import Site, SubAccount
from colibox.lib import origin
from colibox.lib.text import Fold
from rights.actions import trace
from rights.actions.attaching import Move, attached, hold, move
from rights.actions.reach import check_administers
from rights.models import AccountLink
from rights.places import Places, spot_of

AnyPlace = SubAccount | Site
State = AccountLink.State

MOST = 5000
"""How many people one removal may move."""


@dataclass(frozen=True)
class Leaving:
    """A place about to go: the people attached to it, and the sites under it."""

    place: AnyPlace
    links: list[AccountLink]
    sites: list[Site]

    @classmethod
    def of(cls, place: AnyPlace) -> Self:
        """As things are now; of the people as many as one removal may move, and one more."""
        links = AccountLink.objects.filter(attachments__in=place.attachments.all()).exclude(state=State.ENDED)
        sites = place.sites.order_by(Fold(F("name")), "pk") if isinstance(place, SubAccount) else Site.objects.none()
        return cls(place, list(links.order_by("sort_key", "pk")[: MOST + 1]), list(sites))

    @property
    def too_many(self) -> bool:
        return len(self.links) > MOST

    @property
    def locals(self) -> list[AccountLink]:
        """The local administrators among them, whose people become others."""
        return [link for link in self.links if link.is_local]

    @property
    def digest(self) -> str:
        """A fingerprint of all that the page said."""
        people = sorted(f"{link.pk}:{link.role}" for link in self.links)
        said = [str(self.place), *people, *sorted(f"{site.pk}" for site in self.sites)]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


class Stale(Exception):
    """Who is attached changed since the page was shown."""


def places_after(place: AnyPlace, places: Places) -> list[AnyPlace]:
    """Where the people of a place can go: any other one; where sites go along, another sub-account."""
    sort = SubAccount if isinstance(place, SubAccount) else (SubAccount, Site)
    others = (places.by_spot[spot] for spot in places.ordered)
    return [each for each in others if each != place and isinstance(each, sort)]


@transaction.atomic
def remove_place(*, place: AnyPlace, by: AccountLink, into: AnyPlace | None, digest: str) -> Leaving:
    """Take a place away; its people are attached to `into` instead, or only detached, and its sites follow them.

    Links are locked before places, as by whoever attaches somebody, so that neither waits for the other in a ring.
    Raises Stale when the people or sites are no longer those that were shown, ValidationError when they are too many
    or `into` is gone.
    """
    check_administers(by)
    assert by.user is not None  # an active link has a person
    leaving = Leaving.of(place)
    locked = AccountLink.objects.filter(pk__in=[link.pk for link in leaving.links]).order_by("pk")
    list(locked.select_for_update(of=("self",), no_key=True))
    if not hold({spot_of(each) for each in (place, into) if each}):
        raise ValidationError(_("One of these places is not there any more: choose again."))
    leaving = Leaving.of(place)
    if leaving.digest != digest:
        raise Stale
    if leaving.too_many:
        raise ValidationError(too_many())
    with origin.of(replace(origin.current(), reference=f"place:{place.uuid}")):
        _move_people(leaving, into, by=by)
        parent = into if isinstance(into, SubAccount) else None
        places_actions.move_sites(sites=leaving.sites, into=parent, by=by.user)
        places_actions.remove(place=place, by=by.user)
    return leaving


def too_many() -> str:
    """What is said where more people are attached than one removal may move."""
    text = _("More than %(most)s people are attached to it: detach them first, from the list of users.")
    return text % {"most": MOST}


def _move_people(leaving: Leaving, into: AnyPlace | None, *, by: AccountLink) -> None:
    """Attach them there instead, with an event for each."""
    if not leaving.links:
        return
    places, now = Places.of(by.account_id), attached(link.pk for link in leaving.links)
    left, gained = {spot_of(leaving.place)}, {spot_of(into)} if into else set()
    moves, events = [], []
    for link in leaving.links:
        had = now[link.pk]
        wanted = (had - left) | gained
        moves.append(Move(link.pk, wanted - had, left))
        before, after = {"places": places.names(had)}, {"places": places.names(wanted)}
        events.append(trace.event("person attached", link=link, before=before, after=after))
    move(moves, account_id=by.account_id)
    AccountLink.objects.filter(pk__in=[link.pk for link in leaving.links]).update(version=F("version") + 1)
    audit.record_many(events, by=by.user, account_id=by.account_id)
