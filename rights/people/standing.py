"""How somebody's rights compare with the profile that they follow or copied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import cached_property

from rights import catalogue
from rights.access import Ceiling
from rights.actions.applying import Fitting
from rights.models import AccountLink, Profile


@dataclass(frozen=True)
class Standing:
    """One person and their profile: what they have beyond it, and what of it they do not have."""

    link: AccountLink
    profile: Profile
    given: frozenset[str]
    ceiling: Ceiling

    @property
    def follows(self) -> bool:
        return self.link.follows_profile

    @property
    def since(self) -> datetime | None:
        return self.link.profile_at

    @cached_property
    def suiting(self) -> frozenset[str]:
        """The rights of the profile that suit this kind of user."""
        return frozenset(right.code for right in catalogue.suiting(self.link.kind) if right.code in self.profile.rights)

    @cached_property
    def more(self) -> list[str]:
        """What they have and the profile does not give."""
        return catalogue.labels(self.given - self.suiting)

    @cached_property
    def less(self) -> list[tuple[str, catalogue.Text]]:
        """What the profile has and they do not, with why where they cannot be given it."""
        fit = Fitting(self.profile.rights, self.ceiling).fit(kind=self.link.kind, tags=self.link.tags)
        missing = self.suiting - self.given
        return [
            (right.full_label, fit.withheld.get(right.code, "")) for right in catalogue.RIGHTS if right.code in missing
        ]


def standing(link: AccountLink, ceiling: Ceiling) -> Standing | None:
    """Where this person stands; None when they have no profile."""
    if link.profile is None or link.administers:
        return None
    given = frozenset(link.grants.values_list("right", flat=True))
    return Standing(link, link.profile, given & catalogue.BY_CODE.keys(), ceiling)
