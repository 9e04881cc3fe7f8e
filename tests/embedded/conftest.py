"""Real runs of the launcher, each on a var directory of its own."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colibox.embedded import process, programs

GIVEN = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "SECRET_KEY",
    "DEBUG",
    "PUBLIC_BASE_URL",
    "ALLOWED_HOSTS",
)
"""What the test run itself was given, and a launcher on an empty machine is not."""
PATIENCE = 300.0
"""Seconds for what takes ten on a machine that has nothing else to do."""


class Run:
    """One launcher, and what the kernel knows of the processes below it."""

    def __init__(self, var: Path, output: Path, **variables: str) -> None:
        variables = {"PORT": str(programs.free_port()), **variables}
        self.var, self.output, self.port = var, output, variables["PORT"]
        inherited = {name: value for name, value in os.environ.items() if name not in GIVEN}
        with output.open("wb") as stdout:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "colibox.embedded"],
                cwd=programs.ROOT,
                env={**inherited, "COLIBOX_VAR": str(var), **variables},
                stdout=stdout,
                stderr=subprocess.STDOUT,
                preexec_fn=process.die_with_parent(signal.SIGTERM),  # a run of tests may be killed
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def until_ready(self) -> Run:
        self.until(lambda: "is ready" in self.said or self.process.poll() is not None)
        assert "is ready" in self.said, self.said
        return self

    def until(self, condition: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
        assert process.wait_until(condition, seconds=seconds), f"exit code {self.process.poll()}: {self.said}"

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send the signal and wait; the exit code is the launcher's."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def get(self, path: str) -> int:
        """The status of the answer to a request, 0 for none."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=5)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def child(self, words: str) -> int | None:
        """The one child of the launcher whose command line contains these words."""
        return next((pid for pid in children(self.process.pid) if words in command_line(pid)), None)

    def another(self, words: str, *former: int) -> int:
        """The child with these words that is none of the former ones, once it is there."""
        found: list[int] = []

        def is_there() -> bool:
            found[:] = [pid for pid in [self.child(words)] if pid and pid not in former]
            return bool(found)

        self.until(is_there)
        return found[0]

    def kill(self, words: str, *former: int) -> int:
        """Kill the child with these words once it is there; which one it was."""
        os.kill(killed := self.another(words, *former), signal.SIGKILL)
        return killed

    def family(self) -> Family:
        """Every process below the launcher."""
        return Family(below(self.process.pid))


class Family:
    """Processes, named for good by their pid and the time they began."""

    def __init__(self, pids: set[int]) -> None:
        self.born = {pid: process.start_time(pid) for pid in pids}

    def alive(self) -> list[str]:
        return [command_line(pid) for pid, born in self.born.items() if born and process.start_time(pid) == born]


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def children(pid: int) -> list[int]:
    return [child for path in Path("/proc").glob("[0-9]*") if parent(child := int(path.name)) == pid]


def below(pid: int) -> set[int]:
    found = set(children(pid))
    return found.union(*(below(child) for child in found))


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user may enter, with a short name: as root, PostgreSQL runs as somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="colibox-runs-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def launch(place: Path) -> Iterator[Callable[..., Run]]:
    """Start a launcher; whatever still runs at the end of the module is ended."""
    runs: list[Run] = []

    def start(var: Path, **variables: str) -> Run:
        runs.append(Run(var, place / f"output-{len(runs)}", **variables))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.end()


@pytest.fixture(scope="module")
def first_run(place: Path, launch: Callable[..., Run]) -> Run:
    """The very first start of a portal, on an empty var directory."""
    return launch(place / "var").until_ready()


@pytest.fixture
def portal(first_run: Run, launch: Callable[..., Run], current: list[Run]) -> Run:
    """The portal on that directory: as the tests before left it, or started again when they ended it."""
    if not current:
        current.append(first_run)
    if current[-1].process.poll() is not None:
        current.append(launch(first_run.var).until_ready())
    return current[-1]


@pytest.fixture
def again(portal: Run, launch: Callable[..., Run], current: list[Run]) -> Callable[[], Run]:
    """Start the portal again on its directory and port: it is the portal of the tests that follow."""

    def start() -> Run:
        current.append(launch(portal.var, PORT=portal.port).until_ready())
        return current[-1]

    return start


@pytest.fixture(scope="module")
def current() -> list[Run]:
    return []
