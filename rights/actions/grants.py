"""How grants come and go on one link: the ceiling, the scopes, the tag, the difference."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from colibox.lib.database import insert
from rights import catalogue
from rights.access import PEOPLE_NOT_RIGHTS, Ceiling
from rights.models import AccountLink, Grant


@dataclass(frozen=True)
class Difference:
    """What a save changed in the rights of a link, by code."""

    gained: frozenset[str]
    lost: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


def check(by: AccountLink, rights: Iterable[str], kind: str) -> None:
    """Raise ValidationError on `rights` naming each right that may not be given."""
    check_under(Ceiling(by), rights, kind)


def check_under(ceiling: Ceiling, rights: Iterable[str], kind: str) -> None:
    """The same under a ceiling that is known already."""
    faults = []
    for code in rights:
        if (reason := ceiling.refusal(code, kind)) is not None:
            right = catalogue.BY_CODE.get(code)
            named = {"right": right.full_label if right else code, "reason": reason, "code": code}
            faults.append(
                ValidationError(_("You cannot give the right “%(right)s”. %(reason)s"), code="right", params=named)
            )
    if faults:
        raise ValidationError({"rights": faults})


def check_choice(rights: Iterable[str], tags: Iterable[str]) -> None:
    """Raise ValidationError when two scopes of one variant are asked, or a tag scope without a tag."""
    wanted = [catalogue.BY_CODE[code] for code in rights if code in catalogue.BY_CODE]
    choices = Counter(right.choice for right in wanted if right.choice)
    double = next((right for right in wanted if choices[right.choice] > 1), None)
    if double:
        reason = _("Choose one scope only for each form of the tracking tool.")
        raise ValidationError({"rights": ValidationError(reason, code="choice", params={"code": double.code})})
    if any(right.needs_tag for right in wanted) and not list(tags):
        raise ValidationError({"tags": _("A tag is needed for tracking limited to the user tag, for example LYON.")})


@dataclass(slots=True)
class Move:
    """What one link gains and loses."""

    link: int
    rights: Difference


def move(moves: Iterable[Move], *, by: AccountLink) -> None:
    """Write what links of the account of `by` gain and lose, already checked: two statements however many they are."""
    listed = list(moves)
    _withdraw([(each.link, code) for each in listed for code in each.rights.lost])
    insert(
        Grant,
        ("link_id", "right", "choice"),
        ((each.link, code, catalogue.BY_CODE[code].choice) for each in listed for code in sorted(each.rights.gained)),
        account_id=by.account_id,
        given_by_id=by.user_id,
        given_by_name=str(by)[:170],
    )


def _withdraw(lost: list[tuple[int, str]]) -> None:
    if lost:
        links, codes = zip(*lost, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM rights_grant AS g USING unnest(%s::bigint[], %s::text[]) AS lost (link, code)"
                ' WHERE g.link_id = lost.link AND g."right" = lost.code AND g.link_id = ANY(%s)',
                [list(links), list(codes), sorted(set(links))],  # twice, or many links read all grants there are
            )


def given(links: Iterable[AccountLink]) -> defaultdict[int, set[str]]:
    """The codes given on these links, by link."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for link_id, right in Grant.objects.filter(link__in=links).values_list("link_id", "right"):
        found[link_id].add(right)
    return found


def compare(
    had: Collection[str], wanted: Collection[str], *, kind: str, tags: Iterable[str], ceiling: Ceiling
) -> Difference:
    """What somebody of this kind with these tags gains and loses when other rights are wanted, if they may.

    A right that the account lost meanwhile stays, suspended, until another scope takes its place.
    """
    before, after = frozenset(had), frozenset(wanted)
    gained = after - before
    left = before - after
    lost = {code for code in left if code in ceiling.entitlements or any(replaces(new, code) for new in gained)}
    if lost and not ceiling.link.gives_rights:
        raise ValidationError({"rights": ValidationError(PEOPLE_NOT_RIGHTS, code="right", params={"code": min(lost)})})
    check_under(ceiling, sorted(gained), kind)
    check_choice(sorted((before | gained) - lost), tags)
    return Difference(gained, frozenset(lost))


def replaces(code: str, other: str) -> bool:
    """Whether a right takes the place of another, as only one scope of a variant is held."""
    right, former = catalogue.BY_CODE.get(code), catalogue.BY_CODE.get(other)
    return right is not None and former is not None and right.choice != "" and right.choice == former.choice


def drop_above_ceiling(link: AccountLink, *, by: AccountLink) -> list[str]:
    """Before a link opens, take away what neither `by`, who asked for it, nor whoever gave it may give any longer."""
    givers = dict(link.grants.values_list("right", "given_by"))
    others = {*givers.values()} - {by.user_id, None}
    links = AccountLink.objects.active().filter(account=link.account_id, user__in=others, user__is_active=True)
    vouching = {each.user_id: Ceiling(each) for each in links} | {by.user_id: Ceiling(by)}
    dropped = sorted(
        code
        for code, giver in givers.items()
        if all(vouching[who].refusal(code, link.kind) is not None for who in {giver, by.user_id} & vouching.keys())
    )
    link.grants.filter(right__in=dropped).delete()
    return dropped
