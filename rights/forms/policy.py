"""From when on an account requires a second factor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount

PROPOSED = timedelta(days=14)


class PolicyForm(forms.Form):
    """The first day on which nobody comes in without a second factor."""

    day = forms.DateField(
        label=_("Required from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave people some days: they are told at once, a week before and the day before."),
        error_messages={
            "required": _("Choose a day, for example in two weeks."),
            "invalid": _("Choose a day, for example in two weeks."),
        },
    )

    def __init__(self, data: Any, *, account: CustomerAccount) -> None:
        day = account.second_factor_from or timezone.localdate() + PROPOSED
        super().__init__(data, initial={"day": day})
