"""Workers' processes that kill themselves, each at the point named by a line of the input, and how each ended.

The portal's code runs as it is; only where the process dies is added from outside. They are forked of one that has
loaded the portal, as Celery forks its own.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colibox.settings")
BLOCK = 10


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def at(module: Any, name: str, *, nth: int = 1, after: bool = True) -> None:
    """Die before or after the nth call of this function."""
    function: Callable[..., Any] = getattr(module, name)
    calls = 0

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            die()
        result = function(*args, **kwargs)
        if calls == nth:
            die()
        return result

    setattr(module, name, wrapper)


def work_until(point: str) -> None:
    """Work on what there is to the point where this process dies."""
    from accounts import audit
    from colibox.lib import database, outbox
    from colibox.lib.outbox import queueing
    from imports import work
    from rights.actions import grants
    from rights.actions.many import entering, inviting

    work.BLOCK = BLOCK
    points: dict[str, Callable[[], None]] = {
        "import claimed": lambda: at(work, "claim"),
        "file on disk": lambda: at(work, "_table"),
        "first rows read": lambda: at(database, "insertion"),
        "all rows read": lambda: at(work, "_save", after=False),
        "read, not committed": lambda: at(work, "_save"),
        "read and committed": lambda: at(work, "advance"),
        "rows of the block fetched": lambda: at(entering, "apply", after=False),
        "links written": lambda: at(inviting, "insert"),
        "grants written": lambda: at(grants, "insert"),
        "events written": lambda: at(audit, "insert"),
        "mails queued": lambda: at(queueing, "insert"),
        "block applied": lambda: at(entering, "apply"),
        "second block under way": lambda: at(grants, "insert", nth=2),
        "progress written": lambda: at(work, "_go_on"),
        "block committed": lambda: at(work, "advance"),
        "end announced": lambda: at(outbox, "queue"),
    }
    points[point]()
    work.work_on()


def main() -> None:
    django.setup()
    import_module("imports.work")  # once for all
    for line in sys.stdin:
        if not (child := os.fork()):
            signal.alarm(60)
            work_until(line.strip())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
