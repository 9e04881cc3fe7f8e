"""The token that proves who reads the mail of a new address: signed, stored nowhere, good for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing

from users.models import User

SALT = "users.email"
LASTS = timedelta(hours=24)


@dataclass(frozen=True)
class Confirmation:
    """What the holder of a token may do: put one address in the place of another, on one person."""

    user: int
    former: str
    email: str


def make(user: User, email: str) -> str:
    """A token for this person and this new address; dead once their e-mail has changed."""
    return signing.dumps([user.pk, user.email, email], salt=SALT, compress=True)


def read(token: str, *, user: User) -> Confirmation | None:
    """What a token says, or None unless it is this person's and still good."""
    try:
        found = Confirmation(*signing.loads(token, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return None
    return found if found.user == user.pk and found.former == user.email else None
