"""What the tests of people and invitations share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage

from colibox.lib import outbox


@pytest.fixture
def arrived(mailoutbox: list[EmailMessage]) -> Callable[[], list[EmailMessage]]:
    """Deliver what is queued; the mails that arrived since the last call."""

    def deliver() -> list[EmailMessage]:
        before = len(mailoutbox)
        outbox.deliver()
        return mailoutbox[before:]

    return deliver
