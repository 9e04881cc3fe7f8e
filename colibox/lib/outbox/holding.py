"""Which mails a worker holds, and what it writes down of them: only of those that nobody else took since."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Case, F, When
from django.db.models.functions import Now

from colibox.lib import tenancy
from colibox.lib.outbox.models import Mail, Pace

logger = logging.getLogger(__name__)

BATCH = 50
STEPS_A_SECOND = 5
"""How often mass mails go when their pace is set: in this many small batches."""
HOLD = timedelta(seconds=60)
"""How long a batch is held; a worker that dies gives it back after this."""
ON_THE_WIRE = timedelta(seconds=150)
"""How long one message may take: more than a task may live, so that nobody resends what still goes out."""
PATIENCE = 30.0
"""For how many seconds a database that went away is awaited with what it has to know."""

State, Priority = Mail.State, Mail.Priority

GO_ON = "SELECT outbox_go_on(%s, %s, %s, %s, %s::interval)"
CONFIRM = """
    UPDATE outbox_mail AS mail SET state = 'sent', error = '', sent_at = statement_timestamp()
    FROM unnest(%s::bigint[], %s::int[]) AS held(id, attempts)
    WHERE mail.id = held.id AND mail.attempts = held.attempts AND mail.state <> 'sent'
"""


@contextmanager
def every_mail() -> Iterator[None]:
    """A short transaction that reaches the mails of all accounts."""
    with transaction.atomic(), tenancy.everything():
        yield


def claim(gone: Sequence[Mail] = ()) -> list[Mail]:
    """Write down for good what has gone, and hold the next mails: interactive ones, else mass mails in their turn."""
    with every_mail():
        _write_down(gone)
        batch = _lock(Priority.INTERACTIVE, BATCH) or _lock_in_turn()
        Mail.objects.filter(pk__in=[mail.pk for mail in batch]).update(
            attempts=F("attempts") + 1,
            doubts=F("doubts") + Case(When(state=State.SENDING, then=1), default=0),
            state=State.PENDING,
            next_try_at=Now() + HOLD,
        )
    for mail in batch:
        mail.attempts += 1
        mail.doubts += mail.state == State.SENDING
        mail.state = State.PENDING
    return batch


def _lock(priority: Mail.Priority, size: int) -> list[Mail]:
    return list(Mail.objects.of(priority).due().select_for_update(skip_locked=True)[:size])


def _lock_in_turn() -> list[Mail]:
    """Mass mails, as many as their pace allows now."""
    a_second = settings.MAILS_PER_SECOND
    if not a_second:
        return _lock(Priority.BULK, BATCH)
    pace = Pace.locked_if_free()
    batch = _lock(Priority.BULK, min(BATCH, -(-a_second // STEPS_A_SECOND))) if pace else []
    if pace and batch:
        pace.take(len(batch), a_second=a_second)
    return batch


def rest_after(batch: list[Mail]) -> float:
    """For how many seconds no mass mail may follow these."""
    paced = settings.MAILS_PER_SECOND and batch and batch[0].priority == Priority.BULK
    return len(batch) / settings.MAILS_PER_SECOND if paced else 0.0


def go_on(gone: Mail | None, following: Mail) -> bool:
    """One mail has gone, and the following one is on the wire from now on; whether it is still ours to send.

    In one statement, which waits for no disk: who dies leaves one mail in doubt; the next claim makes it last.
    """
    former = [gone.pk, gone.attempts] if gone else [None, None]
    with connection.cursor() as cursor:
        cursor.execute(GO_ON, [*former, following.pk, following.attempts, str(ON_THE_WIRE)])
        ours: bool = cursor.fetchone()[0]
    return ours


def confirm(gone: Sequence[Mail]) -> None:
    """Write down for good that these have gone, as soon as the database answers."""
    limit = time.monotonic() + PATIENCE
    while gone:
        try:
            with every_mail():
                _write_down(gone)
            return
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > limit:
                raise
            logger.warning("The database does not answer (%s); it has to know what went.", type(error).__name__)
            connection.close()
            time.sleep(0.5)


def _write_down(gone: Sequence[Mail]) -> None:
    """Also those that were written down between two mails: a restart of the database may have undone it."""
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(CONFIRM, [[mail.pk for mail in gone], [mail.attempts for mail in gone]])


def update(mail: Mail, **values: Any) -> bool:
    """Write to a mail that is still ours; whether it is."""
    with every_mail():
        return Mail.objects.held_by(mail).update(**values) == 1


def give_back(mails: Iterable[Mail]) -> None:
    """Let others have these at once."""
    with every_mail():
        for mail in mails:
            Mail.objects.held_by(mail).update(next_try_at=Now())
