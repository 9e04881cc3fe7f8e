"""What PostgreSQL says when it refuses a row."""

from django.db import IntegrityError


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that refused, or an empty text."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
