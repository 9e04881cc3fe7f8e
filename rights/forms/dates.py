"""The days of an access as an administrator types them: those of the link, and those of each right given on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from rights import catalogue
from rights.actions.spans import EARLIEST, LATEST, Span, wrong
from rights.models import AccountLink, Grant


class DayField(forms.DateField):
    """A day, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
            error_messages={"invalid": _("Enter a day, for example 31/12/2026.")},
            **kwargs,
        )


@dataclass(frozen=True)
class Row:
    """One right with its two days."""

    grant: Grant
    label: catalogue.Text
    since: BoundField
    until: BoundField


class SpanMixin(forms.Form):
    """From when until when an access is open; an empty day is none."""

    starts_on = DayField(label=_("Start date"), help_text=_("The access opens on this day, once it is accepted."))
    ends_on = DayField(label=_("End date"), help_text=_("The last day; the rights are kept after it."))

    def span(self) -> Span:
        """The days as the actions take them."""
        return Span(self.cleaned_data["starts_on"], self.cleaned_data["ends_on"])


class EndForSomeForm(forms.Form):
    """The last day that an act on many people gives their access, or that it has none."""

    WAYS = (("on", _("On a day")), ("never", _("No end date")))

    ends = forms.ChoiceField(label=_("End date"), choices=WAYS)
    ends_on = DayField(label=_("Last day"), help_text=_("The access stops after this day; the rights are kept."))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["ends_on"].required = data is None or data.get("ends") != "never"
        self.fields["ends_on"].error_messages["required"] = self.fields["ends_on"].error_messages["invalid"]

    def clean_ends_on(self) -> date | None:
        day: date | None = self.cleaned_data["ends_on"]
        if self.fields["ends_on"].required and (reason := wrong(Span(None, day))):
            raise ValidationError(reason)
        return day

    @property
    def ways(self) -> list[tuple[str, catalogue.Text, bool]]:
        """A day or none: what is posted, its label, and whether it is chosen."""
        chosen = self["ends"].value() or "on"
        return [(way, label, way == chosen) for way, label in self.WAYS]

    def day(self) -> date | None:
        """The last day, if there is to be one."""
        chosen: date | None = self.cleaned_data["ends_on"]
        return chosen if self.cleaned_data["ends"] == "on" else None


class DatesForm(SpanMixin):
    """The days of a link, and those of each right given on it."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, link: AccountLink) -> None:
        initial = {"version": link.version, "starts_on": link.starts_on, "ends_on": link.ends_on}
        super().__init__(data, initial=initial)
        grants = {grant.right: grant for grant in link.grants.all()} if not link.administers else {}
        self.grants = {right.code: grants[right.code] for right in catalogue.RIGHTS if right.code in grants}
        for code, grant in self.grants.items():
            named = {"right": catalogue.BY_CODE[code].full_label}
            self.fields[f"since_{code}"] = DayField(label=_("%(right)s, from") % named, initial=grant.since)
            self.fields[f"until_{code}"] = DayField(label=_("%(right)s, until") % named, initial=grant.until)

    @property
    def rows(self) -> Iterator[Row]:
        """The rights, each with its days."""
        for code, grant in self.grants.items():
            yield Row(grant, catalogue.BY_CODE[code].full_label, self[f"since_{code}"], self[f"until_{code}"])

    @property
    def narrowed(self) -> bool:
        """Whether some right has days of its own, or was about to be given some."""
        return any(row.since.value() or row.until.value() or row.until.errors for row in self.rows)

    def facts(self) -> dict[str, Any]:
        """What the action that changes dates takes."""
        values = self.cleaned_data
        return {
            "version": values["version"],
            "span": self.span(),
            "rights": {code: Span(values[f"since_{code}"], values[f"until_{code}"]) for code in self.grants},
        }
