"""The launcher behind `make run`: starts everything, says where it is, and ends it all together."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from colibox import environment
from colibox.embedded import directory, postgres, process, programs, supervisor
from colibox.embedded.assets import Assets
from colibox.embedded.directory import Var
from colibox.embedded.postgres import Postgres
from colibox.embedded.process import Fault
from colibox.embedded.schema import Schema
from colibox.embedded.supervisor import Supervisor
from colibox.embedded.valkey import Valkey

DEMO = ("--parcels", "3000", "--pickup-points", "400")
READY_SECONDS = 90.0
LEFTOVER_PORT_SECONDS = 10.0
"""A killed process gives its port back a moment after the kernel has stopped showing it."""

INTERRUPTED = threading.Event()
"""Set by the first signal: what it raises is lost where Python is just then tidying up."""


def say(sentence: str) -> None:
    """Tell the person at the terminal, who may have closed it."""
    with suppress(OSError):
        print(sentence, flush=True)


class Portal:
    """One run of the portal on one var directory."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.began = time.monotonic()
        self.given = {name for name, value in environ.items() if value.strip()}
        self.port = _port(environ.get("PORT") or "8000")
        self.var = Var(Path(environ.get("COLIBOX_VAR") or programs.ROOT / "var").absolute())
        self.env = {**_portal_environment(environ, self.port), "COLIBOX_VAR": str(self.var.root)}
        self.owner_url = environ.get("DATABASE_OWNER_URL", "")
        self.schema: Schema | None = None
        self.supervisor = Supervisor(self.var.root / "processes.json", say)

    def start(self) -> None:
        """Bring everything up, each part once what it needs answers."""
        killed = supervisor.end_leftovers(self.supervisor.record, f"COLIBOX_VAR={self.var.root}", say)
        _refuse_taken_port(self.port, seconds=LEFTOVER_PORT_SECONDS if killed else 0)
        if "SECRET_KEY" not in self.given:
            self.env["SECRET_KEY"] = self.var.secret("SECRET_KEY")
        self._start_servers()
        files = Assets(self.var.root / "static", self.var.log("static"))
        if "STATIC_ROOT" not in self.given:
            self.env["STATIC_ROOT"] = str(files.folder)
            files.begin(self.env)
        self._prepare_database()
        files.finish()
        self.var.write_environment(beside(self.env))
        self._start_programs()

    def _start_servers(self) -> None:
        run = self.var.run()
        if "DATABASE_URL" not in self.given:
            roles = (postgres.SUPERUSER, postgres.OWNER, postgres.APP)
            passwords = {role: self.var.secret(role) for role in roles}
            database = Postgres(self.var.root, run, self.var.log("postgres"), passwords, say=say)
            self.supervisor.start(database)
            self.env["DATABASE_URL"] = database.url(postgres.APP)
            self.owner_url = database.url(postgres.OWNER)
            self.schema = Schema(database, self.var.root / "migrated")
        if "REDIS_URL" not in self.given:
            valkey = Valkey(self.var.root, run, self.var.log("valkey"))
            self.supervisor.start(valkey)
            self.env["REDIS_URL"] = valkey.url()
        if "EMAIL_URL" not in self.given:
            port, maildir = programs.free_port(), self.var.root / "mailbox"
            self.supervisor.start(programs.mailbox(port, maildir, self.var.log("mailbox"), self.env))
            self.env |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "MAILBOX_DIR": str(maildir)}

    def _prepare_database(self) -> None:
        """Migrate as the owner; in our own database, when there is something to, and load the demo people once."""
        if self.owner_url:
            self._migrate()
        else:
            say("DATABASE_OWNER_URL is not set: run manage.py migrate as the owner of the tables yourself.")
        people = self._people
        if "DATABASE_URL" not in self.given and not people.exists():
            told = self._manage("demo", "--if-empty", *DEMO, DATABASE_OWNER_URL=self.owner_url)
            people.write_text(told)

    def _migrate(self) -> None:
        if self.schema and self.schema.is_current():
            return
        self._manage("migrate", "--verbosity=0", DATABASE_URL=self.owner_url)
        if self.schema:
            self.schema.remember()

    def _manage(self, *arguments: str, **more: str) -> str:
        """Run a management command; what the settings refuse comes back as their own sentences."""
        done = process.run([sys.executable, "manage.py", *arguments], env={**self.env, **more}, cwd=programs.ROOT)
        if done.returncode:
            _, refused, sentences = done.stderr.rpartition("ImproperlyConfigured: ")
            raise Fault(sentences.strip() if refused else f"manage.py {arguments[0]} failed:\n{done.stderr}")
        return done.stdout

    def _start_programs(self) -> None:
        """The web server first and alone: the others would only take the processor from its start."""
        log, env = self.var.log, self.env
        self.supervisor.start(programs.web_server(self.port, log("web"), env))
        self._wait_for_web_server()
        self.supervisor.start(programs.worker(log("worker"), env))
        self.supervisor.start(programs.imports_worker(log("imports"), env))
        self.supervisor.start(programs.beat(self.var.root / "beat" / "schedule", log("beat"), env))

    def _wait_for_web_server(self) -> None:
        limit = time.monotonic() + READY_SECONDS
        while not _answers(self.port, self.env["PUBLIC_BASE_URL"]):
            self.supervisor.watch()
            if time.monotonic() > limit:
                log = self.var.log("web")
                raise Fault(f"The web server does not answer; the end of {log}:\n{process.tail(log)}")
            time.sleep(0.05)

    def welcome(self) -> None:
        """Say where the portal is and who can sign in."""
        address, people = self.env["PUBLIC_BASE_URL"], self._people
        say(f"\nColibox is ready: {address}/   ({time.monotonic() - self.began:.1f} s)\n")
        if people.exists():
            say(people.read_text())
        if "MAILBOX_DIR" in self.env:
            say(f"E-mails          {address}/mailbox/")
        say(f"Data and logs    {self.var.root}\nStop             Ctrl-C\n")

    @property
    def _people(self) -> Path:
        """What the demo said of its people, kept to be said again."""
        return self.var.root / "demo.txt"

    def look_after(self) -> None:
        """Until a signal or a Fault."""
        while not INTERRUPTED.is_set():
            self.supervisor.watch()
            time.sleep(0.2)
        raise KeyboardInterrupt

    def stop(self) -> None:
        """End every child."""
        self.supervisor.stop()
        self.var.remove_run()


