"""What an action calls: put a mail in the queue, in its own transaction; and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from colibox.lib import doorbell
from colibox.lib.database import insert
from colibox.lib.outbox import registry
from colibox.lib.outbox.models import Mail
from colibox.lib.outbox.registry import Email

DELIVER = "colibox.lib.outbox.tasks.deliver"
DRAFTED = ("uuid", "about", "kind", "args", "key", "account_id", "priority")
"""What a draft says; all else of a mail is how far its delivery has come."""
LATE = timedelta(minutes=2)
"""How long a mail may wait before anybody is told: just after an act it always does."""


def draft(
    email: Email,
    *,
    key: str = "",
    account_id: int | None = None,
    about: UUID | None = None,
    priority: Mail.Priority = Mail.Priority.INTERACTIVE,
    **facts: Any,
) -> Mail:
    """A mail not yet in the queue; the facts are what the e-mail asks for, JSON-ready and never a secret."""
    return Mail(
        kind=registry.checked_name(email, facts),
        args=facts,
        key=key or str(uuid.uuid4()),
        account_id=account_id,
        about=about,
        priority=priority,
    )


def queue(
    email: Email,
    *,
    key: str = "",
    account_id: int | None = None,
    about: UUID | None = None,
    priority: Mail.Priority = Mail.Priority.INTERACTIVE,
    **facts: Any,
) -> None:
    """Send this e-mail once the current transaction is committed; once only for a key."""
    queue_many([draft(email, key=key, account_id=account_id, about=about, priority=priority, **facts)])


def queue_many(mails: Iterable[Mail]) -> None:
    """Queue drafts in one statement; those whose key is known already are left out."""
    insert(Mail, DRAFTED, map(_row, mails), skip_conflicts=True)
    doorbell.ring_after_commit(DELIVER)


def _row(mail: Mail) -> tuple[Any, ...]:
    """The values of DRAFTED."""
    about = str(mail.about) if mail.about else None
    return str(mail.uuid), about, mail.kind, mail.args, mail.key, mail.account_id, mail.priority


def queue_each(
    email: Email,
    letters: Iterable[tuple[str, str, dict[str, Any]]],
    *,
    account_id: int,
    priority: Mail.Priority = Mail.Priority.INTERACTIVE,
) -> None:
    """Queue the same e-mail about many: to each its key, whom it is about, and its facts, the same for all by name."""
    listed = list(letters)
    if listed:
        kind = registry.checked_name(email, listed[0][2])
        same: dict[str, Any] = {"kind": kind, "account_id": account_id, "priority": priority}
        insert(Mail, ("key", "about", "args"), listed, skip_conflicts=True, **same)
        doorbell.ring_after_commit(DELIVER)


def trouble(abouts: list[UUID]) -> dict[UUID, Mail]:
    """The newest mail about each of these where it failed, or had time to leave and has not."""
    latest = Mail.objects.filter(pk__in=Mail.objects.latest_about(abouts).values("pk"))
    late = Q(state__in=Mail.UNSETTLED, created_at__lt=Now() - LATE)
    return {mail.about: mail for mail in latest.filter(late | Q(state=Mail.State.FAILED)) if mail.about}
