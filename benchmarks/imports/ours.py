"""One import of ours in processes of its own: `python -m benchmarks.imports.ours FILE RESULT`; prints what it took.

It does all that the web server and the workers do, through the same functions: the file is taken, read, started,
applied block by block by two processes, as many as the worker of imports has, and its result written out. They are
warm, as processes are that have served for more than a minute: translations are loaded, the broker is connected.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from io import BytesIO
from itertools import islice
from pathlib import Path
from uuid import uuid4

import django

from benchmarks.imports.process import peak


class Second:
    """The other process of the worker, which waits for work as the first one does."""

    def __init__(self) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.imports.second"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._hears()

    def work_on(self, job: int) -> None:
        self._says(str(job))

    def end(self) -> float:
        """Its peak of memory, once it has no more to do."""
        return float(self._hears())

    def _says(self, text: str) -> None:
        if self.process.stdin:
            self.process.stdin.write(f"{text}\n")
            self.process.stdin.flush()

    def _hears(self) -> str:
        said = self.process.stdout.readline() if self.process.stdout else ""
        if not said:
            raise SystemExit("The second process died.")
        return said


def main(path: Path, result: Path) -> None:
    django.setup()
    from django.core.files.base import File  # Django knows its settings from now on
    from django.db import transaction

    from colibox.lib import doorbell, sheets, tenancy
    from imports import actions, reading, results, work
    from imports.models import ImportJob
    from rights.models import AccountLink

    doorbell.ring("imports.tasks.work_on")
    with path.open("rb") as file:
        start = BytesIO(b"".join(islice(file, 3)))
        list(reading.read(start, filename=path.name, held=frozenset(), language="fr").lines)
    with transaction.atomic(), tenancy.everything():
        by = AccountLink.objects.select_related("account", "user").get(account__number="900138", role="owner")
    second = Second()
    reach, base, began = [by.account_id], peak(), time.perf_counter()

    def again(job: ImportJob) -> ImportJob:
        with transaction.atomic(), tenancy.scope(accounts=reach):
            return ImportJob.objects.get(pk=job.pk)

    def work_on(job: ImportJob) -> None:
        while claimed := work.claim(job.pk):
            work.advance(claimed)

    with path.open("rb") as file, transaction.atomic(), tenancy.scope(accounts=reach):
        job = actions.upload(by=by, file=File(file, name=path.name), token=uuid4(), language="fr")
    work_on(job)
    job, preview = again(job), time.perf_counter()
    if job.state != ImportJob.State.READY:
        raise SystemExit(f"The file was not read: {job.state} {job.problem}")
    with transaction.atomic(), tenancy.scope(accounts=reach):
        actions.start(job=job, by=by)
    second.work_on(job.pk)
    work_on(job)
    others = second.end()
    job, applied = again(job), time.perf_counter()
    with result.open("wb") as written:
        written.writelines(sheets.csv_parts(results.result_lines(job)))
    ended = time.perf_counter()
    if job.state != ImportJob.State.DONE:
        raise SystemExit(f"The import was not done: {job.state}")
    seconds = {"preview": preview - began, "apply": applied - preview, "result": ended - applied}
    memory = {"base_mb": base, "peak_mb": max(peak(), others)}
    print(json.dumps({"seconds": ended - began, **seconds, **memory, "tally": job.tally}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
