"""What is typed of a contact, and how it is read again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.contacts import FIELDS
from accounts.models import Contact
from colibox.lib.numbers import telephone
from users.forms import EmailField, LineField, phone_field
from users.models import Civility


class DirectoryForm(forms.Form):
    """One contact as the directory knows them: who they are, how to reach them, and what they are called for."""

    last_name = LineField(
        label=_("Last name"), missing=_("Enter the last name, for example Martin."), autocomplete="off"
    )
    first_name = LineField(label=_("First name"), missing="", autocomplete="off", required=False)
    civility = forms.ChoiceField(label=_("Title"), required=False, choices=[("", "–"), *Civility.choices])
    function = LineField(label=_("Job title"), missing="", autocomplete="off", required=False)
    email = EmailField(required=False)
    phone = phone_field(_("Telephone"), autocomplete="off", required=False)
    mobile = phone_field(_("Mobile"), autocomplete="off", required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), required=False, choices=Contact.Role.choices, widget=forms.CheckboxSelectMultiple
    )

    def facts(self) -> dict[str, Any]:
        """What the actions take."""
        values = {name: self.cleaned_data[name] for name in FIELDS}
        return {name: value if isinstance(value, list) else str(value or "") for name, value in values.items()}


def shown(contact: Contact, name: str) -> str:
    """A value of a contact in words."""
    if name == "roles":
        return ", ".join(str(role.label) for role in Contact.Role if role in contact.roles)
    if name == "civility":
        return contact.get_civility_display()
    return telephone(getattr(contact, name))
