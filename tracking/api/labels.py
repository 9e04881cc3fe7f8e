"""Labels (SLS): made, checked, printed once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Annotated, Any
from uuid import uuid4

import orjson
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Router
from ninja.decorators import decorate_view
from pydantic import WithJsonSchema

from rights.keys.connection import Caller, Reason
from rights.models import AccountLink
from tracking import numbers, products
from tracking.actions import calls, franking
from tracking.actions.calls import Answer
from tracking.api.calling import CallRequest, Credentials, Service, account_of, credentials, identify, served
from tracking.api.faults import Fault, Kind, Table
from tracking.api.label_schemas import LabelAddress, LabelInfos, LabelParcel, LabelRequest, LabelService, ReprintRequest
from tracking.api.wire import json
from tracking.labels import Address, Label, Paper, render
from tracking.labels.routing import routing
from tracking.models import Parcel
from tracking.orders import Order, Problem, check

DONE = gettext_lazy("The request was carried out.")
WRONG, INACTIVE, NOT_ALLOWED, BUSY, EMPTY = "30000", "30007", "30008", "40015", "50005"
VERSIONS = {"2.0": "labelV2Response", "3.1": "labelV31Response"}
Version = Annotated[str, WithJsonSchema({"type": "string", "enum": list(VERSIONS)})]
KEY = re.compile(r"[!-~]{1,255}")
HEAVIEST = 1_000_000

TABLE = Table(
    statuses={**dict.fromkeys(set(Reason) - {Reason.LOCKED}, 403), Kind.UNREADABLE: 422},
    codes={
        **dict.fromkeys(Reason, WRONG), Reason.FORBIDDEN: NOT_ALLOWED,
        **dict.fromkeys((Reason.SUSPENDED, Reason.FACTOR), INACTIVE),
        **dict.fromkeys((Reason.LOCKED, Kind.LIMITED, Kind.AWAY), BUSY),
    },
)  # fmt: skip


class Rejected(Fault):
    """An order with all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].code, 403 if problems[0].field == "account" else 400, problems[0].message)
        self.problems = problems


def refuse(fault: Fault) -> HttpResponse:
    """The messages of a refusal, in JSON."""
    told = fault.problems if isinstance(fault, Rejected) else [Problem("", fault.code, str(fault.text), "")]
    messages = [message(each.code, str(each), each.field) for each in told]
    return json({**infos(None, None, ""), "messages": messages}, fault.status)


def message(code: str, text: str, where: str = "") -> dict[str, Any]:
    """One message; the field at fault is told as a replacement value."""
    values = [{"key": "field", "value": where}] if where else []
    kind = "ERROR" if code != "0" else "INFOS"
    return {"id": code, "type": kind, "messageContent": text, "replacementValues": values}


