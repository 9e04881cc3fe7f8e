"""The tags that say, above each view, who may open it; a view without a tag is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase

from colibox.lib import tenancy

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """Anybody may open it; no account's data is in reach."""
    return tag(login_not_required(view), "public")


def signed_in(view: View) -> View:
    """Whoever is signed in may open it; their own links are in reach."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenancy.scope(user=request.user.pk):
            return view(request, *args, **kwargs)

    return tag(wrapper, "signed in")


def tag(view: View, name: str) -> View:
    """Mark a view with the name of its rule, which the middleware and the access matrix read."""
    view.access = name  # type: ignore[attr-defined]
    return view
