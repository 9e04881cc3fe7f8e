"""What an act on many people will do, and what it did, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import ngettext_lazy

from colibox.lib.days import shown
from colibox.lib.numbers import thousands
from rights import catalogue
from rights.actions import bulk
from rights.actions.ending import EndOn, Remove
from rights.actions.moving import Attach, Detach, Move

SENTENCES: Mapping[object, tuple[catalogue.Text, catalogue.Text]] = {
    bulk.Give: (
        ngettext_lazy("%(n)s person will gain “%(what)s”.", "%(n)s people will gain “%(what)s”.", "number"),
        ngettext_lazy("%(n)s person gained “%(what)s”.", "%(n)s people gained “%(what)s”.", "number"),
    ),
    bulk.Withdraw: (
        ngettext_lazy("%(n)s person will lose “%(what)s”.", "%(n)s people will lose “%(what)s”.", "number"),
        ngettext_lazy("%(n)s person lost “%(what)s”.", "%(n)s people lost “%(what)s”.", "number"),
    ),
    (bulk.Apply, True): (
        ngettext_lazy("%(n)s person will follow “%(what)s”.", "%(n)s people will follow “%(what)s”.", "number"),
        ngettext_lazy("%(n)s person now follows “%(what)s”.", "%(n)s people now follow “%(what)s”.", "number"),
    ),
    (bulk.Apply, False): (
        ngettext_lazy("%(n)s person will copy “%(what)s”.", "%(n)s people will copy “%(what)s”.", "number"),
        ngettext_lazy(
            "%(n)s person now has a copy of “%(what)s”.", "%(n)s people now have a copy of “%(what)s”.", "number"
        ),
    ),
    bulk.AddTag: (
        ngettext_lazy("%(n)s person will get the tag %(what)s.", "%(n)s people will get the tag %(what)s.", "number"),
        ngettext_lazy("%(n)s person got the tag %(what)s.", "%(n)s people got the tag %(what)s.", "number"),
    ),
    bulk.RemoveTag: (
        ngettext_lazy("%(n)s person will lose the tag %(what)s.", "%(n)s people will lose the tag %(what)s.", "number"),
        ngettext_lazy("%(n)s person lost the tag %(what)s.", "%(n)s people lost the tag %(what)s.", "number"),
    ),
    Attach: (
        ngettext_lazy(
            "%(n)s person will be attached to %(what)s.", "%(n)s people will be attached to %(what)s.", "number"
        ),
        ngettext_lazy(
            "%(n)s person is now attached to %(what)s.", "%(n)s people are now attached to %(what)s.", "number"
        ),
    ),
    Detach: (
        ngettext_lazy(
            "%(n)s person will be detached from %(what)s.", "%(n)s people will be detached from %(what)s.", "number"
        ),
        ngettext_lazy(
            "%(n)s person is no longer attached to %(what)s.",
            "%(n)s people are no longer attached to %(what)s.",
            "number",
        ),
    ),
    (EndOn, True): (
        ngettext_lazy(
            "The access of %(n)s person will end on %(what)s.",
            "The access of %(n)s people will end on %(what)s.",
            "number",
        ),
        ngettext_lazy(
            "The access of %(n)s person now ends on %(what)s.",
            "The access of %(n)s people now ends on %(what)s.",
            "number",
        ),
    ),
    (EndOn, False): (
        ngettext_lazy(
            "The access of %(n)s person will have no end date.",
            "The access of %(n)s people will have no end date.",
            "number",
        ),
        ngettext_lazy(
            "The access of %(n)s person has no end date any more.",
            "The access of %(n)s people has no end date any more.",
            "number",
        ),
    ),
    bulk.Resend: (
        ngettext_lazy("%(n)s person will be invited again.", "%(n)s people will be invited again.", "number"),
        ngettext_lazy("%(n)s person is invited again.", "%(n)s people are invited again.", "number"),
    ),
    bulk.Suspend: (
        ngettext_lazy("%(n)s person will be suspended.", "%(n)s people will be suspended.", "number"),
        ngettext_lazy("%(n)s person is suspended.", "%(n)s people are suspended.", "number"),
    ),
    bulk.Reactivate: (
        ngettext_lazy("%(n)s person will be active again.", "%(n)s people will be active again.", "number"),
        ngettext_lazy("%(n)s person is active again.", "%(n)s people are active again.", "number"),
    ),
    Remove: (
        ngettext_lazy(
            "The link with %(n)s person will be removed.", "The links with %(n)s people will be removed.", "number"
        ),
        ngettext_lazy("The link with %(n)s person is removed.", "The links with %(n)s people are removed.", "number"),
    ),
}
"""Of each act what it will do and what it did; of one that may go two ways, of each way."""


def to_do(act: bulk.Act, n: int) -> str:
    """What an act will do, to how many."""
    return str(SENTENCES[_way(act)][0] % _facts(act, n))


def done(act: bulk.Act, n: int) -> str:
    """What an act did, to how many."""
    return str(SENTENCES[_way(act)][1] % _facts(act, n))


def _way(act: bulk.Act) -> object:
    if isinstance(act, bulk.Apply):
        return bulk.Apply, act.chosen.follows
    return (EndOn, act.day is not None) if isinstance(act, EndOn) else type(act)


def _facts(act: bulk.Act, n: int) -> dict[str, object]:
    return {"number": n, "n": thousands(n), "what": _about(act)}


def _about(act: bulk.Act) -> str:
    """The profile, place, right, tag or day that an act is about."""
    if isinstance(act, bulk.Apply):
        return str(act.chosen.profile)
    if isinstance(act, Move):
        return str(act.place)
    if isinstance(act, bulk.Give | bulk.Withdraw):
        return str(catalogue.BY_CODE[act.right].full_label)
    if isinstance(act, EndOn):
        return shown(act.day)
    return act.tag if isinstance(act, bulk.AddTag | bulk.RemoveTag) else ""
