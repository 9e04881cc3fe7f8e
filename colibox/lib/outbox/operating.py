"""What an operator asks of the outbox: how it stands, try again, hold back, let go."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Now

from colibox.lib import doorbell
from colibox.lib.outbox.models import Mail
from colibox.lib.outbox.queueing import DELIVER

State = Mail.State
HELD_UNTIL = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""When a mail that is held back would leave: nobody waits that long, and nothing else sets it."""


def standing() -> dict[str, Any]:
    """How many mails there are in each state, how many are held back, and since when the oldest waits."""
    counts = dict(Mail.objects.order_by("state").values_list("state").annotate(n=Count("pk")))
    waiting = Mail.objects.filter(state__in=Mail.UNSETTLED)
    held = waiting.filter(next_try_at=HELD_UNTIL).count()
    oldest = waiting.exclude(next_try_at=HELD_UNTIL).aggregate(at=Min("created_at"))["at"]
    failures = Mail.objects.filter(state=State.FAILED).order_by("error").values_list("error").annotate(n=Count("pk"))
    return {
        "mails": {str(state): counts.get(state, 0) for state in State},
        "held": held,
        "oldest_waits_since": oldest,
        "failures": dict(failures),
    }


def latest() -> datetime | None:
    """When the last mail was queued, by the database's clock."""
    return Mail.objects.order_by("-pk").values_list("created_at", flat=True).first()


@transaction.atomic
def retry(*, mails: QuerySet[Mail]) -> int:
    """Try these again now that failed, or wait for another try; how many. What is held back stays so."""
    failed, waiting = Q(state=State.FAILED), Q(state=State.PENDING, next_try_at__gt=Now())
    again = mails.filter(failed | waiting).exclude(next_try_at=HELD_UNTIL)
    n = again.update(state=State.PENDING, next_try_at=Now(), doubts=0, error="", attempts=F("attempts") + 1)
    if n:
        doorbell.ring_after_commit(DELIVER)
    return n


@transaction.atomic
def hold(*, mails: QuerySet[Mail]) -> int:
    """Keep these from leaving until they are let go; how many. What is on the wire is not called back."""
    return mails.filter(state=State.PENDING).exclude(next_try_at=HELD_UNTIL).update(
        next_try_at=HELD_UNTIL, attempts=F("attempts") + 1
    )  # fmt: skip


@transaction.atomic
def release(*, mails: QuerySet[Mail]) -> int:
    """Let those go that were held back; how many."""
    n = mails.filter(state=State.PENDING, next_try_at=HELD_UNTIL).update(next_try_at=Now())
    if n:
        doorbell.ring_after_commit(DELIVER)
    return n
