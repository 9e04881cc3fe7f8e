"""Imports that stay in states which pass too quickly to be looked at: nobody may work on them for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from colibox.lib import tenancy
from imports.models import ImportJob, ImportRow
from rights.models import AccountLink

HALFWAY: dict[str, Any] = {"applied": 1, "position": 2, "tally": {"invite": 1}}
OVER: dict[str, Any] = {"applied": 2, "position": 3, "tally": {"invite": 1, "suspend": 1}}
STATES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("reading", "reading", {}),
    ("ready", "ready", {}),
    ("running", "running", HALFWAY),
    ("waiting", "running", {}),
    ("cancelled", "cancelled", HALFWAY),
    ("done", "done", OVER),
)


def make(number: str) -> None:
    """Make one import in each state on an account, and print its address beside the state."""
    with transaction.atomic(), tenancy.everything():
        by = AccountLink.objects.select_related("account").get(account__number=number, role="owner")
        for place, (name, state, facts) in enumerate(STATES, 1000):
            job = make_one(by, number=place, state=state, **facts)
            print(name, reverse("imports:job", args=[number, job.uuid]))  # noqa: T201 - read by who runs it


def make_one(by: AccountLink, **facts: Any) -> ImportJob:
    """An import of two rows, one of which takes somebody's access."""
    now = timezone.now()
    day = now + timedelta(days=1)
    job = ImportJob.objects.create(
        account=by.account, by=by, by_name=str(by), source="file", language="fr", filename="people.csv", size=4000,
        total=2, planned={"invite": 1, "suspend": 1}, started_at=now, lease_until=day, keep_until=day, **facts,
    )  # fmt: skip
    for number, plan in ((2, "invite"), (3, "suspend")):
        entry = {"email": f"p{number}@agence.example", "identity": {"last_name": "Durand"}, "tags": ["LYON"]}
        row = {"cells": [], "entry": {**entry, "rights": ["tracking_ws"]}, "plan": plan, "status": "ok"}
        ImportRow.objects.create(job=job, account_id=job.account_id, number=number, **row)
    return job
