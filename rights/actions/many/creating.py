"""Standard users of a list: people who exist before they answer, each under a user name of their own."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from django.contrib.auth.hashers import make_password
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Left, Upper

from colibox.lib.database import insert, reserve
from colibox.lib.text import fold
from rights.actions.many.inviting import BLANK, Newcomer
from rights.models import AccountLink
from users.models import ACCOUNT_NUMBER, User

ASIDE = "~"
"""What no user name bears but those that were freed."""
SPARES = (8, 1000)
"""So many user names beyond those needed are looked at of each kind; where they are all taken, so many more."""
COLUMNS = ("id", "username", "password", "language", *User.IDENTITY)


def create(newcomers: Sequence[Newcomer], account_id: int) -> list[Newcomer]:
    """Write down these people, who choose their password later; whose user name is taken meanwhile is left out.

    Who comes back gets the user name they had.

    The order of the user names keeps two acts at once from waiting for each other.
    """
    if not newcomers:
        return []
    proposed = propose([(new.identity.get("first_name", ""), new.identity.get("last_name", "")) for new in newcomers])
    gone = left(account_id, [new.identity for new in newcomers])
    free_names([person for person in gone if person])
    proposed = [person.username if person else name for person, name in zip(gone, proposed, strict=True)]
    pairs = sorted(zip(proposed, newcomers, strict=True), key=lambda pair: pair[0].upper())
    for pk, (username, newcomer) in zip(reserve(User, len(pairs)), pairs, strict=True):
        newcomer.user_id, newcomer.username = pk, username
    rows = [_row(newcomer) for _username, newcomer in pairs]
    kept = set(insert(User, COLUMNS, rows, skip_conflicts=True, returning=True, kind=User.Kind.STANDARD))
    return [newcomer for _username, newcomer in pairs if newcomer.user_id in kept]


def _row(newcomer: Newcomer) -> list[object]:
    given = newcomer.identity
    identity = [given.get(name) or BLANK[name] for name in User.IDENTITY]
    return [newcomer.user_id, newcomer.username, make_password(None), newcomer.language, *identity]


def left(account_id: int, identities: Sequence[Mapping[str, str]]) -> list[User | None]:
    """Of each of these, the standard user of the same name and address whom the account let go last, each once.

    Not whom the carrier lets in nowhere, nor who signed in with the number of an account: that name is the owner's.
    """
    asked = [(fold(f"{each.get('last_name')} {each.get('first_name')}"), each["email"].upper()) for each in identities]
    gone = AccountLink.objects.filter(account=account_id, kind=AccountLink.Kind.STANDARD, state=AccountLink.State.ENDED)
    gone = gone.filter(sort_key__in={name for name, _email in asked}, user__is_active=False, user__suspended_at=None)
    gone = gone.exclude(user__username__contains=ASIDE).exclude(user__username__regex=ACCOUNT_NUMBER)
    gone = gone.select_related("user").order_by("ended_at", "pk")
    found = {(link.sort_key, link.email.upper()): link.user for link in gone}
    return [found.pop(key, None) for key in asked]


def free_names(people: Sequence[User]) -> None:
    """Let somebody new have the user names of these, who left: their own get a mark that nobody can type."""
    aside = Concat(Cast("pk", CharField()), Value(ASIDE), Left("username", 50))
    User.objects.filter(pk__in=[person.pk for person in people]).update(username=aside)


def propose(names: Sequence[tuple[str, str]]) -> list[str]:
    """For each first and last name a free user name, an initial and the last name: c.martin, else c.martin2.

    No two are alike; two statements at most.
    """
    bases = [_base(*name) for name in names]
    wanted, free = Counter(bases), dict[str, list[str]]()
    for spare in SPARES:
        if short := {base: count for base, count in wanted.items() if len(free.get(base, ())) < count}:
            free |= _free(short, spare)
    given: set[str] = set()
    return [_next(base, free[base], given) for base in bases]


def _base(first_name: str, last_name: str) -> str:
    base = re.sub(r"[^a-z0-9.-]", "", fold(f"{first_name[:1]}.{last_name}").replace(" ", "-"))[:50]
    return base if len(base) >= 3 else "user"


def _free(wanted: dict[str, int], spare: int) -> dict[str, list[str]]:
    """Of each base, the user names that nobody has, in their order."""
    listed = {base: [base, *(f"{base}{n}" for n in range(2, count + spare))] for base, count in wanted.items()}
    users = User.objects.annotate(folded=Upper("username"))
    asked = [name.upper() for names in listed.values() for name in names]
    taken = set(users.filter(folded__in=asked).values_list("folded", flat=True))
    return {base: [name for name in names if name.upper() not in taken] for base, names in listed.items()}


def _next(base: str, free: list[str], given: set[str]) -> str:
    """The first of these that was not given yet; where all were, one with figures that nobody can use up."""
    while free:
        name = free.pop(0)
        if name not in given:
            given.add(name)
            return name
    return f"{base}{secrets.randbelow(10**9):06}"
