"""The addresses of the web services, under /ws/ with the same tails as published."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.urls import URLPattern, path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from colibox.lib.access import tag
from rights.keys.connection import Refused
from tracking.api import labels, points, suivi, timeline
from tracking.api.calling import refusal
from tracking.api.docs import docs, openapi
from tracking.api.faults import Fault
from tracking.api.wire import StrictParser

app_name = "ws"

api = NinjaAPI(
    title="Colibox web services",
    version="1.0",
    description="Labels, tracking and pickup points, as the carrier's published REST services have them.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="ws",
    parser=StrictParser(),
    servers=[{"url": "/ws"}],
)
for router in (labels.router, suivi.router, timeline.router, points.router):
    api.add_router("", router)
for error in (Fault, Refused, HttpError, ValidationError):
    api.add_exception_handler(error, refusal)


def services() -> Iterator[URLPattern]:
    """Their addresses with the tag that the middleware asks for; the transaction is that of `calling.served`."""
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern) and pattern.name != "api-root":
            tag(login_not_required(transaction.non_atomic_requests(pattern.callback)), "web service")
            yield pattern


urlpatterns = [
    path("docs", docs, {"api": api}, name="docs"),
    path("openapi.json", openapi, {"api": api}, name="openapi"),
    *services(),
]
