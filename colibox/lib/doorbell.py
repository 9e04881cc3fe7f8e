"""Ringing the workers once what they are to do is committed; the clock rings too, so a broken bell only delays."""

from __future__ import annotations

from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from kombu.pools import producers

from colibox.lib.outage import Outage

broker = Outage("The broker", seconds=5)
HURRIED = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "max_retries": 0}
"""How long somebody who waits for a page waits for the broker: once, and not for long."""


def ring_after_commit(task: str) -> None:
    """Ring for the task of this name when the current transaction is committed, once however often it is asked for."""
    hooks = [hook for _sids, hook, _robust in transaction.get_connection().run_on_commit]
    if not any(isinstance(hook, partial) and hook.args == (task,) for hook in hooks):
        transaction.on_commit(partial(ring, task), robust=True)


def ring(task: str) -> None:
    """Tell the workers that there is something to do; it never fails."""
    if broker.lasts:
        return
    bell = current_app.connection_for_write(transport_options=HURRIED)
    try:
        with producers[bell].acquire(block=True) as producer:
            current_app.send_task(task, producer=producer)
    except OperationalError as error:
        broker.begin(error)
