"""What administrators type about people and their rights, and what the invited answer: cleaned, never saved here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from colibox.lib import keys
from colibox.lib.text import composed, fold
from rights import catalogue
from rights.access import Ceiling
from rights.models import AccountLink
from users.forms import (
    IdentityForm,
    LanguageMixin,
    NewUsernameField,
    StandardIdentityForm,
    UsernameField,
    check_visible,
)
from users.models import Language, User

Kind = AccountLink.Kind

MOST_TAGS = AccountLink.MOST_TAGS
LONGEST_TAG = AccountLink.LONGEST_TAG
NO_NULL = ProhibitNullCharactersValidator()


class TagsField(forms.Field):
    """Tags separated by commas, as people type them; the list of them, each once whatever its case or accents."""

    widget = forms.TextInput

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        unique: dict[str, str] = {}
        for typed in re.split(r"[,;\n\u037e]", value or ""):
            tag = composed(" ".join(typed.split()), LONGEST_TAG)
            unique.setdefault(fold(tag), tag.upper())
        return [tag for tag in unique.values() if tag]

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        for tag in value:
            NO_NULL(tag)
            check_visible(tag)
        if any(len(tag) > LONGEST_TAG for tag in value):
            raise ValidationError(_("A tag has 40 characters at most, for example LYON or PARIS SUD."))
        if len(value) > MOST_TAGS:
            raise ValidationError(_("Keep to 20 tags, for example LYON, PARIS SUD."))


@dataclass(frozen=True)
class Choice:
    """One box or button, as components/choice.html draws it."""

    name: str
    value: str
    id: str
    type: str
    label: catalogue.Text
    sentence: catalogue.Text
    checked: bool
    reason: catalogue.Text


@dataclass(frozen=True)
class Section:
    """A family of rights: boxes, then one group of buttons per form of the tracking tool."""

    legend: catalogue.Text
    boxes: list[Choice]
    scopes: list[tuple[catalogue.Text, list[Choice]]]


class RightsForm(forms.Form):
    """The rights of one link. What may not be given is shown, disabled, and refused by the action if posted."""

    kind: ClassVar[str]
    variants: ClassVar[tuple[catalogue.Variant, ...]] = ()
    needs_one: ClassVar[bool] = False

    rights = forms.MultipleChoiceField(
        label=_("Rights of the user account"),
        required=False,
        choices=[(right.code, right.label) for right in catalogue.RIGHTS],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("This right does not exist: %(value)s.")},
    )

    def __init__(self, *args: Any, ceiling: Ceiling, had: Collection[str] = (), **kwargs: Any) -> None:
        chosen: dict[str, Any] = {"rights": list(had)}
        for variant in self.variants:
            chosen[variant] = next((code for code in had if catalogue.BY_CODE[code].variant == variant), "")
        super().__init__(*args, **{**kwargs, "initial": {**chosen, **kwargs.get("initial", {})}})
        self.ceiling, self.had = ceiling, had

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.needs_one and "rights" in values and not self.wanted():
            self.add_error("rights", _("Choose at least one right, for example consolidated tracking."))
        return values

    def wanted(self) -> set[str]:
        """The codes of the rights chosen."""
        scopes = (self.cleaned_data.get(variant, "") for variant in self.variants)
        return {*self.cleaned_data.get("rights", []), *(code for code in scopes if code)}

    @property
    def sections(self) -> Iterator[Section]:
        """The rights by family, as they are drawn."""
        rights, numbers = catalogue.suiting(self.kind), count()
        for group in catalogue.groups(self.kind):
            family = [right for right in rights if right.group == group]
            boxes = [self._box(right, next(numbers)) for right in family if right.variant is None]
            variants = [variant for variant in self.variants if any(right.variant == variant for right in family)]
            yield Section(
                group.label_for(self.kind), boxes, [(variant.label, self._scope(variant)) for variant in variants]
            )

    def _box(self, right: catalogue.Right, number: int) -> Choice:
        checked = right.code in (self["rights"].value() or ())
        return self._choice(right, "rights", number, checked=checked)

    def _scope(self, variant: catalogue.Variant) -> list[Choice]:
        """The buttons of a form of the tracking tool: none, or one of its scopes."""
        chosen = self[variant].value() or ""
        none = Choice(variant, "", f"id_{variant}_0", "radio", _("None"), "", chosen == "", "")
        scopes = [right for right in catalogue.suiting(self.kind) if right.variant == variant]
        return [
            none,
            *(self._choice(right, variant, n, checked=right.code == chosen) for n, right in enumerate(scopes, 1)),
        ]

    def _choice(self, right: catalogue.Right, name: str, number: int, *, checked: bool) -> Choice:
        return Choice(
            name=name,
            value=right.code,
            id=f"id_{name}_{number}",
            type="radio" if right.variant else "checkbox",
            label=right.label_for(self.kind),
            sentence=right.sentence,
            checked=checked or self._suspended(right.code),
            reason=self._reason(right.code),
        )

    def _suspended(self, code: str) -> bool:
        return code in self.had and code not in self.ceiling.entitlements

    def _reason(self, code: str) -> catalogue.Text:
        """Why this choice is closed; empty when it is open. What is held already can always be withdrawn."""
        if self._suspended(code):
            return _("Suspended: your account no longer holds this right. It comes back with it.")
        if code in self.had:
            return ""
        return self.ceiling.refusal(code, self.kind) or ""


def scope_field(variant: catalogue.Variant) -> forms.ChoiceField:
    """The scope of one form of the tracking tool, or none."""
    codes = [right.code for right in catalogue.RIGHTS if right.variant == variant]
    return forms.ChoiceField(
        label=cast(str, variant.label),
        required=False,
        choices=[("", ""), *((code, code) for code in codes)],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("This right does not exist: %(value)s.")},
    )


class StandardRightsForm(RightsForm):
    """The rights of a standard user."""

    kind = Kind.STANDARD


class AdvancedRightsForm(RightsForm):
    """The rights and tags of an advanced user."""

    kind = Kind.ADVANCED
    variants = (catalogue.Variant.WITHOUT_SERVICE, catalogue.Variant.WITH_SERVICE)

    tool = scope_field(catalogue.Variant.WITHOUT_SERVICE)
    tool_service = scope_field(catalogue.Variant.WITH_SERVICE)
    tags = TagsField(
        label=_("User tag"),
        required=False,
        help_text=_(
            "The same word as on the parcels when they are franked; several are separated by commas, for example"
            " LYON, PARIS SUD. Needed for tracking limited to the user tag."
        ),
    )


class NewStandardForm(LanguageMixin, StandardIdentityForm, StandardRightsForm):
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
        help_text=_("Leave it empty to have one made of the name, for example c.martin."),
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
        }


class NewAdvancedForm(LanguageMixin, IdentityForm, AdvancedRightsForm):
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


class LinkForm(AdvancedRightsForm):
    """The rights and tags of an advanced user found by user key."""

    needs_one = True

    def facts(self) -> dict[str, Any]:
        """What the action that asks for the link takes."""
        return {"rights": self.wanted(), "tags": self.cleaned_data["tags"]}


class VersionMixin(forms.Form):
    """The version of the link that the administrator looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class StandardPersonForm(VersionMixin, StandardIdentityForm, StandardRightsForm):
    """A standard user of the account: identity and rights."""

    own = False

    def facts(self) -> dict[str, Any]:
        """What the action that changes a link takes."""
        version = self.cleaned_data["version"]
        return {"identity": self.identity(), "rights": self.wanted(), "tags": [], "version": version}


