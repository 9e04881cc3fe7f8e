"""What a call can be refused for, whatever the service; each service says it in its own published words and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from colibox.lib.text import Text
from rights.keys.connection import Reason, Refused


class Kind(StrEnum):
    """Why a call is refused before what it asks for matters; beside the reasons of rights.keys.connection."""

    QUERY = "query"
    LARGE = "large"
    UNREADABLE = "unreadable"
    LIMITED = "limited"
    RUNNING = "running"
    DIFFERENT = "different"
    NO_KEY = "no key"
    AWAY = "away"
    BROKEN = "broken"


SENTENCES: dict[Kind, Text] = {
    Kind.QUERY: _("A key or a password never stands in an address: send it in a header."),
    Kind.LARGE: _("This call is too large."),
    Kind.UNREADABLE: _("The JSON of this call is badly formed."),
    Kind.LIMITED: _("Too many calls. Wait, then go on."),
    Kind.RUNNING: _("The first call under this Idempotency-Key is still under way. Send it again in a moment."),
    Kind.DIFFERENT: _("Another call was answered under this Idempotency-Key."),
    Kind.NO_KEY: _("An Idempotency-Key has 1 to 255 visible characters."),
    Kind.AWAY: _("The service is not available for the moment."),
    Kind.BROKEN: _("Something went wrong on our side; nothing was done."),
}

STATUSES: Mapping[str, int] = {
    **dict.fromkeys(Reason, 401), Reason.FORBIDDEN: 403, Reason.SUSPENDED: 403, Reason.FACTOR: 403, Reason.LOCKED: 429,
    Kind.QUERY: 400, Kind.LARGE: 413, Kind.UNREADABLE: 400, Kind.LIMITED: 429, Kind.RUNNING: 409,
    Kind.DIFFERENT: 422, Kind.NO_KEY: 400, Kind.AWAY: 503, Kind.BROKEN: 500,
}  # fmt: skip
"""The HTTP statuses of a service that publishes no others."""

WAIT = {Reason.LOCKED: 300, Kind.RUNNING: 2, Kind.AWAY: 30}
"""After how many seconds to come again, where nothing else says so."""


@dataclass
class Fault(Exception):
    """A refusal: the published id of the error, an HTTP status, a sentence."""

    code: str
    status: int
    text: Text
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """How a service says each kind of refusal: HTTP status and published id; our own ids are the HTTP status."""

    statuses: Mapping[str, int]
    codes: Mapping[str, str]

    def fault(self, kind: Kind | Reason, text: Text = "", wait: int | None = None) -> Fault:
        """The refusal in the words of this service."""
        status = self.statuses.get(kind, STATUSES[kind])
        said = text or (SENTENCES[kind] if isinstance(kind, Kind) else Refused(kind).sentence)
        return Fault(self.codes.get(kind, str(status)), status, said, _headers(kind, wait))


def _headers(kind: Kind | Reason, wait: int | None) -> dict[str, str]:
    seconds = wait or WAIT.get(kind)
    headers = {"Retry-After": str(seconds)} if seconds else {}
    if isinstance(kind, Reason):  # so that programs tell an expired key from an unknown one
        error = "insufficient_scope" if kind in (Reason.FORBIDDEN, Reason.SUSPENDED, Reason.FACTOR) else "invalid_token"
        headers["WWW-Authenticate"] = f'Bearer realm="colibox", error="{error}", error_description="{kind}"'
    return headers
