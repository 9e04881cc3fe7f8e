"""`manage.py import_users`: what the import page does, from the command line."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import translation

from colibox.lib import origin, sheets, tenancy
from colibox.lib.commands import REFUSED, Facts, Misuse, OperatorCommand, whole
from imports import actions, results, work
from imports.models import ImportJob
from rights.actions.many.entries import Done
from rights.models import AccountLink

State = ImportJob.State
LANGUAGE = "of what the import says of the file, here as in the result, for whoever made it (default: fr)"
BAR = 30
WAIT = 0.2


class Command(OperatorCommand):
    """Reads a file of people and applies its valid rows; a worker goes on with it if this is interrupted."""

    help = "Create, update, suspend or unlink the users, standard and advanced, listed in a CSV or XLSX file."
    at_once = False
    interrupted = "Interrupted: what was begun is gone on with by a worker; see import_status."
    example = "import_users people.csv --account 900138 --dry-run"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file, as the import page takes it")
        parser.add_argument("--account", required=True, help="the account number, six digits")
        parser.add_argument("--by", default="", help="who acts: the user name of an administrator of the account")
        parser.add_argument(
            "--result", type=Path, help="where the result goes (default: beside the file; in a trial, nowhere)"
        )
        parser.add_argument("--language", choices=["fr", "en"], default="fr", help=LANGUAGE)

    def answer(self, *, file: Path, account: str, by: str, result: Path | None, language: str, **options: Any) -> Facts:
        self.began, self.language = time.monotonic(), language
        link = _administrator(account, by)
        path = result or (None if self.dry_run else file.with_name(f"{file.stem}-result.csv"))
        _check_place(path)
        with origin.of(replace(origin.current(), carrier=True)), translation.override(language):
            job = self._import(file, link)
            if job.state == State.REFUSED:
                raise Misuse(f"{file}: {job.problem}")
            unwritten = _write(path, job) if path else ""
        return self._facts(job, account, path, unwritten)

    def _import(self, path: Path, by: AccountLink) -> ImportJob:
        """Send the file, read it, and unless it is only tried, apply it to the end."""
        job = self._follow(_send(path, by, self.language), State.READING)
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
        if self.as_json or not sys.stderr.isatty() or not job.total:
            return
        done = job.applied * BAR // job.total
        speed = job.applied / max(time.monotonic() - self.began, 0.001)
        line = f"\r[{'#' * done:<{BAR}}] {job.applied}/{job.total} rows, {speed:.0f} rows/s "
        self.stderr.write(line + ("\n" if job.finished else ""), ending="")

    def _facts(self, job: ImportJob, account: str, path: Path | None, unwritten: str) -> Facts:
        counts = {str(done): (job.tally or job.planned).get(done, 0) for done in Done}
        self.code = REFUSED if counts[Done.REFUSED] or job.state == State.CANCELLED else 0
        return {
            "account": account,
            "import": job.number,
            "state": str(job.state),
            "rows": job.total,
            **counts,
            "seconds": round(time.monotonic() - self.began, 2),
            "problem": job.problem or unwritten,
            "result": str(path) if path and not unwritten else "",
        }


def _administrator(number: str, username: str) -> AccountLink:
    """The link of who acts: the account's owner, or the administrator of this user name."""
    with transaction.atomic(), tenancy.everything():
        links = AccountLink.objects.active().filter(account__number=number, role__in=AccountLink.ADMINISTRATORS)
        links = links.filter(user__username__iexact=username) if username else links.filter(role="owner")
        link = links.select_related("account", "user").first()
    if link is None:
        who = f"no active administrator {username}" if username else "no active administrator"
        raise Misuse(f"There is {who} on an account {number}.")
    return link


def _send(path: Path, by: AccountLink, language: str) -> ImportJob:
    try:
        if path.exists() and not path.is_file():
            raise Misuse(f"{path} cannot be read: it is no ordinary file.")
        with path.open("rb") as file, transaction.atomic(), tenancy.scope(accounts=[by.account_id]):
            return actions.upload(
                by=by,
                file=File(file, name=path.name),
                token=uuid4(),
                language=language,
                source=ImportJob.Source.COMMAND,
            )
    except OSError as error:
        raise Misuse(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as refusal:
        raise Misuse(f"{path}: {' '.join(refusal.messages)}") from refusal


def _again(job: ImportJob) -> ImportJob:
    """The import as it is now."""
    with transaction.atomic(), tenancy.scope(accounts=[job.account_id]):
        return ImportJob.objects.get(pk=job.pk)


def _check_place(path: Path | None) -> None:
    """Raise Misuse, before anything is done, where no result can be written."""
    if path and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise Misuse(f"{path} cannot be written: choose another place for the result.")


def _write(path: Path, job: ImportJob) -> str:
    """The result; why it could not be written, for the import is done all the same."""
    try:
        with whole(path) as file:
            file.writelines(sheets.csv_parts(results.result_lines(job)))
    except Misuse as problem:
        return f"{problem} The result is on the page of import {job.number}."
    return ""
