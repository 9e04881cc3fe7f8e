"""Where people belong, as forms ask for it: boxes to tick, or, where places are many, a text that finds them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.forms.places import BETWEEN
from colibox.lib.text import fold, line
from rights.access import Ceiling
from rights.actions.attaching import attached
from rights.models import AccountLink
from rights.places import Places, Spot

SHOWN = 20
"""So many places are shown at once; beyond, they are found by what is typed."""
FOUND = 20
LONGEST = 200


@dataclass(frozen=True)
class Box:
    """One place to tick; `depth` is 1 for a site under its sub-account."""

    value: str
    label: str
    checked: bool
    depth: int
    id: str


@dataclass(frozen=True)
class Picker:
    """The places that somebody may choose from, as pages draw them; `one` where only one may be chosen."""

    places: Places
    own: frozenset[Spot]
    chosen: Collection[str] = ()
    words: str = ""
    one: bool = False

    @property
    def many(self) -> bool:
        """Whether they are too many to be shown at once."""
        return len(self.own) > SHOWN

    @cached_property
    def offered(self) -> list[Spot]:
        """All of them, in the order of pages."""
        return [spot for spot in self.places.ordered if spot in self.own]

    @cached_property
    def found(self) -> list[Spot]:
        """Those that what is typed finds, one part after the other, without repetition."""
        parts = [part for part in map(fold, self.words.split(BETWEEN)) if part]
        found = (spot for part in parts for spot in (*self.called(part), *self.containing(part)))
        return list(dict.fromkeys(found))

    def called(self, folded: str) -> list[Spot]:
        """The places whose number or name this is."""
        return [spot for spot in self.offered if folded in self.places.said[spot]]

    def containing(self, folded: str) -> list[Spot]:
        """The places in whose number and name this stands."""
        return [spot for spot in self.offered if folded in self.places.said[spot][0]]

    def meant(self) -> set[str]:
        """What is typed names these places beside those ticked. Raises ValidationError where that is unclear."""
        named = set()
        for part in filter(None, (line(part, LONGEST) for part in self.words.split(BETWEEN))):
            found = {
                str(self.places.by_spot[spot].uuid) for spot in self.called(fold(part)) or self.containing(fold(part))
            }
            if not found:
                raise ValidationError(_("No sub-account and no site is called “%(name)s”.") % {"name": part})
            if found.isdisjoint(self.chosen):
                if len(found) > 1:
                    raise ValidationError(
                        _("“%(name)s” is part of several names: tick what you mean.") % {"name": part}
                    )
                named |= found
        return named

    @property
    def left_out(self) -> int:
        """How many more are found than are shown."""
        return max(0, len(self.found) - FOUND) if self.many else 0

    @property
    def boxes(self) -> list[Box]:
        """What is drawn: everything, or first what is chosen and then what is found."""
        if not self.many:
            return [self._box(number, spot) for number, spot in enumerate(self.offered)]
        chosen = [spot for spot in self.offered if self._uuid(spot) in self.chosen]
        found = [spot for spot in self.found[:FOUND] if spot not in chosen]
        return [self._box(number, spot) for number, spot in enumerate([*chosen, *found])]

    def _uuid(self, spot: Spot) -> str:
        return str(self.places.by_spot[spot].uuid)

    def _box(self, number: int, spot: Spot) -> Box:
        place, uuid = self.places.by_spot[spot], self._uuid(spot)
        parent = self.places.parent_of(spot)
        under = not self.many and parent is not None
        label = f"{place} ({parent})" if self.many and parent else str(place)
        return Box(uuid, label, uuid in self.chosen, int(under), f"id_places_{number}")


class PlaceWordsField(forms.CharField):
    """What finds places by number or name."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        super().__init__(required=False, max_length=LONGEST, widget=widget, **kwargs)


