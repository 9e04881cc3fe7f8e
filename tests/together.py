"""Several at the same moment: what each does in a thread of its own, on a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(*acts: Callable[[], T], seconds: float = 60) -> list[T]:
    """Begin all of these at once; what each answered, in their order. What one raises is the test's."""
    barrier = threading.Barrier(len(acts))

    def one(act: Callable[[], T]) -> T:
        try:
            barrier.wait(seconds)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(seconds) for done in [pool.submit(one, act) for act in acts]]
