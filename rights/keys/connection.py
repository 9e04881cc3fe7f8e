"""Who calls a web service, and for which account: by a connection key, or by a user name and a password.

Everything is asked again at each call, so that a key dies with the next one after a link is cut, a right is
withdrawn, or its owner's access is removed. Only who knows the secret learns why a key no longer opens anything.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from colibox.lib import keys, origin, tenancy, throttle
from colibox.lib.cache import shared_cache
from colibox.lib.text import Text
from rights.keys.programs import held_by
from rights.models import AccountLink, AccountLinkQuerySet, ConnectionKey
from users.models import USERNAME, User

USE_IS_WRITTEN = timedelta(minutes=1)
"""The use of a key is written at most once in that time."""
WINDOW = 300
"""In how many seconds wrong passwords are counted, and for how long a right one is remembered."""
WRONG_FOR_A_NAME_AND_ADDRESS, WRONG_FOR_A_NAME, WRONG_FROM_AN_ADDRESS = 20, 100, 100


class Reason(StrEnum):
    """Why a call is refused."""

    MISSING = "missing"
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ADDRESS = "address"
    PASSWORD = "password"  # noqa: S105
    ALONE = "password alone"
    LOCKED = "locked"
    SUSPENDED = "suspended"
    FACTOR = "second factor"
    FORBIDDEN = "forbidden"


SENTENCES: dict[Reason, Text] = {
    Reason.MISSING: _("No connection key and no user name were sent."),
    Reason.MALFORMED: _("This is not a connection key: a character is wrong or missing."),
    Reason.UNKNOWN: _("This connection key is unknown."),
    Reason.EXPIRED: _("This connection key has expired."),
    Reason.REVOKED: _("This connection key was ended or replaced."),
    Reason.ADDRESS: _("This connection key may not be used from this address."),
    Reason.PASSWORD: _("The user name or the password is wrong."),
    Reason.LOCKED: _("Too many attempts. Wait a few minutes, then try again."),
    Reason.SUSPENDED: _("This right is suspended on this account."),
    Reason.FORBIDDEN: _("This right is not open on this account."),
    Reason.FACTOR: _("This account requires two-factor authentication, which the owner of this key has not set up."),
    Reason.ALONE: _("This user name signs in with a second factor: use a connection key in place of its password."),
}


class Refused(Exception):
    """A call is refused: a reason for programs, a sentence for people."""

    def __init__(self, reason: Reason, sentence: Text = "") -> None:
        super().__init__(reason)
        self.reason, self.sentence = reason, sentence or SENTENCES[reason]

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True)
class Caller:
    """Who calls; `key` is None when a password was sent."""

    user: User
    key: ConnectionKey | None = None

    def links(self, right: str) -> list[AccountLink]:
        """The links on which this caller may use this right now, with their accounts, by number.

        From here on the person's own links are in reach, until the transaction or the enclosing scope ends.
        """
        tenancy.reach(user=self.user.pk)
        return [link for link in self._covered(self._kept(right), right) if link.in_force]

    def link(self, right: str, number: str | None) -> AccountLink:
        """The one link to act by; without a number, the only one possible. Raises Refused.

        From here on its account is in reach, until the transaction or the enclosing scope ends. A foreign
        account and an absent one get the same answer.
        """
        usable = [link for link, rights in held_by(self.user).items() if right in rights and _is_on(link, number)]
        usable = self._covered(usable, right)
        if len(usable) > 1:
            raise Refused(Reason.FORBIDDEN, _("This right is open on several accounts: say which one."))
        if not usable:
            raise Refused(self._why_not(right, number))
        tenancy.reach(accounts=[usable[0].account_id], user=self.user.pk)
        return AccountLink.objects.select_related("account").get(pk=usable[0].pk)

    def _why_not(self, right: str, number: str | None) -> Reason:
        """Whether this right was given there and is suspended, or was not given."""
        links = [link for link in self._kept(right) if _is_on(link, number)]
        given = [link for link in self._covered(links, right) if link.granted]
        if any(link.paused and link.state == AccountLink.State.ACTIVE for link in given):
            return Reason.FACTOR
        return Reason.SUSPENDED if given else Reason.FORBIDDEN

    def _kept(self, right: str) -> AccountLinkQuerySet:
        """The person's links, each with how this right stands on it."""
        return AccountLink.objects.taken_by(self.user).standing(right)

    def _covered(self, links: Iterable[AccountLink], right: str) -> list[AccountLink]:
        return [link for link in links if self.key is None or self.key.covers(link, right)]


def _is_on(link: AccountLink, number: str | None) -> bool:
    """Whether a link is on the account of this number as a program sends it; any is when it sends none."""
    wanted = (number or "").strip()
    return not wanted or link.account.number == wanted


# By key.


