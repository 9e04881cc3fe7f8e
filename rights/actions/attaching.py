"""Where people belong: attaching one person, or those of a list, to sub-accounts and sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Facts, Site, SubAccount
from colibox.lib.database import insert
from rights.actions import trace
from rights.actions.reach import check_reach, lock
from rights.models import AccountLink, Attachment
from rights.places import SITE, SUB_ACCOUNT, Places, Spot


@transaction.atomic
def attach(*, link: AccountLink, by: AccountLink, spots: Collection[Spot]) -> bool:
    """Make these the places of a person; whether they were others. Raises ValidationError on `places`."""
    link = lock(link)
    had, wanted = attached([link.pk])[link.pk], set(spots)
    if had == wanted:
        return False
    check_reach(link, by)
    hold(wanted - had)
    places = Places.of(link.account_id)
    check(had, wanted, tags=link.tags, by=by, places=places)
    move([Move(link.pk, wanted - had, had - wanted)], account_id=link.account_id)
    before, after = told(had, places), told(wanted, places)
    trace.record("person attached", link=link, by=by.user, before=before, after=after)
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


def hold(spots: Iterable[Spot]) -> None:
    """Keep these places from being removed until the transaction ends."""
    keys = {sort: [key for each, key in spots if each == sort] for sort in (SUB_ACCOUNT, SITE)}
    list(SubAccount.objects.filter(pk__in=keys[SUB_ACCOUNT]).order_by("pk").select_for_update(no_key=True))
    list(Site.objects.filter(pk__in=keys[SITE]).order_by("pk").select_for_update(no_key=True, of=("self",)))


def check(
    had: Collection[Spot], wanted: Collection[Spot], *, tags: Collection[str], by: AccountLink, places: Places
) -> None:  # fmt: skip
    """Raise ValidationError on `places` unless `by` may move somebody with these tags from there to there."""
    moved, own = set(had) ^ set(wanted), places.open_to(by)
    if not set(wanted) - set(had) <= places.by_spot.keys():
        raise ValidationError({"places": _("One of these places is not there any more: choose again.")})
    if not moved <= own:
        names = ", ".join(places.names(own)) or "–"
        raise ValidationError(
            {"places": _("You can attach people only to your own places: %(names)s.") % {"names": names}}
        )
    if by.is_local and own & set(had) and not own & set(wanted) and not set(tags) & set(by.tags):
        raise ValidationError({"places": _("Leave them at least one of your places, or you no longer manage them.")})


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
