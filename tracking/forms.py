"""What people type about parcels: cleaned, never saved here."""

from __future__ import annotations

import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from colibox.lib.text import composed
from tracking.models import Claim

LONGEST_MESSAGE = 4000
KEPT = "\n\t\u200c\u200d"
"""Characters without a shape that messages need: lines, and the joiners of some scripts and emoji."""


class MessageField(forms.CharField):
    """Some lines of text, without the characters that nobody sees."""

    def __init__(self, *, rows: int = 8, **kwargs: object) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(widget=widget, max_length=LONGEST_MESSAGE, **kwargs)  # type: ignore[arg-type]

    def to_python(self, value: str | None) -> str:
        text = (value or "").replace("\r\n", "\n")
        shown = "".join(c for c in text if c in KEPT or unicodedata.category(c)[0] != "C")
        return super().to_python(composed(shown, LONGEST_MESSAGE)) or ""


class ReplyForm(forms.Form):
    """One message more on a claim."""

    text = MessageField(
        label=_("Your message"), rows=5, error_messages={"required": _("Write your message, then send it.")}
    )


class ClaimForm(forms.Form):
    """A claim on a parcel: why, and what happened."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Claim.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what the claim is about.")},
    )
    text = MessageField(
        label=_("What happened"),
        help_text=_("What you expected, what you found, what you ask for. 4,000 characters at most."),
        error_messages={"required": _("Say what happened: customer service starts from there.")},
    )
