"""Numbers as people read them."""

from __future__ import annotations

from django.utils.formats import number_format


def thousands(number: int) -> str:
    """A number grouped for reading, as the language does: 10 000, 10,000."""
    return number_format(number, force_grouping=True)