class PlacesMixin(forms.Form):
    """The sub-accounts and sites that a person is attached to; not asked where the account has none."""

    places = forms.MultipleChoiceField(
        label=gettext_lazy("Sub-accounts and sites"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("One of these places is not there any more: choose again.")},
    )
    place_words = PlaceWordsField(label=gettext_lazy("Find a sub-account or a site"))

    def __init__(self, *args: Any, ceiling: Ceiling, link: AccountLink | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "ceiling": ceiling})
        self.account_places = Places.of(ceiling.link.account_id)
        self.own_places = self.account_places.open_to(ceiling.link)
        self.attached_to = self._now(link, ceiling.link) if self.account_places else set[Spot]()
        offer_places(self, Picker(self.account_places, self.own_places))
        self.initial["places"] = [str(self.account_places.by_spot[spot].uuid) for spot in sorted(self.attached_to)]

    def _now(self, link: AccountLink | None, by: AccountLink) -> set[Spot]:
        """Where the person is attached; somebody whom a local administrator adds, where that one is."""
        of = link or (by if by.is_local else None)
        return attached([of.pk])[of.pk] & self.account_places.by_spot.keys() if of else set()

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("place_words") and "places" in self.cleaned_data:
            add_meant(self, self.picker)
        return super().clean() or self.cleaned_data

    def spots(self) -> set[Spot] | None:
        """Where the person is to be attached, what is not one's own to choose kept; None where it is not asked."""
        if "places" not in self.fields:
            return None
        by_uuid = self.account_places.by_uuid
        return {by_uuid[uuid] for uuid in self.cleaned_data["places"]} | (self.attached_to - self.own_places)

    def places_named(self, spots: Collection[Spot] | None) -> list[str]:
        """What these places are called; those where the person is, if nothing else is asked."""
        return self.account_places.names(self.attached_to if spots is None else spots)

    @property
    def picker(self) -> Picker:
        """The places as they are drawn."""
        return picker_of(self, Picker(self.account_places, self.own_places))


class PlaceForSomeForm(forms.Form):
    """The one place that an act on many people is about."""

    places = forms.MultipleChoiceField(
        label=gettext_lazy("Sub-account or site"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("This place is not there any more: choose another one.")},
    )
    place_words = PlaceWordsField(label=gettext_lazy("Find a sub-account or a site"))

    def __init__(self, data: Any = None, *, by: AccountLink) -> None:
        super().__init__(data)
        places = Places.of(by.account_id)
        self.base = Picker(places, places.open_to(by), one=True)
        offer_places(self, self.base)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("place_words") and not self.cleaned_data.get("places"):
            add_meant(self, self.picker)
        values = super().clean() or self.cleaned_data
        if not self.errors and len(values.get("places", [])) != 1:
            self.add_error("places" if "places" in self.fields else None, _("Choose a sub-account or a site."))
        return values

    @property
    def picker(self) -> Picker:
        """The places as they are drawn."""
        return picker_of(self, self.base)

    def place(self) -> Any:
        """The place chosen."""
        spot = self.base.places.by_uuid[self.cleaned_data["places"][0]]
        return self.base.places.by_spot[spot]


def offer_places(form: forms.Form, picker: Picker) -> None:
    """Let a form offer these places, and a text to find them where they are many; nothing where there is none."""
    field = form.fields["places"]
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = [(str(picker.places.by_spot[spot].uuid), "") for spot in picker.offered]
    if not picker.own:
        del form.fields["places"]
    if not picker.many:
        del form.fields["place_words"]


def picker_of(form: forms.Form, picker: Picker) -> Picker:
    """The places as a form has them now: what was chosen and typed."""
    words = str(form["place_words"].value() or "")[:LONGEST] if "place_words" in form.fields else ""
    chosen = frozenset(map(str, form["places"].value() or ())) if "places" in form.fields else frozenset()
    return Picker(picker.places, picker.own, chosen, words, picker.one)


def add_meant(form: forms.Form, picker: Picker) -> None:
    """Choose what is typed beside what is ticked, or say why that is unclear."""
    try:
        form.cleaned_data["places"] = [*form.cleaned_data["places"], *picker.meant()]
    except ValidationError as unclear:
        form.add_error("place_words", unclear)
