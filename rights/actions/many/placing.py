"""Where the people of a list are to be attached, beside what else is asked; no cost where no place is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import audit
from rights import bounds
from rights.actions import attaching, trace
from rights.actions.attaching import Move
from rights.actions.many.entries import Act, Done, Entry, Outcome, Status
from rights.actions.reach import refusal
from rights.models import AccountLink
from rights.places import SITE, SUB_ACCOUNT, Places, Spot, of_sort

TOUCHED = (Done.INVITE, Done.UPDATE, Done.UNCHANGED)
"""After these, a person is on the account, and may be attached."""


def with_places(
    by: AccountLink, entries: Sequence[Entry], rest: Callable[[Sequence[Entry]], list[Outcome]], *, writes: bool
) -> list[Outcome]:
    """What comes of these entries once `rest` took care of all but their places."""
    asking = {number: entry for number, entry in enumerate(entries) if _asks(entry)}
    if not asking:
        return rest(entries)
    placing = Placing(by, asking)
    outcomes = iter(rest([entry for number, entry in enumerate(entries) if number not in placing.refused]))
    merged = [placing.refused.get(number) or next(outcomes) for number in range(len(entries))]
    return placing.settle(merged, writes=writes)


def foreseen(*, by: AccountLink, entries: Sequence[Entry], outcomes: Sequence[Outcome]) -> dict[int, Placed]:
    """Who of the account would be attached elsewhere, by the place of each entry."""
    placing = Placing(by, {number: entry for number, entry in enumerate(entries) if _asks(entry)})
    placing.settle(list(outcomes), writes=False)
    return placing.placed


def _asks(entry: Entry) -> bool:
    spoken = entry.sub_accounts is not None or entry.sites is not None
    return spoken and entry.act in (Act.CREATE, Act.UPDATE)


@dataclass(slots=True)
class Placed:
    """Somebody who is attached elsewhere than they were."""

    link: AccountLink
    had: set[Spot]
    wanted: set[Spot]
    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class Placing:
    """The places that the entries of a list ask for."""

    def __init__(self, by: AccountLink, asking: dict[int, Entry]) -> None:
        self.by, self.asking = by, asking
        self.places = Places.of(by.account_id)
        self.own = self.places.open_to(by)
        self.refused: dict[int, Outcome] = {}
        self.placed: dict[int, Placed] = {}
        for number, entry in asking.items():
            if not _spots(entry) <= self.own:
                self.refused[number] = self._refusal(_spots(entry))

    def _refusal(self, asked: frozenset[Spot]) -> Outcome:
        if asked <= self.places.by_spot.keys():
            names = ", ".join(self.places.names(self.own)) or "–"
            text = _("You can attach people only to your own places: %(names)s.") % {"names": names}
        else:
            text = _("One of these places is not there any more: choose again.")
        column = "sites" if any(sort == SITE for sort, _key in asked - self.own) else "sub_accounts"
        return Outcome(Done.REFUSED, Status.IDENTITY, detail=text, column=column)

    def settle(self, outcomes: list[Outcome], *, writes: bool) -> list[Outcome]:
        """Attach those whom the entries leave on the account; the outcomes, with what came of it."""
        wanted = {
            number: outcomes[number].link
            for number in self.asking
            if outcomes[number].done in TOUCHED and outcomes[number].link
        }
        links = self._links({uuid for uuid in wanted.values() if uuid}, writes=writes)
        now = attaching.attached(link.pk for link in links.values())
        inside = bounds.inside(links.values(), self.by)
        for number, uuid in wanted.items():
            if link := links.get(uuid) if uuid else None:
                try:
                    self._place(number, link, now[link.pk], outcomes[number], inside)
                except ValidationError as error:
                    said = " ".join(error.messages)
                    outcomes[number] = Outcome(Done.REFUSED, Status.IDENTITY, detail=said, column="email")
                    continue
                now[link.pk] = self.placed[number].wanted if number in self.placed else now[link.pk]
                if number in self.placed and outcomes[number].done is Done.UNCHANGED:
                    outcomes[number] = Outcome(Done.UPDATE, link=link.uuid)
        if writes and self.placed:
            self._write()
        return outcomes

    def _links(self, uuids: set[UUID], *, writes: bool) -> dict[UUID, AccountLink]:
        found = AccountLink.objects.filter(account=self.by.account_id, uuid__in=uuids)
        if writes:
            found = found.select_for_update(of=("self",), no_key=True).order_by("pk")
        return {link.uuid: link for link in found}

    def _place(
        self, number: int, link: AccountLink, had: set[Spot], outcome: Outcome, inside: set[int]
    ) -> None:  # fmt: skip
        """Note where somebody is to be attached, if that is elsewhere; raises ValidationError where `by` may not."""
        entry, wanted = self.asking[number], set(had)
        for sort, keys in ((SUB_ACCOUNT, entry.sub_accounts), (SITE, entry.sites)):
            if keys is not None:
                kept = of_sort(had, sort) - self.own
                wanted = (wanted - of_sort(had, sort)) | kept | {(sort, key) for key in keys}
        if self.by.is_local and not wanted & self.own:
            wanted = set(had)  # they would be out of reach of whoever sends the list
        if wanted == had:
            return
        if outcome.done is Done.UNCHANGED:
            if link.pk not in inside:
                raise ValidationError(_("You do not manage this person."))
            if reason := refusal(link, self.by):
                raise ValidationError(reason)
        gained, lost = self.places.names(wanted - had), self.places.names(had - wanted)
        self.placed[number] = Placed(link, set(had), wanted, gained, lost)

    def _write(self) -> None:
        attaching.hold({spot for each in self.placed.values() for spot in each.wanted - each.had})
        moves, events = [], []
        for each in self.placed.values():
            moves.append(Move(each.link.pk, each.wanted - each.had, each.had - each.wanted))
            before, after = attaching.told(each.had, self.places), attaching.told(each.wanted, self.places)
            events.append(trace.event("person attached", link=each.link, before=before, after=after))
        attaching.move(moves, account_id=self.by.account_id)
        keys = [each.link.pk for each in self.placed.values()]
        AccountLink.objects.filter(pk__in=keys).update(version=F("version") + 1)
        audit.record_many(events, by=self.by.user, account_id=self.by.account_id)


def _spots(entry: Entry) -> frozenset[Spot]:
    sub_accounts = {(SUB_ACCOUNT, key) for key in entry.sub_accounts or ()}
    return frozenset(sub_accounts | {(SITE, key) for key in entry.sites or ()})
