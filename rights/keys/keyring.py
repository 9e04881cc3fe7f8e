"""What a connection key opens: who may have one, how wide it is, and how it is said in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import AuditEvent, CustomerAccount, Facts
from rights import catalogue
from rights.access import rights_of
from rights.models import AccountLink, ConnectionKey, Grant
from users.models import User

SHOWN = 3
"""Accounts named in a row of the list; the page of the key names them all."""
CLOSED = 20
"""How many accounts that are shut for now are named."""


def may_have_keys(user: User) -> bool:
    """Whether this person may make keys: advanced users, and whoever holds a web service right now."""
    if user.is_advanced:
        return True
    held = rights_of(AccountLink.objects.of(user))
    return any(not rights.isdisjoint(ConnectionKey.RIGHTS) for rights in held.values())


@dataclass(frozen=True)
class Range:
    """What was chosen for a key: links, rights, networks; null is all, and no network is everywhere."""

    links: frozenset[int] | None = None
    rights: frozenset[str] | None = None
    networks: tuple[str, ...] = ()

    @classmethod
    def of(cls, key: ConnectionKey) -> Range:
        """The range of a key."""
        links = None if key.links is None else frozenset(key.links)
        return cls(links, None if key.rights is None else frozenset(key.rights), tuple(key.networks))

    def wider_than(self, other: Range) -> bool:
        """Whether a key would open something, or from somewhere, that it did not with the other range."""
        return (
            _exceeds(self.links, other.links)
            or _exceeds(self.rights, other.rights)
            or _reaches_beyond(self.networks, other.networks)
        )

    def columns(self) -> dict[str, Any]:
        """The range as a key keeps it."""
        return {
            "links": None if self.links is None else sorted(self.links),
            "rights": None if self.rights is None else [code for code in ConnectionKey.RIGHTS if code in self.rights],
            "networks": list(self.networks),
        }


def _exceeds(wanted: frozenset[Any] | None, former: frozenset[Any] | None) -> bool:
    return former is not None and (wanted is None or bool(wanted - former))


def _reaches_beyond(wanted: tuple[str, ...], former: tuple[str, ...]) -> bool:
    if not former or not wanted:
        return bool(former)
    allowed = [ip_network(network) for network in former]
    return not all(any(_inside(ip_network(network), outer) for outer in allowed) for network in wanted)


def _inside(network: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(outer, IPv4Network) and network.subnet_of(outer)
    return isinstance(outer, IPv6Network) and network.subnet_of(outer)


# In words.


@dataclass(frozen=True)
class Described:
    """A key with what it opens: the links and the labels of the rights, None for all of them."""

    key: ConnectionKey
    links: list[AccountLink] | None
    rights: list[str] | None
    closed: list[AccountLink] = field(default_factory=list)
    """Those of its accounts that open nothing for now, though it was made for them."""

    @property
    def first_links(self) -> list[AccountLink]:
        """The links named in a row of a list."""
        return (self.links or [])[:SHOWN]

    @property
    def more(self) -> int:
        """How many links a row does not name."""
        return len(self.links or []) - len(self.first_links)


def describe(keys: Iterable[ConnectionKey]) -> list[Described]:
    """These keys of one person with what they open: one query however many there are."""
    keys = list(keys)
    named = {pk for key in keys for pk in key.links or ()}
    user = keys[0].user_id if keys else None
    links = AccountLink.objects.filter(user=user, pk__in=named).exclude(state=AccountLink.State.ENDED)
    found = list(links.select_related("account").order_by("account__number")) if named else []
    shut = closed(keys[0].user) if keys else []
    return [Described(key, _named(key, found), _labels(key), _of(key, shut)) for key in keys]


def closed(user: User) -> list[AccountLink]:
    """The accounts where a person has a web service that is shut for now: paused, suspended, or not their days."""
    links = AccountLink.objects.taken_by(user).shut()
    given = Exists(Grant.objects.filter(link=OuterRef("pk"), right__in=ConnectionKey.RIGHTS))
    links = links.filter(Q(role__in=AccountLink.ADMINISTRATORS) | given)
    return list(links.filter(account__state=CustomerAccount.State.OPEN)[:CLOSED])


def _of(key: ConnectionKey, links: list[AccountLink]) -> list[AccountLink]:
    return [link for link in links if key.is_live and (key.links is None or link.pk in key.links)]


def _named(key: ConnectionKey, links: list[AccountLink]) -> list[AccountLink] | None:
    return None if key.links is None else [link for link in links if link.pk in key.links]


def _labels(key: ConnectionKey) -> list[str] | None:
    return None if key.rights is None else catalogue.labels(key.rights)


def facts(key: ConnectionKey) -> Facts:
    """What the trace keeps of a key: null is all, and the accounts chosen are told even once their link ended."""
    chosen = AccountLink.objects.filter(user=key.user_id, pk__in=key.links or ()).order_by("account__number", "pk")
    return {
        "public": key.public,
        "name": key.name,
        "accounts": None if key.links is None else list(chosen.values_list("account__number", flat=True)),
        "rights": key.rights,
        "networks": key.networks,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
    }


# What happened to a key.


STEPS = 100
"""The newest events of a key that its page shows."""


@dataclass(frozen=True)
class Step:
    """One event of a key: when, what, the values that changed, and from where."""

    at: datetime
    what: str
    changes: list[tuple[str, str, str]]
    ip: str | None = None


def history(key: ConnectionKey) -> list[Step]:
    """What the trace tells of a key, newest first. Keys that are older than their trace begin with their making."""
    events = AuditEvent.objects.filter(account_id=None, subject=key.uuid).order_by("-id")[:STEPS]
    steps = [Step(event.at, _what(event), _changes(event), event.ip) for event in events]
    made = any(event.verb == "connection key issued" for event in events)
    return steps if made or len(steps) == STEPS else [*steps, Step(key.created_at, pgettext("key", "Made"), [])]


def _what(event: AuditEvent) -> str:
    match event.verb:
        case "connection key issued" if "replaces" in event.before:
            return _("Made in place of the key cpk_%(public)s…") % {"public": event.before["replaces"]}
        case "connection key issued":
            return pgettext("key", "Made")
        case "connection key rotated":
            return _rotated(event.after["by"], event.after["overlap_days"])
        case "connection key changed":
            return pgettext("key", "Changed")
        case "connection key ended":
            return pgettext("key", "Ended")
        case "connection key expired":
            return pgettext("key", "Expired")
    return event.verb


def _rotated(by: str, days: int) -> str:
    if not days:
        return _("Replaced by the key cpk_%(public)s… and ended at once") % {"public": by}
    text = ngettext(
        "Replaced by the key cpk_%(public)s…, with %(n)s day of overlap",
        "Replaced by the key cpk_%(public)s…, with %(n)s days of overlap",
        days,
    )
    return text % {"public": by, "n": days}


def _changes(event: AuditEvent) -> list[tuple[str, str, str]]:
    """The values that an event changed: what, before, after."""
    if event.verb != "connection key changed":
        return []
    labels = {"name": _("Name"), "accounts": _("Accounts"), "rights": _("Web services"), "networks": _("Addresses")}
    return [
        (label, _value(fact, event.before[fact]), _value(fact, event.after[fact]))
        for fact, label in labels.items()
        if fact in event.after
    ]


def _value(fact: str, value: str | list[str] | None) -> str:
    if value is None:
        return _("all")
    if fact == "rights":
        return ", ".join(catalogue.labels(value))
    if isinstance(value, list):
        return ", ".join(value) or (_("from everywhere") if fact == "networks" else _("none"))
    return value
