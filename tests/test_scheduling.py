"""A test that hangs is named, and costs the run no other test."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def test_a_test_that_hangs_is_named_and_all_the_others_run(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    limits = ["-o", "faulthandler_timeout=2", "-o", "faulthandler_exit_on_timeout=true"]
    plugins = ["--disable-plugin-autoload", "-p", "no:cacheprovider", "-p", "xdist.plugin", "-p", "tests.scheduling"]
    command = [sys.executable, "-m", "pytest", *plugins, *limits, "--dist", "loadgroup", str(tmp_path), "-n"]

    def run(workers: int) -> subprocess.CompletedProcess[str]:
        env = {**_unmarked(), "PYTHONPATH": str(programs.ROOT)}
        return process.run([*command, str(workers)], cwd=tmp_path, env=env)

    with ThreadPoolExecutor() as at_once:
        for workers, done in zip((1, 2), at_once.map(run, (1, 2)), strict=True):
            said = f"{workers} workers\n{done.stdout}{done.stderr}"
            assert "crashed while running 'test_some.py::test_hangs@together'" in done.stdout, said
            assert "1 failed, 11 passed" in done.stdout, said


def _unmarked() -> dict[str, str]:
    """The environment without what tells a worker of this run that it is one."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
