"""The token in the mail of a notice: whoever reads it may object to what it tells without signing in.

It is signed and stored nowhere; it serves as long as what it names can still be stopped, so once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import signing

SALT = "colibox.objection"
LASTS = timedelta(days=30)
"""Longer than anything waits that can be objected to: what it names says when it is over."""


def make(what: str, *keys: int) -> str:
    """A token that names one notice of this sort."""
    return signing.dumps([what, *keys], salt=SALT)


def read(what: str, token: str) -> list[int] | None:
    """The keys that a token of this sort names, or None."""
    try:
        found: list[Any] = signing.loads(token, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return None
    return found[1:] if found[0] == what else None
