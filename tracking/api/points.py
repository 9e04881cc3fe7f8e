"""Pickup points (findRDVPointRetraitAcheminement and …ByID): the nearest ones, and one by its identifier."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from ninja.decorators import decorate_view
from pydantic import AliasChoices, Field

from rights.keys.connection import Reason
from tracking import pickup, places
from tracking.api.calling import Service, account_of, credentials, identify, served, speak
from tracking.api.faults import STATUSES, Fault, Table
from tracking.api.wire import Number, Text, Wire, json, moment
from tracking.models import PickupPoint

OK, FAILED = 0, "1000"
DAYS = ("Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche")
FRANCE = ("FR", "MC")
POSTCODE = re.compile(r"(0[1-9]|[1-8]\d|9[0-5])\d{3}|980\d\d")
HEAVIEST = 99_999

FAULTS: dict[str, str | Promise] = {
    "101": _("The account number is missing."),
    "102": _("The password is missing."),
    "104": _("The postcode is missing."),
    "105": _("The town is missing."),
    "106": _("The date is missing."),
    "107": _("The identifier of the pickup point is missing."),
    "117": _("The country is missing."),
    "121": _("The weight is from 1 to 99999 grams."),
    "122": _("The date is not of the form DD/MM/YYYY."),
    "123": _("The filter of shops is 0 or 1."),
    "124": _("There is no pickup point of this identifier."),
    "125": _("The postcode is not one of mainland France, Corsica or Monaco."),
    "146": _("There are no pickup points in this country."),
    "203": _("The international option is 0 or 1, and 0 in France."),
    "300": _("No pickup point takes this parcel."),
    "301": _("No pickup point was found."),
}
"""The errors of these services by their published numbers."""
EMPTY = ("300", "301")
TABLE = Table(
    statuses=dict.fromkeys(set(Reason) - {Reason.LOCKED}, 400),
    codes={
        **dict.fromkeys(STATUSES, FAILED), **dict.fromkeys(Reason, "201"), Reason.LOCKED: FAILED,
        Reason.FORBIDDEN: "202", Reason.SUSPENDED: "202", Reason.FACTOR: "202",
    },
)  # fmt: skip


class Asking(Wire):
    """Who asks, for which account: a key in a header or here, or an account number and its password."""

    accountNumber: Text = ""  # noqa: N815
    password: Text = ""
    apikey: Text = Field(default="", validation_alias=AliasChoices("apikey", "apiKey"))
    codTiersPourPartenaire: Text = ""  # noqa: N815
    lang: Text = "FR"


class SearchRequest(Asking):
    """Where to look, for a parcel of which weight, sent on which day."""

    address: Text = ""
    zipCode: Text = ""  # noqa: N815
    city: Text = ""
    countryCode: Text = ""  # noqa: N815
    weight: Number = Field(default="1", description="grams, 1 to 99999")
    shippingDate: Text = ""  # noqa: N815
    filterRelay: Text = "1"  # noqa: N815
    requestId: Text = ""  # noqa: N815
    optionInter: Text = "0"  # noqa: N815


class PointRequest(Asking):
    """Which point, on which day."""

    id: Text = ""
    date: Text = ""
    reseau: Text = ""


class SearchAnswer(Schema):
    """The nearest points, or an error number."""

    errorCode: int  # noqa: N815
    errorMessage: str  # noqa: N815
    qualiteReponse: int = 0  # noqa: N815
    wsRequestId: str = ""  # noqa: N815
    listePointRetraitAcheminement: list[dict[str, Any]] | None = None  # noqa: N815
    rdv: bool = False


class PointAnswer(Schema):
    """One point, or an error number."""

    errorCode: int  # noqa: N815
    errorMessage: str  # noqa: N815
    qualiteReponse: int = 0  # noqa: N815
    wsRequestId: str = ""  # noqa: N815
    pointRetraitAcheminement: dict[str, Any] | None = None  # noqa: N815
    rdv: bool = False


def refuse_search(fault: Fault) -> HttpResponse:
    """An error number without points."""
    return _refuse(fault, "listePointRetraitAcheminement")


def refuse_point(fault: Fault) -> HttpResponse:
    """An error number without a point."""
    return _refuse(fault, "pointRetraitAcheminement")


def _refuse(fault: Fault, empty: str) -> HttpResponse:
    body = {
        "errorCode": int(fault.code), "errorMessage": str(fault.text), "qualiteReponse": 0, "wsRequestId": "",
        empty: None, "rdv": False,
    }  # fmt: skip
    return json(body, fault.status)


SEARCH = Service("findRDVPointRetrait", "pickup_ws", TABLE, refuse_search)
POINT = Service("findPointRetraitByID", "pickup_ws", TABLE, refuse_point)
STATUS = (200, 400, 413, 429, 500, 503)
router = Router(tags=["Pickup points"])


@router.post(
    "/pointretrait-ws-cxf/rest/v2/pointretrait/findRDVPointRetraitAcheminement",
    response=dict.fromkeys(STATUS, SearchAnswer),
    summary="The nearest pickup points",
    url_name="findRDVPointRetraitAcheminement",
    operation_id="findRDVPointRetraitAcheminement",
)
@decorate_view(served(SEARCH))
def search(request: HttpRequest, asked: SearchRequest) -> HttpResponse:
    """At most twenty, the nearest first, open to parcels of this weight and not on holiday that day."""
    _admit(request, asked)
    on, weight = _searched(asked)
    where = places.locate(asked.zipCode, asked.city)
    shops = asked.filterRelay == "1"
    near = pickup.nearest(where, weight=weight, shops=shops, on=on) if where else []
    if not near:
        raise fault("300" if where and pickup.nearest(where, limit=1) else "301")
    listed = [describe(each.point, on, each.metres) for each in near]
    head = {"errorCode": OK, "errorMessage": "Code retour OK", "qualiteReponse": 2, "wsRequestId": asked.requestId}
    return json({**head, "listePointRetraitAcheminement": listed, "rdv": False})


@router.post(
    "/pointretrait-ws-cxf/rest/v2/pointretrait/findPointRetraitAcheminementByID",
    response=dict.fromkeys(STATUS, PointAnswer),
    summary="One pickup point by its identifier",
    url_name="findPointRetraitAcheminementByID",
    operation_id="findPointRetraitAcheminementByID",
)
@decorate_view(served(POINT))
def one(request: HttpRequest, asked: PointRequest) -> HttpResponse:
    """The point, unless it takes no parcels any more."""
    _admit(request, asked)
    if not asked.id:
        raise fault("107")
    on = _day(asked.date)
    if not (point := pickup.by_id(asked.id[:6]) if re.fullmatch(r"[0-9]{6}", asked.id) else None):
        raise fault("124")
    head = {"errorCode": OK, "errorMessage": "Code retour OK", "qualiteReponse": 2, "wsRequestId": ""}
    return json({**head, "pointRetraitAcheminement": describe(point, on, 0), "rdv": False})


def _admit(request: HttpRequest, asked: Asking) -> None:
    """Let in who may use this service on the account they name."""
    speak(asked.lang)
    given = credentials(request, asked.apikey, asked.accountNumber, asked.password)
    if not given.secret and not (given.username and given.password):
        raise fault("102" if given.username else "101")
    caller = identify(request, given)
    account_of(request, caller, asked.codTiersPourPartenaire or (asked.accountNumber if caller.key else ""))


def _searched(asked: SearchRequest) -> tuple[date, int]:
    """The day and the weight of a search; raises the first published error there is."""
    country = asked.countryCode.upper()
    wrong = {
        "104": not asked.zipCode, "105": not asked.city, "117": not country, "146": country not in FRANCE,
        "125": not POSTCODE.fullmatch(asked.zipCode), "121": not 1 <= _number(asked.weight) <= HEAVIEST,
        "123": asked.filterRelay not in ("0", "1"), "203": asked.optionInter not in ("", "0"),
    }  # fmt: skip
    if found := next((code for code, is_so in wrong.items() if is_so), None):
        raise fault(found)
    return _day(asked.shippingDate), _number(asked.weight)


def _number(text: str) -> int:
    """A whole number of a reasonable length; 0 for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _day(text: str) -> date:
    if not text:
        raise fault("106")
    if not re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", text):
        raise fault("122")
    try:
        return datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError as error:
        raise fault("122") from error


