"""A page before what cannot be undone: who loses what, and why it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from colibox.lib.operators.site import ReadOnly
from colibox.lib.text import Text
from colibox.lib.trace import SHORTEST_REASON


class ReasonForm(forms.Form):
    """Why it is done; who loses by it reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=SHORTEST_REASON,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("The owner reads it by e-mail, and the history keeps it."),
        error_messages={
            "required": _("Say why, for example: ticket 48213, the amount was wrong."),
            "min_length": _("Say why, for example: ticket 48213, the amount was wrong."),
        },
    )


@dataclass(frozen=True)
class Question:
    """What is about to be done to a row."""

    title: Text
    losses: Sequence[Text]
    button: Text
    done: Text
    back: str
    danger: bool = True
    reader: Text = ReasonForm.base_fields["reason"].help_text
    """Who reads the reason."""


def confirm(page: ReadOnly, request: HttpRequest, asked: Question, act: Callable[[str], object]) -> HttpResponse:
    """Ask, with a reason; then do it, or say why it cannot be done."""
    form = ReasonForm(request.POST or None)
    form.fields["reason"].help_text = str(asked.reader)
    if form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, str(asked.done))
            return redirect(asked.back)
    context = {**page.admin_site.each_context(request), "opts": page.opts}
    return render(request, "admin/confirm.html", {**context, "title": asked.title, "asked": asked, "form": form})
