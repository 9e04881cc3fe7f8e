"""Whom an act on many people is about: the rows ticked, or all that the list showed; always of one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext_lazy, pgettext_lazy

from colibox.lib.asking import as_uuid
from rights import catalogue
from rights.actions import bulk, ending, moving
from rights.actions.applying import Chosen
from rights.forms.dates import EndForSomeForm
from rights.forms.places import PlaceForSomeForm
from rights.forms.profiles import LINKED
from rights.forms.rights import TagsField
from rights.models import AccountLink, AccountLinkQuerySet, Profile
from rights.people.filters import KINDS, Asked
from rights.people.matching import matching

ACTS: Mapping[str, catalogue.Text] = {
    "give": gettext_lazy("Give a right"),
    "withdraw": gettext_lazy("Withdraw a right"),
    "profile": gettext_lazy("Give a profile"),
    "tag": gettext_lazy("Add a tag"),
    "untag": gettext_lazy("Remove a tag"),
    "resend": gettext_lazy("Resend the invitation"),
    "attach": gettext_lazy("Attach to a place"),
    "detach": gettext_lazy("Detach from a place"),
    "ends": gettext_lazy("Set the end date"),
    "suspend": gettext_lazy("Suspend"),
    "reactivate": gettext_lazy("Reactivate"),
    "remove": gettext_lazy("Remove the links"),
}
MENUS: Sequence[tuple[catalogue.Text, Sequence[str]]] = (
    (gettext_lazy("Rights"), ("give", "withdraw", "profile")),
    (gettext_lazy("Tags"), ("tag", "untag")),
    (gettext_lazy("Places"), ("attach", "detach")),
    (pgettext_lazy("of people", "Access"), ("resend", "ends", "suspend", "reactivate", "remove")),
)
"""The acts as they are offered, in so many menus."""
ABOUT_RIGHTS = frozenset({"give", "withdraw", "profile", "tag", "untag"})
ABOUT_PLACES: Mapping[str, type[moving.Move]] = {"attach": moving.Attach, "detach": moving.Detach}
MOST_TICKED = 500


class Menu(NamedTuple):
    """Some acts under one word: what is posted and what is read of each."""

    label: catalogue.Text
    acts: list[tuple[str, catalogue.Text]]


def acts_of(by: AccountLink, *, placed: bool) -> list[Menu]:
    """What somebody may do to many people.

    Who has people in hand but no rights is not offered what is about rights; nobody what is about places where the
    account has none.
    """
    left_out = (frozenset() if by.gives_rights else ABOUT_RIGHTS) | (frozenset() if placed else ABOUT_PLACES.keys())
    menus = (Menu(label, [(act, ACTS[act]) for act in acts if act not in left_out]) for label, acts in MENUS)
    return [menu for menu in menus if menu.acts]


@dataclass(frozen=True)
class Selection:
    """The people chosen on a list, by their public identifiers or as the list's own question."""

    asked: Asked
    ticked: tuple[UUID, ...]
    everybody: bool

    @classmethod
    def read(cls, posted: QueryDict) -> Self:
        """What a form of the list posted; identifiers that mean nothing here choose nobody."""
        asked = Asked.read(QueryDict(posted.get("list", "")[:4000]))
        ticked = filter(None, map(as_uuid, posted.getlist("link")[:MOST_TICKED]))
        return cls(replace(asked, kind=asked.kind or next(iter(KINDS))), tuple(ticked), "all" in posted)

    def links(self, by: AccountLink, rights: frozenset[str]) -> AccountLinkQuerySet:
        """The links chosen, found again among those whom `by` manages."""
        if self.everybody:
            return matching(by, self.asked, rights)
        everybody = matching(by, Asked(kind=self.asked.kind), rights)
        return everybody.filter(uuid__in=self.ticked)


def read_act(posted: QueryDict, *, by: AccountLink) -> bulk.Act | None:
    """The act posted; None while the right, place or day that it needs is not chosen. Raises ValidationError."""
    name, right = posted.get("act", ""), posted.get("right", "")
    if name in ("give", "withdraw"):
        if right not in catalogue.BY_CODE:
            return None
        return bulk.Give(right) if name == "give" else bulk.Withdraw(right)
    if name == "profile":
        offered = {profile.key: profile for profile in Profile.objects.offered(by.account_id)}
        profile = offered.get(posted.get("profile", ""))
        return bulk.Apply(Chosen(profile, follows=posted.get("way") == LINKED)) if profile else None
    if name in ABOUT_PLACES:
        form = PlaceForSomeForm(_with_place(posted), by=by)
        return ABOUT_PLACES[name](form.place()) if form.is_valid() else None
    if name in ("tag", "untag"):
        tag = _tag(posted.get("tag", ""))
        if not tag:
            return None
        return bulk.AddTag(tag) if name == "tag" else bulk.RemoveTag(tag)
    if name == "ends":
        form_of_end = EndForSomeForm(posted)
        return ending.EndOn(form_of_end.day()) if form_of_end.is_valid() else None
    simple: dict[str, bulk.Act] = {
        "resend": bulk.Resend(),
        "suspend": bulk.Suspend(),
        "reactivate": bulk.Reactivate(),
        "remove": ending.Remove(),
    }
    return simple[name]


def _with_place(posted: QueryDict) -> QueryDict:
    """What is posted; where the list was opened to attach people to a place and none is chosen, with that place."""
    wanted = QueryDict(posted.get("list", "")[:4000]).get("attach")
    if not wanted or posted["act"] != "attach" or "chosen" in posted or "places" in posted:
        return posted
    named = posted.copy()
    named["places"] = wanted
    return named


def _tag(typed: str) -> str:
    """One tag, under the rules of the tags of one person."""
    tags: list[str] = TagsField(required=False).clean(typed)
    return tags[0] if tags else ""
