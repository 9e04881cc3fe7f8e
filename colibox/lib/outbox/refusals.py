"""What an exception of the mail server means: for good or for now, and the short code that is kept of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPServerDisconnected

ENHANCED_CODE = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True)
class Refusal:
    """Why a message did not go. The server's own words are left out: they may bear somebody's address."""

    code: str
    final: bool


def of(error: Exception) -> Refusal:
    """A 5xx, or a message that cannot be written, is final; a 4xx or a lost connection is not."""
    reply = _reply(error)
    if reply:
        return Refusal(_short(*reply), final=500 <= reply[0] < 600)
    lost = isinstance(error, SMTPServerDisconnected) or (
        isinstance(error, OSError) and not isinstance(error, SMTPException)
    )
    return Refusal(type(error).__name__, final=not lost)


def _reply(error: Exception) -> tuple[int, bytes] | None:
    if isinstance(error, SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    if isinstance(error, SMTPResponseException):
        text = error.smtp_error
        return error.smtp_code, text if isinstance(text, bytes) else text.encode()
    return None


def _short(code: int, text: bytes) -> str:
    """A reply as its two codes: 550 5.1.1."""
    enhanced = ENHANCED_CODE.match(text)
    return f"{code} {enhanced[0].decode()}" if enhanced else str(code)
