"""Those who follow a profile, told apart by what a change of it does to them: few sets, however many people.

A profile may be followed by tens of thousands. The rules are asked once for each set of people alike, and nobody is
read whom nobody looks at; what is written takes as many statements for 5,000 people as for one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Facts
from colibox.lib import outbox
from rights import catalogue
from rights.access import Ceiling
from rights.actions import grants, notices
from rights.actions.applying import Chosen, Fitting, facts
from rights.actions.bulk import Plan, Refusal
from rights.actions.grants import Difference, Move
from rights.actions.many.entering import NEEDED
from rights.actions.many.writing import NOTHING, Change, write
from rights.actions.reach import check_others
from rights.models import AccountLink, AccountLinkQuerySet, Profile

TOGETHER = 5000
"""How many people one statement writes: it takes half a second, and none may take ten."""


@dataclass(slots=True)
class Alike:
    """People who follow a profile and to whom a change of it does the same."""

    kind: str
    role: str
    tagged: bool
    had: frozenset[str]
    own: bool
    """Whether it is the link of who changes the profile."""
    versions: dict[int, int]
    """The version of each link, by key."""
    rights: Difference = NOTHING
    withheld: Mapping[str, catalogue.Text] = field(default_factory=dict)
    """What is new to the profile and they do not get, and why."""
    refusal: str = ""
    """Why they keep their rights, as a copy."""

    @property
    def was(self) -> list[str]:
        return sorted(self.had)

    @property
    def becomes(self) -> list[str]:
        return sorted((self.had | self.rights.gained) - self.rights.lost)


@dataclass
class Followers:
    """All who follow a profile, and what another set of rights does to them."""

    profile: Profile
    alike: list[Alike]

    @property
    def count(self) -> int:
        return sum(len(each.versions) for each in self.alike)

    @property
    def gaining(self) -> int:
        """How many people gain something."""
        return sum(len(each.versions) for each in self.alike if each.rights.gained)

    @property
    def losing(self) -> int:
        """How many people lose something."""
        return sum(len(each.versions) for each in self.alike if each.rights.lost)

    @property
    def digest(self) -> str:
        """A fingerprint of who is changed and of how they are now."""
        moves = {id(each): f"{sorted(each.rights.gained)}:{sorted(each.rights.lost)}" for each in self.alike}
        seen = sorted((pk, version, moves[id(each)]) for each in self.changing for pk, version in each.versions.items())
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]

    @property
    def changing(self) -> list[Alike]:
        return [each for each in self.alike if each.rights]


@dataclass
class Effect(Plan):
    """The same, told of each of these people: what is shown before it is done."""

    followers: int = 0
    withheld: dict[tuple[str, catalogue.Text], list[AccountLink]] = field(default_factory=lambda: defaultdict(list))
    """Who does not get a right that is new to the profile, and why."""
    fingerprint: str = ""

    @property
    def digest(self) -> str:
        return self.fingerprint

    @classmethod
    def of(cls, found: Followers) -> Self:
        """Read these people."""
        links = followers_of(found.profile).only(*NEEDED, "sort_key").in_bulk()
        effect = cls(followers=found.count, fingerprint=found.digest)
        for each in found.alike:
            people = [links[pk] for pk in each.versions if pk in links]
            if each.refusal:
                effect.refusals += [Refusal(link, each.refusal) for link in people]
            if each.rights:
                chosen = Chosen(found.profile, follows=True)
                effect.changes += [Change(link, each.rights, had=each.had, profile=chosen) for link in people]
            for code, reason in each.withheld.items():
                effect.withheld[code, reason] += people
        return effect


def people_with(profile: Profile) -> AccountLinkQuerySet:
    """The people of the account who follow a profile or copied it."""
    people = AccountLink.objects.filter(account=profile.account_id, profile=profile.pk)
    return people.exclude(state=AccountLink.State.ENDED)


def followers_of(profile: Profile) -> AccountLinkQuerySet:
    """Those who follow it."""
    return people_with(profile).filter(follows_profile=True)


def lock(people: AccountLinkQuerySet) -> dict[int, bool]:
    """Keep these people from other acts until the transaction ends: what is read afterwards stays so. Who follows."""
    locked = people.select_for_update(of=("self",), no_key=True).order_by("pk")
    return dict(locked.values_list("pk", "follows_profile"))


ALIKE = """
    SELECT kind, role, tagged, had, own, array_agg(id ORDER BY id), array_agg(version ORDER BY id)
    FROM (
        SELECT l.id, l.version, l.kind, l.role, l.tags <> '{}' AS tagged, l.id = %s AS own,
            ARRAY(SELECT g."right" FROM rights_grant g WHERE g.link_id = l.id ORDER BY 1)::text[] AS had
        FROM rights_accountlink l
        WHERE l.account_id = %s AND l.profile_id = %s AND l.follows_profile AND l.state <> 'ended'
        OFFSET 0) AS each
    GROUP BY kind, role, tagged, had, own ORDER BY min(id)
