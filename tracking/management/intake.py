"""What the commands that bring a file in have in common: batches, progress, and the rows that are refused."""

from __future__ import annotations

import csv
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DataError, IntegrityError, transaction

from colibox.lib import origin, sheets, tenancy
from colibox.lib.commands import HelpfulCommand
from tracking.files import Column, File, Row, Unreadable

BATCH = 5000
SHOWN = 10
BAR = 30
EVERY = 10.0
SOME_REFUSED, UNREADABLE, INTERRUPTED = 1, 2, 130


class IntakeCommand(HelpfulCommand, ABC):
    """Reads a CSV file in batches, each one transaction; run again, it adds only what is missing."""

    columns: Sequence[Column] = ()
    codes = "Exit code 0: every row was processed; 1: some were refused; 2: nothing could be read; 130: interrupted."
    what = "rows"

    @abstractmethod
    def write(self, rows: list[Row]) -> tuple[int, int]:
        """Write a batch; how many are new and how many were changed. What it refuses, it refuses on the row."""

    def finish(self) -> None:
        """What is left to do once the whole file was read."""

    def add_arguments(self, parser: CommandParser) -> None:
        columns = [f"  {each.name + ('*' if each.required else ''):<15}{each.told}" for each in self.columns]
        told = "Columns, named in the first line, in any order (* may not be empty):"
        parser.epilog = "\n".join([told, *columns, parser.epilog or ""])
        parser.add_argument("file", type=Path, help="a CSV file: UTF-8 or Windows-1252; semicolons, commas or tabs")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--refused", type=Path, help="write the refused rows there, each with its reason")

    def handle(self, *, file: Path, dry_run: bool, refused: Path | None, **options: Any) -> None:
        self.options, self.dry_run = options, dry_run
        self.created = self.changed = self.same = self.refusals = 0
        self.began = self.told_at = time.monotonic()
        with ExitStack() as stack:
            stack.enter_context(origin.of(origin.Origin(channel="command", reference=Path(__file__).stem)))
            opened = self._open(file, stack)
            stack.enter_context(self._refusing(refused, opened.header))
            try:
                with transaction.atomic() if dry_run else nullcontext():
                    self._batches(opened)
                    self.finish()
                    if dry_run:
                        transaction.set_rollback(True)
            except KeyboardInterrupt:
                self._tell()
                raise CommandError("Interrupted; run it again to go on.", returncode=INTERRUPTED) from None
        self._tell()
        if self.refusals:
            sys.exit(SOME_REFUSED)

    def _open(self, path: Path, stack: ExitStack) -> File:
        try:
            return File(stack.enter_context(path.open("rb")), self.columns)
        except OSError as error:
            why = error.strerror or error
            raise CommandError(f"{path} cannot be read: {why}.", returncode=UNREADABLE) from error
        except Unreadable as problem:
            raise CommandError(str(problem), returncode=UNREADABLE) from problem

    def _batches(self, file: File) -> None:
        rows = file.rows()
        while batch := list(islice(rows, BATCH)):
            created, changed = self._write(batch)
            self._count(batch, created, changed)
            self._progress(file.share)

    def _write(self, rows: list[Row]) -> tuple[int, int]:
        """Write those without fault; if the database refuses one, find it by halves."""
        rows = [row for row in rows if not row.faults]
        if not rows:
            return 0, 0
        try:
            with transaction.atomic(), tenancy.everything():
                return self.write(rows)
        except (IntegrityError, DataError) as error:
            if len(rows) == 1:
                rows[0].refuse("row", f"refused by the database ({str(error).splitlines()[0]}).")
                return 0, 0
        middle = len(rows) // 2
        (created, changed), (more, others) = self._write(rows[:middle]), self._write(rows[middle:])
        return created + more, changed + others

    def _count(self, batch: list[Row], created: int, changed: int) -> None:
        refused = [row for row in batch if row.faults]
        self.created, self.changed = self.created + created, self.changed + changed
        self.same += len(batch) - len(refused) - created - changed
        for row in refused:
            self.refusals += 1
            if self.sheet:
                self.sheet.writerow([row.line, " ".join(row.faults), *map(sheets.inert, row.cells)])
            if self.refusals <= SHOWN:
                self.stderr.write(f"\rline {row.line}: {' '.join(row.faults)}")

    @contextmanager
    def _refusing(self, path: Path | None, header: list[str]) -> Iterator[None]:
        """The file of the refused rows, ready to be corrected and brought in again."""
        self.sheet = None
        if path is None:
            yield
            return
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            self.sheet = csv.writer(file, delimiter=";")
            self.sheet.writerow(["line", "reason", *header])
            yield

    def _progress(self, share: float) -> None:
        """A bar for somebody who watches, a line now and then for a log."""
        now, rows = time.monotonic(), self.created + self.changed + self.same + self.refusals
        speed = rows / max(now - self.began, 0.001)
        line = f"{share:4.0%}  {rows:,} rows, {speed:,.0f} rows/s"
        if self.stderr.isatty():
            self.stderr.write(f"\r[{'#' * int(share * BAR):<{BAR}}] {line} ", ending="\n" if share >= 1 else "")
        elif now - self.told_at >= EVERY:
            self.told_at = now
            self.stderr.write(line)

    def _tell(self) -> None:
        would = "would be " if self.dry_run else ""
        counts = [f"{self.created:,} {would}created", f"{self.same:,} unchanged", f"{self.refusals:,} refused"]
        if self.changed:
            counts.insert(1, f"{self.changed:,} {would}updated")
        seconds = time.monotonic() - self.began
        self.stdout.write(f"{self.what}: {', '.join(counts)} in {seconds:.1f} s")
        if self.refusals > SHOWN and not self.sheet:
            self.stderr.write(f"Only the first {SHOWN} reasons are shown; all of them with --refused FILE.")
