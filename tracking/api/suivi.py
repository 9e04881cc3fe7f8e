"""Suivi v2: where one to ten parcels are, by their numbers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.decorators import decorate_view

from rights.keys.connection import Reason
from tracking import events, numbers, products
from tracking.api.calling import Service, credentials, identify, served, speak
from tracking.api.faults import Fault, Kind, Table
from tracking.api.found import Found, found
from tracking.api.wire import json, moment

COLISSIMO = 4
MOST = 10
OK, INVALID, UNKNOWN = 200, 101, 104
BAD = (events.Status.PROBLEM, events.Status.RETURNED, events.Status.CANCELLED)
LANGUAGES = {"fr": "fr_FR", "en": "en_GB"}

TABLE = Table(
    statuses={},
    codes={
        **dict.fromkeys(Reason, "UNAUTHORIZED"), Reason.FORBIDDEN: "FORBIDDEN",
        **dict.fromkeys((Reason.SUSPENDED, Reason.FACTOR), "SUSPENDED"),
        Reason.LOCKED: "TOO_MANY_REQUESTS", Kind.LIMITED: "TOO_MANY_REQUESTS", Kind.QUERY: "BAD_REQUEST",
        Kind.LARGE: "BAD_REQUEST", Kind.UNREADABLE: "BAD_REQUEST", Kind.AWAY: "UNAVAILABLE", Kind.BROKEN: "ERROR",
    },
)  # fmt: skip


class GatewayError(Schema):
    """A call that did not reach the service."""

    code: str
    message: str


class Step(Schema):
    """One of the five steps of the time line."""

    id: int
    shortLabel: str  # noqa: N815
    longLabel: str  # noqa: N815
    status: bool
    type: int
    date: str | None = None
    country: str | None = None


class Event(Schema):
    """Something that happened, the latest first."""

    code: str
    label: str
    date: str
    order: int


class Shipment(Schema):
    """A parcel with its time line."""

    idShip: str  # noqa: N815
    holder: int
    product: str
    isFinal: bool  # noqa: N815
    entryDate: str | None = None  # noqa: N815
    deliveryDate: str | None = None  # noqa: N815
    timeline: list[Step]
    event: list[Event]
    contextData: dict[str, Any]  # noqa: N815
    url: str


class Envelope(Schema):
    """The answer about one number: `returnCode` 200, 101 (not a number) or 104 (unknown, or not yet known)."""

    lang: str
    scope: str
    returnCode: int  # noqa: N815
    returnMessage: str | None = None  # noqa: N815
    idShip: str  # noqa: N815
    shipment: Shipment | None = None


def refuse(fault: Fault) -> HttpResponse:
    """As the gateway in front of the published service does."""
    return json({"code": fault.code, "message": str(fault.text)}, fault.status)


SERVICE = Service("suivi v2", "tracking_ws", TABLE, refuse)
router = Router(tags=["Tracking"])
REFUSALS = {400: GatewayError | Envelope, 404: Envelope}
REFUSALS |= dict.fromkeys((401, 403, 413, 429, 500, 503), GatewayError)


@router.get(
    "/suivi/v2/idships/{ids}",
    response={200: Envelope, 207: list[Envelope], **REFUSALS},
    summary="Where one to ten parcels are (Suivi v2)",
    url_name="idships",
    operation_id="idships",
)
@decorate_view(served(SERVICE))
def idships(request: HttpRequest, ids: str, lang: str = "fr_FR") -> HttpResponse:
    """One number: 200, 400 or 404 with its envelope. Several, by commas: 207 and an envelope for each."""
    speak(lang)
    caller = identify(request, credentials(request))
    asked = [numbers.read(each[:40]) for each in ids.split(",")]
    if len(asked) > MOST:
        raise Fault("BAD_REQUEST", 400, _("Ask for ten parcels at most."))
    seen = found(request, caller, asked)
    envelopes = [envelope(number, seen.get(number)) for number in asked]
    if len(envelopes) > 1:
        return json(envelopes, 207)
    code = envelopes[0]["returnCode"]
    request.call.error = "" if code == OK else str(code)  # type: ignore[attr-defined]
    return json(envelopes[0], {OK: 200, INVALID: 400}.get(code, 404))


def envelope(number: str, parcel: Found | None) -> dict[str, Any]:
    """The answer about one number; whose the parcel is makes no difference to whoever may not see it."""
    head = {"lang": LANGUAGES[translation.get_language()], "scope": "open", "idShip": number}
    if parcel:
        return {**head, "returnCode": OK, "shipment": shipment(parcel)}
    if not numbers.ACCEPTED.fullmatch(number):
        return {**head, "returnCode": INVALID, "returnMessage": _("This number is not valid: check what you typed.")}
    return {**head, "returnCode": UNKNOWN, "returnMessage": _("This parcel is unknown, or not tracked yet.")}


def shipment(found: Found) -> dict[str, Any]:
    """A parcel as the service publishes it."""
    parcel = found.parcel
    facts = {
        "idShip": parcel.number, "holder": COLISSIMO, "product": str(products.label(parcel.product)),
        "isFinal": parcel.status in events.FINAL, "timeline": timeline(found),
        "event": [
            {"code": event.code, "label": str(event.label), "date": moment(event.at), "order": order}
            for order, event in zip(range(len(found.events), 0, -1), found.events, strict=True)
        ],
        "contextData": context(found), "url": f"{settings.PUBLIC_BASE_URL}/tracking/{parcel.number}/",
    }  # fmt: skip
    entry = min((event.at for event in found.events if event.step > 1), default=None)
    dates = {"entryDate": entry, "deliveryDate": parcel.delivered_at}
    return facts | {name: moment(at) for name, at in dates.items() if at}


def timeline(found: Found) -> list[dict[str, Any]]:
    """The five steps, those that the parcel has reached active."""
    return [_step(found, number, label) for number, label in events.STEPS.items()]


def _step(found: Found, number: int, label: Any) -> dict[str, Any]:
    parcel = found.parcel
    here = number == parcel.step
    latest = next((event for event in found.events if event.step == number), None)
    step: dict[str, Any] = {
        "id": number, "shortLabel": str(label), "longLabel": str(parcel.event_label if here else label),
        "status": number <= parcel.step, "type": -1 if here and parcel.status in BAD else 1,
    }  # fmt: skip
    return step | {"date": moment(latest.at), "country": latest.country} if latest else step


def context(found: Found) -> dict[str, Any]:
    """Where it comes from and goes to, and the point it waits at."""
    data: dict[str, Any] = {
        "deliveryChoice": {"deliveryChoice": 0}, "originCountry": "FR", "arrivalCountry": found.parcel.country,
    }  # fmt: skip
    if point := found.point:
        data["removalPoint"] = {"name": point.name, "type": point.kind, "idPoint": point.identifier}
    return data
