"""Days of the calendar here: when they begin, how pages write them, the two that an address asks for."""

from __future__ import annotations

from datetime import date, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from colibox.lib.text import line

LONGEST = 60
FIELD = forms.DateField(validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))])


def midnight(day: date) -> datetime:
    """When a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def shown(day: date | None) -> str:
    """A day as pages write it."""
    return formats.date_format(day, "SHORT_DATE_FORMAT") if day else ""


def asked(query: QueryDict) -> tuple[dict[str, str], dict[str, date]]:
    """Of the days `from` and `to` of an address, what is wrong with them, and those that are days."""
    errors: dict[str, str] = {}
    found: dict[str, date] = {}
    for name in ("from", "to"):
        typed = line(query.get(name), LONGEST)
        try:
            found |= {name: FIELD.clean(typed)} if typed else {}
        except ValidationError:
            facts = {"typed": typed, "day": shown(timezone.localdate())}
            errors[name] = _("“%(typed)s” is no day. Enter one such as %(day)s.") % facts
    if found.get("from", date.min) > found.get("to", date.max):
        errors["to"] = _("This day is before the first one.")
        del found["to"]
    return errors, found
