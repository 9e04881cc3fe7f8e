"""One act on many people: what each gains or loses, who cannot be changed and why, then all written together.

Each act asks the rules of the same act on one person; only the reading and the writing are for many at once.
"""

from __future__ import annotations

import hashlib
import uuid
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Facts
from colibox.lib import origin, outbox
from colibox.lib.text import fold
from rights import emails
from rights.access import Ceiling
from rights.actions import grants, trace
from rights.actions.grants import Difference
from rights.actions.invitations import check_waiting, invitation_mail, renew
from rights.actions.links import check_active, check_suspended, notice, rights_mail
from rights.actions.reach import check_manages, check_reach
from rights.models import AccountLink, AccountLinkQuerySet, Grant

State = AccountLink.State

MOST = 5000
"""How many people one act may change."""
TOGETHER = 500
"""How many are written by one statement."""
REMEMBERED = 4 * MOST
"""An act can be undone while it is among so many last events of the account."""
CHANGED = ("state", "tags", "version")
INVITED = (*CHANGED, "generation", "token_digest", "invited_by", "invited_at", "expires_at", "asked_again_at")
NOTHING = Difference(frozenset(), frozenset())


@dataclass
class Change:
    """What an act does to one person; what is None stays as it is."""

    link: AccountLink
    rights: Difference = NOTHING
    had: frozenset[str] = frozenset()
    tags: list[str] | None = None
    state: str | None = None
    invites: bool = False


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
    def digest(self) -> str:
        """A fingerprint of who would be changed and of how they are now: what was previewed is what is done."""
        seen = (f"{change.link.pk}:{change.link.version}" for change in self.changes)
        return hashlib.sha256(",".join(seen).encode()).hexdigest()[:32]


