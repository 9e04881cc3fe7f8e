"""What administrators send: a file, or a list of addresses with the rights that all of them get."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from rights.forms.rights import AdvancedRightsForm
from users.forms import LanguageMixin

LONGEST_LIST = 1_000_000
TOO_LARGE = _("This file is too large; 10 MB are the most. Cut it in several files.")


class TokenMixin(forms.Form):
    """What makes a double click one import: each form that is drawn bears another token."""

    token = forms.UUIDField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid4)


class UploadForm(TokenMixin):
    """A file of users."""

    file = forms.FileField(
        label=_("Your file"),
        help_text=_("CSV, TXT or XLSX, 10 MB and 50,000 rows at most."),
        allow_empty_file=True,  # the action says what is wrong with it
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
        error_messages={
            "required": _("Choose the file that you filled in."),
            "missing": _("Choose the file that you filled in."),
            "invalid": _("Choose the file that you filled in."),
        },
    )

    def __init__(self, *args: Any, too_large: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if too_large:
            self.fields["file"].error_messages["required"] = TOO_LARGE


class PasteForm(TokenMixin, LanguageMixin, AdvancedRightsForm):
    """Several addresses, and the rights of all of them."""

    needs_one = True

    addresses = forms.CharField(
        label=_("E-mail addresses"),
        max_length=LONGEST_LIST,
        help_text=_(
            "One per line, or separated by commas or semicolons. What you copy from Outlook is understood too:"
            " Claire Martin &lt;claire.martin@example.com&gt;."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter at least one e-mail address, for example claire.martin@example.com."),
            "max_length": _("This list is too long: send it as a file."),
        },
    )
