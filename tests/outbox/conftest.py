"""A mail server that answers as it is told, and the portal set to use it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.db import connection
from django.db.backends.signals import connection_created

from colibox.lib import doorbell

CUT = "cut"
"""In a script: the connection breaks before the answer."""
HANG = "hang"
"""In a script: no answer ever comes."""


class PostOffice:
    """What an SMTP server does, step by step: replies by addressee, once each, then as usual."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.sessions = 0
        self.hangs = False
        self.at_rcpt: dict[str, list[str]] = {}
        self.at_data: dict[str, list[str]] = {}
        self.wait_at: dict[str, float] = {}
        self.lock = threading.Lock()

    @property
    def addressees(self) -> list[str]:
        return [str(message["to"]) for message in self.taken]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.wait_at.get("rcpt", 0))
        envelope.rcpt_tos.append(address)
        return await self._said(self._next(self.at_rcpt, address) or "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address, content = envelope.rcpt_tos[0], envelope.content
        assert isinstance(content, bytes)
        reply = self._next(self.at_data, address) or "250 OK"
        if reply in {CUT, HANG, "250 OK"}:
            with self.lock:
                self.taken.append(message_from_bytes(content))
        await asyncio.sleep(self.wait_at.get("data", 0))
        if reply == CUT:
            assert server.transport is not None
            server.transport.close()
        return "250 OK" if reply == CUT else await self._said(reply)

    async def _said(self, reply: str) -> str:
        while reply == HANG:
            self.hangs = True
            await asyncio.sleep(0.1)
        return reply

    def _next(self, script: dict[str, list[str]], address: str) -> str | None:
        replies = script.get(address)
        return replies.pop(0) if replies else None


@pytest.fixture
def post_office(settings: Any) -> Iterator[PostOffice]:
    """A mail server of this test's own, behind the portal's real SMTP backend."""
    office = PostOffice()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "colibox.lib.outbox.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    yield office
    controller.stop()


@pytest.fixture(autouse=True)
def broker_is_believed_well() -> Iterator[None]:
    """What one test learnt of a stopped broker is not the next one's."""
    doorbell.broker.until = 0.0
    yield
    doorbell.broker.until = 0.0


@pytest.fixture(autouse=True)
def every_mail_in_sight(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test looks at by itself is in reach: a mail about no account is in sight of nobody who serves a page."""
    databases = [name for name in ("transactional_db", "db") if name in request.fixturenames]
    if not databases and not request.node.get_closest_marker("django_db"):
        yield
        return
    for name in databases[:1]:
        request.getfixturevalue(name)

    def see(connection: Any, **created: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET colibox.everything = 'on'")

    see(connection)
    connection_created.connect(see)
    yield
    connection_created.disconnect(see)
    if not connection.in_atomic_block:
        connection.close()
