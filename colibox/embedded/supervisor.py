"""Keeps the portal's processes alive, and ends them all together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from colibox.embedded import process
from colibox.embedded.process import Fault

PAUSES = (0.0, 1.0, 2.0, 4.0)
"""Seconds before each new start of what keeps ending; after the last one we give up."""
SETTLED_SECONDS = 30.0
"""What has lived that long is taken for healthy: its earlier ends are forgotten."""
LEFTOVER_SECONDS = 20.0
"""How long children of a killed launcher may take to end by themselves."""


class Service(Protocol):
    """Something that is started, and started again when it ends."""

    name: str
    log: Path
    stop_signal: int
    grace: float
    last: bool
    """Whether the others need it to the end: it is stopped once they are gone."""

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process; raise Fault when it cannot."""


@dataclass
class Child:
    """A service with its present process."""

    service: Service
    process: subprocess.Popen[bytes]
    started: float
    early_ends: int = 0
    due: float | None = None


class Supervisor:
    """The children, in the order they were started."""

    def __init__(self, record: Path, say: Callable[[str], None]) -> None:
        self.record, self.say = record, say
        self.children: list[Child] = []

    def start(self, service: Service) -> None:
        """Start a service and look after it from now on."""
        self.children.append(Child(service, service.start(), time.monotonic()))
        self._write_record()

    def watch(self) -> None:
        """Start again what ended and is due; raise Fault for what keeps ending."""
        for child in self.children:
            if child.due is not None:
                self._restart_if_due(child)
            elif child.process.poll() is not None:
                self._plan_restart(child)

    def _plan_restart(self, child: Child) -> None:
        process.see_end(child.process, grace=0)
        if time.monotonic() - child.started > SETTLED_SECONDS:
            child.early_ends = 0
        service, how = child.service, _how_it_ended(child.process.returncode)
        if child.early_ends == len(PAUSES):
            end_of_log = process.tail(service.log)
            raise Fault(f"{service.name} keeps ending ({how}); the end of {service.log}:\n{end_of_log}")
        pause = PAUSES[child.early_ends]
        child.early_ends += 1
        child.due = time.monotonic() + pause
        when = f"in {pause:.0f} s" if pause else "now"
        self.say(f"{service.name} ended ({how}); it starts again {when}.")

    def _restart_if_due(self, child: Child) -> None:
        if child.due is not None and time.monotonic() >= child.due:
            child.process, child.started, child.due = child.service.start(), time.monotonic(), None
            self._write_record()

    def stop(self) -> None:
        """End everything: together those that nobody needs, then those that the others needed."""
        for last in (False, True):
            group = [child for child in reversed(self.children) if child.service.last == last]
            for child in group:
                process.ask_to_end(child.process, with_signal=child.service.stop_signal)
            for child in group:
                process.see_end(child.process, grace=child.service.grace)
        self.children.clear()
        self.record.unlink(missing_ok=True)

    def _write_record(self) -> None:
        """Remember our children by pid and time of birth, for a launcher that comes after our violent end."""
        alive = [(c.process.pid, process.start_time(c.process.pid)) for c in self.children]
        new = self.record.with_suffix(".new")
        new.write_text(json.dumps(alive))
        new.replace(self.record)


def _how_it_ended(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def end_leftovers(record: Path, variable: str, say: Callable[[str], None]) -> bool:
    """See off the children of a launcher that was killed, by force when they do not end; whether there was one.

    Their own children carry the variable (NAME=value) and cannot notice that everybody above them is gone.
    """
    try:
        left: list[tuple[int, str]] = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return False

    def orphans() -> list[int]:
        return [pid for session, _ in left for pid in process.session_members(session, variable)]

    if _alive(left):
        say("The last run was killed; waiting for its processes to end.")
        process.wait_until(lambda: not _alive(left), seconds=LEFTOVER_SECONDS)
    for pid in {*_alive(left), *orphans()}:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait_until(lambda: not orphans(), seconds=5)
    record.unlink()
    return True


def _alive(children: list[tuple[int, str]]) -> list[int]:
    return [pid for pid, born in children if process.start_time(pid) == born]
