"""Which columns the list of people shows: those chosen, now or before in this browser, or what suits the account."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse

from rights.access import AccountRequest
from rights.people.filters import MORE_COLUMNS, Asked
from rights.places import Places

COOKIE = "people_columns"
YEAR = 365 * 24 * 3600


def only_chosen(request: AccountRequest, asked: Asked, places: Places) -> Asked:
    """What is asked, without columns that a filter brought along as they are shown anyway."""
    silent = replace(asked, columns=None)
    return silent if asked.columns == shown(request, silent, places) else asked


def chosen(request: AccountRequest, asked: Asked) -> tuple[str, ...] | None:
    """The columns that were chosen to be shown besides, now or before in this browser; None where none ever were."""
    if asked.columns is not None:
        return asked.columns
    kept = request.COOKIES.get(COOKIE)
    return None if kept is None else tuple(name for name in MORE_COLUMNS if name in kept.split("."))


def shown(request: AccountRequest, asked: Asked, places: Places) -> tuple[str, ...]:
    """The columns to show besides, the one that the list is sorted by among them."""
    found = chosen(request, asked)
    columns = _suiting(places) if found is None else found
    return tuple(name for name in MORE_COLUMNS if name in (*columns, asked.sort.removeprefix("-")))


def _suiting(places: Places) -> tuple[str, ...]:
    """Where nobody chose: tags, and where people belong, or when they were here last."""
    return "tags", "site" if places.sites else "sub_account" if places.sub_accounts else "seen"


def keep(request: AccountRequest, response: HttpResponse, asked: Asked) -> None:
    """Remember in this browser what was chosen now."""
    if asked.columns is not None:
        value, secure = ".".join(asked.columns), request.is_secure()
        response.set_cookie(COOKIE, value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
