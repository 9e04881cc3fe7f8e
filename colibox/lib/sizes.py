"""How large files are, in the units that people read: thousands of bytes, as their own computers count."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _


def sized(count: int) -> str:
    """So many bytes: 36 KB, 1.2 MB; nothing is less than one."""
    if count < 1_000_000:
        return _("%(n)s KB") % {"n": max(1, round(count / 1000))}
    return _("%(n)s MB") % {"n": number_format(count / 1e6, 1)}
