"""Forms about profiles: which one somebody follows or copies, and what a profile of the account gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from colibox.lib.text import composed
from rights import catalogue
from rights.access import Ceiling
from rights.actions.applying import Chosen, Fit, Fitting, nothing_given
from rights.forms.rights import AdvancedRightsForm, Choice, RightsForm, Section
from rights.models import AccountLink, Profile
from users.forms import check_visible

OWN, LINKED, COPIED = "own", "linked", "copied"
WAYS: dict[str, tuple[catalogue.Text, catalogue.Text]] = {
    OWN: (_("Rights chosen one by one"), _("Those ticked below.")),
    LINKED: (
        _("Follows a profile"),
        _("Their rights are those of the profile, and change with it."),
    ),
    COPIED: (
        _("Copies a profile"),
        _("They get the rights of the profile now; what becomes of the profile later changes nothing for them."),
    ),
}


@dataclass(frozen=True)
class Offer:
    """What a profile would do for somebody, in words."""

    profile: Profile
    given: list[str]
    withheld: list[tuple[str, catalogue.Text]]
    lost: list[str]


class OfferMixin(forms.Form):
    """The profiles that can be chosen, as they are drawn; one that would give nothing is shown with why."""

    ceiling: Ceiling
    for_kind: str
    there: list[Profile]
    offered: list[Profile]
    ways_offered: tuple[str, ...] = (OWN, LINKED, COPIED)

    def offer(self, kind: str, ceiling: Ceiling, *, had: Collection[str] = (), now: object = "") -> None:
        """Read what the account has, and offer what gives something to this kind of user; the one they have as well."""
        self.for_kind, self.ceiling = kind, ceiling
        self.there = Profile.objects.offered(ceiling.link.account_id) if ceiling.link.gives_rights else []
        self.offered = [each for each in self.there if each.key == now or self._gives(each, had)]

    def _gives(self, profile: Profile, had: Collection[str]) -> bool:
        return Fitting(profile.rights, self.ceiling).gives(kind=self.for_kind, had=had)

    @property
    def left_out(self) -> list[tuple[Profile, str]]:
        """What is there and not offered, with why."""
        return [
            (each, nothing_given(Fitting(each.rights, self.ceiling).fit(kind=self.for_kind, tags=["*"]), self.for_kind))
            for each in self.there
            if each not in self.offered
        ]

    @property
    def ways(self) -> Iterator[Choice]:
        """The ways to have rights."""
        chosen = self["way"].value() or self.ways_offered[0]
        for number, way in enumerate(self.ways_offered):
            label, says = WAYS[way]
            yield Choice("way", way, f"id_way_{number}", "radio", label, says, way == chosen, "")

    @property
    def contents(self) -> Iterator[Offer]:
        """What each profile would do for this kind of user: what it gives, what it takes away, and what not and why."""
        had, tags = self.now_held
        for profile in self.there:
            fit = Fitting(profile.rights, self.ceiling).fit(had, kind=self.for_kind, tags=tags)
            lost = [code for code in had if code not in fit.rights and code in self.ceiling.entitlements]
            yield Offer(profile, catalogue.labels(fit.rights), _with_reasons(fit), catalogue.labels(lost))

    @property
    def now_held(self) -> tuple[Collection[str], Collection[str]]:
        """The rights and tags that are there already; nobody's in particular: none, and every tag that one may need."""
        return (), ["*"]


def _with_reasons(fit: Fit) -> list[tuple[str, catalogue.Text]]:
    return [(right.full_label, fit.withheld[right.code]) for right in catalogue.RIGHTS if right.code in fit.withheld]


class ProfileForSomeForm(OfferMixin):
    """A profile to give to many people of one kind; `rights.people.selection` reads what is posted."""

    ways_offered = (LINKED, COPIED)

    way = forms.ChoiceField()

    def __init__(self, *, kind: str, ceiling: Ceiling) -> None:
        super().__init__()
        self.offer(kind, ceiling)


