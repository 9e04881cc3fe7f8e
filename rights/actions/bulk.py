"""One act on many people: what each gains or loses, who cannot be changed and why, then all written together.

Each act asks the rules of the same act on one person; only the reading and the writing are for many at once.
"""

from __future__ import annotations

import hashlib
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import AuditEvent
from colibox.lib import origin, outbox
from colibox.lib.text import fold
from rights import bounds
from rights.access import Ceiling
from rights.actions import applying, attaching, grants, reopening, spans
from rights.actions.applying import Chosen, Fitting
from rights.actions.attaching import Placement, Whereabouts
from rights.actions.grants import Difference
from rights.actions.many.entering import NEEDED
from rights.actions.many.inviting import check_renews
from rights.actions.many.writing import Change, write
from rights.actions.reach import (
    check_active,
    check_inside,
    check_manages,
    check_others,
    check_tags,
    check_waiting,
)
from rights.actions.spans import Span
from rights.models import AccountLink, AccountLinkQuerySet, Profile

State = AccountLink.State

MOST = 5000
"""How many people one act may change."""
REMEMBERED = 4 * MOST
"""An act can be undone while it is among so many last events of the account."""


@dataclass(frozen=True)
class Refusal:
    """Somebody an act cannot change, and why."""

    link: AccountLink
    reason: str


@dataclass
class Plan:
    """What an act would do, or did, to the people chosen."""

    changes: list[Change] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def gaining(self) -> int:
        """How many people gain something."""
        return sum(bool(change.rights.gained) for change in self.changes)

    @property
    def losing(self) -> int:
        """How many people lose something."""
        return sum(bool(change.rights.lost) for change in self.changes)

    @property
    def digest(self) -> str:
        """A fingerprint of who would be changed and of how they are now: what was previewed is what is done."""
        seen = (
            f"{change.link.pk}:{change.link.version}:{sorted(change.rights.gained)}:{sorted(change.rights.lost)}"
            f":{change.span}"
            for change in self.changes
        )
        return hashlib.sha256(",".join(seen).encode()).hexdigest()[:32]


