"""A measurement in a process of its own, which says at the end what it took."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.pages import ROOT, environment


def run(module: str, url: str, *arguments: Path) -> dict[str, Any]:
    """What a module of this package prints when it runs on a database."""
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.imports.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment(url, 8000), capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{module} failed: {done.stderr[-3000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def peak() -> float:
    """The most memory that this process ever held, in MB; what getrusage says includes its parent before the exec."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024, 1)
