"""The files that browsers fetch: collected, compressed and named by their content, anew once one has changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from colibox.embedded import process, programs
from colibox.embedded.process import Fault


@dataclass
class Assets:
    """A folder of files to serve; brought up to date beside whatever else has to be done at a start."""

    folder: Path
    log: Path
    _collecting: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def _stamp(self) -> Path:
        return self.folder / "stamp"

    def begin(self, env: Mapping[str, str]) -> None:
        """Start to collect what changed since the last time, if anything did."""
        if self._stamp.exists() and self._stamp.read_text() == _fingerprint():
            return
        self.folder.mkdir(exist_ok=True)
        self._stamp.unlink(missing_ok=True)
        command = [sys.executable, "manage.py", "collectstatic", "--clear", "--noinput", "--verbosity=0"]
        self._collecting = process.spawn(command, log=self.log, env=env, cwd=programs.ROOT)

    def finish(self) -> None:
        """Wait until the folder is complete; raise Fault when it cannot be."""
        if self._collecting is None:
            return
        if self._collecting.wait():
            raise Fault(f"manage.py collectstatic failed; the end of {self.log}:\n{process.tail(self.log)}")
        self._stamp.write_text(_fingerprint())


def _fingerprint() -> str:
    """What tells one state of our own files and of the installed packages from another."""
    return hashlib.sha256("\n".join(_states()).encode()).hexdigest()


def _states() -> Iterator[str]:
    own = (path for path in (programs.ROOT / "static").rglob("*") if path.is_file())
    for path in sorted([*own, *programs.ROOT.glob("requirements*.txt")]):
        state = path.stat()
        yield f"{path} {state.st_size} {state.st_mtime_ns}"
