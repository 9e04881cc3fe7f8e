"""What the carrier's staff fill in to put a document at an account's disposal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import files
from accounts.models import CustomerAccount, Document
from colibox.lib.text import line


class DocumentForm(forms.ModelForm):  # type: ignore[type-arg]
    """A file, for whom it is, and what it is."""

    account_number = forms.CharField(
        label=_("Account number"),
        max_length=6,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 8}),
        error_messages={"required": _("Enter the number of the account, for example 900138.")},
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, XLSX or CSV, 10 MB at most."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".pdf,.xlsx,.csv"}),
        error_messages={"required": _("Choose the file: a PDF, an XLSX workbook or a CSV table.")},
    )

    class Meta:
        model = Document
        fields = ("kind", "title", "number", "issued_on", "amount")
        widgets = {
            "issued_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "title": forms.TextInput(attrs={"size": 50}),
        }
        error_messages = {
            "kind": {"required": _("Choose what it is.")},
            "title": {"required": _("Enter what it is called, for example October invoice.")},
            "issued_on": {"required": _("Enter the day of the document, for example 30/11/2026.")},
        }

    field_order = ("account_number", "kind", "number", "title", "issued_on", "amount", "file")

    def __init__(self, *args: Any, too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.attrs["min"] = "0"
        if too_large:
            self.fields["file"].error_messages["required"] = _("This file is too large; 10 MB are the most.")

    def clean_account_number(self) -> CustomerAccount:
        number = self.cleaned_data["account_number"]
        account = CustomerAccount.objects.filter(number=number).first()
        if account is None:
            raise ValidationError(_("There is no account %(number)s."), params={"number": number})
        return account

    def clean_title(self) -> str:
        return line(self.cleaned_data["title"], 120)

    def clean_number(self) -> str:
        return line(self.cleaned_data["number"], 40)

    def clean_amount(self) -> Any:
        amount = self.cleaned_data["amount"]
        if amount is not None and not 0 <= amount < 10**9:
            raise ValidationError(_("Enter the amount in euros, for example 1234.56."))
        return amount

    def clean_file(self) -> files.File:
        file = self.cleaned_data["file"]
        if file.size > Document.LARGEST:
            raise ValidationError(_("This file is too large; 10 MB are the most."))
        return files.read(file.name, file.read())

    def facts(self) -> dict[str, Any]:
        """What the action is told."""
        asked = dict(self.cleaned_data)
        return {"account": asked.pop("account_number"), **asked}
