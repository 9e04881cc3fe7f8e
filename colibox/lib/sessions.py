"""Django's sessions in the database, asked only for keys that they may bear; each notes when it began and served."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends import db

BEGAN, SEEN = "began", "seen"
"""When a session began, and when it was last written: seconds since 1970."""


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
        data[SEEN] = now
        kept = super().create_model_instance(data)
        end = datetime.fromtimestamp(began, UTC) + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        kept.expire_date = min(kept.expire_date, end)
        return kept
