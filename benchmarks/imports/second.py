"""The other process that applies an import of ours: told its key, it works on it until there is nothing to do."""

from __future__ import annotations

import sys

import django

from benchmarks.imports.process import peak


def main() -> None:
    django.setup()
    from django.db import transaction  # Django knows its settings from now on

    from colibox.lib import tenancy
    from imports import work
    from imports.models import ImportJob

    with transaction.atomic(), tenancy.everything():
        ImportJob.objects.count()
    print("ready", flush=True)
    job = int(sys.stdin.readline())
    while claimed := work.claim(job):
        work.advance(claimed)
    print(peak(), flush=True)


if __name__ == "__main__":
    main()
