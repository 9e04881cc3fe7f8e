"""A clock that jumped: whatever a worker believes, nothing is lost that is younger than its life by the database's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import AuditEvent, Contact
from colibox.lib.outbox.models import Mail
from imports import work
from imports.models import ImportJob, ImportRow
from rights.models import AccountLink, SupportVisit
from tests.conftest import make_person
from tests.imports.conftest import Send, people, send, unhurried
from tests.operators.calls import answer
from tracking.models import Call, KeptAnswer

__all__ = ["send", "unhurried"]

SWEEPS = sorted(str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values())
LEFT_ALONE = {"colibox.lib.health.tasks.beat", "colibox.lib.outbox.tasks.deliver", "imports.tasks.work_on"}


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """The clock of this process jumps; the database's goes on."""
    right = timezone.now

    def now(by: timedelta) -> datetime:
        return right() + by

    def jumped(by: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now(by))

    return jumped


@pytest.fixture
def young(cast: SimpleNamespace, send: Send) -> None:
    """One of each that is forgotten one day, made just now; one import is finished, one link ends tomorrow."""
    send(people(2))
    work.work_on()
    ImportJob.objects.update(state="done", tally={}, finished_at=Now(), applied=0)
    Session.objects.create(session_key="y" * 32, expire_date=timezone.now() + timedelta(hours=8))
    Contact.objects.create(account=cast.north, last_name="Undo", deleted_at=Now())
    Mail.objects.create(kind="x", key="young", state="dropped")
    Call.objects.create(account_id=cast.north.pk, service="tracking", status=200, milliseconds=1)
    staff = make_person("operateur", kind="staff")
    SupportVisit.objects.create(staff=staff, person=cast.colleague, reason="x", ends_at=Now() + timedelta(minutes=30))
    AccountLink.objects.filter(pk=cast.colleague_link.pk).update(ends_on=timezone.localdate() + timedelta(days=1))


def kept() -> dict[str, int]:
    return {
        "rows": ImportRow.objects.count(),
        "imports": ImportJob.objects.filter(purged_at=None).count(),
        "sessions": Session.objects.count(),
        "contacts": Contact.objects.count(),
        "mails": Mail.objects.filter(key="young").count(),
        "calls": Call.objects.count(),
        "answers": KeptAnswer.objects.count(),
        "visits": SupportVisit.objects.filter(ended_at=None).count(),
        "open": AccountLink.objects.filter(state="active").count(),
        "invited": AccountLink.objects.filter(state="invited").count(),
        "events": AuditEvent.objects.exclude(verb__startswith="import").count(),
    }


@pytest.mark.usefixtures("young")
@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=366)], ids=["back", "ahead"])
def test_nothing_young_is_lost_by_a_sweep_whose_clock_jumped(jump: Any, by: timedelta) -> None:
    before = kept()
    jump(by)
    for name in SWEEPS:
        if name not in LEFT_ALONE:
            import_string(name)()
    assert set(answer("purge_expired").values()) == {0}
    assert kept() == before
