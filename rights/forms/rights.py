"""The rights and tags of one person, as forms draw and clean them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from colibox.lib.text import composed, fold
from rights import catalogue
from rights.access import PEOPLE_NOT_RIGHTS, Ceiling
from rights.models import AccountLink
from users.forms import check_visible

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
        if isinstance(value, list):  # what is there already, where the field is closed
            return value
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
        if self.closed and "tags" in self.fields:
            self.fields["tags"].disabled = True
            self.fields["tags"].help_text = ""

    @property
    def closed(self) -> bool:
        """Whether rights and tags are shown only: to whoever has people in hand, not rights."""
        return not self.ceiling.link.gives_rights

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.closed and "tags" in self.fields and "tags" in self.data and self._other_tags():
            self.add_error("tags", PEOPLE_NOT_RIGHTS)
        if self.needs_one and not self.closed and "rights" in values and not self.wanted():
            self.add_error("rights", _("Choose at least one right, for example consolidated tracking."))
        return values

    def wanted(self) -> set[str]:
        """The codes of the rights chosen; where they are shown only, those that are there stay."""
        scopes = (self.cleaned_data.get(variant, "") for variant in self.variants)
        kept = self.had if self.closed else ()
        return {*kept, *self.cleaned_data.get("rights", []), *(code for code in scopes if code)}

    def _other_tags(self) -> bool:
        """Whether tags were sent all the same, and others than they are."""
        field = self.fields["tags"]
        sent: list[str] = field.to_python(self.data["tags"]) or []
        return set(sent) != set(self.get_initial_for_field(field, "tags") or [])

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
        closed = PEOPLE_NOT_RIGHTS if self.closed else ""
        none = Choice(variant, "", f"id_{variant}_0", "radio", _("None"), "", chosen == "", closed)
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
            return PEOPLE_NOT_RIGHTS if self.closed else ""
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
