"""A message as the bytes that go over the wire: the usual two texts in one go, whatever else as Django writes it.

The e-mail package takes most of a millisecond for a message, as long as the mail server does.
"""

from __future__ import annotations

import re
import secrets
from email.utils import formatdate
from functools import lru_cache
from typing import cast

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import SafeMIMEText, forbid_multi_line_headers, sanitize_address

PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}")
"""An address that needs neither quotes nor any encoding."""
LONGEST = 998
"""How many bytes a line of a mail may have."""


def written(message: EmailMessage) -> bytes:
    """The bytes of a message, with the line ends of mail."""
    if isinstance(message, EmailMultiAlternatives) and _is_usual(message):
        text, page = _lines(message.body), _lines(message.alternatives[0][0])
        if max(map(len, (*text, *page))) <= LONGEST:
            return _two_texts(_headers(message), text, page)
    return cast(SafeMIMEText, message.message()).as_bytes(linesep="\r\n")


@lru_cache(maxsize=256)
def address(given: str) -> str:
    """An address of the envelope."""
    return given if PLAIN_ADDRESS.fullmatch(given) else sanitize_address(given, "utf-8")


def _is_usual(message: EmailMultiAlternatives) -> bool:
    """Whether it is a text and a page to one plain address, and nothing else."""
    more = message.attachments or message.cc or message.bcc or message.reply_to or message.encoding
    pages = [mimetype for _content, mimetype in message.alternatives]
    return not more and pages == ["text/html"] and len(message.to) == 1 and bool(PLAIN_ADDRESS.fullmatch(message.to[0]))


def _lines(body: object) -> list[bytes]:
    return str(body).encode().replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")


def _headers(message: EmailMultiAlternatives) -> str:
    date = formatdate(localtime=settings.EMAIL_USE_LOCALTIME)
    named = {"Subject": message.subject, "From": message.from_email, "To": message.to[0], "Date": date}
    return "".join(_header(name, str(value)) for name, value in {**named, **message.extra_headers}.items())


@lru_cache(maxsize=256)
def _header(name: str, value: str) -> str:
    """One header, encoded as Django does. Raises BadHeaderError for what would be two."""
    _name, encoded = forbid_multi_line_headers(name, value, "utf-8")
    return "\r\n".join([*f"{name}: {encoded}".splitlines(), ""])


def _two_texts(headers: str, text: list[bytes], page: list[bytes]) -> bytes:
    boundary = f"=_{secrets.token_hex(16)}"
    part = f'--{boundary}\r\nContent-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n'
    kind = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    before_text, before_page = f"{kind}{headers}\r\n{part % 'plain'}", part % "html"
    return b"\r\n".join([before_text.encode(), *text, before_page.encode(), *page, f"--{boundary}--\r\n".encode()])
