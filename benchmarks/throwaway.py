"""A PostgreSQL and a Valkey for the length of a benchmark, as safe with the power as in production."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from colibox.embedded import postgres, process
from colibox.embedded.postgres import Postgres
from colibox.embedded.valkey import Valkey

OPTIONS = ("shared_buffers=1GB", "max_wal_size=6GB")


def start() -> tuple[str, str]:
    """Start both until this process ends; the addresses of the owner's and of the portal's role."""
    directory = Path(tempfile.mkdtemp(prefix="colibox-bench-"))
    directory.chmod(0o755)  # PostgreSQL runs as another user when we are root
    (directory / "run").mkdir(mode=0o700)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    passwords = {role: f"{role}-password" for role in (postgres.SUPERUSER, postgres.OWNER, postgres.APP)}
    run = directory / "run"
    database = Postgres(directory, run, directory / "postgres.log", passwords, options=OPTIONS, say=lambda _: None)
    valkey = Valkey(directory, run, directory / "valkey.log", options=("--appendonly", "no"))
    for service in (database, valkey):
        server = service.start()
        atexit.register(process.end, server, with_signal=service.stop_signal, grace=service.grace)
    os.environ["REDIS_URL"] = valkey.url()
    return database.url(postgres.OWNER), database.url(postgres.APP)
