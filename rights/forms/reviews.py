"""The form that opens a review of access."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from colibox.lib.text import line
from rights.models import Campaign


class OpenReviewForm(forms.Form):
    """A name and a deadline."""

    name = forms.CharField(
        label=_("Name of the review"),
        max_length=Campaign._meta.get_field("name").max_length,
    )
    deadline = forms.DateField(label=_("Deadline"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["name"].initial = gettext("Access review, %(month)s") % {"month": date_format(today, "F Y")}
        self.fields["deadline"].initial = today + timedelta(days=30)
        self.fields["deadline"].widget.attrs["min"] = f"{today + timedelta(days=1):%Y-%m-%d}"

    def clean_name(self) -> str:
        return line(self.cleaned_data["name"], 80)

    @property
    def asked(self) -> tuple[str, date]:
        """The name and the deadline, clean."""
        return self.cleaned_data["name"], self.cleaned_data["deadline"]
