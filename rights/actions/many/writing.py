"""How changes of links are written with their events and mails: in as many statements however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Now

from accounts import audit
from accounts.models import Facts
from colibox.lib import outbox
from colibox.lib.database import update
from rights import catalogue
from rights.actions import applying, attaching, grants, notices, trace
from rights.actions.applying import Chosen
from rights.actions.attaching import Placement
from rights.actions.grants import Difference, Move
from rights.actions.many import inviting
from rights.actions.spans import Span
from rights.emails import dates as date_emails
from rights.emails import links as emails
from rights.models import AccountLink, Grant, Profile
from users.models import User

State = AccountLink.State

NOTHING = Difference(frozenset(), frozenset())
NEXT = F("version") + 1


@dataclass(slots=True)
class Change:
    """What an act does to one person; what is None stays as it is."""

    link: AccountLink
    rights: Difference = NOTHING
    had: frozenset[str] = frozenset()
    tags: list[str] | None = None
    state: str | None = None
    invites: bool = False
    profile: Chosen | None = None
    span: Span | None = None
    places: Placement | None = None
    withheld: Mapping[str, catalogue.Text] = field(default_factory=dict)
    """What of a profile they do not get, and why."""

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        others = self.tags is not None or self.span is not None or self.places is not None
        return not (self.rights or self.state or self.invites or self.profile or others)

    @property
    def ends_following(self) -> bool:
        """Whether they get other rights by hand than the profile that they follow gives: a copy from then on."""
        return bool(self.rights) and self.profile is None and self.link.follows_profile


def write(changes: Sequence[Change], *, by: AccountLink, priority: outbox.Mail.Priority) -> None:
    """Write these changes of locked links, already checked; the links are changed in memory as well."""
    grants.move((Move(change.link.pk, change.rights) for change in changes), by=by)
    attaching.move([change.places.of(change.link) for change in changes if change.places], account_id=by.account_id)
    ending = [change.link for change in changes if change.state == State.ENDED]
    staying = [change for change in changes if change.state != State.ENDED]
    taken = _taken(staying)
    names = applying.names(key for change, chosen in taken for key in (change.link.profile_id, chosen.profile_id))
    events = [_make(change, names) for change in staying]
    _write_links(staying, {change.link.pk: chosen for change, chosen in taken})
    inviting.renew([c.link for c in staying if c.invites], by=by, priority=priority, version=NEXT)
    audit.record_many(events, by=by.user, account_id=by.account_id)
    end(ending, verb="link removed", by=by.user)
    told = (notice for change in changes if (notice := _notice(change, by=by)))
    notices.send(told, by=by, priority=priority)


def _taken(changes: Sequence[Change]) -> list[tuple[Change, Chosen]]:
    """Who follows another profile from now on, or has a copy of it, or none."""
    copies = {key: Chosen(Profile(pk=key)) for key in {change.link.profile_id for change in changes}}
    for change in changes:
        if change.ends_following:
            change.profile = copies[change.link.profile_id]
    return [(each, each.profile) for each in changes if each.profile and not each.profile.is_of(each.link)]


def _make(change: Change, names: Mapping[int, str]) -> audit.Event:
    """Change the link in memory; the event that says what was and what is."""
    link = change.link
    before: Facts = {}
    after: Facts = {}
    if change.profile and not change.profile.is_of(link):
        before |= applying.facts(link.profile_id, link.follows_profile, names)
        link.profile_id, link.follows_profile = change.profile.profile_id, change.profile.follows
        after |= applying.facts(link.profile_id, link.follows_profile, names)
    if change.rights:
        before["rights"] = sorted(change.had)
        after["rights"] = sorted((change.had | change.rights.gained) - change.rights.lost)
    if change.tags is not None:
        before["tags"], after["tags"] = link.tags, change.tags
        link.tags = change.tags
    if change.span:
        was, now = Span.of(link).facts, change.span.facts
        before |= {name: was[name] for name in now if now[name] != was[name]}
        after |= {name: now[name] for name in now if now[name] != was[name]}
        link.starts_on, link.ends_on = change.span.since, change.span.until
    if change.places:
        before |= change.places.before
        after |= change.places.after
    if change.state:
        before["state"], after["state"] = link.state, change.state
        link.state = change.state
    link.version += 1
    return trace.event(_verb(change), link=link, before=before, after=after)


def _verb(change: Change) -> str:
    if change.state:
        return "person suspended" if change.state == State.SUSPENDED else "person reactivated"
    if change.invites:
        return "invitation resent"
    if change.rights or change.profile or change.tags is not None or (change.span and change.places):
        return "person changed"
    return "dates changed" if change.span else "person attached" if change.places else "person changed"


def _write_links(changes: Sequence[Change], taken: Mapping[int, Chosen]) -> None:
    """Write tags and days link by link, and what many have in common at once: each new version of a row is dear."""
    alike: dict[tuple[str, Chosen | None], list[int]] = defaultdict(list)
    tagged: list[AccountLink] = []
    for change in changes:
        if change.tags is not None:
            tagged.append(change.link)
        elif not change.invites:
            alike[change.link.state, taken.get(change.link.pk)].append(change.link.pk)
    for (state, chosen), links in alike.items():
        more = chosen.columns if chosen else {}
        AccountLink.objects.filter(pk__in=links).update(state=state, version=NEXT, **more)
    others = (change.link.pk for change in changes if change.tags is not None or change.invites)
    applying.take((pk, taken[pk]) for pk in others if pk in taken)
    update(AccountLink, ("id", "tags"), ((link.pk, link.tags) for link in tagged), version=NEXT)
    dated = [change.link for change in changes if change.span]
    update(AccountLink, ("id", "starts_on", "ends_on"), ((link.pk, link.starts_on, link.ends_on) for link in dated))


def end(links: Sequence[AccountLink], *, verb: str, by: User | None) -> None:
    """End locked links of one account: their grants go, their invitations die, their history stays."""
    if not links:
        return
    given = grants.given(links)
    Grant.objects.filter(link__in=links).delete()
    AccountLink.objects.filter(pk__in=[link.pk for link in links]).update(
        state=State.ENDED, token_digest=None, ended_at=Now(), version=NEXT
    )
    User.objects.filter(kind=User.Kind.STANDARD, links__in=links).update(is_active=False)
    events = []
    for link in links:
        before = {"state": link.state, "rights": sorted(given[link.pk])}
        events.append(trace.event(verb, link=link, before=before, after={"state": State.ENDED}))
        link.state, link.token_digest = State.ENDED, None
        link.version += 1
    audit.record_many(events, by=by, account_id=links[0].account_id)


NOTICES = {
    State.SUSPENDED: emails.suspended,
    State.ACTIVE: emails.reactivated,
    State.ENDED: emails.link_ended,
}


def _notice(change: Change, *, by: AccountLink) -> notices.Notice | None:
    """The mail that tells the person; an invitation is a mail of its own."""
    link = change.link
    if change.invites:
        return None
    if change.state:
        return notices.about_access(link, NOTICES[State(change.state)], by=by) if link.accepted else None
    if change.rights and link.state == State.ACTIVE:
        return notices.rights_changed(link, change.rights, by=by)
    if change.span and link.state == State.ACTIVE:
        return notices.about_access(link, date_emails.dates_changed, by=by)
    return None
