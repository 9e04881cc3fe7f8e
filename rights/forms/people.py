"""What administrators type about people and their rights, and what the invited answer: cleaned, never saved here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from colibox.lib import keys
from rights import catalogue
from rights.access import Ceiling
from rights.actions.reach import readdress_refusal
from rights.forms.dates import SpanMixin
from rights.forms.places import PlacesMixin
from rights.forms.profiles import ProfileMixin, chosen_on
from rights.forms.rights import AdvancedRightsForm, StandardRightsForm
from rights.models import AccountLink
from rights.passwords import check_first
from users.forms import (
    LONGEST_PASSWORD,
    IdentityForm,
    LanguageMixin,
    NewUsernameField,
    StandardIdentityForm,
    UsernameField,
)
from users.models import Language, User

Kind = AccountLink.Kind


class NewStandardForm(LanguageMixin, SpanMixin, PlacesMixin, ProfileMixin, StandardIdentityForm, StandardRightsForm):
    """A standard user to create."""

    own = False

    active = forms.TypedChoiceField(
        label=_("Status"),
        choices=[("1", _("Active")), ("0", _("Inactive"))],
        coerce=lambda value: value == "1",
        initial="1",
        widget=forms.RadioSelect,
        help_text=_("An inactive user receives no invitation until you reactivate them."),
        error_messages={"required": _("Choose a status.")},
    )
    username = NewUsernameField(
        required=False,
        help_text=_(
            "Leave it empty to have one made of the name, for example c.martin; who comes back gets the one they had."
        ),
    )

    def facts(self) -> dict[str, Any]:
        """What the action that creates the user takes."""
        values = self.cleaned_data
        return {
            "identity": self.identity(),
            "username": values["username"],
            "rights": self.wanted(),
            "language": values["language"],
            "active": values["active"],
            "profile": self.chosen(),
            "span": self.span(),
        }


class NewAdvancedForm(LanguageMixin, SpanMixin, PlacesMixin, ProfileMixin, IdentityForm, AdvancedRightsForm):
    """An advanced user to invite."""

    own = False
    needs_one = True

    def facts(self) -> dict[str, Any]:
        """What the action that invites takes."""
        values = self.cleaned_data
        return {
            "identity": self.identity(),
            "rights": self.wanted(),
            "tags": values["tags"],
            "language": values["language"],
            "profile": self.chosen(),
            "span": self.span(),
        }


class UserKeyForm(forms.Form):
    """A user key as its owner passed it on."""

    user_key = forms.CharField(
        label=_("User key"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
        help_text=_("Thirteen letters and digits, for example 7K4M-2P9X-H3QD-V. The user finds it in their profile."),
        error_messages={"required": _("Enter the user key, for example 7K4M-2P9X-H3QD-V.")},
    )

    def clean_user_key(self) -> str:
        key = keys.read_user_key(self.cleaned_data["user_key"])
        if key is None:
            raise ValidationError(
                _("One character of this key is wrong or missing. A user key looks like 7K4M-2P9X-H3QD-V.")
            )
        return key


class LinkForm(SpanMixin, PlacesMixin, ProfileMixin, AdvancedRightsForm):
    """The rights and tags of an advanced user found by user key."""

    needs_one = True

    def facts(self) -> dict[str, Any]:
        """What the action that asks for the link takes."""
        facts = {"rights": self.wanted(), "tags": self.cleaned_data["tags"]}
        return {**facts, "profile": self.chosen(), "span": self.span()}


class VersionMixin(forms.Form):
    """The version of the link that the administrator looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class StandardPersonForm(VersionMixin, PlacesMixin, ProfileMixin, StandardIdentityForm, StandardRightsForm):
    """A standard user of the account: identity and rights."""

    own = False

    def __init__(self, *args: Any, link: AccountLink, ceiling: Ceiling, **kwargs: Any) -> None:
        super().__init__(*args, link=link, ceiling=ceiling, **kwargs)
        if reason := readdress_refusal(link, ceiling):
            self.fields["email"].disabled = True
            self.fields["email"].help_text = str(reason)

    def facts(self) -> dict[str, Any]:
        """What the action that changes a link takes."""
        facts: dict[str, Any] = {"rights": self.wanted(), "tags": [], "profile": self.chosen()}
        return {"identity": self.identity(), "version": self.cleaned_data["version"], **facts}


