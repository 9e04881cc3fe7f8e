"""`manage.py outbox`, as an operator types it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from django.utils import timezone

from colibox.lib import outbox
from colibox.lib.outbox.models import Mail
from tests.operators.calls import answer, call
from users import emails


def queue(cast: SimpleNamespace, **facts: Any) -> Mail:
    outbox.queue(emails.password_changed, user=cast.partner.pk)
    mail = Mail.objects.latest("pk")
    Mail.objects.filter(pk=mail.pk).update(**facts)
    return mail


def test_it_is_said_how_the_mails_stand(cast: SimpleNamespace) -> None:
    queue(cast)
    queue(cast, state="failed", error="550 5.1.1")
    said = answer("outbox", "status")
    assert (said["pending"], said["failed"], said["held"]) == (1, 1, 0)
    assert said["failures"] == [{"error": "550 5.1.1", "mails": 1}]
    assert said["oldest_waits_since"]


def test_what_failed_is_tried_again(cast: SimpleNamespace, mailoutbox: list[Any]) -> None:
    queue(cast, state="failed", error="421", attempts=9, created_at=timezone.now() - timedelta(days=2))
    assert answer("outbox", "retry", "--dry-run")["mails"] == 1
    outbox.deliver()
    assert mailoutbox == []
    assert answer("outbox", "retry")["mails"] == 1
    outbox.deliver()
    assert len(mailoutbox) == 1
    assert answer("outbox", "retry")["mails"] == 0


def test_what_is_held_back_leaves_when_it_is_let_go(cast: SimpleNamespace, mailoutbox: list[Any]) -> None:
    queue(cast)
    assert answer("outbox", "hold")["mails"] == 1
    assert answer("outbox", "hold")["mails"] == 0
    assert answer("outbox", "retry")["mails"] == 0
    outbox.deliver()
    assert mailoutbox == []
    assert answer("outbox", "status")["held"] == 1
    assert answer("outbox", "release")["mails"] == 1
    assert answer("outbox", "release")["mails"] == 0
    outbox.deliver()
    assert len(mailoutbox) == 1


def test_only_those_named_are_meant(cast: SimpleNamespace) -> None:
    one, _other = queue(cast), queue(cast)
    assert call("outbox", "hold", "--kind", "rights.emails.links.invitation")[0] == 2
    assert call("outbox", "hold", "--mail", str(uuid4()))[0] == 2
    assert answer("outbox", "hold", "--mail", str(one.uuid))["mails"] == 1
    assert call("outbox", "hold", "--mail", "nonsense")[0] == 2
