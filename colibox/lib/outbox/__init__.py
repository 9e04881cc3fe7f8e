"""E-mails that cannot be lost: queued as rows of the caller's transaction, sent by the worker.

    @outbox.email
    def welcome(*, user: int) -> EmailMultiAlternatives | None: ...

    outbox.queue(emails.welcome, key=f"welcome:{user.pk}", user=user.pk)

Django imports this package before models may be imported, so what needs them is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from colibox.lib.outbox.registry import Email, email
from colibox.lib.outbox.rendering import compose

if TYPE_CHECKING:
    from colibox.lib.outbox.delivery import deliver
    from colibox.lib.outbox.models import Mail
    from colibox.lib.outbox.queueing import draft, queue, queue_each, queue_many, trouble

__all__ = ["Email", "Mail", "compose", "deliver", "draft", "email", "queue", "queue_each", "queue_many", "trouble"]

_HOMES = {
    "Mail": "models",
    "deliver": "delivery",
    "draft": "queueing",
    "queue": "queueing",
    "queue_each": "queueing",
    "queue_many": "queueing",
    "trouble": "queueing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
