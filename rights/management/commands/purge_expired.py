"""`manage.py purge_expired`: forget now what the scheduler forgets every hour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from colibox.lib.commands import Facts, OperatorCommand


class Command(OperatorCommand):
    """What is old is counted by forgetting it; a dry run takes that back."""

    help = (
        "Forget what is kept no longer: " + ", ".join(settings.PURGES) + "; invitations and visits that are over end."
    )
    example = "purge_expired --dry-run --json"

    def answer(self, **options: Any) -> Facts:
        return {what.replace(" ", "_"): _forget(name) for what, name in settings.PURGES.items()}


def _forget(name: str) -> int:
    forget: Callable[[], int | None] = import_string(name)
    return forget() or 0
