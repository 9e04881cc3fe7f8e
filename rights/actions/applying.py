"""How a profile is applied: what it gives to one person, under whose ceiling, and who follows it or copied it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.models import Facts
from rights import catalogue
from rights.access import PEOPLE_NOT_RIGHTS, Ceiling
from rights.actions import grants
from rights.actions.grants import Difference, Move
from rights.models import AccountLink, Profile
from rights.shipped import BY_CODE


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen of profiles for somebody: one to follow, one to copy, or none."""

    profile: Profile | None = None
    follows: bool = False

    @property
    def profile_id(self) -> int | None:
        return self.profile.pk if self.profile else None

    @property
    def columns(self) -> dict[str, Any]:
        """What a link says of it."""
        since = Now() if self.profile else None
        return {"profile": self.profile, "follows_profile": self.follows, "profile_at": since}

    def is_of(self, link: AccountLink) -> bool:
        """Whether it is so already; a shipped profile that nobody took yet is nobody's."""
        if self.profile and not self.profile.pk:
            return False
        return (self.profile_id, self.follows) == (link.profile_id, link.follows_profile)


@dataclass(frozen=True, slots=True)
class Fit:
    """What a profile gives to somebody, and what of it they do not get, each with why."""

    rights: frozenset[str]
    withheld: Mapping[str, catalogue.Text] = field(default_factory=dict)


@dataclass
class Fitting:
    """A set of rights as somebody may apply it: the same question is answered once, however many people ask it."""

    rights: Collection[str]
    ceiling: Ceiling
    answers: dict[tuple[str, frozenset[str], bool], tuple[Difference, Fit]] = field(default_factory=dict)

    def compare(self, had: Collection[str], *, kind: str, tags: Collection[str]) -> tuple[Difference, Fit]:
        """What somebody who has these rights gains and loses, and what it leaves out for them."""
        key = kind, frozenset(had), bool(tags)
        if key not in self.answers:
            fit = self.fit(key[1], kind=kind, tags=tags)
            difference = grants.compare(had, fit.rights, kind=kind, tags=tags, ceiling=self.ceiling)
            self.answers[key] = difference, fit
        return self.answers[key]

    def gives(self, *, kind: str, had: Collection[str] = ()) -> bool:
        """Whether somebody gets anything by it, once they have the tag that it may need."""
        return bool(self.fit(had, kind=kind, tags=["*"]).rights)

    def fit(self, had: Collection[str] = (), *, kind: str, tags: Collection[str]) -> Fit:
        """What it gives: of the rights that suit, those held already and those that may be given."""
        suiting = [right for right in catalogue.suiting(kind) if right.code in self.rights]
        reasons = {right.code: self._reason(right, had, kind, tags) for right in suiting}
        withheld = {code: reason for code, reason in reasons.items() if reason}
        return Fit(frozenset(reasons.keys() - withheld.keys()), withheld)

    def _reason(
        self, right: catalogue.Right, had: Collection[str], kind: str, tags: Collection[str]
    ) -> catalogue.Text | None:
        if right.needs_tag and not tags:
            return _("It needs a tag, and this person has none.")
        return None if right.code in had else self.ceiling.refusal(right.code, kind)


def hold(keys: Collection[str], *, account_id: int) -> dict[str, Profile]:
    """The profiles of an account by these keys, kept from changes until the transaction ends; those that are gone miss.

    A shipped one is written down when it is first asked for. Links are locked after profiles, never before.
    """
    shipped = [key for key in keys if key in BY_CODE]
    own = [key for key in keys if key not in BY_CODE and _is_uuid(key)]
    written = Profile.objects.filter(account=account_id, shipped__in=shipped).values_list("shipped", flat=True)
    new = [Profile.of_shipped(BY_CODE[code], account_id) for code in sorted(set(shipped) - set(written))]
    Profile.objects.bulk_create(new, ignore_conflicts=True)
    return {profile.key: profile for profile in Profile.objects.shared(account_id, shipped, own)}


def _is_uuid(key: str) -> bool:
    try:
        return bool(UUID(key))
    except ValueError:
        return False


def held(chosen: Chosen, *, account_id: int) -> Chosen:
    """The same choice with the profile as it is now, held. Raises ValidationError on `profile` when it is gone."""
    if chosen.profile is None:
        return chosen
    profile = hold([chosen.profile.key], account_id=account_id).get(chosen.profile.key)
    if profile is None:
        raise ValidationError({"profile": _("This profile was removed meanwhile: choose another one.")})
    return Chosen(profile, chosen.follows)


