"""The demo mailbox: what the portal sent, read from the Maildir of the embedded SMTP server. Demo runs only."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from mailbox import Maildir, NoSuchMailboxError

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from colibox.lib.access import public

SHOWN = 200


@dataclass(frozen=True)
class Letter:
    """An e-mail that arrived."""

    key: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["subject"] or _("(no subject)"))

    @property
    def sender(self) -> str:
        return str(self.message["from"] or "")

    @property
    def to(self) -> str:
        return str(self.message["to"] or "")

    @property
    def date(self) -> datetime | None:
        """When it left; Django writes the zone as -0000, which Python reads as none."""
        date: datetime | None = getattr(self.message["date"], "datetime", None)
        return date.replace(tzinfo=UTC) if date and date.tzinfo is None else date

    def part(self, kind: str) -> str:
        """The text of its part of that kind, plain or html; empty when there is none."""
        body = self.message.get_body((kind,))
        return "" if body is None else str(body.get_content())

    @property
    def text(self) -> str:
        return self.part("plain")

    @property
    def html(self) -> str:
        """Its HTML, whose links leave the frame it is shown in."""
        return self.part("html").replace("<head>", '<head><base target="_top">', 1)


def _maildir() -> Maildir | None:
    """The folder of the mails; None before the first one arrives."""
    try:
        return Maildir(settings.MAILBOX_DIR or "", create=False)
    except NoSuchMailboxError:
        return None


def _read(box: Maildir, key: str) -> Letter:
    message = message_from_bytes(box.get_bytes(key), policy=default)
    assert isinstance(message, EmailMessage)
    return Letter(key, message)


def _arrival(key: str) -> list[int]:
    """What a Maildir name begins with: the second, the microsecond, the process, its count."""
    return [int(number) for number in re.findall(r"\d+", key)]


@public
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The newest e-mails."""
    box = _maildir()
    newest = heapq.nlargest(SHOWN, box.keys(), key=_arrival) if box is not None else []
    found = [_read(box, key) for key in newest] if box is not None else []
    return render(request, "mailbox/letters.html", {"letters": found})


def _letter_or_404(key: str) -> Letter:
    box = _maildir()
    if box is None or key not in box:
        raise Http404
    return _read(box, key)


@public
@require_safe
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type] # its types know no argument of an address
def letter(request: HttpRequest, key: str) -> HttpResponse:
    """One e-mail: its headers, its HTML in a frame, its text."""
    return render(request, "mailbox/letter.html", {"letter": _letter_or_404(key)})


@public
@require_safe
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]
    {
        "script-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
    }
)
def letter_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML of an e-mail as a mail reader shows it: its own styles, no script, no form."""
    return HttpResponse(_letter_or_404(key).html)


urlpatterns = [
    path("", letters, name="mailbox"),
    path("<str:key>/", letter, name="mailbox_letter"),
    path("<str:key>/html/", letter_html, name="mailbox_letter_html"),
]
