"""How a child process is started, recognised and ended."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class Fault(Exception):
    """Something the person at the terminal can act upon; its text is shown as it is."""


@dataclass(frozen=True)
class Account:
    """The operating system user that a child runs as."""

    name: str
    uid: int
    gid: int


def die_with_parent(death_signal: int) -> Callable[[], None]:
    """What a child does before it becomes its program: ask the kernel to end it with its parent."""
    parent = os.getpid()

    def prepare() -> None:
        _LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # the parent went before the request was made
            os._exit(1)

    return prepare


def end_with_parent(death_signal: int = signal.SIGTERM) -> None:
    """Ask the kernel to end this process when its own parent ends."""
    _LIBC.prctl(PR_SET_PDEATHSIG, death_signal)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    account: Account | None = None,
    death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a long-lived child in a session of its own, its output appended to a log.

    To be called from the main thread: the kernel counts the end of the starting thread as the parent's.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(death_signal),
        )


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    account: Account | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a short child to its end and give back what it said."""
    return subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=env,
        cwd=cwd,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        preexec_fn=die_with_parent(signal.SIGKILL),
    )


def start_time(pid: int) -> str | None:
    """When a living process began, in the kernel's ticks; None once it is gone or a zombie.

    With its pid this names a process for good: a pid alone is given to another process later.
    """
    fields = _stat(pid)
    return fields[19] if fields else None


def session_members(session: int, variable: str) -> list[int]:
    """The living processes of a session that were started with this variable (NAME=value)."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    return [pid for pid in pids if (f := _stat(pid)) and f[3] == str(session) and _has(pid, variable)]


def _stat(pid: int) -> list[str]:
    """What the kernel counts of a living process after its name: state, parent, group, session …"""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] in {"Z", "X"} else fields


def _has(pid: int, variable: str) -> bool:
    try:
        return variable.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def end(process: subprocess.Popen[bytes], *, with_signal: int, grace: float) -> None:
    """End a child and whatever it started, by force after the time of grace."""
    ask_to_end(process, with_signal=with_signal)
    see_end(process, grace=grace)


def ask_to_end(process: subprocess.Popen[bytes], *, with_signal: int) -> None:
    """Send the signal unless the child is gone."""
    if process.poll() is None:
        process.send_signal(with_signal)


def see_end(process: subprocess.Popen[bytes], *, grace: float) -> None:
    """Wait for a child that was asked to end; then end by force what is left of its session's group."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(grace)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Whether the condition came true in time."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(every)
    return True


@contextmanager
def ended_on_error(server: subprocess.Popen[bytes], *, with_signal: int, grace: float) -> Iterator[None]:
    """End a server that was just started when what follows fails, or is interrupted by a signal."""
    try:
        yield
    except BaseException:
        end(server, with_signal=with_signal, grace=grace)
        raise


def comes_up(server: subprocess.Popen[bytes], answers: Callable[[], bool], *, seconds: float) -> bool:
    """Whether a server that was just started answers in time; one that does not is ended."""
    with ended_on_error(server, with_signal=signal.SIGINT, grace=5):
        wait_until(lambda: server.poll() is not None or answers(), seconds=seconds)
        up = server.poll() is None and answers()
    if not up:
        end(server, with_signal=signal.SIGINT, grace=5)
    return up


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for a person who has to know why something ended."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def require_linux() -> None:
    """The way children are tied to the launcher exists on Linux only."""
    if sys.platform != "linux":
        raise Fault("The embedded servers run on Linux only; elsewhere use docker compose.")
