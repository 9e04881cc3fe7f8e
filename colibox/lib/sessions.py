"""Django's sessions in the database, asked for keys they may bear; each notes when it began and served, and whence."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from colibox.lib import origin

BEGAN, SEEN, WHENCE = "began", "seen", "whence"
"""When a session began, when it was last written (seconds since 1970), and from which address."""


def last_use(kept: Session) -> tuple[datetime | None, str]:
    """When a session last served, to the minute, and from which address: rights.idle has it written as it serves."""
    data = SessionStore().decode(kept.session_data)
    seen = data.get(SEEN)
    return datetime.fromtimestamp(seen, UTC) if seen else None, data.get(WHENCE) or ""


class SessionStore(db.SessionStore):
    """A cookie may hold anything: what is no key is no session, and never reaches the database."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()

    def cycle_key(self) -> None:
        """Whoever signs in begins anew."""
        self.pop(BEGAN, None)
        super().cycle_key()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """What is kept of a session, which ends so long after it began however much it served."""
        now = int(time.time())
        began = data.setdefault(BEGAN, now)
        data[SEEN], data[WHENCE] = now, origin.current().ip or data.get(WHENCE)
        kept = super().create_model_instance(data)
        end = datetime.fromtimestamp(began, UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        kept.expire_date = min(kept.expire_date, end)
        return kept
