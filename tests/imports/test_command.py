"""`manage.py import_users`, as an operator types it."""

from __future__ import annotations

import csv
import errno
import json
import os
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from colibox.lib.outbox.models import Mail
from imports import emails, results, work
from imports.models import ImportJob
from rights.models import AccountLink
from tests.conftest import make_link, make_person
from tests.imports.conftest import people, person, text


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(text([*people(3), person(9, right="perhaps")]))
    return path


def run(file: Path, *options: str) -> tuple[int, Any]:
    """The exit code and what was said, as JSON where it is."""
    out, code = StringIO(), 0
    try:
        call_command("import_users", str(file), "--account", "900138", *options, stdout=out, stderr=StringIO())
    except SystemExit as end:
        code = int(end.code or 0)
    said = out.getvalue()
    return code, json.loads(said) if "--json" in options else said


def test_valid_rows_are_applied_and_the_exit_code_tells_of_refused_ones(cast: SimpleNamespace, file: Path) -> None:
    code, said = run(file, "--json")
    assert code == 1
    assert (said["state"], said["rows"], said["invite"], said["refused"]) == ("done", 4, 3, 1)
    assert AccountLink.objects.filter(account=cast.north, state="invited").count() == 3


def test_the_result_is_written_beside_the_file(cast: SimpleNamespace, file: Path) -> None:
    _code, said = run(file, "--json")
    result = file.with_name("people-result.csv")
    assert said["result"] == str(result)
    lines = list(csv.reader(StringIO(result.read_text(encoding="utf-8-sig")), delimiter=";"))
    assert [line[1] for line in lines[1:]].count("Traitement OK") == 3
    assert [path.name for path in file.parent.iterdir() if path.suffix == ".new"] == []


def test_a_file_without_fault_ends_with_zero(cast: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "fine.csv"
    path.write_text(text(people(2)))
    code, said = run(path)
    assert code == 0
    assert "invite: 2" in said


def test_a_dry_run_says_all_and_does_nothing(cast: SimpleNamespace, file: Path) -> None:
    code, said = run(file, "--dry-run", "--json")
    assert code == 1
    assert (said["dry_run"], said["invite"], said["refused"], said["result"]) == (True, 3, 1, "")
    assert not ImportJob.objects.exists()
    assert not Mail.objects.exists()
    assert not AuditEvent.objects.exists()
    assert sorted(path.name for path in file.parent.iterdir()) == ["people.csv"]


def test_a_dry_run_may_write_what_it_would_answer(cast: SimpleNamespace, file: Path, tmp_path: Path) -> None:
    run(file, "--dry-run", "--result", str(tmp_path / "would.csv"))
    assert "perhaps" in (tmp_path / "would.csv").read_text()


def test_an_unreadable_file_is_named_in_a_sentence(cast: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "planets.csv"
    path.write_text("PLANET;COLOUR\nMars;red\n")
    with pytest.raises(CommandError) as fault:
        run(path)
    assert fault.value.returncode == 2
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("content", "language", "said"),
    [
        ("", "fr", "Ce fichier est vide"),
        ("", "en", "This file is empty"),
        ("a;b\n1;2\n", "fr", "colonne"),
        ("a;b\n1;2\n", "en", "column"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_the_language_of_its_result(
    content: str, language: str, said: str, cast: SimpleNamespace, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(content)
    with pytest.raises(CommandError, match=said):
        run(path, "--language", language)
    with pytest.raises(CommandError, match="There is no active administrator nobody"):
        run(path, "--language", language, "--by", "nobody")


def test_an_unknown_account_or_administrator_is_named(cast: SimpleNamespace, file: Path) -> None:
    with pytest.raises(CommandError, match="no active administrator on an account 123456"):
        call_command("import_users", str(file), "--account", "123456")
    with pytest.raises(CommandError, match=r"no active administrator c\.martin on an account 900138"):
        run(file, "--by", "c.martin")


def test_another_administrator_may_answer_for_it(cast: SimpleNamespace, file: Path) -> None:
    make_link(cast.north, make_person("deputy"), role="administrator")
    run(file, "--by", "deputy")
    assert ImportJob.objects.get().by.username == "deputy"


def test_what_it_does_is_told_as_the_carriers(cast: SimpleNamespace, file: Path, sign_in: Any) -> None:
    run(file)
    events = AuditEvent.objects.filter(account_id=cast.north.pk)
    assert set(events.values_list("channel", "actor", "actor_name")) == {("command", None, "Colibox")}
    assert {"import sent", "import started"} < set(events.values_list("verb", flat=True))
    job = ImportJob.objects.get()
    page = sign_in(cast.owner).get(f"/accounts/900138/users/imports/{job.uuid}/").content.decode()
    assert "par le transporteur" in page
    mail = emails.finished(job=job.pk)
    assert mail and "envoyé par le transporteur, à votre place" in str(mail.body)


def test_it_goes_on_beside_a_worker_who_holds_the_import(
    cast: SimpleNamespace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first claim goes to somebody else, who does the piece of work while the command watches."""
    claim, calls = work.claim, []

    def contested(pk: int | None = None) -> work.Piece | None:
        calls.append(pk)
        piece = claim(pk)
        if len(calls) == 1 and piece is not None:
            work.advance(piece)
            return None
        return piece

    monkeypatch.setattr(work, "claim", contested)
    assert run(file, "--json")[1]["invite"] == 3


def test_what_is_no_ordinary_file_is_refused_and_never_waited_for(cast: SimpleNamespace, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(CommandError, match="no ordinary file"):
            run(path, "--result", str(tmp_path / "result.csv"))


def test_a_place_where_no_result_can_be_written_is_refused_before_anything_is_done(
    cast: SimpleNamespace, file: Path, tmp_path: Path
) -> None:
    for place in (tmp_path, tmp_path / "absent" / "result.csv"):
        with pytest.raises(CommandError, match="cannot be written"):
            run(file, "--result", str(place))
    assert not ImportJob.objects.exists()


def test_a_disk_that_fails_at_the_end_hides_nothing_of_what_was_done(
    cast: SimpleNamespace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(results, "result_lines", full)
    code, said = run(file, "--json")
    assert (code, said["invite"], said["refused"], said["result"]) == (1, 3, 1, "")
    assert "No space left" in said["problem"]
