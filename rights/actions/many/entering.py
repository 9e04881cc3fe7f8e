"""What is asked for many people at once, each known by their address: what would come of it, and doing it.

The rules are those of one person. Reading and writing take as many statements however long the list; who
stands in it again is taken in a further round, and finds what the one before left.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from colibox.lib import outbox
from rights.actions import applying, grants
from rights.actions.many import known
from rights.actions.many.creating import create
from rights.actions.many.deciding import Decision, Lacking, Person, Rules, check_fits, is_new
from rights.actions.many.entries import NO_PROFILE, Done, Entry, Outcome, Status
from rights.actions.many.inviting import Newcomer, invite
from rights.actions.many.placing import Placed, with_places
from rights.actions.many.placing import foreseen as foreseen_places
from rights.actions.many.writing import Change, write
from rights.models import AccountLink, AccountLinkQuerySet, Profile
from users.models import User

Kind, State = AccountLink.Kind, AccountLink.State
Key = tuple[str, str]
"""By what entries are about the same person: the kind and the address."""

ATTEMPTS = 3
"""How often somebody is looked for again whom another act was inviting at the same moment."""
NEEDED = (
    "uuid", "account_id", "user_id", "kind", "role", "state", "last_name", "first_name", "email", "masked_email",
    "tags", "starts_on", "ends_on", "generation", "accepted_at", "version", "profile_id", "follows_profile",
)  # fmt: skip
"""What is read of people who are there: never their telephone, whose parsing costs more than the rest."""
DONE = {State.SUSPENDED: Done.SUSPEND, State.ENDED: Done.UNLINK}
STATUS = {"right": Status.RIGHT, "choice": Status.CHOICE}


def plan(*, by: AccountLink, entries: Sequence[Entry], rules: Rules | None = None) -> list[Outcome]:
    """What would come of these entries now. Nothing is written, and nobody is looked for beyond the account.

    `rules` are those of `by`, for who asks more than once.
    """
    known_rules = rules or Rules(by)
    return with_places(known_rules.by, entries, lambda rest: _Preview(known_rules, rest).outcomes(), writes=False)


def foreseen(*, by: AccountLink, entries: Sequence[Entry]) -> dict[int, Change]:
    """What these entries would change of people who are on the account, by the place of each entry."""
    preview = _Preview(Rules(by), entries)
    preview.outcomes()
    return preview.changes


def moved(*, by: AccountLink, entries: Sequence[Entry]) -> dict[int, Placed]:
    """Whom of the account these entries would attach elsewhere, by the place of each entry."""
    rules = Rules(by)
    return foreseen_places(by=rules.by, entries=entries, outcomes=_Preview(rules, entries).outcomes())


def strangers(*, rules: Rules, entries: Sequence[Entry]) -> set[int]:
    """Which of these entries, by place, are about nobody of the account; of entries that fit."""
    preview = _Preview(rules, entries)
    people = preview.people(range(len(entries)))
    return {number for number, key in enumerate(preview.keys) if is_new(entries[number], people.get(key, []))}


@transaction.atomic
def apply(*, by: AccountLink, entries: Sequence[Entry]) -> list[Outcome]:
    """Do what these entries ask, under the rights that `by` has now; what came of each, in their order."""
    rules = Rules(by)
    return with_places(rules.by, entries, lambda rest: _Work(rules, rest).outcomes(), writes=True)


class _List(ABC):
    """Entries on their way to their outcomes."""

    def __init__(self, rules: Rules, entries: Sequence[Entry]) -> None:
        self.rules = rules
        self.by = self.rules.by
        self.entries = entries
        self.keys: list[Key] = [(entry.kind, entry.email.upper()) for entry in entries]
        self.found: dict[int, Outcome] = {}

    @abstractmethod
    def links(self, keys: Iterable[int]) -> AccountLinkQuerySet:
        """These links as they are now."""

    @abstractmethod
    def settle(self, decisions: dict[int, Decision]) -> list[int]:
        """Do what was decided, or pretend to; the entries that must be looked at again."""

    def outcomes(self) -> list[Outcome]:
        """What comes of each entry."""
        for number, entry in enumerate(self.entries):
            try:
                check_fits(entry)
            except ValidationError as error:
                self.found[number] = _refused(error)
        waiting = [number for number in range(len(self.entries)) if number not in self.found]
        while waiting:
            now, later = self._first_of_each(waiting)
            waiting = sorted(later + self.settle(self._decisions(now)))
        return [self.found[number] for number in range(len(self.entries))]

    def _first_of_each(self, waiting: list[int]) -> tuple[list[int], list[int]]:
        first: dict[Key, int] = {}
        later = [number for number in waiting if first.setdefault(self.keys[number], number) != number]
        return list(first.values()), later

    def _decisions(self, numbers: list[int]) -> dict[int, Decision]:
        """What is to be done for these entries; those that are refused or change nothing are done with."""
        people, decisions = self.people(numbers), {}
        for number in numbers:
            entry = self.entries[number]
            try:
                decision = self.rules.decide(entry, people.get(self.keys[number], []))
            except ValidationError as error:
                self.found[number] = _refused(error)
                continue
            if isinstance(decision, Change) and decision.is_nothing:
                self.found[number] = _done(decision)
            else:
                decisions[number] = decision
        return decisions

    def people(self, numbers: Iterable[int]) -> dict[Key, list[Person]]:
        """Those of the account whom these entries may mean."""
        asked: defaultdict[str, list[str]] = defaultdict(list)
        for number in numbers:
            asked[self.entries[number].kind].append(self.entries[number].email)
        matches = {
            (kind, address.upper()): keys
            for kind, addresses in asked.items()
            for address, keys in known.addresses(self.by.account_id, kind, addresses).items()
        }
        links = {link.pk: link for link in self.links(chain.from_iterable(matches.values()))}
        given = grants.given(links.values())
        return {
            key: [Person(links[pk], frozenset(given[pk])) for pk in found if pk in links]
            for key, found in matches.items()
        }


class _Preview(_List):
    """The list as it would go."""

    def __init__(self, rules: Rules, entries: Sequence[Entry]) -> None:
        super().__init__(rules, entries)
        if _profiles(entries):
            self.rules.profiles = {profile.key: profile for profile in Profile.objects.offered(self.by.account_id)}
        self.pretended: dict[Key, list[Person]] = {}
        self.changes: dict[int, Change] = {}
        times = Counter(self.keys)
        self.repeated = {key for key, count in times.items() if count > 1}

    def links(self, keys: Iterable[int]) -> AccountLinkQuerySet:
        return AccountLink.objects.filter(pk__in=list(keys)).only(*NEEDED)

    def people(self, numbers: Iterable[int]) -> dict[Key, list[Person]]:
        self.there = {**super().people(numbers), **self.pretended}
        return self.there

    def settle(self, decisions: dict[int, Decision]) -> list[int]:
        self.changes |= {number: change for number, change in decisions.items() if isinstance(change, Change)}
        for number, decision in decisions.items():
            self.found[number] = Outcome(Done.INVITE) if isinstance(decision, Newcomer) else _done(decision)
            if (key := self.keys[number]) in self.repeated:
                others = (each for each in self.there.get(key, ()) if each.link is not _link_of(decision))
                self.pretended[key] = [*others, *_left_by(decision)]
        return []


class _Work(_List):
    """The list as it goes."""

    def __init__(self, rules: Rules, entries: Sequence[Entry]) -> None:
        super().__init__(rules, entries)
        if keys := _profiles(entries):
            self.rules.profiles = applying.hold(keys, account_id=self.by.account_id)
        self.attempts: Counter[int] = Counter()

    def links(self, keys: Iterable[int]) -> AccountLinkQuerySet:
        """Locked in one order, so that two lists do not wait for each other; who left meanwhile is nobody."""
        locked = AccountLink.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        return locked.filter(pk__in=list(keys)).exclude(state=State.ENDED).only(*NEEDED)

    def settle(self, decisions: dict[int, Decision]) -> list[int]:
        changes = {number: change for number, change in decisions.items() if isinstance(change, Change)}
        self.found |= {number: _done(change) for number, change in changes.items()}
        write(list(changes.values()), by=self.by, priority=outbox.Mail.Priority.BULK)
        missed = self._invite({number: new for number, new in decisions.items() if isinstance(new, Newcomer)})
        self.attempts.update(missed)
        for number in missed:
            if self.attempts[number] == ATTEMPTS:
                self.found[number] = _refused(ValidationError(_("Somebody else is changing this person: try again.")))
        return [number for number in missed if number not in self.found]

    def _invite(self, newcomers: dict[int, Newcomer]) -> list[int]:
        """Invite them; those whom another act invited first are returned."""
        advanced = [new for new in newcomers.values() if new.kind == Kind.ADVANCED]
        users = User.objects.advanced_with_emails([new.identity["email"] for new in advanced])
        for new in advanced:
            new.invitee = users.get(new.identity["email"])
        invited = invite(advanced, by=self.by, kind=Kind.ADVANCED, priority=outbox.Mail.Priority.BULK)
        standard = [new for new in newcomers.values() if new.kind == Kind.STANDARD]
        if created := create(standard, self.by.account_id):
            invited += invite(created, by=self.by, kind=Kind.STANDARD, priority=outbox.Mail.Priority.BULK)
        came = set(map(id, invited))
        self.found |= {n: Outcome(Done.INVITE, link=new.uuid) for n, new in newcomers.items() if id(new) in came}
        return [number for number, new in newcomers.items() if id(new) not in came]


def _profiles(entries: Iterable[Entry]) -> set[str]:
    """The keys of the profiles that entries ask for."""
    return {entry.profile for entry in entries} - {"", NO_PROFILE}


def _done(change: Change) -> Outcome:
    """The outcome of a change that may be made."""
    link = change.link.uuid if change.link.pk else None
    if change.is_nothing:
        return Outcome(Done.UNCHANGED, link=link)
    return Outcome(DONE[State(change.state)] if change.state else Done.UPDATE, link=link)


def _refused(error: ValidationError) -> Outcome:
    """The outcome of a refusal: under the verdict of its first reason."""
    errors = chain.from_iterable(error.error_dict.values()) if hasattr(error, "error_dict") else error.error_list
    first = next(iter(errors))
    params = first.params or {}
    return Outcome(
        Done.REFUSED,
        STATUS.get(first.code or "", Status.IDENTITY),
        params.get("code", ""),
        " ".join(error.messages),
        column=_column(error),
        fix=str(params.get("fix", "")),
        lacks=error.fields if isinstance(error, Lacking) else (),
    )


def _column(error: ValidationError) -> str:
    """Which part of an entry a refusal is about, where it is one; rights are told apart by their code."""
    named = [name for name in getattr(error, "error_dict", ()) if name != "rights"]
    return named[0] if named else ""


def _link_of(decision: Decision) -> AccountLink | None:
    return decision.link if isinstance(decision, Change) else None


def _left_by(decision: Decision) -> list[Person]:
    """Who would be there after it."""
    if isinstance(decision, Newcomer):
        named = {name: decision.identity.get(name, "") for name in ("last_name", "first_name", "email")}
        days = {"starts_on": decision.span.since, "ends_on": decision.span.until}
        return [Person(AccountLink(kind=decision.kind, tags=decision.tags, **days, **named), decision.rights)]
    if decision.state == State.ENDED:
        return []
    link = decision.link
    link.state = decision.state or link.state
    link.tags = link.tags if decision.tags is None else decision.tags
    if decision.span:
        link.starts_on, link.ends_on = decision.span.since, decision.span.until
    if decision.profile:
        link.profile_id, link.follows_profile = decision.profile.profile_id, decision.profile.follows
    return [Person(link, (decision.had | decision.rights.gained) - decision.rights.lost)]
