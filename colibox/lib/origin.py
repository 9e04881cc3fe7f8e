"""Where the current change comes from: the request, the worker or the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The channel of a change, and the address and request it came from when there is one.

    `carrier`: the carrier makes it, in the place of the person whose rights it is checked against.
    """

    channel: str = "system"
    reference: str = ""
    carrier: bool = False
    ip: str | None = None
    request_id: str = ""


_current: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 (frozen)


def current() -> Origin:
    """The origin of the code that runs now; the system when nothing else is known."""
    return _current.get()


@contextmanager
def of(origin: Origin) -> Iterator[None]:
    """Within, changes come from this origin."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
