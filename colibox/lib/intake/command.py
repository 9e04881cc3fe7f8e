"""What the commands that bring a file in have in common: batches, progress, and the rows that are refused."""

from __future__ import annotations

import csv
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser
from django.db import DataError, IntegrityError, transaction

from colibox.lib import sheets, tenancy
from colibox.lib.commands import INTERRUPTED, REFUSED, Facts, Misuse, OperatorCommand, whole
from colibox.lib.intake.files import Column, File, Row, Unreadable

BATCH = 5000
SHOWN = 10
BAR = 30
EVERY = 10.0


class IntakeCommand(OperatorCommand, ABC):
    """Reads a CSV file in batches, each one transaction; run again, it adds only what is missing."""

    at_once = False
    interrupted = "Interrupted: whole batches are left; run it again to go on."
    columns: Sequence[Column] = ()
    all_known: ClassVar[bool] = False
    """Whether a column that is not known makes the call a wrong one; if not, it is left aside."""

    @abstractmethod
    def write(self, rows: list[Row]) -> tuple[int, int]:
        """Write a batch; how many are new and how many were changed. What it refuses, it refuses on the row."""

    def finish(self) -> Facts:
        """What is left to do once the whole file was read, and what came of it."""
        return {}

    def arguments(self, parser: CommandParser) -> None:
        columns = [f"  {each.name + ('*' if each.required else ''):<15}{each.told}" for each in self.columns]
        told = "Columns, named in the first line, in any order (* may not be empty):"
        parser.epilog = "\n".join([told, *columns, parser.epilog or ""])
        parser.add_argument("file", type=Path, help="a CSV file: UTF-8 or Windows-1252; semicolons, commas or tabs")
        parser.add_argument("--refused", type=Path, help="write the refused rows there, each with its reason")

    def answer(self, *, file: Path, refused: Path | None, **options: Any) -> Facts:
        self.created = self.changed = self.same = self.refusals = 0
        self.reasons: list[Facts] = []
        self.began = self.told_at = time.monotonic()
        rest: Facts = {}
        with ExitStack() as stack:
            opened = self._open(file, stack)
            stack.enter_context(self._refusing(refused, opened.header))
            try:
                self._batches(opened)
                rest = self.finish()
            except KeyboardInterrupt:
                self.stderr.write(self.interrupted)
                self.code = INTERRUPTED
        self.code = self.code or (REFUSED if self.refusals else 0)
        return {**self._counts(refused), **rest}

    def _open(self, path: Path, stack: ExitStack) -> File:
        try:
            opened = File(stack.enter_context(path.open("rb")), self.columns)
        except OSError as error:
            raise Misuse(f"{path} cannot be read: {error.strerror or error}.") from error
        except Unreadable as problem:
            raise Misuse(f"{path}: {problem}") from problem
        if opened.unknown and self.all_known:
            known = ", ".join(column.name for column in self.columns)
            raise Misuse(f"{path}: nothing is known of {', '.join(opened.unknown)}; columns are {known}.")
        return opened

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
                self.reasons.append({"line": row.line, "why": " ".join(row.faults)})

    @contextmanager
    def _refusing(self, path: Path | None, header: list[str]) -> Iterator[None]:
        """The file of the refused rows, ready to be corrected and brought in again."""
        self.sheet = None
        if path is None:
            yield
            return
        with whole(path) as file:
            text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
            self.sheet = csv.writer(text, delimiter=";")
            self.sheet.writerow(["line", "reason", *header])
            yield
            text.detach()

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

    def _counts(self, refused: Path | None) -> Facts:
        counts = {"created": self.created, "updated": self.changed, "unchanged": self.same, "refused": self.refusals}
        facts: Facts = {**counts, "seconds": round(time.monotonic() - self.began, 1)}
        if self.reasons:
            facts["reasons"] = self.reasons
        if self.refusals > SHOWN and not refused:
            facts["not_shown"] = f"{self.refusals - SHOWN} reasons more: all of them with --refused FILE"
        return facts