def check_chooses(chosen: Chosen, ceiling: Ceiling, kind: str) -> None:
    """Raise ValidationError on `profile` unless it is theirs to choose for a user of this kind.

    Who has people in hand, not rights, chooses none: to follow one is to be given rights. And nobody lets others
    follow what they do not hold themselves: it would come with the next change that somebody higher makes.
    """
    if not ceiling.link.gives_rights:
        raise ValidationError({"profile": PEOPLE_NOT_RIGHTS})
    if chosen.profile and chosen.follows:
        could = {code for code, delegable in ceiling.entitlements.items() if delegable} - ceiling.held
        suiting = {right.code for right in catalogue.suiting(kind)}
        if beyond := catalogue.labels(could & suiting & set(chosen.profile.rights)):
            text = _("You do not hold all the rights of this profile (%(rights)s): let them copy it instead.")
            raise ValidationError({"profile": text % {"rights": ", ".join(beyond)}})


def for_newcomer(chosen: Chosen, *, kind: str, tags: Collection[str], by: AccountLink) -> tuple[frozenset[str], Chosen]:
    """What the profile chosen gives to somebody new; and the choice, held. Raises ValidationError on `profile`."""
    chosen = held(chosen, account_id=by.account_id)
    ceiling = Ceiling(by)
    check_chooses(chosen, ceiling, kind)
    fit = Fitting(chosen.profile.rights if chosen.profile else (), ceiling).fit(kind=kind, tags=tags)
    if not fit.rights:
        raise ValidationError({"profile": nothing_given(fit, kind)})
    return fit.rights, chosen


def nothing_given(fit: Fit, kind: str) -> str:
    """That a profile gives nothing to somebody of this kind, and why."""
    if not fit.withheld:
        return str(catalogue.NOT_FOR[kind])
    reasons = dict.fromkeys(map(str, fit.withheld.values()))
    return " ".join([_("This profile gives nothing that you may give to this kind of user."), *reasons])


def settle(
    link: AccountLink, wanted: set[str], chosen: Chosen | None, *, retagged: bool, by: AccountLink
) -> tuple[Difference, Chosen | None]:
    """Write what a save by hand gives to a locked link with its new tags; the profile, if it becomes another.

    `chosen` is None where the profile stays as it is; else it is held, as is the one that is followed. Who
    follows a profile and gets other rights than it gives has a copy of it from then on.
    """
    ceiling, had = Ceiling(by), set(link.grants.values_list("right", flat=True))
    if chosen:
        check_chooses(chosen, ceiling, link.kind)
    profile = chosen.profile if chosen else _followed_still(link, had, wanted, ceiling) if retagged else None
    if profile and (chosen is None or chosen.follows or profile.pk != link.profile_id):
        difference, _fit = Fitting(profile.rights, ceiling).compare(had, kind=link.kind, tags=link.tags)
    else:
        difference = grants.compare(had, wanted, kind=link.kind, tags=link.tags, ceiling=ceiling)
        if chosen is None and difference and link.follows_profile:
            chosen = Chosen(link.profile)
    grants.move([Move(link.pk, difference)], by=by)
    return difference, chosen


def _followed_still(link: AccountLink, had: set[str], wanted: set[str], ceiling: Ceiling) -> Profile | None:
    """The profile that goes on giving this link its rights under other tags, when nothing else is asked for."""
    asks_the_same = not (wanted ^ had) & ceiling.entitlements.keys()
    return link.profile if link.follows_profile and asks_the_same else None


def take(taken: Iterable[tuple[int, Chosen]]) -> None:
    """Write what links have chosen: a statement for each choice, however many links share it."""
    links: defaultdict[Chosen, list[int]] = defaultdict(list)
    for link, chosen in taken:
        links[chosen].append(link)
    for chosen, keys in links.items():
        AccountLink.objects.filter(pk__in=keys).update(**chosen.columns)


def names(keys: Iterable[int | None]) -> dict[int, str]:
    """What these profiles are called, by key, as they are written down; no statement when there is none."""
    known = {key for key in keys if key}
    return dict(Profile.objects.filter(pk__in=known).values_list("pk", "name")) if known else {}


def facts(profile: int | None, follows: bool, names: Mapping[int, str]) -> Facts:
    """What the trace says of somebody's profile."""
    return {"profile": names.get(profile or 0, ""), "follows_profile": follows}
