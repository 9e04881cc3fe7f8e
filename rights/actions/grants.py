"""How grants come and go on one link: the ceiling, the scopes, the tag, the difference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from rights import catalogue
from rights.access import Ceiling
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
            name = right.full_label if right else code
            faults.append(_("You cannot give the right “%(right)s”. %(reason)s") % {"right": name, "reason": reason})
    if faults:
        raise ValidationError({"rights": faults})


def check_choice(rights: Iterable[str], tags: Iterable[str]) -> None:
    """Raise ValidationError when two scopes of one variant are asked, or a tag scope without a tag."""
    wanted = [catalogue.BY_CODE[code] for code in rights if code in catalogue.BY_CODE]
    choices = [right.choice for right in wanted if right.choice]
    if len(choices) != len(set(choices)):
        raise ValidationError({"rights": _("Choose one scope only for each form of the tracking tool.")})
    if any(right.needs_tag for right in wanted) and not list(tags):
        raise ValidationError({"tags": _("A tag is needed for tracking limited to the user tag, for example LYON.")})


def give(link: AccountLink, rights: Iterable[str], *, by: AccountLink) -> None:
    """Write grants already checked."""
    Grant.objects.bulk_create(drafts(link, rights, by=by))


def drafts(link: AccountLink, rights: Iterable[str], *, by: AccountLink) -> list[Grant]:
    """Grants not yet written."""
    return [
        Grant(
            account_id=link.account_id,
            link=link,
            right=code,
            choice=catalogue.BY_CODE[code].choice,
            given_by=by.user,
            given_by_name=str(by)[:170],
        )
        for code in rights
    ]


def set_rights(link: AccountLink, wanted: set[str], *, by: AccountLink) -> Difference:
    """Make these the rights of the link."""
    had = set(link.grants.values_list("right", flat=True))
    difference = compare(link, had, wanted, ceiling=Ceiling(by))
    link.grants.filter(right__in=difference.lost).delete()
    give(link, sorted(difference.gained), by=by)
    return difference


def compare(link: AccountLink, had: set[str], wanted: set[str], *, ceiling: Ceiling) -> Difference:
    """What a link that has these rights gains and loses when others are wanted, if it may.

    A right that the account lost meanwhile stays, suspended, until another scope takes its place.
    """
    gained = wanted - had
    lost = {code for code in had - wanted if code in ceiling.entitlements or any(replaces(new, code) for new in gained)}
    check_under(ceiling, sorted(gained), link.kind)
    check_choice((had | gained) - lost, link.tags)
    return Difference(frozenset(gained), frozenset(lost))


def replaces(code: str, other: str) -> bool:
    """Whether a right takes the place of another, as only one scope of a variant is held."""
    right, former = catalogue.BY_CODE.get(code), catalogue.BY_CODE.get(other)
    return right is not None and former is not None and right.choice != "" and right.choice == former.choice


def drop_above_ceiling(link: AccountLink, *, by: AccountLink) -> list[str]:
    """Before a link opens, take away what `by`, who vouches for it, may no longer give; what was taken."""
    ceiling = Ceiling(by)
    codes = link.grants.values_list("right", flat=True)
    dropped = sorted(code for code in codes if ceiling.refusal(code, link.kind) is not None)
    link.grants.filter(right__in=dropped).delete()
    return dropped