def by_key(secret: str, *, ip: str | None = None) -> Caller:
    """Who holds this connection key; raises Refused. The address is the current request's unless it is given."""
    secret = secret.strip()
    if not secret:
        raise Refused(Reason.MISSING)
    public = keys.read_connection_key(secret)
    if public is None:
        raise Refused(Reason.MALFORMED)
    key = ConnectionKey.objects.at_call().filter(public=public).select_related("user").first()
    known = hmac.compare_digest(keys.fingerprint(secret), key.fingerprint if key else "")
    if key is None or not known:
        raise Refused(Reason.UNKNOWN)
    if refusal := _refusal(key, key.asked_at, ip or origin.current().ip):
        raise Refused(refusal)
    return Caller(key.user, key)


def _refusal(key: ConnectionKey, now: datetime, ip: str | None) -> Reason | None:
    """Why this key no longer opens anything, or nothing from there."""
    state = key.state_at(now)
    if state == ConnectionKey.State.ENDED or not key.user.is_active:
        return Reason.REVOKED
    if state == ConnectionKey.State.EXPIRED:
        return Reason.EXPIRED
    return None if _comes_from(key.networks, ip) else Reason.ADDRESS


def _comes_from(networks: list[str], ip: str | None) -> bool:
    """Whether an address is in one of these networks, if there are any; an unknown address is in none."""
    if not networks:
        return True
    try:
        address = ip_address(ip or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(network) for network in networks)


def used(caller: Caller, *, service: str, ip: str) -> None:
    """Remember when, from where and for what a key was used: one write a minute, waiting for nobody."""
    if caller.key is None:
        return
    last = caller.key.last_used_at
    if last is None or last < caller.key.asked_at - USE_IS_WRITTEN:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - USE_IS_WRITTEN)
        free = ConnectionKey.objects.filter(stale, pk=caller.key.pk).select_for_update(skip_locked=True, no_key=True)
        ConnectionKey.objects.filter(pk__in=free.values("pk")).update(
            last_used_at=Now(), last_used_ip=_known_address(ip), last_used_service=service[:40]
        )


def _known_address(ip: str) -> str | None:
    try:
        return str(ip_address(ip))
    except ValueError:
        return None


def allow(caller: Caller, account: CustomerAccount | None = None) -> int | None:
    """Count a call against the limits of its key and then of its account: the seconds to wait, or None to go on."""
    who = f"key:{caller.key.pk}" if caller.key else f"person:{caller.user.pk}"
    seconds = throttle.wait(f"calls:{who}", limit=settings.WS_CALLS_PER_MINUTE)
    if seconds or account is None:
        return seconds
    return throttle.wait(f"calls:account:{account.pk}", limit=settings.WS_CALLS_PER_MINUTE_ACCOUNT)


# By user name and password.


def by_password(username: str, password: str, *, ip: str) -> Caller:
    """Who has this user name and this password; raises Refused, in the same time and words whoever it is not.

    Attempts are counted before the password is looked at, per name and address, per name, and per address;
    a right one is given back, and remembered for a while so that each call does not cost a slow hash.
    """
    username = username.strip()
    if not username or not password:
        raise Refused(Reason.MISSING)
    person = _person(username)
    remembered = f"right-password:{_proof(person, password)}"
    if shared_cache().get(remembered) and person is not None and not person.second_factor:
        return Caller(person)
    attempts = _attempts(username, ip)
    if not all(throttle.allow(key, limit=limit, seconds=WINDOW, strict=True) for key, limit in attempts):
        raise Refused(Reason.LOCKED)
    if not _is_theirs(password, person) or person is None:
        raise Refused(Reason.PASSWORD)
    for key, _limit in attempts:
        throttle.give_back(key, seconds=WINDOW)
    if person.second_factor:
        raise Refused(Reason.ALONE)
    shared_cache().set(remembered, True, timeout=WINDOW)
    return Caller(person)


def _person(username: str) -> User | None:
    """Who may sign in under this name to act for an account, if anybody."""
    try:
        USERNAME(username)
    except ValidationError:
        return None
    people = User.objects.with_username(username).filter(is_active=True)
    return people.exclude(kind=User.Kind.STAFF).first()


def _is_theirs(password: str, person: User | None) -> bool:
    """Whether it is the password of this person; for nobody, after the same work."""
    if person is None or not person.has_usable_password():
        make_password(password)
        return False
    return check_password(password, person.password)


def _proof(person: User | None, password: str) -> str:
    """What is remembered of a right password: it changes with the password, and tells nothing without our key."""
    told = f"{person.pk}:{person.password}" if person else "nobody"
    return salted_hmac("colibox.right-password", f"{told}:{password}", algorithm="sha256").hexdigest()


def _attempts(username: str, ip: str) -> list[tuple[str, int]]:
    """What an attempt is counted under, and how many there may be: what is refused first counts for no more."""
    name = keys.digest(username.upper())
    return [
        (f"ws:{ip}", WRONG_FROM_AN_ADDRESS),
        (f"ws:{ip}:{name}", WRONG_FOR_A_NAME_AND_ADDRESS),
        (f"ws:{name}", WRONG_FOR_A_NAME),
    ]
