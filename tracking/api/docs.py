"""What a developer reads: the page about the web services, and their OpenAPI."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from colibox.lib.access import public
from tracking.api.examples import examples

PAGES = {"fr": "tracking/ws_fr.html", "en": "tracking/ws_en.html"}
"""The page is a text of its own in each language, as the user guide is."""


@public
@require_safe
def docs(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """What there is, how to call it, with examples that run."""
    base = f"{settings.PUBLIC_BASE_URL}/ws"
    told = {name: {"call": each.curl(base), "answer": each.answer} for name, each in examples().items()}
    limits = {"key": settings.WS_CALLS_PER_MINUTE, "account": settings.WS_CALLS_PER_MINUTE_ACCOUNT}
    return render(request, PAGES[translation.get_language()], {"base": base, "examples": told, "limits": limits})


@public
@require_safe
def openapi(request: HttpRequest, api: NinjaAPI) -> HttpResponseBase:
    """All services in OpenAPI 3.1."""
    return JsonResponse(_written(api, translation.get_language()))


@cache
def _written(api: NinjaAPI, language: str) -> dict[str, Any]:
    """The OpenAPI in a language, which takes longer to write than any page."""
    return schema(api)


def schema(api: NinjaAPI) -> dict[str, Any]:
    """The OpenAPI, with the ways to show a key; a user name and a password stand where each service has them."""
    told: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=""))
    told["components"]["securitySchemes"] = {
        "apiKey": {"type": "apiKey", "in": "header", "name": "apiKey"},
        "okapiKey": {"type": "apiKey", "in": "header", "name": "X-Okapi-Key"},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    told["security"] = [{name: []} for name in told["components"]["securitySchemes"]] + [{}]
    return told
