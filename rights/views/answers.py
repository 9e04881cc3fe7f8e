"""How a screen asks an action to act, and shows what the action refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.formats import date_format, time_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from rights.models import AccountLink

Result = TypeVar("Result")


def attempt(form: forms.Form, act: Callable[..., Result], **facts: Any) -> Result | None:
    """What the action returns; or None, with its refusal beside the fields that it speaks of."""
    try:
        return act(**facts)
    except ValidationError as refusal:
        by_field: dict[str, list[ValidationError]] = refusal.update_error_dict({})
        for name, errors in by_field.items():
            form.add_error(name if name in form.fields else None, errors)
        return None


def back(request: HttpRequest, default: Any, *args: Any) -> str:
    """Where a small act returns to: the local address that was posted as `next`, else this one."""
    return local(request, request.POST.get("next", "")) or resolve_url(default, *args)


def local(request: HttpRequest, address: str) -> str:
    """The address, if it is one of ours; whoever sends a link to a page of ours may write any behind it."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, request.is_secure()
    )
    return address if ours else ""


def deadline(link: AccountLink) -> str:
    """Until when an invitation is good, in full: 23/11/2026 at 2.05 pm."""
    assert link.expires_at is not None
    until = localtime(link.expires_at)
    return _("%(day)s at %(time)s") % {
        "day": date_format(until, "SHORT_DATE_FORMAT"),
        "time": time_format(until, "TIME_FORMAT"),
    }
