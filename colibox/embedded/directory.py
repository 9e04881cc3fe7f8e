"""The var directory: who holds it, its secrets, its logs, where its sockets go."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from colibox.embedded.postgres import SOCKET_DIRECTORY_BYTES
from colibox.embedded.process import Fault

LOG_BYTES = 10_000_000
"""A log longer than this is put aside at the next start; one old log is kept."""
HANDOVER_SECONDS = 30.0
"""How long a start waits for a launcher that is stopping."""


RUNS, STOPS = "runs", "stops"
"""What the lock file says of its holder: a start waits for one that stops."""


class Var:
    """One var directory, held by one launcher at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            for name in ("beat", "log", "mailbox", "mailbox/new", "mailbox/cur", "mailbox/tmp"):
                (root / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Fault(
                f"{root} cannot be written ({error.strerror}): set COLIBOX_VAR to a folder of yours."
            ) from error

    @contextmanager
    def held(self) -> Iterator[TextIO]:
        """Hold the directory for this process, or raise Fault with who has it."""
        with (self.root / "lock").open("a+") as lock:
            began = time.monotonic()
            while not _try_lock(lock):
                lock.seek(0)
                holder, _, state = lock.read().partition(" ")
                if time.monotonic() - began > (HANDOVER_SECONDS if state == STOPS else 1):
                    raise Fault(
                        f"Colibox already runs on {self.root} (process {holder}). "
                        "Stop it first, or set COLIBOX_VAR to another folder for a second one."
                    )
                time.sleep(0.1)
            write_state(lock, RUNS)
            yield lock

    def secret(self, name: str) -> str:
        """A secret of this directory by name, made at its first use and kept readable by the owner alone."""
        path = self.root / "secrets.json"
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in known:
            known[name] = secrets.token_urlsafe(48)
            new = path.with_name("secrets.json.new")
            new.unlink(missing_ok=True)
            new.touch(mode=0o600)
            with new.open("w") as file:
                json.dump(known, file, indent=2)
                file.flush()
                os.fsync(file.fileno())  # without it the database beside it cannot be opened
            new.replace(path)
        return known[name]

    def write_environment(self, variables: Mapping[str, str]) -> None:
        """Keep what the portal runs with, as a shell reads it, so that manage.py can run beside it."""
        path = self.root / "environment"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(variables.items())))

    def log(self, name: str) -> Path:
        """The log file of a child, put aside when it has grown long."""
        path = self.root / "log" / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        return path

    def run(self) -> Path:
        """The folder for sockets: var/run, or a short one in /tmp that var/run leads to.

        The kernel limits a socket's address, an address with spaces is read differently by each library,
        and as root the server runs as a user that may not reach var.
        """
        run = self.root / "run"
        self.remove_run()  # of an earlier start
        plain = re.fullmatch(r"[\w./+-]+", str(run), re.ASCII) and len(str(run)) <= SOCKET_DIRECTORY_BYTES
        open_to_all = all(parent.stat().st_mode & 0o001 for parent in run.parents)
        if plain and (open_to_all or os.geteuid() != 0):
            run.mkdir(mode=0o700)
            return run
        short = Path(tempfile.mkdtemp(prefix="colibox-run-", dir="/tmp"))
        run.symlink_to(short)
        return short

    def remove_run(self) -> None:
        """Remove the folder for sockets wherever it is."""
        run = self.root / "run"
        if run.is_symlink():
            shutil.rmtree(run.readlink(), ignore_errors=True)
            run.unlink()
        shutil.rmtree(run, ignore_errors=True)


def write_state(lock: TextIO, state: str) -> None:
    """Write into the held lock file who holds it and whether it is about to let go."""
    lock.truncate(0)
    lock.write(f"{os.getpid()} {state}")
    lock.flush()


def _try_lock(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
