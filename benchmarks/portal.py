"""What administrators do, done by a benchmark that has become a portal: accounts, files sent, imports started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django import db


@contextmanager
def looking() -> Iterator[None]:
    """A transaction that sees every account; the next one has a new connection if this one fails."""
    from colibox.lib import tenancy

    try:
        with db.transaction.atomic(), tenancy.everything():
            yield
    except db.Error:
        db.connection.close()
        raise


def make_owner(number: str) -> int:
    """An account that holds every right; the key of its administrator's link."""
    from django.utils import timezone

    from accounts.models import CustomerAccount
    from rights import catalogue
    from rights.models import AccountLink, Entitlement
    from users.models import User

    who: dict[str, Any] = {"kind": "standard", "username": number, "last_name": "ADMIN", "first_name": number}
    who["email"] = f"{number}@comptoir.example"
    with looking():
        account = CustomerAccount.objects.create(number=number, company=f"Comptoir {number}", email=who["email"])
        Entitlement.objects.bulk_create(
            Entitlement(account=account, right=right.code, delegable=right.code != "pickup_ws")
            for right in catalogue.RIGHTS
        )
        user = User.objects.create_user(**who)
        link = AccountLink.objects.create(
            account=account, user=user, role="owner", state="active", accepted_at=timezone.now(), **who
        )
    return link.pk


def send(owner: int, path: Path) -> None:
    from uuid import uuid4

    from django.core.files.base import File

    from imports import actions
    from rights.models import AccountLink

    with looking(), path.open("rb") as file:
        by = AccountLink.objects.select_related("account", "user").get(pk=owner)
        actions.upload(by=by, file=File(file, name=path.name), token=uuid4(), language="fr")


def start_ready() -> None:
    """What the administrators do once their files are read."""
    from imports import actions
    from imports.models import ImportJob

    with looking():
        for job in ImportJob.objects.filter(state="ready").select_related("by__user", "by__account"):
            actions.start(job=job, by=job.by)
