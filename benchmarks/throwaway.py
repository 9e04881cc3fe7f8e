"""A PostgreSQL and a Valkey for the length of a benchmark, as safe with the power as in production."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from colibox.embedded import postgres, process
from colibox.embedded.postgres import Postgres
from colibox.embedded.valkey import Valkey

OPTIONS = ("shared_buffers=1GB", "max_wal_size=6GB")


@dataclass
class Servers:
    """Both, each of which may be ended and started again."""

    directory: Path
    database: Postgres
    valkey: Valkey
    running: dict[Postgres | Valkey, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, service: Postgres | Valkey) -> None:
        self.running[service] = service.start()

    def end(self, service: Postgres | Valkey, *, with_signal: int | None = None) -> None:
        process.end(self.running[service], with_signal=with_signal or service.stop_signal, grace=service.grace)

    def stop(self) -> None:
        for service in self.running:
            self.end(service)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def owner_url(self) -> str:
        return self.database.url(postgres.OWNER)

    @property
    def app_url(self) -> str:
        return self.database.url(postgres.APP)

    @property
    def superuser_url(self) -> str:
        return self.database.url(postgres.SUPERUSER)


def begin() -> Servers:
    """Start both until this process ends; its environment names the Valkey."""
    directory = Path(tempfile.mkdtemp(prefix="colibox-bench-"))
    directory.chmod(0o755)  # PostgreSQL runs as another user when we are root
    run = directory / "run"
    run.mkdir(mode=0o700)
    passwords = {role: f"{role}-password" for role in (postgres.SUPERUSER, postgres.OWNER, postgres.APP)}
    servers = Servers(
        directory,
        Postgres(directory, run, directory / "postgres.log", passwords, options=OPTIONS, say=lambda _: None),
        Valkey(directory, run, directory / "valkey.log", options=("--appendonly", "no")),
    )
    atexit.register(servers.stop)
    for service in (servers.database, servers.valkey):
        servers.start(service)
    os.environ["REDIS_URL"] = servers.valkey.url()
    return servers


def start() -> tuple[str, str]:
    """The same; the addresses of the owner's and of the portal's role."""
    servers = begin()
    return servers.owner_url, servers.app_url
