"""Where people belong: attaching one person, or those of a list, to sub-accounts and sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Facts, Site, SubAccount
from colibox.lib.database import insert
from rights.actions import trace
from rights.actions.reach import check_reach, lock
from rights.models import AccountLink, Attachment
from rights.places import SITE, SUB_ACCOUNT, Places, Spot


@dataclass(frozen=True, slots=True)
class Placement:
    """Somebody who is attached elsewhere from now on: where they were and are to be, by key and in words."""

    had: frozenset[Spot]
    wanted: frozenset[Spot]
    was: list[str]
    becomes: list[str]

    @property
    def before(self) -> Facts:
        return {"places": self.was}

    @property
    def after(self) -> Facts:
        return {"places": self.becomes}

    @property
    def gained(self) -> frozenset[Spot]:
        return self.wanted - self.had

    def of(self, link: AccountLink) -> Move:
        """What is to be written of it."""
        return Move(link.pk, self.gained, self.had - self.wanted)


class Ground:
    """The places of an account, and where of them somebody may attach people: read once for all whom this is about."""

    def __init__(self, by: AccountLink) -> None:
        self.by, self.places = by, Places.of(by.account_id)
        self.own = self.places.open_to(by)

    def place(self, link: AccountLink, had: Collection[Spot], wanted: Collection[Spot]) -> Placement:
        """Somebody attached there instead of here. Raises ValidationError on `places` unless `by` may do that."""
        moved, own = set(had) ^ set(wanted), self.own
        if not set(wanted) - set(had) <= self.places.by_spot.keys():
            raise ValidationError({"places": _("One of these places is not there any more: choose again.")})
        if not moved <= own:
            text = _("You can attach people only to your own places: %(names)s.")
            raise ValidationError({"places": text % {"names": ", ".join(self.places.names(own)) or "–"}})
        left = own & set(had) and not own & set(wanted)
        if self.by.is_local and left and not set(link.tags) & set(self.by.tags):
            text = _("Leave them at least one of your places, or you no longer manage them.")
            raise ValidationError({"places": text})
        return Placement(frozenset(had), frozenset(wanted), self.places.names(had), self.places.names(wanted))


@dataclass(frozen=True)
class Whereabouts:
    """Where the people of one act are attached, read for all of them at once, and where they may be."""

    ground: Ground
    now: dict[int, set[Spot]]

    @classmethod
    def of(cls, links: Iterable[AccountLink], by: AccountLink) -> Self:
        """Four queries, however many people there are."""
        return cls(Ground(by), attached(link.pk for link in links))

    def moved(
        self, link: AccountLink, *, gained: Collection[Spot] = (), lost: Collection[Spot] = ()
    ) -> Placement | None:  # fmt: skip
        """Somebody who gains and loses these places; None where that is so already."""
        had = self.now.get(link.pk, set())
        wanted = (had - set(lost)) | set(gained)
        return None if wanted == had else self.ground.place(link, had, wanted)

    def called(self, names: Iterable[str]) -> set[Spot]:
        """The places that the trace calls so, as far as they still are."""
        wanted = set(names)
        return {spot for spot, place in self.ground.places.by_spot.items() if str(place) in wanted}


@transaction.atomic
def attach(*, link: AccountLink, by: AccountLink, spots: Collection[Spot]) -> bool:
    """Make these the places of a person; whether they were others. Raises ValidationError on `places`."""
    link = lock(link)
    had, wanted = attached([link.pk])[link.pk], set(spots)
    if had == wanted:
        return False
    check_reach(link, by)
    hold(wanted - had)
    placed = Ground(by).place(link, had, wanted)
    move([placed.of(link)], account_id=link.account_id)
    link.version += 1
    link.save(update_fields=["version"])
    trace.record("person attached", link=link, by=by.user, before=placed.before, after=placed.after)
    return True


@transaction.atomic
def then_attach(
    *, act: Callable[..., Any], by: AccountLink, spots: Collection[Spot] | None, **facts: Any
) -> Any:  # fmt: skip
    """Do what a form about one person asks, then attach them where it says; None says nothing of places."""
    result = act(by=by, **facts)
    if spots is not None:
        attach(link=facts.get("link", result), by=by, spots=spots)
    return result


def attached(links: Iterable[int]) -> defaultdict[int, set[Spot]]:
    """Where these people are attached, by link."""
    found: defaultdict[int, set[Spot]] = defaultdict(set)
    rows = Attachment.objects.filter(link__in=list(links)).values_list("link_id", "sub_account_id", "site_id")
    for link, sub_account, site in rows:
        found[link].add((SITE, site) if site else (SUB_ACCOUNT, sub_account or 0))
    return found


def hold(spots: Collection[Spot]) -> bool:
    """Keep these places from being removed until the transaction ends; whether all of them are still there."""
    keys = {sort: [key for each, key in spots if each == sort] for sort in (SUB_ACCOUNT, SITE)}
    there = [
        len(model.objects.filter(pk__in=keys[sort]).order_by("pk").select_for_update(no_key=True, of=("self",)))
        for sort, model in ((SUB_ACCOUNT, SubAccount), (SITE, Site))
        if keys[sort]
    ]
    return sum(there) == len(set(spots))


@dataclass(slots=True)
class Move:
    """Where one link is attached anew, and where no longer."""

    link: int
    gained: Collection[Spot]
    lost: Collection[Spot]


def move(moves: Collection[Move], *, account_id: int) -> None:
    """Write these moves of links of one account: two statements however many they are."""
    _detach([(each.link, *_columns(spot)) for each in moves for spot in each.lost])
    insert(
        Attachment,
        ("link_id", "sub_account_id", "site_id"),
        [(each.link, *_columns(spot)) for each in moves for spot in sorted(each.gained)],
        skip_conflicts=True,
        account_id=account_id,
    )


def _columns(spot: Spot) -> tuple[int | None, int | None]:
    sort, key = spot
    return (key, None) if sort == SUB_ACCOUNT else (None, key)


def _detach(lost: list[tuple[int, int | None, int | None]]) -> None:
    if lost:
        links, sub_accounts, sites = zip(*lost, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM rights_attachment AS a"
                " USING unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS lost (link, sub_account, site)"
                " WHERE a.link_id = lost.link AND (a.site_id = lost.site OR a.sub_account_id = lost.sub_account)",
                [list(links), list(sub_accounts), list(sites)],
            )


def told(spots: Collection[Spot], places: Places) -> Facts:
    """Where somebody is attached, as the trace tells it."""
    return {"places": places.names(spots)}
