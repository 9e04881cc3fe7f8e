"""Early pytest plugin: a throw-away PostgreSQL and Valkey, before Django reads its settings.

The controller of pytest-xdist starts them; its workers inherit the environment and start nothing.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from colibox.embedded import postgres, process, programs
from colibox.embedded.postgres import Postgres
from colibox.embedded.valkey import Valkey

PREFIX = "colibox-test-"
CARELESS = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"),
    *("checkpoint_timeout=1h", "max_wal_size=4GB", "max_connections=200"),
)
"""Faster, and lost with the power: nobody keeps a test database."""
TEMPLATE = "colibox_template"
"""The migrated database that those of the workers are copied from."""
KEPT = programs.ROOT / ".pytest_cache" / "clusters"
"""Where a cluster with that database waits for the next run; emptied by `make clean`."""
SHAPE = ("*/migrations/*.py", "colibox/lib/**/*.py", "colibox/embedded/*", "users/models*", "requirements-dev.txt")
"""The files that a migrated cluster follows from: migrations, what they import, and who makes the cluster."""


def _make_directory() -> Path:
    """A directory of this process, once those of killed test runs are gone."""
    parent = Path("/tmp")
    for old in parent.glob(f"{PREFIX}*"):
        pid = re.fullmatch(rf"{PREFIX}(\d+)-\w+", old.name)
        if pid and process.start_time(int(pid[1])) is None:
            shutil.rmtree(old, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    directory.chmod(0o755)  # PostgreSQL runs as another user when we are root
    (directory / "run").mkdir(mode=0o700)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _stop_later(server: subprocess.Popen[bytes], service: Postgres | Valkey) -> None:
    atexit.register(process.end, server, with_signal=service.stop_signal, grace=service.grace)


def _start_database(directory: Path) -> None:
    passwords = {role: f"{role}-password" for role in (postgres.SUPERUSER, postgres.OWNER, postgres.APP)}
    service = Postgres(
        directory,
        directory / "run",
        directory / "postgres.log",
        passwords,
        options=CARELESS,
        say=lambda _: None,
    )
    os.environ["DATABASE_OWNER_URL"] = service.url(postgres.OWNER)
    os.environ["DATABASE_URL"] = service.url(postgres.APP)
    os.environ["TEST_TEMPLATE"] = TEMPLATE
    kept = KEPT / _shape()
    if not kept.exists():
        _keep_migrated(service, kept)
    else:
        _copy(kept, service.data)
    _stop_later(service.start(), service)


def _shape() -> str:
    """What tells the clusters of two states of the project from one another."""
    paths = sorted({path for pattern in SHAPE for path in programs.ROOT.glob(pattern) if path.is_file()})
    return hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in paths)).hexdigest()[:16]


def _keep_migrated(service: Postgres, kept: Path) -> None:
    """Make a cluster with the template, once, and put it aside: migrations take longer than most test files."""
    server = service.start()
    with process.ended_on_error(server, with_signal=service.stop_signal, grace=service.grace):
        owner = service.url(postgres.OWNER)
        env = {**os.environ, "DATABASE_URL": owner}
        _do([sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0"], env)
        _do([service.bin / "psql", owner, "-qc", f"CREATE DATABASE {TEMPLATE} TEMPLATE {postgres.DATABASE}"], env)
    process.end(server, with_signal=service.stop_signal, grace=service.grace)
    KEPT.mkdir(parents=True, exist_ok=True)
    for old in KEPT.iterdir():
        if not old.name.startswith(kept.name):
            shutil.rmtree(old, ignore_errors=True)
    new = kept.with_name(f"{kept.name}.{os.getpid()}")
    _copy(service.data, new)
    with suppress(OSError):  # another run was first
        new.rename(kept)


def _do(command: list[str | Path], env: dict[str, str]) -> None:
    done = process.run(command, env=env, cwd=programs.ROOT)
    assert done.returncode == 0, done.stderr


def _copy(cluster: Path, place: Path) -> None:
    """With its owner, which is another user when we are root."""
    _do(["cp", "--archive", "--reflink=auto", cluster, place], dict(os.environ))


def _start_valkey(directory: Path) -> None:
    options = ("--appendonly", "no", "--databases", "64")
    service = Valkey(directory, directory / "run", directory / "valkey.log", options=options)
    _stop_later(service.start(), service)
    os.environ["REDIS_URL"] = service.url()


def _own_redis_database(worker: str) -> None:
    """One numbered database per worker: clearing a cache empties the whole of it."""
    base = re.sub(r"[?/](db=)?\d*$", "", os.environ["REDIS_URL"])
    number = int(worker.removeprefix("gw")) + 1
    joint = "?db=" if base.startswith("unix:") else "/"
    os.environ["REDIS_URL"] = f"{base}{joint}{number}"


def _prepare_environment() -> None:
    os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 4)
    os.environ.setdefault("PUBLIC_BASE_URL", "http://testserver")
    os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        process.end_with_parent()
        _own_redis_database(worker)
        return
    if "DATABASE_OWNER_URL" in os.environ and "REDIS_URL" in os.environ:
        return
    directory = _make_directory()
    if "REDIS_URL" not in os.environ:
        _start_valkey(directory)
    if "DATABASE_OWNER_URL" not in os.environ:
        _start_database(directory)


_prepare_environment()
