"""The trace, for the apps that stand below the one that keeps it: settings.TRACE names who writes the event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

SHORTEST_REASON = 10
"""How long the carrier's staff must say why: whoever it happens to reads it, and the trace keeps it."""


def record(verb: str, **facts: Any) -> None:
    """Write an event in the current transaction; the facts are those of the function that settings.TRACE names."""
    write: Callable[..., None] = import_string(settings.TRACE)
    write(verb, **facts)