def fault(code: str) -> Fault:
    """A published error; an empty result is no mistake of the caller's."""
    return Fault(code, 200 if code in EMPTY else 400, FAULTS[code])


def describe(point: PickupPoint, on: date, metres: int) -> dict[str, Any]:
    """A point as the service publishes it."""
    hours = [*point.hours, *[pickup.CLOSED] * 7]
    return {
        "identifiant": point.identifier, "nom": point.name, "adresse1": point.address_1,
        "adresse2": point.address_2, "adresse3": point.address_3, "codePostal": point.postcode,
        "localite": point.town, "codePays": point.country, "libellePays": "FRANCE", "langue": "FR",
        "indiceDeLocalisation": point.hint, "coordGeolocalisationLatitude": str(point.latitude),
        "coordGeolocalisationLongitude": str(point.longitude), "distanceEnMetre": metres,
        "accesPersonneMobiliteReduite": point.accessible, "parking": point.parking,
        "loanOfHandlingTool": point.handling_tool, "typeDePoint": point.kind, "poidsMaxi": point.heaviest,
        "reseau": point.network, "distributionSort": point.sorting, "lotAcheminement": point.lot,
        "versionPlanTri": point.plan_version, "periodeActiviteHoraireDeb": "01/01",
        "periodeActiviteHoraireFin": "31/12", **_holidays(point, on),
        **{f"horairesOuverture{day}": span for day, span in zip(DAYS, hours, strict=False)},
    }  # fmt: skip


def _holidays(point: PickupPoint, on: date) -> dict[str, Any]:
    """When it is closed, both days included."""
    listed = [
        {"numero": number, "calendarDeDebut": _midnight(first), "calendarDeFin": _midnight(last)}
        for number, (first, last) in enumerate(point.closed, 1)
    ]
    return {"congesPartiel": bool(listed), "congesTotal": pickup.holiday(point, on) is not None, "listeConges": listed}


def _midnight(day: str) -> str:
    return moment(timezone.make_aware(datetime.fromisoformat(day)))
