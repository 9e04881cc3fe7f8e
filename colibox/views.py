"""The answers that belong to no app: is the portal alive, is it ready, and what it says when a request fails."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from colibox.lib.access import public
from colibox.lib.cache import shared_cache
from colibox.middleware import is_outage, service_unavailable


@public
@require_safe
@transaction.non_atomic_requests
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked, so a broken database restarts nobody."""
    return HttpResponse("ok", content_type="text/plain")


@public
@require_safe
@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether to send requests here. Without Redis the portal still serves, so that alone refuses nothing."""
    needed = {"database": _holds(_database_answers), "migrations": _holds(_migrations_are_applied)}
    checks = {**needed, "redis": shared_cache().answers()}
    body = {name: "ok" if holds else "failed" for name, holds in checks.items()}
    return JsonResponse(body, status=200 if all(needed.values()) else 503)


def _holds(check: Callable[[], None]) -> bool:
    try:
        check()
    except (Error, LookupError):
        return False
    return True


def _database_answers() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@cache
def _migrations_are_applied() -> None:
    """Raise LookupError while one is missing; asked until it is true, then never again in this process."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """The last page there is: it asks the database nothing, and says so when the database is the reason."""
    error = sys.exc_info()[1]
    if error is not None and is_outage(error):
        with translation.override(translation.get_language_from_request(request)):
            return service_unavailable(request)
    return HttpResponseServerError(render_to_string("500.html", {"support": settings.SUPPORT}))
