"""What the worker does: take due mails, make their messages, send them, and write down what came of it.

A batch is held for a minute by a short transaction. A mail is marked as on the wire just before it is sent, and as
gone by the statement that marks the next one. A cut between these two is the only way that a mail may go twice: it is
resent once, then given up as not delivered.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now

from colibox.lib.outbox import holding, making, refusals
from colibox.lib.outbox.models import Mail
from colibox.lib.outbox.refusals import Refusal

logger = logging.getLogger(__name__)

BUDGET = 45.0
GLANCE = 0.1
"""How often a worker that keeps the pace of mass mails looks for others."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
GIVE_UP_AFTER = timedelta(hours=24)
DOUBTS_ALLOWED = 1

State = Mail.State


def deliver(*, seconds: float = BUDGET, helpers: int = 0) -> int:
    """Send what is due, until nothing is or the time is over; how many went.

    When there is much, helpers join: threads with sessions of their own, so that one is served while another thinks.
    """
    deadline = time.monotonic() + seconds
    with ThreadPoolExecutor(max_workers=helpers or 1) as pool:
        called: list[Future[int]] = []

        def call() -> None:
            called.extend(pool.submit(_help, deadline) for _ in range(helpers - len(called)))

        sent = _session(deadline, call)
        return sent + sum(helper.result() for helper in called)


def _help(deadline: float) -> int:
    try:
        return _session(deadline, lambda: None)
    finally:
        connection.close()  # the thread ends


def _session(deadline: float, call_for_help: Callable[[], None]) -> int:
    """Send batch after batch over one connection; how many went.

    Whoever sent mass mails waits for their next turn. If that is taken by then, another worker goes on with them.
    """
    turn, sent, post = time.monotonic(), 0, django_mail.get_connection()
    gone: list[Mail] = []
    try:
        while (now := time.monotonic()) < deadline:
            batch = holding.claim(gone)
            gone.clear()
            if batch:
                if len(batch) == holding.BATCH:
                    call_for_help()
                turn = max(turn, time.monotonic() + holding.rest_after(batch))
                _send_all(post, batch, gone, deadline)
                sent += len(gone)
            elif now < turn:
                time.sleep(min(turn - now, GLANCE))
            else:
                break
    finally:
        holding.confirm(gone)
        _hang_up(post)
    return sent


def purge(*, at_once: int = 5000) -> int:
    """Forget what nobody looks at any more; how many were forgotten."""
    purged = 0
    while True:
        with holding.every_mail():
            old = Mail.objects.outlived().order_by("pk").values("pk")[:at_once]
            deleted, _by_model = Mail.objects.filter(pk__in=old).delete()
        purged += deleted
        if deleted < at_once:
            return purged


def _send_all(post: BaseEmailBackend, mails: list[Mail], gone: list[Mail], deadline: float) -> None:
    """Send these in turn over one connection; those that went are added to `gone`, whatever becomes of later ones."""
    made: dict[int, making.Made] = {}
    for number, mail in enumerate(mails):
        if time.monotonic() > deadline:
            return holding.give_back(mails[number:])
        try:
            post.open()
        except OSError as error:  # which every SMTPException is
            return _wait_for_server(mails[number:], error)
        made = made or making.make(mails)
        message = made[mail.pk]
        if mail.doubts > DOUBTS_ALLOWED:
            _settle(mail, State.FAILED, error="not confirmed")
        elif isinstance(message, Refusal):
            _put_off(mail, message)
        elif message is None:
            _settle(mail, State.DROPPED)
        elif holding.go_on(gone[-1] if gone else None, mail) and _send(post, mail, message):
            gone.append(mail)
    return None


def _send(post: BaseEmailBackend, mail: Mail, message: EmailMultiAlternatives) -> bool:
    """Send one message, and write down a refusal; whether it went."""
    try:
        post.send_messages([message])
    except Exception as error:  # also what a header or an address may raise while the message is written
        in_doubt = getattr(post, "in_doubt", False)
        _hang_up(post)
        _put_off(mail, refusals.of(error), in_doubt=in_doubt)
        return False
    return True


def _settle(mail: Mail, state: Mail.State, *, error: str = "") -> None:
    holding.update(mail, state=state, error=error)


def _put_off(mail: Mail, why: Refusal, *, in_doubt: bool = False) -> None:
    """Try again later, unless the refusal is final, the doubts are too many or the day is over."""
    doubts = mail.doubts + in_doubt
    if why.final or doubts > DOUBTS_ALLOWED:
        logger.warning("Mail %s (%s) is given up: %s", mail.uuid, mail.kind, why.code)
        _settle(mail, State.FAILED, error=why.code)
        return
    tired = Q(created_at__lt=Now() - GIVE_UP_AFTER, attempts__gte=len(PAUSES))
    holding.update(
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
    with holding.every_mail():
        for mail in mails:
            _put_off(mail, why)
        others = Mail.objects.due().filter(state=State.PENDING).values("pk")[:10_000]
        Mail.objects.filter(pk__in=others).update(next_try_at=Now() + PAUSES[0])


def _hang_up(post: BaseEmailBackend) -> None:
    with suppress(OSError):
        post.close()
