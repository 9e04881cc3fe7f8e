"""What the worker does: take due mails, make their messages, send them, and write down what came of it.

A mail is held for a minute by a short transaction, marked as on the wire just before it is sent and
settled just after, each time only if nobody else took it since. A cut between these two is the only way
that a mail may go twice: it is resent once, then given up as not delivered.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now

from colibox.lib import tenancy
from colibox.lib.outbox import refusals, rendering
from colibox.lib.outbox.models import Mail
from colibox.lib.outbox.refusals import Refusal

logger = logging.getLogger(__name__)

BATCH = 25
BUDGET = 45.0
HOLD = timedelta(seconds=60)
"""How long a batch is held; a worker that dies gives it back after this."""
ON_THE_WIRE = timedelta(seconds=150)
"""How long one message may take: more than a task may live, so that nobody resends what still goes out."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
GIVE_UP_AFTER = timedelta(hours=24)
DOUBTS_ALLOWED = 1

State = Mail.State


def deliver(*, seconds: float = BUDGET) -> int:
    """Send what is due, until nothing is or the time is over; how many went."""
    deadline, sent, post = time.monotonic() + seconds, 0, django_mail.get_connection()
    try:
        while time.monotonic() < deadline and (batch := claim()):
            sent += _deliver(post, batch, deadline)
    finally:
        _hang_up(post)
    return sent


def purge(*, at_once: int = 5000) -> int:
    """Forget what nobody looks at any more; how many were forgotten."""
    purged = 0
    while True:
        with _every_mail():
            old = Mail.objects.outlived().order_by("pk").values("pk")[:at_once]
            deleted, _by_model = Mail.objects.filter(pk__in=old).delete()
        purged += deleted
        if deleted < at_once:
            return purged


def claim(size: int = BATCH) -> list[Mail]:
    """Hold the next mails that are due and that no other worker holds."""
    with _every_mail():
        batch = list(Mail.objects.due().select_for_update(skip_locked=True)[:size])
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


def _deliver(post: BaseEmailBackend, batch: list[Mail], deadline: float) -> int:
    """Send the mails of a batch over one connection; how many went."""
    sent = 0
    for number, mail in enumerate(batch):
        if time.monotonic() > deadline:
            _give_back(batch[number:])
            break
        if mail.doubts > DOUBTS_ALLOWED:
            _settle(mail, State.FAILED, error="not confirmed")
            continue
        try:
            post.open()
        except OSError as error:  # which every SMTPException is
            _wait_for_server(batch[number:], error)
            break
        made = _make(mail)
        if isinstance(made, Refusal):
            _put_off(mail, made)
        elif made is None:
            _settle(mail, State.DROPPED)
        else:
            sent += _send(post, mail, made)
    return sent


def _make(mail: Mail) -> EmailMultiAlternatives | Refusal | None:
    """The message of a mail; None when it is no longer true."""
    try:
        make = rendering.named(mail.kind)
    except LookupError:  # queued by a newer release than this worker's
        return Refusal("unknown kind", final=False)
    try:
        with transaction.atomic(), tenancy.scope(accounts=[mail.account_id] if mail.account_id else []):
            message = make(**mail.args)
    except (OperationalError, InterfaceError) as error:
        return Refusal(type(error).__name__, final=False)
    except Exception as error:  # whatever is wrong with this mail must not stop the others
        _log_without_words(mail, error)
        return Refusal(type(error).__name__, final=True)
    if message is not None:
        message.extra_headers.update(_headers(mail))
    return message


def _headers(mail: Mail) -> dict[str, str]:
    """The same Message-ID each time, by which a mail sent twice is seen to be one."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2]
    return {"Message-ID": f"<{mail.uuid}@{domain}>", "Auto-Submitted": "auto-generated"}


def _send(post: BaseEmailBackend, mail: Mail, message: EmailMultiAlternatives) -> bool:
    """Send one message and write down what came of it; whether it went."""
    if not _update(mail, state=State.SENDING, next_try_at=Now() + ON_THE_WIRE):
        return False
    try:
        post.send_messages([message])
    except Exception as error:  # also what a header or an address may raise while the message is written
        in_doubt = getattr(post, "in_doubt", False)
        _hang_up(post)
        _put_off(mail, refusals.of(error), in_doubt=in_doubt)
        return False
    _settle(mail, State.SENT)
    return True


def _settle(mail: Mail, state: Mail.State, *, error: str = "") -> None:
    _update(mail, state=state, error=error, sent_at=Now() if state == State.SENT else None)


def _put_off(mail: Mail, why: Refusal, *, in_doubt: bool = False) -> None:
    """Try again later, unless the refusal is final, the doubts are too many or the day is over."""
    doubts = mail.doubts + in_doubt
    if why.final or doubts > DOUBTS_ALLOWED:
        logger.warning("Mail %s (%s) is given up: %s", mail.uuid, mail.kind, why.code)
        _settle(mail, State.FAILED, error=why.code)
        return
    tired = Q(created_at__lt=Now() - GIVE_UP_AFTER, attempts__gte=len(PAUSES))
    _update(
        mail,
        state=Case(When(tired, then=Value(State.FAILED)), default=Value(State.PENDING)),
        doubts=doubts,
        error=why.code,
        next_try_at=Now() + PAUSES[min(mail.attempts, len(PAUSES)) - 1],
    )


def _wait_for_server(mails: list[Mail], error: OSError) -> None:
    """Put these off, and for a minute whatever else is due: it would not get through either."""
    why = Refusal(refusals.of(error).code, final=False)
    logger.warning("The mail server does not answer: %s", why.code)
    for mail in mails:
        _put_off(mail, why)
    with _every_mail():
        others = Mail.objects.due().filter(state=State.PENDING).values("pk")[:10_000]
        Mail.objects.filter(pk__in=others).update(next_try_at=Now() + PAUSES[0])


def _give_back(mails: Iterable[Mail]) -> None:
    for mail in mails:
        _update(mail, next_try_at=Now())


def _update(mail: Mail, **values: Any) -> bool:
    """Write to a mail that is still ours; whether it is."""
    with _every_mail():
        return Mail.objects.held_by(mail).update(**values) == 1


@contextmanager
def _every_mail() -> Iterator[None]:
    """A short transaction that reaches the mails of all accounts."""
    with transaction.atomic(), tenancy.everything():
        yield


def _hang_up(post: BaseEmailBackend) -> None:
    with suppress(OSError):
        post.close()


def _log_without_words(mail: Mail, error: Exception) -> None:
    """Where it broke; the error's own words stay out of the log, they may quote an address or a token."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("Mail %s (%s) cannot be made: %s\n%s", mail.uuid, mail.kind, type(error).__name__, where)
