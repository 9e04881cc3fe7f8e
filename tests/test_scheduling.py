"""A test that hangs is named, and costs the run no other test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from colibox.embedded import process, programs

TESTS = """
import pytest, time

@pytest.mark.parametrize("number", range(9))
def test_quick(number):
    pass

@pytest.mark.xdist_group("together")
def test_before():
    pass

@pytest.mark.xdist_group("together")
def test_hangs():
    time.sleep(600)

@pytest.mark.xdist_group("together")
def test_after():
    pass
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_test_that_hangs_is_named_and_all_the_others_run(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    limits = ["-o", "faulthandler_timeout=2", "-o", "faulthandler_exit_on_timeout=true"]
    plugins = ["--disable-plugin-autoload", "-p", "xdist.plugin", "-p", "tests.scheduling"]
    command = [sys.executable, "-m", "pytest", *plugins, *limits, "-n", workers, "--dist", "loadgroup", str(tmp_path)]
    done = process.run(command, cwd=tmp_path, env={**_unmarked(), "PYTHONPATH": str(programs.ROOT)})
    assert "crashed while running 'test_some.py::test_hangs@together'" in done.stdout, done.stdout + done.stderr
    assert "1 failed, 11 passed" in done.stdout


def _unmarked() -> dict[str, str]:
    """The environment without what tells a worker of this run that it is one."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