"""


def affected(profile: Profile, rights: Collection[str], *, by: AccountLink) -> Followers:
    """What these rights do to those who follow a profile: two statements."""
    fitting, added = Fitting(rights, Ceiling(by)), set(rights) - set(profile.rights)
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, [by.pk, profile.account_id, profile.pk])
        found = [
            Alike(kind, role, tagged, frozenset(had), own, dict(zip(links, versions, strict=True)))
            for kind, role, tagged, had, own, links, versions in cursor.fetchall()
        ]
    for each in found:
        _decide(each, fitting, added, by)
    return Followers(profile, found)


def _decide(each: Alike, fitting: Fitting, added: set[str], by: AccountLink) -> None:
    somebody = by if each.own else AccountLink(kind=each.kind, role=each.role)
    try:
        _check_changed(somebody, by)
        each.rights, fit = fitting.compare(each.had, kind=each.kind, tags=["*"] if each.tagged else [])
    except ValidationError as refusal:
        each.refusal = " ".join(refusal.messages)
    else:
        kept_back = {**fit.withheld, **catalogue.unsuited(added, each.kind)}
        each.withheld = {code: reason for code, reason in kept_back.items() if code in added}


def _check_changed(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError when a change of their profile cannot change somebody."""
    check_others(link, by)
    if link.administers:
        raise ValidationError(_("An administrator has all the rights of the account."))


def move(found: Followers, *, by: AccountLink) -> None:
    """Write what locked followers gain and lose, each told once; whom `by` may not change keeps a copy."""
    whose = {pk: each for each in found.changing for pk in each.versions}
    for links in _parts([*whose]):
        _move(links, whose, by=by)
    for links in _parts([pk for each in found.alike if each.refusal for pk in each.versions]):
        left = AccountLink.objects.filter(pk__in=links).only(*NEEDED).order_by("pk")
        copies = [Change(link, profile=Chosen(found.profile)) for link in left]
        write(copies, by=by, priority=outbox.Mail.Priority.BULK)


class Person(NamedTuple):
    """Somebody whose link was written: what the trace and a mail say of them."""

    pk: int
    uuid: str
    first_name: str
    last_name: str
    email: str
    version: int
    state: str

    def __str__(self) -> str:
        """What `AccountLink` says of itself."""
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def event(self, before: Facts, after: Facts) -> audit.Event:
        return audit.Event("person changed", self.uuid, str(self), before, after)


WRITTEN = """
    UPDATE rights_accountlink SET version = version + 1{more} WHERE id = ANY(%s)
    RETURNING id, uuid::text, first_name, last_name, email, version, state
"""
LEFT = ", profile_id = NULL, follows_profile = false, profile_at = NULL"


def _written(links: Collection[int], more: str = "") -> list[Person]:
    """The next version of these links, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN.format(more=more), [list(links)])
        return sorted(map(Person._make, cursor.fetchall()))


def _move(links: Collection[int], whose: Mapping[int, Alike], *, by: AccountLink) -> None:
    """Write what these people gain and lose: five statements."""
    grants.move((Move(pk, whose[pk].rights) for pk in links), by=by)
    people = [(person, whose[person.pk]) for person in _written(links)]
    events = (person.event({"rights": each.was}, {"rights": each.becomes}) for person, each in people)
    audit.record_many(events, by=by.user, account_id=by.account_id)
    told = (
        notices.rights_moved(person.pk, person.uuid, person.version, each.rights, by=by)
        for person, each in people
        if person.state == AccountLink.State.ACTIVE
    )
    notices.send(told, by=by, priority=outbox.Mail.Priority.BULK)


def leave(profile: Profile, people: Mapping[int, bool], *, by: AccountLink) -> None:
    """Leave these locked people on their own, their rights as they are; it is said of each whether they followed."""
    for links in _parts([*people]):
        after = facts(None, False, {})
        before = {follows: facts(profile.pk, follows, {profile.pk: profile.name}) for follows in (True, False)}
        events = (person.event(before[people[person.pk]], after) for person in _written(links, LEFT))
        audit.record_many(events, by=by.user, account_id=by.account_id)


def _parts(links: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(links), TOGETHER):
        yield links[start : start + TOGETHER]
