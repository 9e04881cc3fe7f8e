"""Where a person belongs, as forms ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rights.access import Ceiling
from rights.actions.attaching import attached
from rights.models import AccountLink
from rights.places import SITE, SUB_ACCOUNT, Places, Spot


@dataclass(frozen=True)
class Box:
    """One place to tick; `depth` is 1 for a site under its sub-account."""

    value: str
    label: str
    checked: bool
    depth: int
    id: str


class PlacesMixin(forms.Form):
    """The sub-accounts and sites that a person is attached to; not asked where the account has none."""

    places = forms.MultipleChoiceField(
        label=_("Sub-accounts and sites"),
        required=False,
        error_messages={"invalid_choice": _("One of these places is not there any more: choose again.")},
    )

    def __init__(self, *args: Any, ceiling: Ceiling, link: AccountLink | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "ceiling": ceiling})
        self.account_places = Places.of(ceiling.link.account_id)
        self.own_places = self.account_places.open_to(ceiling.link)
        self.attached_to = self._now(link, ceiling.link) if self.account_places else set[Spot]()
        if self.own_places:
            self._offer()
        else:
            del self.fields["places"]

    def _now(self, link: AccountLink | None, by: AccountLink) -> set[Spot]:
        """Where the person is attached; somebody whom a local administrator adds, where that one is."""
        of = link or (by if by.is_local else None)
        return attached([of.pk])[of.pk] if of else set()

    def _offer(self) -> None:
        field = self.fields["places"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(uuid, "") for uuid, spot in self.account_places.by_uuid.items() if spot in self.own_places]
        self.initial["places"] = [
            uuid for uuid, spot in self.account_places.by_uuid.items() if spot in self.attached_to
        ]

    def spots(self) -> set[Spot] | None:
        """Where the person is to be attached, what is not one's own to choose kept; None where it is not asked."""
        if "places" not in self.fields:
            return None
        by_uuid = self.account_places.by_uuid
        return {by_uuid[uuid] for uuid in self.cleaned_data["places"]} | (self.attached_to - self.own_places)

    @property
    def place_boxes(self) -> Iterator[Box]:
        """The places as they are drawn: each sub-account before its sites, then the sites of the account itself."""
        chosen, number = set(self["places"].value() or ()), 0
        places = self.account_places
        rows = [
            row
            for parent in places.sub_accounts
            for row in (
                (SUB_ACCOUNT, parent, 0),
                *((SITE, site, 1) for site in places.sites if site.sub_account_id == parent.pk),
            )
        ]
        rows += [(SITE, site, 0) for site in places.sites if site.sub_account_id is None]
        for sort, place, depth in rows:
            if (sort, place.pk) in self.own_places:
                uuid = str(place.uuid)
                yield Box(uuid, str(place), uuid in chosen, depth, f"id_places_{number}")
                number += 1
