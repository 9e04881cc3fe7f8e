"""Imports at several sizes: ours from the upload to the result, a bare COPY of what it makes, the stock library.

Each measurement is a process of its own on a database of its own, a copy of one of 100,000 people. Ours and COPY
take turns, so that whatever else the machine does slows them alike: ratios are to be read, not rows a second.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import throwaway
from benchmarks.imports import files, process
from benchmarks.imports.databases import Databases
from benchmarks.pages import ROOT, on_database
from benchmarks.population import Size


@dataclass(frozen=True)
class Plan:
    """How often each number of rows is imported."""

    people: int
    rounds: dict[int, int]
    main: int
    stock: int
    memory: tuple[int, int]
    mails: bool


WHOLE = Plan(100_000, {1_000: 3, 10_000: 5, 50_000: 2}, main=10_000, stock=10_000, memory=(5_000, 50_000), mails=True)
QUICK = Plan(10_000, {1_000: 2, 5_000: 2}, main=5_000, stock=500, memory=(1_000, 5_000), mails=False)


@dataclass
class Bench:
    """The measurements, by number of rows."""

    databases: Databases
    directory: Path
    ours: dict[int, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    copies: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    stock: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: Counter[str] = field(default_factory=Counter)

    def file(self, rows: int) -> Path:
        path = self.directory / f"{rows}.csv"
        return path if path.exists() else files.write(path, rows)

    def import_ours(self, rows: int, *, counts: bool = True) -> None:
        """One import of ours, checked; the first of a size is what COPY takes."""
        dumped = self.directory / f"copied-{rows}"
        with self.databases.copy() as name:
            url = on_database(self.databases.servers.app_url, name)
            told = process.run("ours", url, self.file(rows), self.directory / "result.csv")
            self.faults.update(self.databases.faults(name, rows))
            if not dumped.exists():
                dumped.mkdir()
                self.databases.dump(name, dumped)
        tally = {"invite": rows - files.refused(rows), "refused": files.refused(rows)}
        if told["tally"] != tally or len((self.directory / "result.csv").read_text().splitlines()) != rows + 1:
            raise SystemExit(f"Not what the file asks: {told['tally']}, {tally} expected.")
        if counts:
            self.ours[rows].append(told)

    def copy(self, rows: int) -> None:
        with self.databases.copy() as name:
            self.copies[rows].append(self.databases.load(name, self.directory / f"copied-{rows}"))

    def import_stock(self, rows: int) -> None:
        with self.databases.copy() as name:
            url = on_database(self.databases.servers.app_url, name)
            told = process.run("stock", url, self.file(rows), self.directory / "stock.txt")
        if told["refused"] != files.refused(rows):
            raise SystemExit(f"The stock library refused {told['refused']} rows of {rows}.")
        self.stock[rows].append(told["seconds"])

    def rounds(self, rows: int, count: int) -> None:
        """A round to warm up and to have something to copy, then ours and COPY, each first in its turn."""
        self.import_ours(rows, counts=False)
        for number in range(count):
            turns = [lambda: self.import_ours(rows), lambda: self.copy(rows)]
            for turn in turns if number % 2 else reversed(turns):
                turn()
            print(
                f"{rows} rows, round {number + 1}: {self.rate(rows):.0f} rows/s, {self.ratio_copy(rows)} of COPY",
                flush=True,
            )

    def seconds(self, rows: int, what: str = "seconds") -> float:
        """The median of what the imports of so many rows said."""
        return float(statistics.median(told[what] for told in self.ours[rows]))

    def rate(self, rows: int) -> float:
        return rows / self.seconds(rows)

    def memory(self, rows: int) -> float:
        return self.seconds(rows, "peak_mb")

    def ratio_copy(self, rows: int) -> float:
        """The median of the rounds' own ratios, of rows a second."""
        pairs = zip(self.copies[rows], self.ours[rows], strict=False)
        return float(round(statistics.median(copy / ours["seconds"] for copy, ours in pairs), 3))

    def ratio_stock(self, rows: int, main: int) -> float:
        return round(self.rate(main) * statistics.median(self.stock[rows]) / rows, 1)


def run(plan: Plan, bench: Bench) -> None:
    """All measurements; the stock library in the middle of the rounds that it is compared with."""
    bench.databases.build()
    for rows, count in plan.rounds.items():
        bench.rounds(rows, count - count // 2 if rows == plan.main else count)
    bench.import_stock(plan.stock)
    bench.rounds(plan.main, plan.rounds[plan.main] // 2)
    for _ in range(2):
        bench.import_ours(plan.memory[0])


def table(bench: Bench) -> None:
    """What was measured, for a person to read."""
    print(
        f"{'rows':>7} {'rows/s':>7} {'of COPY':>8} {'preview':>8} {'apply':>7} {'result':>7} {'whole':>7} {'peak':>7}"
    )
    for rows in sorted(bench.ours):
        ratio = bench.ratio_copy(rows) if bench.copies[rows] else ""
        times = " ".join(f"{bench.seconds(rows, name):6.2f}s" for name in ("preview", "apply", "result", "seconds"))
        print(f"{rows:7} {bench.rate(rows):7.0f} {ratio:>8}  {times} {bench.memory(rows):5.0f}MB")
    for name, rates in (("COPY", bench.copies), ("stock", bench.stock)):
        print(name, {rows: f"{rows / statistics.median(taken):.0f} rows/s" for rows, taken in rates.items() if taken})


def mails() -> dict[str, Any]:
    """What the benchmark of mails says."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.mail", "--rounds", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def summary(plan: Plan, bench: Bench) -> dict[str, Any]:
    """The figures that the goals are about."""
    few, many = plan.memory
    return {
        "ratio_stock": bench.ratio_stock(plan.stock, plan.main),
        "ratio_copy": bench.ratio_copy(plan.main),
        "ratio_copy_by_rows": {rows: bench.ratio_copy(rows) for rows in plan.rounds},
        "ratio_copy_rounds": [
            round(copy / ours["seconds"], 3)
            for copy, ours in zip(bench.copies[plan.main], bench.ours[plan.main], strict=True)
        ],
        "rows_per_second": round(bench.rate(plan.main)),
        "copy_rows_per_second": round(plan.main / statistics.median(bench.copies[plan.main])),
        "stock_rows_per_second": {rows: round(rows / statistics.median(taken)) for rows, taken in bench.stock.items()},
        "upload_to_result_seconds": {rows: round(bench.seconds(rows), 2) for rows in plan.rounds},
        f"preview_{many // 1000}k_seconds": round(bench.seconds(many, "preview"), 2),
        "peak_mb": {rows: round(bench.memory(rows), 1) for rows in sorted(bench.ours)},
        "memory_growth_mb": round(bench.memory(many) - bench.memory(few), 1),
        **{name: bench.faults[name] for name in ("lost_rows", "duplicate_people", "duplicate_mails", "orphan_links")},
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute of it, to see that it works")
    plan = QUICK if parser.parse_args().quick else WHOLE
    with tempfile.TemporaryDirectory(prefix="colibox-bench-") as directory:
        bench = Bench(Databases(throwaway.begin(), Size(plan.people)), Path(directory))
        run(plan, bench)
        table(bench)
        told = summary(plan, bench) | (mails() if plan.mails else {})
    print(json.dumps(told))


if __name__ == "__main__":
    main()
