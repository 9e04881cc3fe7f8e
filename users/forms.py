"""What people type about themselves and to sign in: cleaned, never saved here."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar, cast

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries.fields import CountryField
from phonenumber_field.formfields import PhoneNumberField

from colibox.lib.text import composed
from users import actions
from users.models import NO_ACCOUNT_NUMBER, USERNAME, Civility, Identity, Language, User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text

INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}
"""Unicode categories that no name or address needs: controls, direction overrides, private characters."""


def check_visible(text: str) -> None:
    """Raise ValidationError when a text bears characters that cannot be seen."""
    if text.isprintable():
        return
    if any(unicodedata.category(character) in INVISIBLE for character in text.replace("\0", "")):
        raise ValidationError(_("Type this again by hand: it contains characters that cannot be seen."))


def check_no_address(text: str) -> None:
    """Raise ValidationError when a text names a site: mails greet people by what is typed here."""
    if "://" in text or "www." in text.lower():
        raise ValidationError(_("No web address here."))


class LineField(forms.CharField):
    """One line of text with single spaces and composed accents; its errors show an example."""

    default_validators = [check_visible, check_no_address]

    def __init__(self, *, label: Text, missing: Text, autocomplete: str, max_length: int = 80, **kwargs: Any) -> None:
        widget = kwargs.pop("widget", forms.TextInput)(attrs={"autocomplete": autocomplete})
        messages = {"required": missing}
        super().__init__(label=label, max_length=max_length, widget=widget, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> str:
        return composed(" ".join((super().to_python(value) or "").split()), self.max_length or 0)


class EmailField(forms.EmailField):
    """An e-mail address; the domain, which has no case, in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        example = _("Enter an e-mail address, for example claire.martin@example.fr.")
        kwargs.setdefault("label", _("E-mail"))
        super().__init__(
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
            error_messages={"required": example, "invalid": example},
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return User.objects.normalize_email(super().to_python(value))

    def validate(self, value: str) -> None:
        """Some letters of other scripts are, to whoever ignores case, our own: they would be two people's address."""
        super().validate(value)
        if not value.partition("@")[0].isascii():
            raise ValidationError(self.error_messages["invalid"], code="invalid")


class UsernameField(forms.CharField):
    """A user name as its owner types it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("User name"))
        attributes = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        missing = _("Enter a user name, for example c.martin.")
        super().__init__(
            max_length=64,
            widget=forms.TextInput(attrs=attributes),
            error_messages={"required": missing},
            **kwargs,
        )


class NewUsernameField(UsernameField):
    """A user name to be chosen; account numbers are kept for those who administer them."""

    default_validators = [USERNAME, NO_ACCOUNT_NUMBER]


def phone_field(label: Text, *, autocomplete: str, required: bool = True) -> PhoneNumberField:
    """A telephone number, national in France, international elsewhere."""
    example = _("Enter a telephone number, for example 02 41 74 20 88, or +32 2 201 23 45 outside France.")
    field = PhoneNumberField(label=label, required=required, error_messages={"required": example, "invalid": example})
    field.widget.attrs["autocomplete"] = autocomplete
    return field


def french_postcode(text: str) -> str:
    """Five digits, without spaces. Raises ValidationError when they are not."""
    postcode = text.replace(" ", "")
    if not re.fullmatch(r"[0-9]{5}", postcode):
        raise ValidationError(_("A French postcode has five digits, for example 44000."))
    return postcode


def country_field() -> forms.ChoiceField:
    """The countries in the reader's language, the nearest first."""
    missing = _("Choose a country, for example France.")
    country = CountryField(_("Country"), default="FR")
    field = cast(
        forms.ChoiceField,
        country.formfield(error_messages={"required": missing, "invalid_choice": missing}),
    )
    field.widget.attrs["autocomplete"] = "country"
    return field


class IdentityForm(forms.Form):
    """The identity of an advanced user, or the part of it that every person has."""

    own: ClassVar[bool] = True
    """Whether people fill it in about themselves: only then may the browser offer what it knows."""

    last_name = LineField(
        label=_("Last name"), missing=_("Enter the last name, for example Martin."), autocomplete="family-name"
    )
    first_name = LineField(
        label=_("First name"), missing=_("Enter the first name, for example Claire."), autocomplete="given-name"
    )
    function = LineField(
        label=_("Job title"),
        missing=_("Enter the job title, for example Logistics manager."),
        autocomplete="organization-title",
    )
    phone = phone_field(_("Telephone"), autocomplete="tel")
    email = EmailField()
    address_1 = LineField(
        label=pgettext_lazy("of a person", "Address"),
        missing=_("Enter the address, for example 12 rue du Port."),
        autocomplete="address-line1",
    )
    address_2 = LineField(label=_("Address, line 2"), missing="", autocomplete="address-line2", required=False)
    address_3 = LineField(label=_("Address, line 3"), missing="", autocomplete="address-line3", required=False)
    postcode = LineField(
        label=_("Postcode"),
        missing=_("Enter the postcode, for example 44000."),
        autocomplete="postal-code",
        max_length=12,
    )
    town = LineField(label=_("Town"), missing=_("Enter the town, for example Nantes."), autocomplete="address-level2")
    country = country_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.own:
            for field in self.fields.values():
                field.widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        """A French postcode has five digits; elsewhere it is what it is."""
        values = super().clean() or self.cleaned_data
        postcode = values.get("postcode", "")
        if values.get("country") == "FR" and postcode:
            try:
                values["postcode"] = french_postcode(postcode)
            except ValidationError as error:
                self.add_error("postcode", error)
        return values

    def identity(self) -> dict[str, str]:
        """The identity fields of this form, as actions take them."""
        return {name: str(self.cleaned_data[name] or "") for name in Identity.IDENTITY if name in self.fields}


class StandardIdentityForm(IdentityForm):
    """The identity of a standard user, who has a title and perhaps a fax too."""

    civility = forms.ChoiceField(
        label=_("Title"),
        choices=Civility.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a title: Ms or Mr.")},
    )
    fax = phone_field(_("Fax"), autocomplete="fax tel", required=False)
    field_order = ["civility", "last_name", "first_name", "function", "email", "phone", "fax"]


class LanguageMixin(forms.Form):
    """The language of the pages and of the e-mails."""

    language = forms.ChoiceField(
        label=_("Language of the pages and e-mails"),
        choices=[(Language.FRENCH, "Français"), (Language.ENGLISH, "English")],
    )


class ProfileForm(LanguageMixin, IdentityForm):
    """My own data; the e-mail changes on a page of its own, by a mail to the new address."""

    email = None  # type: ignore[assignment]


class StandardProfileForm(LanguageMixin, StandardIdentityForm):
    """The same for a standard user."""

    email = None  # type: ignore[assignment]


class EmailChangeForm(forms.Form):
    """The address that is to become mine."""

    email = EmailField(label=_("New e-mail"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.casefold() == self.user.email.casefold():
            raise ValidationError(
                _("This is your e-mail already. Enter another one, for example claire.martin@example.fr.")
            )
        return email


# Passwords and sign-in. allauth's views name their fields, our words and attributes go on them.


LONGEST_PASSWORD = MaxLengthValidator(128, _("A password has at most %(limit_value)s characters."))
"""No `max_length`: browsers cut what is pasted at that, and say nothing."""


def password_field(label: Text, missing: Text) -> forms.CharField:
    """The password one has; pasting and password managers are welcome."""
    return forms.CharField(
        label=label,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": missing},
        validators=[MaxLengthValidator(1000, LONGEST_PASSWORD.message)],
    )


class NewPasswordField(forms.CharField):
    """The password one chooses, asked once because it can be shown; `user` is who it must not resemble."""

    default_validators = [LONGEST_PASSWORD]

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("New password"))
        self.user: User | None = None
        super().__init__(
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            help_text=_(
                "At least 12 characters. A few words put together are easy to remember and hard to guess; "
                "you may paste a password from your password manager."
            ),
            error_messages={"required": _("Choose a password of at least 12 characters.")},
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        password: str = super().clean(value)
        password_validation.validate_password(password, self.user)
        return password


class LoginForm(allauth_forms.LoginForm):
    """Sign in by user name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "login": UsernameField(
                help_text=_("For the account's own administrator, the account number of six digits.")
            ),
            "password": password_field(_("Password"), _("Enter your password.")),
        }


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    """Prove once more that it is you."""

    password = password_field(_("Your password"), _("Enter your password."))  # type: ignore[assignment]


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    """The password one has, then the one to come."""

    oldpassword = password_field(  # type: ignore[assignment]
        _("Current password"), _("Enter your current password.")
    )
    password1 = NewPasswordField()  # type: ignore[assignment]
    password2 = None  # type: ignore[assignment]


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    """A new password, by the link of an e-mail."""

    password1 = NewPasswordField()  # type: ignore[assignment]
    password2 = None  # type: ignore[assignment]


class ResetPasswordForm(forms.Form):
    """Who has forgotten their password: both must be right, and the answer never says whether they are."""

    username = UsernameField()
    email = EmailField(help_text=_("The one that was given for this user name."))

    def save(self, request: HttpRequest) -> None:
        """allauth's name for what its view does with the form."""
        actions.ask_password_reset(**self.cleaned_data)