def _port(value: str) -> int:
    if not (value.isdecimal() and 0 < int(value) < 65536):
        raise Fault(f"PORT must be a number from 1 to 65535, not “{value}”.")
    return int(value)


def _refuse_taken_port(port: int, *, seconds: float) -> None:
    """Raise Fault unless the port can be had within that time."""
    if process.wait_until(lambda: not _why_not(port), seconds=seconds):
        return
    other = port + 1 if 1024 <= port < 65535 else 8000
    raise Fault(f"Port {port} {_why_not(port)}: choose another one, for example PORT={other}.")


def _why_not(port: int) -> str:
    """What keeps us from listening on the port; empty for nothing."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            return "is taken by another program" if taken else f"cannot be used ({error.strerror})"
    return ""


def _portal_environment(environ: Mapping[str, str], port: int) -> dict[str, str]:
    """What the portal's processes see; the owner's address is given only to the command that migrates."""
    hidden = {"DATABASE_OWNER_URL", "MAILBOX_DIR", "PYTHONDONTWRITEBYTECODE"}
    env = {name: value for name, value in environ.items() if name not in hidden and value.strip()}
    if "PUBLIC_BASE_URL" not in env:
        env["PUBLIC_BASE_URL"] = f"http://localhost:{port}"
        env.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1")
    return env


def beside(env: Mapping[str, str]) -> dict[str, str]:
    """What a command beside the portal needs: its settings, ours and those given, and nothing of who started it."""
    settings = environment.names()
    return {name: value for name, value in env.items() if name in settings or os.environ.get(name) != value}


def _answers(port: int, base_url: str) -> bool:
    """Whether the web server answers at all; /livez needs neither database nor session."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/livez", headers={"Host": urlsplit(base_url).netloc})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop_on_signals() -> None:
    """The first signal interrupts whatever we do; a later one does not disturb the orderly end."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(number: int, frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        INTERRUPTED.set()
        raise KeyboardInterrupt

    for each in signals:
        signal.signal(each, interrupt)


def run(environ: Mapping[str, str]) -> None:
    """Hold the var directory and run the portal on it until a signal or a Fault."""
    process.require_linux()
    portal = Portal(environ)
    with portal.var.held() as lock:
        try:
            portal.start()
            portal.welcome()
            portal.look_after()
        finally:
            directory.write_state(lock, directory.STOPS)
            portal.stop()


def main() -> int:
    """Run the portal until it is told to stop; the exit code says whether it was."""
    if sys.argv[1:]:
        print("The launcher takes no arguments but variables: see docs/operations.md.", file=sys.stderr)
        return 2
    if "MAKELEVEL" in os.environ:  # started by make, which may be killed
        process.end_with_parent()
    _stop_on_signals()
    try:
        run(os.environ)
    except Fault as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
