"""Company tracking (timelineCompany): one parcel of the accounts one works for, step by step."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.decorators import decorate_view
from pydantic import AliasChoices, Field

from rights.keys.connection import Reason
from tracking import events, numbers
from tracking.api.calling import Service, credentials, identify, served, speak
from tracking.api.faults import STATUSES, Fault, Table
from tracking.api.found import Found, found
from tracking.api.wire import Text, Wire, json, moment
from tracking.models import TrackingEvent

OK, INVALID, UNKNOWN, WRONG, NOT_ALLOWED, FAILED = "0", "101", "105", "201", "202", "1000"
TABLE = Table(
    statuses={},
    codes={
        **dict.fromkeys(STATUSES, FAILED), **dict.fromkeys(Reason, WRONG),
        Reason.FORBIDDEN: NOT_ALLOWED, Reason.SUSPENDED: NOT_ALLOWED, Reason.FACTOR: NOT_ALLOWED,
    },
)  # fmt: skip

PUBLISHED = {
    "DR1": "COMCFM", "PC1": "PCHCFM", "PC2": "PCHCFM", "EP1": "AARCFM", "MD2": "PRELIV", "AG1": "AARBPR",
    "ND1": "RENAVI", "RE1": "LIVREO", "DI0": "LIVCFM", "DI1": "LIVCFM", "DI2": "LIVREO",
}  # fmt: skip
"""The codes of this service that public sources name; the others keep the code of Suivi v2."""

ARRIVED = frozenset({"EP1"})


class TimelineRequest(Wire):
    """Which parcel, and who asks: a key in a header or here, or a user name and a password."""

    parcelNumber: Text = ""  # noqa: N815
    lang: Text = "fr_FR"
    login: Text = ""
    password: Text = ""
    apiKey: Text = Field(default="", validation_alias=AliasChoices("apiKey", "apikey"))  # noqa: N815


class Status(Schema):
    """`0`, or what was wrong: 101 invalid number, 105 unknown, 201 identity, 202 no right to this service."""

    code: str
    message: str


class Step(Schema):
    """One of six: 0 announced, 1 taken over, 2 on its way, 3 arrived on site, 4 delivery, 5 delivered."""

    stepId: int  # noqa: N815
    labelShort: str  # noqa: N815
    labelLong: str | None  # noqa: N815
    status: str
    countryCodeISO: str | None  # noqa: N815
    date: str | None


class Event(Schema):
    """Something that happened, the latest first."""

    code: str
    date: str
    labelShort: str  # noqa: N815
    labelLong: str  # noqa: N815
    siteCode: str | None  # noqa: N815
    siteName: str | None  # noqa: N815
    siteZipCode: str | None  # noqa: N815


class Tracked(Schema):
    """The parcel."""

    parcelNumber: str  # noqa: N815
    contractNumber: str  # noqa: N815
    customerParcelReference: str | None  # noqa: N815
    measuredWeight: str | None  # noqa: N815
    removalPoint: dict[str, Any] | None  # noqa: N815
    step: list[Step]
    event: list[Event]


class TimelineAnswer(Schema):
    """The status of the call, and the parcel when it is 0."""

    status: list[Status]
    parcel: Tracked | None = None


def refuse(fault: Fault) -> HttpResponse:
    """A status without a parcel."""
    return json({"status": [{"code": fault.code, "message": str(fault.text)}], "parcel": None}, fault.status)


SERVICE = Service("timelineCompany", "tracking_ws", TABLE, refuse)
router = Router(tags=["Tracking"])


@router.post(
    "/tracking-timeline-ws/rest/tracking/timelineCompany",
    response=dict.fromkeys((200, 400, 401, 403, 413, 429, 500, 503), TimelineAnswer),
    summary="The time line of a parcel (company tracking)",
    url_name="timelineCompany",
    operation_id="timelineCompany",
)
@decorate_view(served(SERVICE))
def timeline_company(request: HttpRequest, asked: TimelineRequest) -> HttpResponse:
    """Unknown parcels and those of others get the same answer, with HTTP status 200 as the published service does."""
    speak(asked.lang)
    caller = identify(request, credentials(request, asked.apiKey, asked.login, asked.password))
    number = numbers.read(asked.parcelNumber[:40])
    seen = found(request, caller, [number])
    if number in seen:
        return json({"status": [{"code": OK, "message": "OK"}], "parcel": tracked(seen[number])})
    if not numbers.ACCEPTED.fullmatch(number):
        fault = Fault(INVALID, 200, _("This number is not valid: check what you typed."))
    else:
        fault = Fault(UNKNOWN, 200, _("This parcel is unknown, or not tracked yet."))
    request.call.error = fault.code  # type: ignore[attr-defined]
    return refuse(fault)


def tracked(found: Found) -> dict[str, Any]:
    """A parcel as the service publishes it."""
    parcel = found.parcel
    return {
        "parcelNumber": parcel.number,
        "contractNumber": parcel.account.number,
        "customerParcelReference": parcel.reference or None,
        "measuredWeight": f"{parcel.weight / 1000:.3f}",
        "removalPoint": point(found),
        "step": steps(found),
        "event": [event(each) for each in found.events],
    }


def steps(found: Found) -> list[dict[str, Any]]:
    """The six steps, with the moment each was reached."""
    labels = (
        _("Announced"), _("Taken over"), _("On its way"), _("Arrived on site"), _("Delivery"), _("Delivered"),
    )  # fmt: skip
    reached = {step_of(each): each for each in found.events}
    latest = max(reached, default=0)
    return [step(number, label, reached.get(number), latest) for number, label in enumerate(labels)]


def step(number: int, label: str, reached: TrackingEvent | None, latest: int) -> dict[str, Any]:
    """One step: active once the parcel is there or beyond."""
    return {
        "stepId": number,
        "labelShort": label,
        "labelLong": str(reached.label) if reached else None,
        "status": "STEP_STATUS_ACTIVE" if number <= latest else "STEP_STATUS_INACTIVE",
        "countryCodeISO": reached.country if reached else None,
        "date": moment(reached.at) if reached else None,
    }


def step_of(happened: TrackingEvent) -> int:
    """The step of this service that an event stands for: one more than those of Suivi v2, begun at zero."""
    number = events.BY_CODE[happened.code].step
    if happened.code in ARRIVED:
        return 3
    return {1: 0, 2: 1, 3: 2, 4: 4, 5: 5}[number]


def event(happened: TrackingEvent) -> dict[str, Any]:
    """One event with its place."""
    return {
        "code": PUBLISHED.get(happened.code, happened.code),
        "date": moment(happened.at),
        "labelShort": str(happened.label),
        "labelLong": str(happened.label),
        "siteCode": None,
        "siteName": happened.place or None,
        "siteZipCode": happened.postcode or None,
    }


def point(found: Found) -> dict[str, Any] | None:
    """The pickup point, as far as it is known."""
    if not (place := found.point):
        return None
    return {
        "siteCode": place.identifier, "siteName": place.name, "address0": place.address_1,
        "address1": place.address_2 or None, "zipCode": place.postcode, "city": place.town,
        "countryCodeISO": place.country, "endOfWithdrawDate": None,
    }  # fmt: skip
