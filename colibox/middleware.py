"""What is true of every request: where it comes from, its headers, the tag of its view, a database that answers."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from colibox.lib import origin, throttle

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)

UNTAGGED_MODULES = ("allauth.", "django.contrib.admin.", "colibox.lib.operators.", "django.contrib.staticfiles.")
"""Libraries and the operators' site, whose views have rules of their own; ours carry a tag of colibox.lib.access."""

refusals = logging.getLogger("colibox.refusals")
REFUSALS_AN_HOUR = 60

SERVICES, SERVICES_PAGE = "/ws/", "/ws/docs"


def unavailable(get_response: GetResponse) -> GetResponse:
    """Answer 503 with Retry-After while the database does not."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return service_unavailable(request) if is_outage(exception) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def is_outage(exception: BaseException) -> bool:
    """Whether the database is away, as opposed to a query that is wrong or too slow."""
    return isinstance(exception, OperationalError | InterfaceError) and "statement timeout" not in str(exception)


def service_unavailable(request: HttpRequest) -> HttpResponseBase:
    """The page of a database that does not answer; it asks the database nothing."""
    logger.error("The database does not answer: %s", request.path)
    page = render_to_string("503.html", {"support": settings.SUPPORT})  # the frame of a page asks who reads it
    return HttpResponse(page, status=503, headers={"Retry-After": "30"})


def headers(get_response: GetResponse) -> GetResponse:
    """Give each request a number and an origin, and its answer the headers that pages of a tenant need."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request_id = uuid.uuid4().hex
        channel = "web service" if request.path.startswith(SERVICES) else "screen"
        with origin.of(origin.Origin(channel=channel, ip=_address(request), request_id=request_id)):
            response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers["X-Request-Id"] = request_id
        return response

    return middleware


def no_cookies_for_services(get_response: GetResponse) -> GetResponse:
    """Take the cookies off calls to the web services: whoever is signed in calls them as nobody does."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(SERVICES) and not request.path.startswith(SERVICES_PAGE):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return middleware


def _address(request: HttpRequest) -> str | None:
    """Where a request comes from, as the limits of sign-in count it: behind proxies, what they say of it."""
    with suppress(PermissionDenied):  # nothing is known of who comes by a socket without a proxy
        return str(get_adapter(request).get_client_ip(request))
    return None


def log_refusals(get_response: GetResponse) -> GetResponse:
    """A line for each page of an account that is refused to somebody signed in: who, what, which account, no address.

    So many an hour for each person: whoever tries them all fills no disk, and has been seen.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response, match = get_response(request), request.resolver_match
        who = getattr(request.user, "uuid", None)
        if response.status_code not in (403, 404) or not who or not match or "number" not in match.kwargs:
            return response
        if throttle.allow(f"refusals:{who}", limit=REFUSALS_AN_HOUR, seconds=3600):
            facts = (response.status_code, request.method, match.view_name, match.kwargs["number"], who)
            refusals.warning("%s %s %s account=%s person=%s request=%s", *facts, origin.current().request_id)
        return response

    return middleware


def page_for_not_allowed(get_response: GetResponse) -> GetResponse:
    """A page of ours where a browser asks for the address of a button; programs get the bare answer."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code == 405 and request.method == "GET" and not request.path.startswith(SERVICES):
            page = render_to_string("405.html", {"support": settings.SUPPORT})
            return HttpResponse(page, status=405, headers={"Allow": response.headers.get("Allow", "POST")})
        return response

    return middleware


def tagged_views_only(get_response: GetResponse) -> GetResponse:
    """Refuse a view that does not say who may open it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return get_response(request)

    def process_view(request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if not hasattr(view, "access") and not view.__module__.startswith(UNTAGGED_MODULES):
            raise PermissionDenied(f"{view.__module__}.{view.__name__} has no access tag.")

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
