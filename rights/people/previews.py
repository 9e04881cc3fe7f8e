"""What an act on many people will do, as pages show it before it is done: in sentences, and for whom, told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import ngettext

from colibox.lib.numbers import thousands
from colibox.lib.text import fold
from rights.actions import bulk
from rights.actions.following import Followers
from rights.actions.many.writing import Change
from rights.models import AccountLink
from rights.people.rows import gains_and_losses

NAMED = 20
"""How many people are named at once; the others on demand."""


@dataclass(frozen=True)
class Named:
    """What many people are called, in order of name."""

    first: list[str]
    others: list[str]


class Naming:
    """What each of some people is called among them: who shares a name with another one, with their address."""

    def __init__(self, people: Iterable[AccountLink]) -> None:
        self.borne = Counter(fold(str(link)) for link in people)

    def say(self, link: AccountLink) -> str:
        """Their name, and their address where the name alone could mean somebody else."""
        name = str(link)
        alone = self.borne[fold(name)] < 2 or name == link.shown_email
        return name if alone else f"{name} ({link.shown_email})"

    def of(self, links: Iterable[AccountLink]) -> Named:
        """All of these."""
        names = [self.say(link) for link in sorted(links, key=lambda link: str(link.sort_key))]
        return Named(names[:NAMED], names[NAMED:])


@dataclass
class Alike:
    """People to whom the same happens."""

    gained: list[str]
    lost: list[str]
    withheld: list[str]
    changed: list[str] = field(default_factory=list)
    links: list[AccountLink] = field(default_factory=list)
    named: Named | None = None

    def without(self, shared: Alike) -> None:
        """Leave out what happens to everybody."""
        self.gained = [each for each in self.gained if each not in shared.gained]
        self.lost = [each for each in self.lost if each not in shared.lost]
        self.changed = [each for each in self.changed if each not in shared.changed]


def alike(changes: Iterable[Change]) -> list[Alike]:
    """What changes for people, told once for all to whom the same happens; where most are concerned first."""
    found: dict[str, Alike] = {}
    for change in sorted(changes, key=lambda change: str(change.link.sort_key)):
        facts = gains_and_losses(change)
        link = facts.pop("link")
        found.setdefault(repr(facts), Alike(**facts)).links.append(link)
    return sorted(found.values(), key=lambda each: -len(each.links))


def previewed(plan: bulk.Plan, naming: Naming) -> dict[str, Any]:
    """Who changes and how: what happens to everybody, how many gain or lose what else, and then people alike."""
    groups = alike(plan.changes)
    for group in groups:
        group.named = naming.of(group.links)
    if len(groups) < 2:
        return {"groups": groups, "shared": None, "sums": None}
    first, *others = groups
    shared = Alike(
        [each for each in first.gained if all(each in other.gained for other in others)],
        [each for each in first.lost if all(each in other.lost for other in others)],
        [],
        [each for each in first.changed if all(each in other.changed for other in others)],
    )
    for group in groups:
        group.without(shared)
    return {
        "groups": groups,
        "shared": shared if shared.gained or shared.lost or shared.changed else None,
        "sums": _sums(groups) if len(plan.changes) > NAMED else None,
    }


def _sums(groups: Iterable[Alike]) -> dict[str, list[str]]:
    """How many people gain or lose what only some of them do, the most frequent first."""
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for group in groups:
        gained.update(dict.fromkeys(group.gained, len(group.links)))
        lost.update(dict.fromkeys(group.lost, len(group.links)))
    return {"gained": [*map(_sum, gained.most_common())], "lost": [*map(_sum, lost.most_common())]}


def _sum(counted: tuple[str, int]) -> str:
    fact, n = counted
    return ngettext("%(fact)s: %(n)s person", "%(fact)s: %(n)s people", n) % {"fact": fact, "n": thousands(n)}


# Sentences: before it is done in the future, afterwards as it is.


def foretold(plan: bulk.Plan) -> list[str]:
    """What an act will do to the rights of people; nothing when nobody's will change."""
    gaining = ngettext("%(n)s person will gain rights.", "%(n)s people will gain rights.", plan.gaining)
    losing = ngettext("%(n)s person will lose rights.", "%(n)s people will lose rights.", plan.losing)
    return [text % {"n": thousands(n)} for text, n in ((gaining, plan.gaining), (losing, plan.losing)) if n]


def told(plan: bulk.Plan | Followers) -> list[str]:
    """What an act did to the rights of people; nothing when nobody's changed."""
    gaining = ngettext("%(n)s person gained rights.", "%(n)s people gained rights.", plan.gaining)
    losing = ngettext("%(n)s person lost rights.", "%(n)s people lost rights.", plan.losing)
    return [text % {"n": thousands(n)} for text, n in ((gaining, plan.gaining), (losing, plan.losing)) if n]
