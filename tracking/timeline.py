"""The five steps of a parcel, as its time line shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from colibox.lib.text import Text
from tracking import events
from tracking.events import Status
from tracking.models import Parcel, TrackingEvent

STOPPED = (Status.PROBLEM, Status.RETURNED, Status.CANCELLED)


@dataclass(frozen=True)
class Step:
    """One step: `done`, `now`, `stopped` (where it is, but not as it should) or `next`; since when, once reached."""

    number: int
    label: Text
    state: str
    at: datetime | None


def steps(parcel: Parcel, happened: Iterable[TrackingEvent]) -> list[Step]:
    """The five steps; the one a parcel is stopped at says by what."""
    reached = {1: parcel.created_at}
    for event in happened:
        reached[event.step] = min(event.at, reached.get(event.step, event.at))
    return [_step(parcel, number, reached.get(number)) for number in events.STEPS]


def _step(parcel: Parcel, number: int, at: datetime | None) -> Step:
    label = events.STEPS[number]
    if number > parcel.step:
        return Step(number, events.TO_COME[number], "next", None)
    if number < parcel.step:
        return Step(number, label, "done", at)
    if parcel.status in STOPPED:
        return Step(number, _stop(parcel), "stopped", parcel.cancelled_at or parcel.event_at)
    return Step(number, label, "done" if parcel.status == Status.DELIVERED else "now", at)


def _stop(parcel: Parcel) -> Text:
    return Status.CANCELLED.label if parcel.cancelled_at else events.label(parcel.event)
