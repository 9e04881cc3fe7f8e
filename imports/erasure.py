"""What imports do when a person is erased: their name goes from beside the imports that they sent."""

from __future__ import annotations

from imports.models import ImportJob
from users.models import User


def rename(*, person: User, neutral: str) -> None:
    """Put a neutral text in the place of their name; rows that name them go with the week they are kept."""
    ImportJob.objects.filter(by__user=person).update(by_name=neutral)
