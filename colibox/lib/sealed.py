"""Secrets at rest: what the database must keep and must not tell, under keys derived from the portal's own."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unreadable(Exception):
    """Sealed under a key that this portal does not have."""


def seal(text: str) -> str:
    """The text as it may be stored: unreadable and unchangeable without SECRET_KEY."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed, under SECRET_KEY or one of its fallbacks. Raises Unreadable."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def reseal(sealed: str) -> str:
    """The same text sealed under the present SECRET_KEY. Raises Unreadable."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _keys() -> MultiFernet:
    return _of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _of(secrets: tuple[str, ...]) -> MultiFernet:
    """The first one seals, all of them open."""
    digests = [sha256(b"colibox.sealed" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(urlsafe_b64encode(digest)) for digest in digests])
