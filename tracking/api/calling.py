"""What is true of every call: who calls, how often they may, that it is one transaction, and that it leaves a trace."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from time import monotonic
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja.errors import HttpError, ValidationError

from accounts.models import CustomerAccount
from colibox.lib import origin, tenancy, throttle
from rights.keys import connection
from rights.keys.connection import Caller, Refused
from rights.models import AccountLink
from tracking.actions import calls
from tracking.api.faults import Fault, Kind, Table

logger = logging.getLogger(__name__)
Run = Callable[..., HttpResponse]

MOST_BYTES = 256 * 1024
REFUSED_A_MINUTE = 120
"""Calls without a right key from one address; beyond, they are answered 429 and not traced one by one."""
SECRET_NAMES = re.compile(r"(api|okapi|access|connection)?[-_]?(key|token)|x-okapi-key|password|authorization", re.I)
SECRET = re.compile(r"cpk_\w{8}_\w{8}")


@dataclass(frozen=True)
class Service:
    """One operation of the published services: the right it needs, how it says a refusal."""

    name: str
    right: str
    table: Table
    refuse: Callable[[Fault], HttpResponse]
    writes: bool = False
    """Whether a call leaves more than its trace."""


@dataclass
class Call:
    """A call under way, and what is known of it so far."""

    service: Service
    began: float
    caller: Caller | None = None
    account: CustomerAccount | None = None
    number: str = ""
    error: str = ""

    def close(self, response: HttpResponse) -> None:
        """Leave the trace of how it ended."""
        calls.trace(
            service=self.service.name, status=response.status_code, error=self.error, number=self.number,
            caller=self.caller, account=self.account, milliseconds=round((monotonic() - self.began) * 1000),
            hurry=response.status_code >= 400 or not self.service.writes,
        )  # fmt: skip


class CallRequest(HttpRequest):
    """A request to a web service."""

    call: Call


@dataclass(frozen=True)
class Credentials:
    """What a call says of who calls, wherever that service allows it to stand."""

    secret: str = ""
    username: str = ""
    password: str = ""


def served(service: Service) -> Callable[[Run], Run]:
    """Serve an operation: bounded, in one transaction that only a success commits, and traced however it ends."""

    def decorate(run: Run) -> Run:
        @wraps(run)
        def wrapper(request: CallRequest, **arguments: Any) -> HttpResponse:
            request.call = Call(service, monotonic())
            with translation.override("fr"):
                response = _answer(request, run, arguments)
                response.headers["Content-Language"] = translation.get_language()
            return response

        return wrapper

    return decorate


def _answer(request: CallRequest, run: Run, arguments: dict[str, Any]) -> HttpResponse:
    """The answer to a call. What failed is undone before its trace is written."""
    call = request.call
    try:
        with transaction.atomic():
            response = _bounded(request) or run(request, **arguments)
            if response.status_code < 400:
                call.close(response)
                return response
            transaction.set_rollback(True)
        return _refused(call, response)
    except (OperationalError, InterfaceError):
        logger.exception("The database did not answer a call of %s", call.service.name)
        return refusal(request, call.service.table.fault(Kind.AWAY))
    except Exception:
        logger.exception("A call of %s failed", call.service.name)
        return _refused(call, refusal(request, call.service.table.fault(Kind.BROKEN)))


def _refused(call: Call, response: HttpResponse) -> HttpResponse:
    """Trace a refusal, unless somebody without a right key makes too many of them."""
    if call.caller is None:
        address = origin.current().ip
        if seconds := throttle.wait(f"ws-refused:{address}", limit=REFUSED_A_MINUTE):
            return call.service.refuse(call.service.table.fault(Kind.LIMITED, wait=seconds))
    with transaction.atomic():
        if call.account:
            tenancy.reach(accounts=[call.account.pk])
        call.close(response)
    return response


def _bounded(request: CallRequest) -> HttpResponse | None:
    """The refusal of what is not even looked at: a secret in the address, an address or a body that is too large."""
    try:
        asked = list(request.GET.lists())
    except TooManyFieldsSent:
        return refusal(request, request.call.service.table.fault(Kind.LARGE))
    for name, values in asked:
        if SECRET_NAMES.fullmatch(name) or any(SECRET.search(str(value)) for value in values):
            return refusal(request, request.call.service.table.fault(Kind.QUERY))
    if _length(request) > MOST_BYTES:
        return refusal(request, request.call.service.table.fault(Kind.LARGE))
    return None


def _length(request: CallRequest) -> int:
    """How many bytes a body has. What comes in chunks, of which Django reads none, is read as far as it may go."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("wsgi.input_terminated"):
        request._body = request.META["wsgi.input"].read(MOST_BYTES + 1)
        return len(request.body)
    return int(length) if length.isdigit() else 0


def refusal(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The answer of a service to what is raised while it is asked."""
    call: Call = request.call  # type: ignore[attr-defined]
    fault = _fault(call.service, error)
    call.error = fault.code
    response = call.service.refuse(fault)
    for name, value in fault.headers.items():
        response.headers[name] = value
    return response


def _fault(service: Service, error: Exception | type[Exception]) -> Fault:
    if isinstance(error, Fault):
        return error
    if isinstance(error, Refused):
        return service.table.fault(error.reason, error.sentence)
    assert isinstance(error, ValidationError | HttpError)
    return service.table.fault(Kind.UNREADABLE)


# Who calls.


def credentials(request: HttpRequest, secret: str = "", username: str = "", password: str = "") -> Credentials:
    """A key in one of the published headers; else what the body of the call says, where its service publishes that."""
    scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    headers = (request.headers.get("apiKey"), request.headers.get("X-Okapi-Key"))
    found = next(filter(None, headers), "") or (bearer if scheme.lower() == "bearer" else "")
    return Credentials(found or secret, username, password)


def identify(request: HttpRequest, given: Credentials) -> Caller:
    """Who calls, by their key or, where the service publishes that, by user name and password."""
    call: Call = request.call  # type: ignore[attr-defined]
    ip = origin.current().ip or ""
    if given.secret or not given.username:
        call.caller = connection.by_key(given.secret, ip=ip)
    else:
        call.caller = connection.by_password(given.username, given.password, ip=ip)
    return call.caller


def account_of(request: HttpRequest, caller: Caller, number: str) -> AccountLink:
    """The link to act by, on the account that the call names or the only one there is; counted against its limits."""
    call: Call = request.call  # type: ignore[attr-defined]
    try:
        link = caller.link(call.service.right, number or None)
    except Refused:
        within_limits(call, caller, None)
        raise
    call.account = link.account
    within_limits(call, caller, link.account)
    return link


def within_limits(call: Call, caller: Caller, account: CustomerAccount | None) -> None:
    """Raise Fault once the caller, or the account, makes more calls than they may."""
    if seconds := connection.allow(caller, account):
        raise call.service.table.fault(Kind.LIMITED, wait=seconds)


def speak(language: str) -> None:
    """Answer in the language that a call asks for: fr_FR and FR are French, everything else is English."""
    translation.activate("fr" if language.lower().startswith("fr") else "en")
