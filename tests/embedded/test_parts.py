"""The parts of the launcher that a whole run does not show."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from colibox.embedded import directory, process, supervisor
from colibox.embedded.directory import Var
from colibox.embedded.process import Fault
from colibox.embedded.programs import Program
from colibox.embedded.supervisor import Supervisor


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def keeper(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    keeper = Supervisor(tmp_path / "processes.json", said.append)
    yield keeper
    keeper.stop()


def program(tmp_path: Path, code: str) -> Program:
    (tmp_path / "crashing.py").write_text(code)
    return Program("The worker", ["crashing"], tmp_path / "log", {"PYTHONPATH": str(tmp_path)})


def test_what_keeps_ending_is_given_up_with_the_end_of_its_log(
    tmp_path: Path, keeper: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "PAUSES", (0.0, 0.1))
    keeper.start(program(tmp_path, "raise SystemExit('no such queue')"))

    def given_up() -> bool:
        try:
            keeper.watch()
        except Fault as fault:
            said.append(str(fault))
            return True
        return False

    assert process.wait_until(given_up, seconds=10)
    assert said[:2] == [
        "The worker ended (exit code 1); it starts again now.",
        "The worker ended (exit code 1); it starts again in 0 s.",
    ]
    assert "keeps ending (exit code 1)" in said[2]
    assert "no such queue" in said[2]


def test_what_ignores_the_signal_is_ended_by_force(tmp_path: Path) -> None:
    deaf = program(
        tmp_path, "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    child = deaf.start()
    assert process.wait_until(lambda: deaf.log.read_text() == "1\n", seconds=10)
    process.end(child, with_signal=deaf.stop_signal, grace=0.2)
    assert child.returncode == -9


def test_a_server_is_ended_when_what_follows_its_start_is_interrupted(tmp_path: Path) -> None:
    server = process.spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=tmp_path / "log")
    with pytest.raises(KeyboardInterrupt), process.ended_on_error(server, with_signal=signal.SIGTERM, grace=5):
        raise KeyboardInterrupt
    assert server.returncode == -signal.SIGTERM


def test_leftovers_are_recognised_by_more_than_their_pid(tmp_path: Path, said: list[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as stranger:
        record = tmp_path / "processes.json"
        record.write_text(f'[[{stranger.pid}, "1"]]')  # the pid of ours, given to somebody else since
        supervisor.end_leftovers(record, "COLIBOX_VAR=/nowhere", said.append)
        assert stranger.poll() is None
        stranger.kill()
    assert not record.exists()
    assert said == []


def test_a_secret_stays_what_it_was_at_its_first_use(tmp_path: Path) -> None:
    first = Var(tmp_path).secret("SECRET_KEY")
    assert Var(tmp_path).secret("SECRET_KEY") == first
    assert Var(tmp_path).secret("other") != first


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "LOG_BYTES", 3)
    log = Var(tmp_path).log("web")
    log.write_text("long")
    assert not Var(tmp_path).log("web").exists()
    assert log.with_suffix(".log.1").read_text() == "long"


@pytest.mark.parametrize("name", ["with a space", "é", "long" * 30])
def test_sockets_go_to_a_short_folder_when_the_path_is_awkward(tmp_path: Path, name: str) -> None:
    var = Var(tmp_path / name)
    run = var.run()
    assert run.parent == Path("/tmp")
    assert run.stat().st_mode & 0o077 == 0
    assert (var.root / "run").readlink() == run
    var.remove_run()
    assert not run.exists()
    assert not (var.root / "run").is_symlink()


def test_sockets_stay_in_var_when_its_path_is_short() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        Path(place).chmod(0o755)
        assert Var(Path(place)).run() == Path(place) / "run"
