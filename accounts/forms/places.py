"""What administrators type about sub-accounts and sites: cleaned, never saved here."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actions.places import ADDRESS, AnyPlace
from accounts.models import CustomerAccount, Site, SubAccount
from users.forms import LineField, country_field, french_postcode

BETWEEN = "|"
"""What separates several places in a file, and is therefore in no name."""


def check_no_bar(text: str) -> None:
    """Raise ValidationError when a name holds what separates names in a file."""
    if BETWEEN in text:
        raise ValidationError(_("No vertical bar here: it separates several names in files."))


class NameField(LineField):
    """The name or number of a place."""

    default_validators = [*LineField.default_validators, check_no_bar]


class PlaceForm(forms.Form):
    """What sub-accounts and sites have in common."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, account: CustomerAccount, place: AnyPlace | None = None) -> None:
        names = [name for name in self.base_fields if place is not None]
        super().__init__(data, initial={name: getattr(place, name) for name in names})
        self.account, self.place = account, place

    def facts(self) -> dict[str, Any]:
        """What is said of the place, by field of the model."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SubAccountForm(PlaceForm):
    """A sub-account."""

    number = NameField(
        label=_("Sub-account number"), missing=_("Enter the number, for example 01."), autocomplete="off", max_length=20
    )
    name = NameField(
        label=_("Name"), missing=_("Enter the name, for example Western region."), autocomplete="off"
    )  # fmt: skip


class SiteForm(PlaceForm):
    """A site, under the account itself or one of its sub-accounts."""

    name = NameField(
        label=_("Name"),
        missing=_("Enter the name, for example Nantes warehouse."),
        autocomplete="off",
        help_text=_("As people call it. Files find it whatever its capitals and accents."),
    )
    sub_account = forms.ModelChoiceField(
        SubAccount.objects.none(),
        label=_("Sub-account"),
        required=False,
        to_field_name="uuid",
        empty_label=_("None: directly under the account"),
        error_messages={"invalid_choice": _("This sub-account is not there any more: choose another one.")},
    )
    address_1 = LineField(label=pgettext_lazy("of a place", "Address"), missing="", autocomplete="off", required=False)
    address_2 = LineField(label=_("Address, line 2"), missing="", autocomplete="off", required=False)
    postcode = LineField(label=_("Postcode"), missing="", autocomplete="off", max_length=12, required=False)
    town = LineField(label=_("Town"), missing="", autocomplete="off", required=False)
    country = country_field()

    def __init__(self, data: Any = None, *, account: CustomerAccount, place: AnyPlace | None = None) -> None:
        super().__init__(data, account=account, place=place)
        parents = SubAccount.objects.for_account(account)
        cast("forms.ModelChoiceField[SubAccount]", self.fields["sub_account"]).queryset = parents
        if isinstance(place, Site) and place.sub_account:
            self.initial["sub_account"] = place.sub_account.uuid
        if not parents.exists():
            del self.fields["sub_account"]

    def clean(self) -> dict[str, Any]:
        """A French postcode has five digits."""
        values = super().clean() or self.cleaned_data
        if values.get("country") == "FR" and values.get("postcode"):
            try:
                values["postcode"] = french_postcode(values["postcode"])
            except ValidationError as error:
                self.add_error("postcode", error)
        return values

    @property
    def address(self) -> list[forms.BoundField]:
        """The fields of the address, which may stay empty."""
        return [self[name] for name in ADDRESS]


def form_of(place: AnyPlace) -> type[PlaceForm]:
    """The form that changes this sort of place."""
    return SiteForm if isinstance(place, Site) else SubAccountForm
