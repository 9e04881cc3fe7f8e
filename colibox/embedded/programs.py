"""The portal's own processes: web server, worker, clock, and the mailbox of the embedded run."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from colibox.embedded import process

ROOT = Path(__file__).resolve().parents[2]
"""The clone: where manage.py is."""

WORKER_DEATH_SIGNAL = signal.SIGKILL
"""A worker that ends in order waits for its broker, for minutes when that went with the launcher.

Nothing is lost: whatever a worker does can be cut off anywhere and done again.
"""


@dataclass
class Program:
    """A Python module run as a process of the portal."""

    name: str
    arguments: Sequence[str]
    log: Path
    env: Mapping[str, str]
    stop_signal: int = field(default=signal.SIGTERM)
    death_signal: int = field(default=signal.SIGTERM)
    """What the kernel sends it when the launcher was killed."""
    grace: float = 15.0
    niceness: int = 0
    last: bool = False

    def start(self) -> subprocess.Popen[bytes]:
        nice = ["nice", "-n", str(self.niceness)] if self.niceness else []
        command = [*nice, sys.executable, "-m", *self.arguments]
        return process.spawn(command, log=self.log, env=self.env, cwd=ROOT, death_signal=self.death_signal)


def web_server(port: int, log: Path, env: Mapping[str, str]) -> Program:
    """Two processes of four threads, which end together: a fault that lasts is said, not hidden by respawns.

    One that is just being started does not hear that it is to end: it is killed a while later.
    """
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", "2", "--blocking-threads", "4", "--no-ws"]
    options += ["--workers-kill-timeout", "12"]
    return Program("The web server", ["granian", "--interface", "wsgi", *options, "colibox.wsgi:application"], log, env)


def worker(log: Path, env: Mapping[str, str]) -> Program:
    """Two Celery processes that send mails and clean up."""
    arguments = _celery_worker("mail,celery", "--concurrency", "2")
    return Program("The worker", arguments, log, env, death_signal=WORKER_DEATH_SIGNAL)


def imports_worker(log: Path, env: Mapping[str, str]) -> Program:
    """Two that read imports, and apply them together, whenever the processor has nothing more urgent to do."""
    arguments = _celery_worker("imports", "--concurrency", "2", "--hostname", "imports@%h")
    return Program("The import worker", arguments, log, env, niceness=19, death_signal=WORKER_DEATH_SIGNAL)


def _celery_worker(queues: str, *options: str) -> list[str]:
    quiet = ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return ["celery", "-A", "colibox", "worker", "--queues", queues, *options, *quiet]


def beat(schedule: Path, log: Path, env: Mapping[str, str]) -> Program:
    """The clock that rings for periodic jobs."""
    command = ["celery", "-A", "colibox", "beat", "--loglevel", "WARNING", "--schedule", str(schedule)]
    return Program("The scheduler", command, log, env)


def mailbox(port: int, maildir: Path, log: Path, env: Mapping[str, str]) -> Program:
    """A real SMTP server that keeps every e-mail in a Maildir."""
    command = ["aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", str(maildir)]
    return Program("The mailbox", command, log, env, last=True)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
