"""The days of an access: what they may be, how they are kept, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Facts
from rights.models import AccountLink

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Span:
    """From one day to another, both included; None is open."""

    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, link: AccountLink) -> Span:
        """The days of a link."""
        return cls(link.starts_on, link.ends_on)

    @property
    def facts(self) -> Facts:
        """As the trace tells it."""
        return {"starts_on": text(self.since), "ends_on": text(self.until)}

    def is_within(self, former: Span) -> bool:
        """Whether it allows no day that the former one did not."""
        begins = (self.since or date.min) >= (former.since or date.min)
        return begins and (self.until or date.max) <= (former.until or date.max)


ALWAYS = Span()


def text(day: date | None) -> str | None:
    """A day as the trace and files keep it."""
    return day.isoformat() if day else None


def check(span: Span, former: Span = ALWAYS) -> None:
    """Raise ValidationError on `ends_on` unless an access may have these days instead of the former ones."""
    if span != former and (reason := wrong(span, past=span.until == former.until)):
        raise ValidationError({"ends_on": reason})


def wrong(span: Span, *, past: bool = False) -> str:
    """What is wrong with these days; an end that is `past` already may stay."""
    if span.since and span.until and span.until < span.since:
        return _("The last day is before the first one.")
    if span.until and span.until < timezone.localdate() and not past:
        return _("This day is past. To end an access now, suspend it or remove the link.")
    return ""
