"""What the tests of one's own pages share: the mails that left, the events that were written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.models import AuditEvent
from colibox.lib import outbox

Posted = Callable[[], list[EmailMultiAlternatives]]


@pytest.fixture
def posted() -> Posted:
    """Send what is queued, as the worker does, and give it."""

    def deliver() -> list[EmailMultiAlternatives]:
        mail.outbox.clear()
        outbox.deliver()
        return [letter for letter in mail.outbox if isinstance(letter, EmailMultiAlternatives)]

    return deliver


@pytest.fixture
def verbs() -> Callable[[], list[str]]:
    """What the trace tells, the oldest first."""
    return lambda: list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