MAKE = Service("generateLabel", franking.SERVICE, TABLE, refuse, writes=True)
CHECK = Service("checkGenerateLabel", franking.SERVICE, TABLE, refuse)
PRINT = Service("getLabel", franking.SERVICE, TABLE, refuse)
REFUSALS: dict[int, Any] = dict.fromkeys((400, 403, 404, 413, 422, 429, 500, 503), LabelInfos)
MULTIPART = {
    "responses": {
        200: {
            "description": "Two parts: jsonInfos, in JSON, and label, the file that was asked for",
            "content": {"multipart/mixed": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}  # fmt: skip
IDEMPOTENCY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "The same call under the same key within 24 hours gets the same label.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}  # fmt: skip
REPRINT_HEADERS = [
    {"name": name, "in": "header", "required": False, "description": told, "schema": {"type": "string"}}
    for name, told in (
        ("accountNumber", "The account acted for, where there are several."),
        ("login", "A user name, with a password in place of a key."), ("password", "Its password."),
    )
]  # fmt: skip
router = Router(tags=["Labels"])
SLS = "/sls-ws/SlsServiceWSRest/{version}/"


@router.post(
    SLS + "generateLabel",
    response={**REFUSALS, 409: LabelInfos},
    summary="Make a label",
    url_name="generateLabel",
    operation_id="generateLabel",
    openapi_extra={**MULTIPART, "parameters": [IDEMPOTENCY]},
)
@decorate_view(served(MAKE))
def generate_label(request: CallRequest, asked: LabelRequest, version: Version) -> HttpResponse:
    """Franks the parcel in the name of the account; with an Idempotency-Key, once however often it is sent."""
    name = version_of(version)
    caller, link = admit(request, asked)

    def made() -> Answer:
        return make(request, caller, link, asked, name)

    key = request.headers.get("Idempotency-Key")
    if key is None:
        return response(made())
    if not KEY.fullmatch(key):
        raise TABLE.fault(Kind.NO_KEY)
    call = f"{version}\n".encode() + request.body
    try:
        return response(calls.once(caller=caller, account=link.account, key=key, call=call, answer=made))
    except calls.Running as error:
        raise TABLE.fault(Kind.RUNNING) from error
    except calls.Different as error:
        raise TABLE.fault(Kind.DIFFERENT) from error


@router.post(
    SLS + "checkGenerateLabel",
    response={200: LabelInfos, **REFUSALS},
    summary="Check what a label would be made from",
    url_name="checkGenerateLabel",
    operation_id="checkGenerateLabel",
)
@decorate_view(served(CHECK))
def check_generate_label(request: CallRequest, asked: LabelRequest, version: Version) -> HttpResponse:
    """The same call as generateLabel, without a parcel, a number or a label."""
    name = version_of(version)
    _caller, link = admit(request, asked)
    if problems := check(order_of(asked, link)):
        raise Rejected(problems)
    paper_of(asked.outputFormat.outputPrintingType if asked.outputFormat else "")
    return json(infos(None, None, name))


@router.post(
    SLS + "getLabel",
    response=REFUSALS,
    summary="Print a label once more",
    url_name="getLabel",
    operation_id="getLabel",
    openapi_extra={**MULTIPART, "parameters": REPRINT_HEADERS},
)
@decorate_view(served(PRINT))
def get_label(request: CallRequest, asked: ReprintRequest, version: Version) -> HttpResponse:
    """Administrators: the labels of their account; others: those they franked. Any other number is a wrong one."""
    name = version_of(version)
    given = credentials(request, "", request.headers.get("login", ""), request.headers.get("password", ""))
    caller = identify(request, given)
    link = account_of(request, caller, request.headers.get("accountNumber", "").strip())
    parcels = Parcel.objects.for_account(link.account).filter(number=numbers.read(asked.parcelNumber[:40]))
    if not link.administers:
        parcels = parcels.filter(franked_by=caller.user)
    parcel = parcels.exclude(label=None).first()
    if parcel is None or parcel.cancelled_at:
        raise Fault("30321", 400, _("There is no such parcel number."))
    return response(answer(request, parcel, paper_of(asked.outputPrintingType), name))


# What is asked.


def version_of(version: str) -> str:
    """What the answer of a published version calls the label; there are no others."""
    if version not in VERSIONS:
        raise Fault("404", 404, _("There are versions 2.0 and 3.1 of this service."))
    return VERSIONS[version]


def admit(request: CallRequest, asked: LabelRequest) -> tuple[Caller, AccountLink]:
    """Who calls, and the link by which they frank.

    With a key the contract number names the account; with a password it is the user name. ACCOUNT_NUMBER is the
    account that somebody else's software acts for.
    """
    given: Credentials = credentials(request, "", asked.contractNumber, asked.password)
    if given.secret or not asked.password:
        given = replace(given, username="", password="")
    caller = identify(request, given)
    own = asked.contractNumber if caller.key else ""
    return caller, account_of(request, caller, asked.named("ACCOUNT_NUMBER") or own)


def order_of(asked: LabelRequest, link: AccountLink) -> Order:
    """The order in a call, sent by the account if it names no sender; what is missing is left to the check."""
    letter = asked.letter
    if letter is None:
        raise Fault(EMPTY, 400, _("The field “%(name)s” must not be empty.") % {"name": "letter"})
    service, parcel = letter.service or LabelService(), letter.parcel or LabelParcel()
    sender = letter.sender.address if letter.sender else None
    to = address(letter.addressee.address if letter.addressee else None)
    reference = letter.sender.senderParcelRef if letter.sender else ""
    return Order(
        product=product(service.productCode, to.country),
        weight=grams(parcel.weight),
        addressee=to,
        sender=address(sender) if sender else franking.sender_of(link.account),
        reference=reference or service.orderNumber,
        tag=asked.named("CUSER_INFO_TEXT"),
        pickup_point=parcel.pickupLocationId,
        instructions=parcel.instructions,
        commercial_name=service.commercialName,
        customer_label=asked.named("CUSTOMER_LABEL") if asked.named("PRINT_CUSTOMER_LABEL") else "",
        deposit_date=day(service.depositDate),
    )


def product(code: str, country: str) -> str:
    """The product of a code: abroad, that with signature is sold under its own."""
    code = code.upper()
    abroad = country.upper() not in products.FRANCE | products.OVERSEAS and country
    return "COLI" if code == "DOS" and abroad else code


def address(given: LabelAddress | None) -> Address:
    """An address as labels have it."""
    if given is None:
        return Address(country="")
    return Address(
        company=given.companyName, last_name=given.lastName, first_name=given.firstName, line0=given.line0,
        line1=given.line1, line2=given.line2, line3=given.line3, postcode=given.zipCode, town=given.city,
        country=given.countryCode, phone=given.phoneNumber, mobile=given.mobileNumber, email=given.email,
        door_code1=given.doorCode1, door_code2=given.doorCode2, intercom=given.intercom,
    )  # fmt: skip


def grams(kilograms: str) -> Any:
    """A weight in grams, ten of them up; empty when none was sent, 0 when it is no weight."""
    if not kilograms:
        return ""
    try:
        weight = Decimal(kilograms.replace(",", "."))
    except InvalidOperation:
        return 0
    if not weight.is_finite() or not Decimal("0.01") <= weight <= HEAVIEST:
        return 0
    return int((weight * 100).to_integral_value(ROUND_CEILING)) * 10


def day(text: str) -> Any:
    """A day; the text itself when it is none, for the check to refuse."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return text


def paper_of(name: str) -> Paper:
    """The format that was asked for. Those with a customs form come without it: none is made here."""
    if not name:
        raise Fault("30025", 400, _("The printing format is missing."))
    try:
        return Paper(name.removesuffix("_UL"))
    except ValueError as error:
        raise Fault("30026", 400, _("There is no such printing format.")) from error


# What is answered.


def make(request: CallRequest, caller: Caller, link: AccountLink, asked: LabelRequest, name: str) -> Answer:
    """A new parcel and its label."""
    order = order_of(asked, link)
    paper = paper_of(asked.outputFormat.outputPrintingType if asked.outputFormat else "")
    try:
        parcel = franking.frank(link=link, by=caller.user, order=order, key=caller.key, service=True)
    except franking.Refused as refused:
        raise Rejected(refused.problems) from refused
    return answer(request, parcel, paper, name)


def answer(request: CallRequest, parcel: Parcel, paper: Paper, name: str) -> Answer:
    """A label in two parts, as the published service sends them."""
    request.call.number = parcel.number
    label = Label.from_dict(parcel.label or {})
    boundary = f"uuid:{uuid4()}"
    facts = orjson.dumps(infos(parcel.number, routing(parcel.number, parcel.postcode, parcel.country), name))
    body = b"".join([
        part(boundary, "application/json;charset=UTF-8", "jsonInfos", facts),
        part(boundary, "application/octet-stream", "label", render([label], paper)),
        f"--{boundary}--".encode(),
    ])  # fmt: skip
    return Answer(200, f'multipart/mixed; boundary="{boundary}"; type="application/json"', body)


def part(boundary: str, content_type: str, name: str, content: bytes) -> bytes:
    """One part of an answer."""
    head = f"--{boundary}\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <{name}>"
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"


def infos(number: str | None, partner: str | None, name: str) -> dict[str, Any]:
    """The part `jsonInfos`: what was done, and the number of the parcel where there is one."""
    made = {"parcelNumber": number, "parcelNumberPartner": partner, "pdfUrl": None, "fields": None}
    answers: dict[str, Any] = dict.fromkeys(("labelXmlV2Reponse", name or "labelV2Response"))
    if number:
        answers[name] = made
    return {"messages": [message("0", str(DONE))], **answers}


def response(answer: Answer) -> HttpResponse:
    """An answer, new or kept, on its way."""
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
