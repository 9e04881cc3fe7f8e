"""The tags that say, above each view, who may open it; a view without a tag is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.template.response import SimpleTemplateResponse

from colibox.lib import tenancy

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """Anybody may open it; the links of who is signed in are in reach, for the frame, and nothing else."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if connection.in_atomic_block and request.user.is_authenticated:
            with tenancy.scope(user=request.user.pk):
                return rendered(view(request, *args, **kwargs))
        return view(request, *args, **kwargs)

    return tag(login_not_required(wrapper), "public")


def signed_in(view: View) -> View:
    """Whoever is signed in may open it; their own links are in reach."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with tenancy.scope(user=request.user.pk):
            return rendered(view(request, *args, **kwargs))

    return tag(wrapper, "signed in")


def rendered(response: HttpResponseBase) -> HttpResponseBase:
    """The response, drawn now: a library's TemplateResponse would draw itself when nothing is in reach any more."""
    return response.render() if isinstance(response, SimpleTemplateResponse) else response


def tag(view: View, name: str) -> View:
    """Mark a view with the name of its rule, which the middleware and the access matrix read."""
    view.access = name  # type: ignore[attr-defined]
    return view
