"""Identifiers and secrets: user keys, connection keys, invitation tokens; how they are made and read."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a key can be read aloud."""

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CONNECTION_PREFIX = "cpk_"


def new_user_key() -> str:
    """A shareable key of 60 random bits and a check symbol, without its dashes: 13 symbols."""
    body = "".join(secrets.choice(CROCKFORD) for _ in range(12))
    return body + _check_symbol(body)


def read_user_key(typed: str) -> str | None:
    """The stored form of a user key as people type it, or None when its check symbol is wrong."""
    key = typed.upper().translate(str.maketrans("OIL", "011", " -\t\u00a0\u202f\u2011\u2013"))
    if len(key) != 13 or any(symbol not in CROCKFORD for symbol in key):
        return None
    return key if hmac.compare_digest(_check_symbol(key[:12]), key[12]) else None


def show_user_key(key: str) -> str:
    """A user key grouped for reading: 7K4M-XXXX-XXXX-X."""
    return "-".join(key[i : i + 4] for i in range(0, len(key), 4))


def _check_symbol(body: str) -> str:
    """A checksum over the field of 32 elements: notices each wrong symbol and each pair exchanged."""
    value = 0
    for symbol in body:
        value = (value ^ CROCKFORD.index(symbol)) << 1
        value ^= 0b100101 if value > 31 else 0
    return CROCKFORD[value]


def new_connection_key() -> tuple[str, str]:
    """A public identifier and a whole key: prefix, 8 public symbols, 32 secret ones, 6 of CRC-32.

    The prefix lets secret scanners find a leaked key, the checksum lets a mistyped one be refused unasked.
    """
    public = "".join(secrets.choice(BASE62) for _ in range(8))
    body = f"{CONNECTION_PREFIX}{public}_" + "".join(secrets.choice(BASE62) for _ in range(32))
    return public, body + _checksum(body)


def read_connection_key(key: str) -> str | None:
    """The public identifier of a well-formed connection key, or None."""
    if len(key) != 51 or not key.startswith(CONNECTION_PREFIX) or not key.isascii():
        return None
    return key[4:12] if hmac.compare_digest(_checksum(key[:45]), key[45:]) else None


def _checksum(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits


def fingerprint(secret: str) -> str:
    """What is stored of a connection key: an HMAC under a key that is not in the database."""
    return salted_hmac("colibox.connection-key", secret, algorithm="sha256").hexdigest()


def invitation_token(link: str, generation: int) -> str:
    """The secret of an invitation's link: derived, so that it is stored nowhere, not even in the mail queue."""
    return hmac.digest(_invitation_key(settings.SECRET_KEY), f"{link}:{generation}".encode(), "sha256").hex()


@lru_cache(maxsize=2)
def _invitation_key(secret: str) -> bytes:
    """The key of all invitations, derived from the portal's as Django's salted_hmac does."""
    return hashlib.sha256(b"colibox.invitation" + secret.encode()).digest()


def digest(token: str) -> str:
    """What is stored of a token that arrives in an address: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()