class Stale(Exception):
    """The people changed since the plan was shown; `plan` is how it is now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.plan = plan


class Act(ABC):
    """Something that can be done to many people."""

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
        return Change(link, grants.compare(link, had, kept | {self.right}, ceiling=ceiling))


@dataclass(frozen=True)
class Withdraw(Act):
    """Withdraw a right."""

    right: str

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        difference = grants.compare(link, had, had - {self.right}, ceiling=ceiling)
        if not difference:
            raise ValidationError(_("They do not have this right."))
        return Change(link, difference)


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

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        check_suspended(link)
        return Change(link, state=State.ACTIVE) if link.accepted else Change(link, state=State.INVITED, invites=True)


@dataclass(frozen=True)
class Resend(Act):
    """Invite again those whose invitation waits or is over."""

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        check_waiting(link)
        return Change(link, invites=True)


@dataclass(frozen=True)
class Undo(Act):
    """Put back what an act on many people changed, where it is still so."""

    events: dict[uuid.UUID, AuditEvent]

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        event = self.events.get(link.uuid)
        if event is None:
            raise ValidationError(_("There is nothing to undo."))
        before, after = event.before, event.after
        if after.get("state") == State.SUSPENDED:
            return Reactivate().propose(link, had, ceiling)
        if after.get("state") == State.ACTIVE:
            return Suspend().propose(link, had, ceiling)
        tags = None
        if "tags" in after:
            tags = [tag for tag in link.tags if tag not in after["tags"] or tag in before["tags"]]
            tags += [tag for tag in before["tags"] if tag not in tags]
            grants.check_choice(had, tags)
        was, became = set(before.get("rights", [])), set(after.get("rights", []))
        difference = grants.compare(link, had, (had - (became - was)) | (was - became), ceiling=ceiling)
        if not difference and tags in (None, link.tags):
            raise ValidationError(_("They were changed since."))
        return Change(link, difference, tags=tags)


def undo_of(reference: str, *, by: AccountLink) -> Undo:
    """What undoes the act of this reference on the account, while it is among the last events."""
    last = AuditEvent.objects.filter(account_id=by.account_id).order_by("-pk").values("pk")[:REMEMBERED]
    events = AuditEvent.objects.filter(pk__in=last, reference=reference, subject__isnull=False)
    events = events.filter(reference__startswith="bulk:")
    return Undo({event.subject: event for event in events if event.subject})


def plan(*, act: Act, links: Sequence[AccountLink], by: AccountLink) -> Plan:
    """What the act would do to these people of the account, whether or not it is then done."""
    check_manages(by)
    ceiling, planned = Ceiling(by), Plan()
    had = defaultdict(set)
    for link_id, right in Grant.objects.filter(link__in=links).values_list("link_id", "right"):
        had[link_id].add(right)
    for link in links:
        try:
            check_reach(link, by)
            change = act.propose(link, had[link.pk], ceiling)
            planned.changes.append(replace(change, had=frozenset(had[link.pk])))
        except ValidationError as refusal:
            planned.refusals.append(Refusal(link, " ".join(refusal.messages)))
    return planned


@transaction.atomic
def apply(*, act: Act, links: AccountLinkQuerySet, by: AccountLink, digest: str | None = None) -> tuple[Plan, str]:
    """Do it to those of these people who can be changed; what was done, and the reference that undoes it.

    Raises Stale when a digest is given and the people are no longer as they were when it was shown.
    """
    locked = list(links.select_for_update(of=("self",), no_key=True).order_by("pk")[:MOST])
    done = plan(act=act, links=locked, by=by)
    if digest is not None and digest != done.digest:
        raise Stale(done)
    reference = f"bulk:{uuid.uuid4()}"
    with origin.of(replace(origin.current(), reference=reference)):
        for changes in _parts(done.changes):
            _write(changes, by=by)
    return done, reference


def _parts(changes: list[Change]) -> Iterator[list[Change]]:
    for start in range(0, len(changes), TOGETHER):
        yield changes[start : start + TOGETHER]


def _write(changes: list[Change], *, by: AccountLink) -> None:
    """Write these changes with their events and their mails, in as many statements however many they are."""
    _write_grants(changes, by=by)
    events, mails = [], []
    for change in changes:
        verb, before, after = _make(change, by=by)
        events.append(trace.event(verb, link=change.link, by=by.user, before=before, after=after))
        if mail := _mail(change, by=by):
            mail.priority = outbox.Mail.Priority.BULK
            mails.append(mail)
    _write_links(changes)
    AuditEvent.objects.bulk_create(events)
    outbox.queue_many(mails)


def _write_links(changes: list[Change]) -> None:
    """Write what differs from link to link one by one, what they share at once."""
    alike: dict[str, list[int]] = defaultdict(list)
    different: list[AccountLink] = []
    for change in changes:
        if change.invites or change.tags is not None:
            different.append(change.link)
        else:
            alike[change.link.state].append(change.link.pk)
    for state, links in alike.items():
        AccountLink.objects.filter(pk__in=links).update(state=state, version=F("version") + 1)
    AccountLink.objects.bulk_update(different, INVITED if any(change.invites for change in changes) else CHANGED)


def _write_grants(changes: Iterable[Change], *, by: AccountLink) -> None:
    losers: dict[str, list[int]] = defaultdict(list)
    for change in changes:
        for code in change.rights.lost:
            losers[code].append(change.link.pk)
    for code, links in losers.items():
        Grant.objects.filter(right=code, link__in=links).delete()
    Grant.objects.bulk_create(
        grant for change in changes for grant in grants.drafts(change.link, sorted(change.rights.gained), by=by)
    )


def _make(change: Change, *, by: AccountLink) -> tuple[str, Facts, Facts]:
    """Change the link in memory; the verb of its event, and what was and what is."""
    link = change.link
    before: Facts = {}
    after: Facts = {}
    verb = "person changed"
    if change.rights:
        before["rights"] = sorted(change.had)
        after["rights"] = sorted((change.had | change.rights.gained) - change.rights.lost)
    if change.tags is not None:
        before["tags"], after["tags"] = link.tags, change.tags
        link.tags = change.tags
    if change.state:
        verb = "person suspended" if change.state == State.SUSPENDED else "person reactivated"
        before["state"], after["state"] = link.state, change.state
        link.state = change.state
    elif change.invites:
        verb = "invitation resent"
    if change.invites:
        renew(link, by=by)
    link.version += 1
    return verb, before, after


def _mail(change: Change, *, by: AccountLink) -> outbox.Mail | None:
    """The mail that the same act on one person sends."""
    if change.invites:
        return invitation_mail(change.link)
    if change.state and change.link.accepted:
        email = emails.suspended if change.state == State.SUSPENDED else emails.reactivated
        return notice(change.link, email, by=by)
    if change.rights and change.link.state == State.ACTIVE:
        return rights_mail(change.link, change.rights, by=by)
    return None