class Stale(Exception):
    """The people changed since the plan was shown; `plan` is how it is now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.plan = plan


class Act(ABC):
    """Something that can be done to many people."""

    undoable: ClassVar = True
    """Whether one button puts back how things were."""

    def ready(self, by: AccountLink) -> Self:
        """The act with what it takes besides people held, before they are."""
        return self

    def about(self, links: Sequence[AccountLink], by: AccountLink) -> Self:
        """The act with what it has to know of all these people, read at once."""
        return self

    @abstractmethod
    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        """What it does to somebody who has these rights. Raises ValidationError when it cannot."""


@dataclass(frozen=True)
class Give(Act):
    """Give a right; a scope takes the place of another scope of its variant."""

    right: str

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if self.right in had:
            raise ValidationError(_("They have this right already."))
        kept = {code for code in had if not grants.replaces(self.right, code)}
        return Change(link, _compare(link, had, kept | {self.right}, ceiling))


@dataclass(frozen=True)
class Withdraw(Act):
    """Withdraw a right."""

    right: str

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        difference = _compare(link, had, had - {self.right}, ceiling)
        if not difference:
            raise ValidationError(_("They do not have this right."))
        return Change(link, difference)


@dataclass(frozen=True)
class Apply(Act):
    """Give a profile, to follow or as a copy: its rights take the place of those that are there."""

    chosen: Chosen
    fitting: Fitting | None = None
    """Its rights as the one who acts may give them: asked once for all people alike."""

    def ready(self, by: AccountLink) -> Self:
        return replace(self, chosen=applying.held(self.chosen, account_id=by.account_id))

    def about(self, links: Sequence[AccountLink], by: AccountLink) -> Self:
        rights = self.chosen.profile.rights if self.chosen.profile else ()
        return replace(self, fitting=Fitting(rights, Ceiling(by)))

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if link.administers:
            raise ValidationError(_("An administrator has all the rights of the account."))
        applying.check_chooses(self.chosen, ceiling, link.kind)
        assert self.fitting
        difference, fit = self.fitting.compare(had, kind=link.kind, tags=link.tags)
        if not fit.rights:
            raise ValidationError(applying.nothing_given(fit, link.kind))
        if not difference and self.chosen.is_of(link):
            raise ValidationError(_("They have this profile already."))
        return Change(link, difference, profile=self.chosen, withheld=fit.withheld)


@dataclass(frozen=True)
class AddTag(Act):
    """Put a tag beside those that are there."""

    tag: str

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if fold(self.tag) in map(fold, link.tags):
            raise ValidationError(_("They have this tag already."))
        if len(link.tags) >= AccountLink.MOST_TAGS:
            raise ValidationError(_("They have 20 tags already."))
        return Change(link, tags=[*link.tags, self.tag])


@dataclass(frozen=True)
class RemoveTag(Act):
    """Take a tag away, unless tracking limited to the tag would be left without any."""

    tag: str

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        kept = [tag for tag in link.tags if fold(tag) != fold(self.tag)]
        if kept == link.tags:
            raise ValidationError(_("They do not have this tag."))
        grants.check_choice(had, kept)
        return Change(link, tags=kept)


@dataclass(frozen=True)
class Suspend(Act):
    """Close what the links open; rights and tags are kept."""

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        check_active(link)
        return Change(link, state=State.SUSPENDED)


@dataclass(frozen=True)
class Reactivate(Act):
    """Open suspended links again; who never finished their sign-up is invited instead."""

    own: frozenset[uuid.UUID] = frozenset()
    """Those that the one who acts suspended."""

    def about(self, links: Sequence[AccountLink], by: AccountLink) -> Self:
        return replace(self, own=frozenset(reopening.suspended_by(links, by)))

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        reopening.check_reopens(link, had, ceiling, self.own)
        return Change(link, state=State.ACTIVE) if link.accepted else Change(link, state=State.INVITED, invites=True)


@dataclass(frozen=True)
class Resend(Act):
    """Invite again those whose invitation waits or is over."""

    undoable: ClassVar = False

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        check_waiting(link)
        return Change(link, invites=True)


@dataclass(frozen=True)
class Undo(Act):
    """Put back what an act on many people changed, where it is still so."""

    events: dict[uuid.UUID, AuditEvent]
    profiles: dict[str, Profile] = field(default_factory=dict)
    people: Whereabouts | None = None
    reopens: Reactivate = field(default_factory=Reactivate)

    def about(self, links: Sequence[AccountLink], by: AccountLink) -> Self:
        about_places = any("places" in event.after for event in self.events.values())
        act = replace(self, reopens=self.reopens.about(links, by))
        return replace(act, people=Whereabouts.of(links, by)) if about_places else act

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        event = self.events.get(link.uuid)
        if event is None:
            raise ValidationError(_("There is nothing to undo."))
        before, after = event.before, event.after
        if after.get("state") == State.SUSPENDED:
            return self.reopens.propose(link, had, ceiling)
        if after.get("state") == State.ACTIVE:
            return Suspend().propose(link, had, ceiling)
        tags = None
        if "tags" in after:
            tags = [tag for tag in link.tags if tag not in after["tags"] or tag in before["tags"]]
            tags += [tag for tag in before["tags"] if tag not in tags]
            grants.check_choice(had, tags)
        was, became = set(before.get("rights", [])), set(after.get("rights", []))
        difference = _compare(link, had, (had - (became - was)) | (was - became), ceiling)
        profile, places = self._profile(link, event), self._places(link, event)
        span = _former_span(link, event)
        if profile:
            applying.check_chooses(profile, ceiling, link.kind)
        if span:
            reopening.check_longer(link, span, had, ceiling)
        if not difference and tags in (None, link.tags) and not (profile or places or span):
            raise ValidationError(_("They were changed since."))
        return Change(link, difference, tags=tags, profile=profile, places=places, span=span)

    def _places(self, link: AccountLink, event: AuditEvent) -> Placement | None:
        """Where they were attached, as far as they still are where the act attached them."""
        if self.people is None:
            return None
        was, became = (self.people.called(facts.get("places", [])) for facts in (event.before, event.after))
        return self.people.moved(link, gained=was - became, lost=became - was)

    def _profile(self, link: AccountLink, event: AuditEvent) -> Chosen | None:
        """The profile that they had, if the one that they got is still theirs and the former is still there."""
        if "profile" not in event.after:
            return None
        former, latter = (
            Chosen(self.profiles.get(facts["profile"]), facts["follows_profile"])
            for facts in (event.before, event.after)
        )
        is_there = not event.before["profile"] or former.profile is not None
        return former if is_there and latter.is_of(link) else None


def _former_span(link: AccountLink, event: AuditEvent) -> Span | None:
    """The days of an access as they were before an act gave it another last one, which it still has."""
    if "ends_on" not in event.after or spans.text(link.ends_on) != event.after["ends_on"]:
        return None
    former, until = Span.of(link), event.before["ends_on"]
    span = replace(former, until=date.fromisoformat(until) if until else None)
    spans.check(span, former)
    return span


def _compare(link: AccountLink, had: set[str], wanted: set[str], ceiling: Ceiling) -> Difference:
    return grants.compare(had, wanted, kind=link.kind, tags=link.tags, ceiling=ceiling)


def undo_of(reference: str, *, by: AccountLink) -> Undo:
    """What undoes the act of this reference on the account, while it is among the last events."""
    last = AuditEvent.objects.filter(account_id=by.account_id).order_by("-pk").values("pk")[:REMEMBERED]
    events = AuditEvent.objects.filter(pk__in=last, reference=reference, subject__isnull=False)
    events = events.filter(reference__startswith="bulk:")
    found = {event.subject: event for event in events if event.subject}
    names = {facts.get("profile", "") for event in found.values() for facts in (event.before, event.after)} - {""}
    profiles = Profile.objects.filter(account=by.account_id, name__in=names) if names else ()
    return Undo(found, {profile.name: profile for profile in profiles})


def plan(*, act: Act, links: Sequence[AccountLink], by: AccountLink) -> Plan:
    """What the act would do to these people of the account, whether or not it is then done."""
    check_manages(by)
    ceiling, planned, had, inside = Ceiling(by), Plan(), grants.given(links), bounds.inside(links, by)
    act = act.about(links, by)
    for link in links:
        try:
            check_inside(link, inside)
            check_others(link, by)
            change = act.propose(link, had[link.pk], ceiling)
            check_tags(link.tags, link.tags if change.tags is None else change.tags, by)
            planned.changes.append(replace(change, had=frozenset(had[link.pk])))
        except ValidationError as refusal:
            planned.refusals.append(Refusal(link, " ".join(refusal.messages)))
    return planned


@transaction.atomic
def apply(*, act: Act, links: AccountLinkQuerySet, by: AccountLink, digest: str | None = None) -> tuple[Plan, str]:
    """Do it to those of these people who can be changed; what was done, and the reference that undoes it.

    Raises Stale when a digest is given and the people are no longer as they were when it was shown.
    """
    act = act.ready(by)
    links = links.select_for_update(of=("self",), no_key=True).only(*NEEDED, "sort_key")
    locked = list(links.order_by("pk")[:MOST])
    done = plan(act=act, links=locked, by=by)
    if not attaching.hold({spot for each in done.changes if each.places for spot in each.places.gained}):
        done = plan(act=act, links=locked, by=by)  # a place was removed meanwhile
    if digest is not None and digest != done.digest:
        raise Stale(done)
    done = _within_limits(done)
    reference = f"bulk:{uuid.uuid4()}"
    with origin.of(replace(origin.current(), reference=reference)):
        write(done.changes, by=by, priority=outbox.Mail.Priority.BULK)
    return done, reference


def _within_limits(planned: Plan) -> Plan:
    """The same without those who were invited too often lately; the invitations of the others are counted."""
    kept = Plan(refusals=planned.refusals)
    for change in planned.changes:
        try:
            if change.invites:
                check_renews(change.link)
            kept.changes.append(change)
        except ValidationError as refusal:
            kept.refusals.append(Refusal(change.link, " ".join(refusal.messages)))
    return kept
