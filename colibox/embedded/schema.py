"""Whether the database is as the migrations leave it: told without Django, whose start takes longer than the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from colibox.embedded import programs
from colibox.embedded.postgres import Postgres

APPLIED = "SELECT app, name FROM django_migrations ORDER BY id"
FILES = ("*/migrations/*.py", "colibox/lib/*/migrations/*.py", "colibox/settings.py", "requirements*.txt")
"""What the next migration may come from: our own, an app that was added, a package that was renewed."""


@dataclass
class Schema:
    """The tables of our own database."""

    database: Postgres
    stamp: Path

    def is_current(self) -> bool:
        """Whether neither the files nor what was applied changed since `remember`."""
        return self.stamp.exists() and self.stamp.read_text() == self._state()

    def remember(self) -> None:
        """Keep what a migration that just ended left."""
        self.stamp.write_text(self._state())

    def _state(self) -> str:
        states = "\n".join([*_states(), self.database.ask(APPLIED)])
        return hashlib.sha256(states.encode()).hexdigest()


def _states() -> Iterator[str]:
    for path in sorted(path for pattern in FILES for path in programs.ROOT.glob(pattern)):
        state = path.stat()
        yield f"{path} {state.st_size} {state.st_mtime_ns}"