class ProfileMixin(OfferMixin, RightsForm):
    """Besides the rights of one link: a profile to follow or to copy, whose rights take their place."""

    way = forms.ChoiceField(required=False, choices=[(way, label) for way, (label, _says) in WAYS.items()])
    profile = forms.ChoiceField(
        label=_("Profile"),
        required=False,
        help_text=_("A profile chosen here gives its own rights; you can retouch them afterwards."),
        error_messages={"invalid_choice": _("This profile was removed meanwhile: choose another one.")},
    )

    def __init__(self, *args: Any, ceiling: Ceiling, **kwargs: Any) -> None:
        super().__init__(*args, ceiling=ceiling, **kwargs)
        self.offer(self.kind, ceiling, had=self.had, now=self.initial.get("profile"))
        if ceiling.link.gives_rights:
            field, way = self.fields["profile"], self.fields["way"]
            assert isinstance(field, forms.ChoiceField) and isinstance(way, forms.ChoiceField)
            field.choices = [("", "–"), *((profile.key, str(profile)) for profile in self.offered)]
            way.choices = [(name, WAYS[name][0]) for name in self.ways_offered]
        else:
            del self.fields["way"], self.fields["profile"]

    @property
    def now_held(self) -> tuple[Collection[str], Collection[str]]:
        there = "version" in self.fields  # a link that exists, not somebody new, whose tag may be typed beside
        return (self.had, self.initial.get("tags") or []) if there else super().now_held

    def clean(self) -> dict[str, Any]:
        way = self.cleaned_data.get("way") or OWN
        if way != OWN and self.cleaned_data.get("profile") == "":
            self.add_error("profile", _("Choose a profile, for example “Shipper”."))
        return super().clean()

    def wanted(self) -> set[str]:
        """The codes of the rights chosen: one by one, or with a profile."""
        chosen = self.chosen()
        if chosen and chosen.profile and (chosen.follows or chosen.profile.key != self.initial.get("profile")):
            return set(chosen.profile.rights)
        return super().wanted()

    def chosen(self) -> Chosen | None:
        """The profile chosen, or that none is; None where it stays as it is."""
        way, key = self.cleaned_data.get("way"), self.cleaned_data.get("profile", "")
        before = self.initial.get("way", OWN), self.initial.get("profile", "")
        if not way or (way, key if way != OWN else "") == before:
            return None
        profile = next((profile for profile in self.offered if profile.key == key), None)
        return Chosen(profile, follows=way == LINKED) if profile and way != OWN else Chosen()


def chosen_on(link: AccountLink) -> dict[str, str]:
    """What the form of a link begins with."""
    if link.profile is None:
        return {}
    return {"way": LINKED if link.follows_profile else COPIED, "profile": link.profile.key}


class ProfileForm(AdvancedRightsForm):
    """A profile of the account: its name, what it is for, its rights, whichever kind of user they suit."""

    needs_one = True

    name = forms.CharField(
        label=_("Name of the profile"),
        max_length=Profile.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Also the name used in your files: for example Agence or Saisonnier."),
        error_messages={"required": _("Give the profile a name, for example Agence.")},
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=200,
        required=False,
        help_text=_("What these people do, in one sentence."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["tags"]  # each person's own

    def clean_name(self) -> str:
        name = composed(" ".join(self.cleaned_data["name"].split()), Profile.LONGEST_NAME)
        check_visible(name)
        if name in ("-", "–", "—"):
            raise ValidationError(_("Give the profile a name, for example Agence."))
        return name

    def clean_description(self) -> str:
        return " ".join(self.cleaned_data["description"].split())

    def facts(self) -> dict[str, Any]:
        """What the actions on profiles take."""
        values = self.cleaned_data
        return {"name": values["name"], "description": values["description"], "rights": self.wanted()}

    @property
    def sections(self) -> Iterator[Section]:
        """All the rights there are, by family."""
        numbers = count()
        for group in catalogue.STANDARD_GROUPS:
            family = [right for right in catalogue.RIGHTS if right.group == group]
            boxes = [self._box(right, next(numbers)) for right in family if right.variant is None]
            variants = [variant for variant in self.variants if any(right.variant == variant for right in family)]
            yield Section(group.label, boxes, [(variant.label, self._scope(variant)) for variant in variants])

    def _choice(self, right: catalogue.Right, name: str, number: int, *, checked: bool) -> Choice:
        """Any right may be in a profile: what cannot be given is left out when it is applied, and said here."""
        return Choice(
            name=name,
            value=right.code,
            id=f"id_{name}_{number}",
            type="radio" if right.variant else "checkbox",
            label=right.label,
            sentence=" ".join(map(str, filter(None, self._sentences(right)))),
            checked=checked,
            reason="",
        )

    def _sentences(self, right: catalogue.Right) -> Iterable[catalogue.Text | None]:
        yield right.sentence
        if right.standard != right.advanced:
            yield catalogue.ONLY_FOR["standard" if right.standard else "advanced"]
        if right.needs_tag:
            yield _("Given to people who have a tag.")
        yield self.ceiling.refusal(right.code, "standard" if right.standard else "advanced")
