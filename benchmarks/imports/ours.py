"""One import of ours in a process of its own: `python -m benchmarks.imports.ours FILE RESULT`; prints what it took.

It does all that the web server and the worker do, through the same functions: the file is taken, read, started,
applied block by block, and its result written out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from uuid import uuid4

import django

from benchmarks.imports.process import peak


def main(path: Path, result: Path) -> None:
    django.setup()
    from django.core.files.base import File  # Django knows its settings from now on
    from django.db import transaction

    from colibox.lib import sheets, tenancy
    from imports import actions, results, work
    from imports.models import ImportJob
    from rights.models import AccountLink

    with transaction.atomic(), tenancy.everything():
        by = AccountLink.objects.select_related("account", "user").get(account__number="900138", role="owner")
    reach, base, began = [by.account_id], peak(), time.perf_counter()

    def again(job: ImportJob) -> ImportJob:
        with transaction.atomic(), tenancy.scope(accounts=reach):
            return ImportJob.objects.get(pk=job.pk)

    def work_on(job: ImportJob) -> ImportJob:
        while claimed := work.claim(job.pk):
            work.advance(claimed)
        return again(job)

    with path.open("rb") as file, transaction.atomic(), tenancy.scope(accounts=reach):
        job = actions.upload(by=by, file=File(file, name=path.name), token=uuid4(), language="fr")
    job, preview = work_on(job), time.perf_counter()
    if job.state != ImportJob.State.READY:
        raise SystemExit(f"The file was not read: {job.state} {job.problem}")
    with transaction.atomic(), tenancy.scope(accounts=reach):
        actions.start(job=job, by=by)
    job, applied = work_on(job), time.perf_counter()
    with result.open("wb") as written:
        written.writelines(sheets.csv_parts(results.result_lines(job)))
    ended = time.perf_counter()
    if job.state != ImportJob.State.DONE:
        raise SystemExit(f"The import was not done: {job.state}")
    seconds = {"preview": preview - began, "apply": applied - preview, "result": ended - applied}
    print(json.dumps({"seconds": ended - began, **seconds, "base_mb": base, "peak_mb": peak(), "tally": job.tally}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