class AdvancedPersonForm(VersionMixin, AdvancedRightsForm):
    """An advanced user linked to the account: rights and tags; their identity is theirs."""

    def facts(self) -> dict[str, Any]:
        """What the action that changes a link takes."""
        values = self.cleaned_data
        return {"rights": self.wanted(), "tags": values["tags"], "version": values["version"]}


PersonForm = StandardPersonForm | AdvancedPersonForm


def person_form(link: AccountLink, ceiling: Ceiling, data: Any = None) -> PersonForm:
    """The form that changes this link."""
    form = StandardPersonForm if link.kind == Kind.STANDARD else AdvancedPersonForm
    initial = {**link.identity(), "tags": link.tags, "version": link.version}
    return form(data, ceiling=ceiling, had=rights_on(link), initial=initial)


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
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; a short sentence is easy to remember."),
        error_messages={"required": _("Choose a password of at least 12 characters.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = True
        self.fields["email"].help_text = _("The address invited; you can change it later, in your profile.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "password" in values:
            described = {name: values.get(name) or "" for name in ("last_name", "first_name", "email", "username")}
            try:
                validate_password(values["password"], User(**described))
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
    """The form of the person invited, filled in with what the account knows of them."""
    form = StandardAnswerForm if link.kind == Kind.STANDARD else AdvancedAnswerForm
    language = link.language or Language.FRENCH
    return form(data, initial={**link.identity(), "username": link.username, "language": language})


def differences(form: PersonForm, link: AccountLink) -> Iterable[tuple[catalogue.Text, str, str]]:
    """Where what was typed and the link as it is now differ: the label, what was typed, what is."""
    facts = form.facts()
    yield from _pair(_("Rights"), catalogue.labels(facts["rights"]), catalogue.labels(rights_on(link)))
    yield from _pair(_("User tag"), facts["tags"], link.tags)
    for name, value in facts.get("identity", {}).items():
        yield from _pair(form[name].label, [value], [link.identity()[name]])


def _pair(label: catalogue.Text, yours: list[str], now: list[str]) -> Iterator[tuple[catalogue.Text, str, str]]:
    if yours != now:
        yield label, ", ".join(yours), ", ".join(now)
