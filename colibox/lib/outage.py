"""A service that the portal does without while it does not answer."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass
class Outage:
    """Remembers, in this process, that a service was away a moment ago: each caller need not wait for it."""

    name: str
    seconds: float
    until: float = 0.0

    @property
    def lasts(self) -> bool:
        """Whether the service is not worth asking now."""
        return time.monotonic() < self.until

    def begin(self, error: Exception) -> None:
        """Leave the service alone for a while; one line in the log."""
        self.until = time.monotonic() + self.seconds
        logger.warning(
            "%s does not answer (%s); it is left alone for %g s.",
            self.name,
            type(error).__name__,
            self.seconds,
        )
