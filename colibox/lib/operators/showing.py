"""How the staff's pages show what their models keep: names that lead on, moments, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html

from colibox.lib.text import Text


@dataclass(frozen=True)
class Waiting:
    """Something that somebody of the staff should see to."""

    what: Text
    count: int
    url: str = ""
    urgent: bool = False


def moment(at: datetime | None) -> str:
    """A day and a time as the reader writes them; a dash for none."""
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else "–"


def link(row: Model | None) -> str:
    """The name of a row, which leads to its page where it has one; a dash for none."""
    if row is None:
        return "–"
    try:
        url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return str(row)
    return format_html('<a href="{}">{}</a>', url, row)


Shown = Callable[[Any, Any], str]


def linked(name: str, label: Any) -> Shown:
    """A column of a list, or a line of a page: what a row points to, by a link."""

    @admin.display(description=label)
    def shown(_page: Any, row: Any) -> str:
        return link(getattr(row, name))

    return shown


def timed(name: str, label: Any) -> Shown:
    """A column or a line that says when."""

    @admin.display(description=label)
    def shown(_page: Any, row: Any) -> str:
        return moment(getattr(row, name))

    return shown
