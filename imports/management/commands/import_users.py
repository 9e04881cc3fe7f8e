"""`manage.py import_users`: what the import page does, from the command line."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import translation

from colibox.lib import origin, sheets, tenancy
from colibox.lib.commands import HelpfulCommand
from imports import actions, results, work
from imports.models import ImportJob
from rights.actions.many.entries import Done
from rights.models import AccountLink

State = ImportJob.State
BAR = 30
WAIT = 0.2
SOME_REFUSED, UNREADABLE = 1, 2


class Command(HelpfulCommand):
    """Reads a file of people and applies its valid rows; a worker goes on with it if this is interrupted."""

    help = "Create, update, suspend or unlink the advanced users listed in a CSV or XLSX file."
    codes = "Exit code 0: every row was processed; 1: some rows were refused; 2: nothing could be done."
    example = "import_users people.csv --account 900138 --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file, as the import page takes it")
        parser.add_argument("--account", required=True, help="the account number, six digits")
        parser.add_argument("--by", default="", help="who acts: the user name of an administrator of the account")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say how much would be done, and do nothing; why rows are refused, with --result",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--result", type=Path, help="where the result goes (default: beside the file)")
        parser.add_argument("--language", choices=["fr", "en"], default="fr", help="of the result (default: fr)")

    def handle(self, *, file: Path, account: str, by: str, dry_run: bool, **options: Any) -> None:
        self.began, self.options, self.dry_run = time.monotonic(), options, dry_run
        self.account, self.unwritten = account, ""
        where = origin.Origin(channel="command", reference="import_users")
        with origin.of(where), translation.override(options["language"]):
            link = _administrator(account, by)
            path = options["result"] or (None if dry_run else file.with_name(f"{file.stem}-result.csv"))
            _check_place(path)
            with transaction.atomic() if dry_run else nullcontext():
                job = self._import(file, link)
                if path and job.state != State.REFUSED:
                    self.unwritten = _write(path, job)
                if dry_run:
                    transaction.set_rollback(True)
        self._tell(job, None if self.unwritten else path)

    def _import(self, path: Path, by: AccountLink) -> ImportJob:
        """Send the file, read it, and unless it is only tried, apply it to the end."""
        job = _send(path, by, self.options["language"])
        job = self._follow(job, State.READING)
        if job.state == State.READY and not self.dry_run and job.refused < job.total:
            with transaction.atomic(), tenancy.scope(accounts=[by.account_id]):
                actions.start(job=job, by=by)
            job = self._follow(_again(job), State.RUNNING)
        return job

    def _follow(self, job: ImportJob, state: str) -> ImportJob:
        """Work on it, or watch a worker who does, until it leaves this state."""
        while job.state == state:
            if claimed := work.claim(job.pk):
                work.advance(claimed)
            else:
                time.sleep(WAIT)
            job = _again(job)
            self._show(job)
        return job

    def _show(self, job: ImportJob) -> None:
        """The progress bar, for somebody who watches."""
        if self.options["json"] or not sys.stderr.isatty() or not job.total:
            return
        done = job.applied * BAR // job.total
        speed = job.applied / max(time.monotonic() - self.began, 0.001)
        line = f"\r[{'#' * done:<{BAR}}] {job.applied}/{job.total} rows, {speed:.0f} rows/s "
        self.stderr.write(line + ("\n" if job.finished else ""), ending="")

    def _tell(self, job: ImportJob, path: Path | None) -> None:
        counts = {str(done): (job.tally or job.planned).get(done, 0) for done in Done}
        facts = {
            "account": self.account,
            "import": job.number,
            "state": job.state,
            "dry_run": self.dry_run,
            "rows": job.total,
            **counts,
            "seconds": round(time.monotonic() - self.began, 2),
            "problem": job.problem or self.unwritten,
            "result": str(path) if path and job.state != State.REFUSED else "",
        }
        if self.options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        elif job.state != State.REFUSED:
            self.stdout.write("\n".join(f"{name}: {facts[name]}" for name in facts if facts[name] not in ("", 0)))
        if job.state == State.REFUSED:
            raise CommandError(job.problem, returncode=UNREADABLE)
        if counts[Done.REFUSED] or job.state == State.CANCELLED:
            sys.exit(SOME_REFUSED)


def _administrator(number: str, username: str) -> AccountLink:
    """The link of who acts: the account's owner, or the administrator of this user name."""
    with transaction.atomic(), tenancy.everything():
        links = AccountLink.objects.active().filter(account__number=number, role__in=AccountLink.ADMINISTRATORS)
        links = links.filter(user__username__iexact=username) if username else links.filter(role="owner")
        link = links.select_related("account", "user").first()
    if link is None:
        who = f"no active administrator {username}" if username else "no active administrator"
        raise CommandError(f"There is {who} on an account {number}.", returncode=UNREADABLE)
    return link


def _send(path: Path, by: AccountLink, language: str) -> ImportJob:
    try:
        if path.exists() and not path.is_file():
            raise CommandError(f"{path} cannot be read: it is no ordinary file.", returncode=UNREADABLE)
        with path.open("rb") as file, transaction.atomic(), tenancy.scope(accounts=[by.account_id]):
            return actions.upload(
                by=by,
                file=File(file, name=path.name),
                token=uuid4(),
                language=language,
                source=ImportJob.Source.COMMAND,
            )
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.", returncode=UNREADABLE) from error
    except ValidationError as refusal:
        raise CommandError(" ".join(refusal.messages), returncode=UNREADABLE) from refusal


def _again(job: ImportJob) -> ImportJob:
    """The import as it is now."""
    with transaction.atomic(), tenancy.scope(accounts=[job.account_id]):
        return ImportJob.objects.get(pk=job.pk)


def _check_place(path: Path | None) -> None:
    """Raise CommandError, before anything is done, where no result can be written."""
    if path and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise CommandError(f"The result cannot be written to {path}: choose another place.", returncode=UNREADABLE)


def _write(path: Path, job: ImportJob) -> str:
    """The result, whole or not at all; why it could not be written, for the import is done all the same."""
    new = path.with_name(f"{path.name}.new")
    try:
        with new.open("wb") as file:
            file.writelines(sheets.csv_parts(results.result_lines(job)))
        new.replace(path)
    except OSError as error:
        return f"The result could not be written to {path}: {error.strerror}. It is on the page of import {job.number}."
    return ""
