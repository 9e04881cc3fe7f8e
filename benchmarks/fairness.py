"""What an import of 50,000 rows costs the pages of another account: with its worker at work, and held still, in turns.

The worker is stopped and let go every few seconds while one browser asks for the page of users as fast as it
gets it, so that whatever else the machine does weighs on both alike.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import random
import signal
import statistics
import time
from collections import defaultdict
from itertools import chain
from pathlib import Path

import django

from benchmarks import throwaway
from benchmarks.faults import Worker
from benchmarks.imports import files
from benchmarks.imports.databases import execute
from benchmarks.pages import Site, environment, on_database, p50, p95
from benchmarks.population import Size
from benchmarks.portal import make_owner, send, start_ready

GOAL = 1.2
WINDOW, SETTLE = 2.0, 0.7
"""Seconds measured, and those that a statement under way may take to end."""
PAGE = "first"


def measure(site: Site, seconds: float) -> list[float]:
    """Milliseconds of each page asked for within this time."""
    limit, times = time.monotonic() + seconds, []
    while time.monotonic() < limit:
        times.append(site.measure(PAGE))
        time.sleep(random.uniform(0, 0.01))
    return times


def windows(site: Site, worker: Worker, url: str) -> dict[str, list[list[float]]]:
    """The times of each window, with and without the import, as long as it runs."""
    found: dict[str, list[list[float]]] = defaultdict(list)
    state, worker_group = "", worker.process.pid if worker.process else 0
    while (state := execute(url, "SELECT state FROM imports_importjob")[0][0]) not in ("done", "refused"):
        if state == "ready":
            start_ready()
            continue
        found[f"while {state}"].append(measure(site, WINDOW))
        os.killpg(worker_group, signal.SIGSTOP)
        time.sleep(SETTLE)
        found[f"beside {state}"].append(measure(site, WINDOW))
        os.killpg(worker_group, signal.SIGCONT)
        time.sleep(SETTLE)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    given = parser.parse_args()
    servers = throwaway.begin()
    site = Site(Size(100_000), servers.owner_url, servers.app_url)
    site.build()
    site.serve()
    env = environment(on_database(servers.app_url, site.size.database), 8000)
    env["DJANGO_SETTINGS_MODULE"] = "colibox.settings"
    os.environ.update(env)
    django.setup()
    owner = make_owner("910000")
    worker = Worker("imports", servers.directory / "worker.log", env)
    worker.look_after()
    atexit.register(worker.end)
    measure(site, 5)
    send(owner, files.write(Path(servers.directory) / "people.csv", given.rows))
    found = windows(site, worker, on_database(servers.superuser_url, site.size.database))
    print(json.dumps(summary(found)))


def summary(found: dict[str, list[list[float]]]) -> dict[str, object]:
    """The p95 of all windows together, and the median of the ratios of neighbours."""
    told: dict[str, object] = {}
    for state in ("reading", "running"):
        busy, still = found[f"while {state}"], found[f"beside {state}"]
        ratios = [p95(one) / p95(other) for one, other in zip(busy, still, strict=True)]
        with_it, without = list(chain.from_iterable(busy)), list(chain.from_iterable(still))
        if busy:
            told[state] = {
                "windows": len(busy),
                "p50_ms": [round(p50(without), 1), round(p50(with_it), 1)],
                "p95_ms": [round(p95(without), 1), round(p95(with_it), 1)],
                "ratio_p95": round(p95(with_it) / p95(without), 2),
                "ratio_p95_of_neighbours": round(statistics.median(ratios), 2),
            }
    return {**told, "goal": GOAL, "load": round(os.getloadavg()[0], 1)}


if __name__ == "__main__":
    main()
