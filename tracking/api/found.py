"""The parcels that a call may see, by their numbers, with what happened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import cached_property

from colibox.lib import tenancy
from rights.keys.connection import Caller
from rights.keys.programs import held_by
from tracking.api.calling import Call, within_limits
from tracking.models import Parcel, PickupPoint, TrackingEvent
from tracking.scopes import Scope, service_scopes


@dataclass
class Found:
    """A parcel and its events, the latest first; a parcel that is only announced has that one event."""

    parcel: Parcel
    recorded: list[TrackingEvent]

    @cached_property
    def events(self) -> list[TrackingEvent]:
        """What happened, the announcement first of all."""
        parcel = self.parcel
        announced = TrackingEvent(code="DR1", at=parcel.created_at, country="FR", step=1)
        return self.recorded if any(event.step == 1 for event in self.recorded) else [*self.recorded, announced]

    @cached_property
    def point(self) -> PickupPoint | None:
        """Where it is fetched, for a parcel that is."""
        identifier = self.parcel.pickup_point
        return PickupPoint.objects.filter(identifier=identifier).first() if identifier else None


def found(request: HttpRequest, caller: Caller, numbers: Collection[str]) -> dict[str, Found]:
    """Those of these parcels that the caller sees, by number; unknown, foreign and hidden ones are all left out."""
    call: Call = request.call  # type: ignore[attr-defined]
    within_limits(call, caller, None)
    scopes = scopes_of(caller, call.service.right)
    tenancy.reach(accounts=[scope.account.pk for scope in scopes], user=caller.user.pk)
    accounts = {scope.account.pk: scope.account for scope in scopes}
    parcels = list(Parcel.objects.seen(scopes).filter(number__in=numbers).defer("label"))
    for parcel in parcels:
        parcel.account = accounts[parcel.account_id]
    happened: dict[int, list[TrackingEvent]] = defaultdict(list)
    for event in TrackingEvent.objects.filter(parcel__in=parcels).order_by("-at", "-step", "-code"):
        happened[event.parcel_id].append(event)
    if len(parcels) == 1:
        call.account, call.number = parcels[0].account, parcels[0].number
    return {parcel.number: Found(parcel, happened[parcel.pk]) for parcel in parcels}


def scopes_of(caller: Caller, right: str) -> list[Scope]:
    """What the caller sees by this right, on the accounts that their key was made for."""
    held = held_by(caller.user)
    covered = {link: rights for link, rights in held.items() if caller.key is None or caller.key.covers(link, right)}
    scopes = service_scopes(caller.user, {link: rights for link, rights in covered.items() if right in rights})
    if not scopes:
        caller.link(right, None)  # says why: suspended, or never given
    return scopes