class AdvancedPersonForm(VersionMixin, PlacesMixin, ProfileMixin, AdvancedRightsForm):
    """An advanced user linked to the account: rights and tags; their identity is theirs."""

    def facts(self) -> dict[str, Any]:
        """What the action that changes a link takes."""
        values = self.cleaned_data
        facts = {"rights": self.wanted(), "tags": values["tags"], "profile": self.chosen()}
        return {"version": values["version"], **facts}


PersonForm = StandardPersonForm | AdvancedPersonForm
AnyPersonForm = NewStandardForm | NewAdvancedForm | LinkForm | PersonForm


def person_form(link: AccountLink, ceiling: Ceiling, data: Any = None) -> PersonForm:
    """The form that changes this link."""
    form = StandardPersonForm if link.kind == Kind.STANDARD else AdvancedPersonForm
    initial = {**link.identity(), "tags": link.tags, "version": link.version, **chosen_on(link)}
    return form(data, ceiling=ceiling, link=link, had=rights_on(link), initial=initial)


def rights_on(link: AccountLink) -> list[str]:
    """The codes of the rights given on a link that the catalogue still knows, in its order."""
    given = set(link.grants.values_list("right", flat=True))
    return [right.code for right in catalogue.RIGHTS if right.code in given]


class AnswerMixin(LanguageMixin, IdentityForm):
    """What the person invited chooses: user name, password, language. The address invited does not change."""

    username: UsernameField = NewUsernameField()
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        validators=[LONGEST_PASSWORD],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a short sentence is easy to remember."),
        error_messages={"required": _("Choose a password of at least 12 characters.")},
    )

    def __init__(self, *args: Any, account: CustomerAccount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["email"].disabled = True
        self.fields["email"].help_text = _("The address invited; you can change it later, in your profile.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "password" in values:
            described = {name: values.get(name) or "" for name in ("last_name", "first_name", "email", "username")}
            try:
                check_first(values["password"], User(**described), self.account)
            except ValidationError as error:
                self.add_error("password", error)
        return values

    def facts(self) -> dict[str, Any]:
        """What the action that finishes a sign-up takes."""
        values = self.cleaned_data
        return {"identity": self.identity(), **{name: values[name] for name in ("username", "password", "language")}}


class AdvancedAnswerForm(AnswerMixin, IdentityForm):
    """The sign-up of an advanced user."""


class StandardAnswerForm(AnswerMixin, StandardIdentityForm):
    """The sign-up of a standard user, whose user name the administrator chose."""

    username = UsernameField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].disabled = True


AnswerForm = StandardAnswerForm | AdvancedAnswerForm


def answer_form(link: AccountLink, data: Any = None) -> AnswerForm:
    """The form of the person invited, filled in with what the account knows of them and the language they read."""
    form = StandardAnswerForm if link.kind == Kind.STANDARD else AdvancedAnswerForm
    known = {**link.identity(), "username": link.username, "language": get_language() or Language.FRENCH}
    return form(data, account=link.account, initial=known)


def differences(form: PersonForm, link: AccountLink) -> Iterable[tuple[catalogue.Text, str, str]]:
    """Where what was typed and the link as it is now differ: the label, what was typed, what is."""
    facts = form.facts()
    yield from _pair(_("Rights"), catalogue.labels(facts["rights"]), catalogue.labels(rights_on(link)))
    yield from _pair(_("User tag"), facts["tags"], link.tags)
    yield from _pair(_("Sub-accounts and sites"), form.places_named(form.spots()), form.places_named(form.attached_to))
    for name, value in facts.get("identity", {}).items():
        yield from _pair(form[name].label, [value], [link.identity()[name]])


def _pair(label: catalogue.Text, yours: list[str], now: list[str]) -> Iterator[tuple[catalogue.Text, str, str]]:
    if yours != now:
        yield label, ", ".join(yours), ", ".join(now)
