"""What all commands have in common: an example, an answer for machines, and a sentence whatever stops them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import OperationalError

from accounts.models import AuditEvent
from colibox.lib.commands import AWAY, INTERRUPTED, REFUSED, USAGE, HelpfulCommand
from imports import work
from imports.models import ImportJob
from tests.conftest import make_person
from tests.imports.conftest import people, text
from tests.operators.calls import call

OURS = ("accounts", "colibox", "imports", "rights", "tracking", "users")
COMMANDS = sorted(name for name, app in get_commands().items() if app.partition(".")[0] in OURS)
POINTS = "identifier;name;kind;address_1;postcode;town\n930001;LYON PART DIEU;BPR;35 RUE BOUCHUT;69003;LYON\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_each_ends_its_help_with_its_exit_codes_and_an_example(name: str) -> None:
    command = load_command_class(get_commands()[name], name)
    assert isinstance(command, HelpfulCommand) and command.example.startswith(name)
    told = command.create_parser("manage.py", name).format_help()
    assert "Exit code 0:" in told and f"Example: manage.py {command.example}" in told
    assert "--json" in told


WRONG = {
    "add_document": "absent.pdf --account 900138 --kind invoice --number F1 --date 2026-11-20",
    "audit_verify": "--account 000000",
    "create_account": "90014 Lumen a@b.example",
    "create_staff": "nobody.there --end",
    "createsuperuser": "",
    "demo": "--account 000000",
    "erase_person": "nobody.there --yes",
    "export_account": "000000",
    "handover": "status 000000",
    "import_accounts": "absent.csv",
    "import_cancel": "900138 7",
    "import_events": "absent.csv",
    "import_parcels": "absent.csv --account 900138",
    "import_pickup_points": "absent.csv",
    "import_resume": "900138 7",
    "import_status": "000000",
    "import_users": "absent.csv --account 900138",
    "outbox": "retry --kind nothing",
    "revoke_sessions": "--user nobody.there",
    "set_account": "900138 --email nope --reason long-enough",
    "set_owner": "000000 a@b.example",
}
"""Values that cannot be, names that nobody bears, files that are not there: another call may do it."""
AGAINST = {
    "create_account": "900138 Other a@b.example",
    "create_staff": "c.martin Martin Claire c.martin@example.com",
    "erase_person": "900138 --yes",
    "handover": "confirm 900138 --staff operateur",
    "set_owner": "900138 a@b.example",
}
"""Calls that are right and against how things are."""


@pytest.mark.parametrize("name", COMMANDS)
def test_each_ends_with_two_when_its_call_is_wrong(name: str, cast: SimpleNamespace) -> None:
    with pytest.raises(SystemExit) as ended:
        load_command_class(get_commands()[name], name).run_from_argv(["manage.py", name, "--no-such-option"])
    assert ended.value.code == USAGE
    if name in WRONG:
        code, said, complaint = call(name, *WRONG[name].split(), "--json")
        assert (code, json.loads(said)) == (USAGE, {"refused": complaint})
    assert name in WRONG or name in ("doctor", "purge_expired", "reseal_secrets")


@pytest.mark.parametrize("name", AGAINST)
def test_what_is_against_how_things_are_ends_with_one(name: str, cast: SimpleNamespace) -> None:
    make_person("operateur", kind="staff")
    code, said, complaint = call(name, *AGAINST[name].split(), "--json")
    assert (code, json.loads(said)) == (REFUSED, {"refused": complaint})


@pytest.mark.parametrize(
    ("name", "arguments", "within"),
    [
        ("export_account", ["900138"], "rights.dossiers.write"),
        ("revoke_sessions", ["--all"], "rights.management.commands.revoke_sessions.revoke_sessions"),
        ("purge_expired", [], "colibox.lib.outbox.delivery.purge"),
        ("audit_verify", [], "accounts.sealing.verify"),
        ("outbox", ["status"], "colibox.lib.outbox.operating.standing"),
    ],
)
def test_what_stops_one_is_said_in_a_sentence_and_leaves_nothing_half_done(
    name: str, arguments: list[str], within: str, cast: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = AuditEvent.objects.count()
    for error, code in ((OperationalError("connection refused\nIs it up?"), AWAY), (KeyboardInterrupt(), INTERRUPTED)):

        def stop(*args: Any, error: BaseException = error, **options: Any) -> None:
            raise error

        monkeypatch.setattr(within, stop)
        ended, said, complaint = call(name, *arguments, "--json")
        assert (ended, json.loads(said)) == (code, {"refused": complaint})
    assert complaint == "Interrupted: nothing was changed."
    assert list(tmp_path.iterdir()) == [] and AuditEvent.objects.count() == before


def test_a_file_of_refused_rows_is_whole_or_not_there(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, refused = tmp_path / "points.csv", tmp_path / "refused.csv"
    path.write_text(POINTS + "1;X\n")

    def stop(*args: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("tracking.management.commands.import_pickup_points.Command.write", stop)
    code, _said, complaint = call("import_pickup_points", str(path), "--refused", str(refused))
    assert code == AWAY and "server closed the connection" in complaint
    assert [each.name for each in tmp_path.iterdir()] == ["points.csv"]
    assert call("import_pickup_points", str(path), "--refused", str(tmp_path))[0] == USAGE
    assert call("import_pickup_points", str(path), "--refused", str(tmp_path / "absent" / "x.csv"))[0] == USAGE


@pytest.mark.parametrize("name", ["import_accounts", "import_parcels", "import_pickup_points", "import_events"])
def test_a_file_that_is_no_list_is_refused_in_a_line_that_may_be_printed(name: str, db: None, tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    for content, why in (("x" * 300_000, "too long"), ("", "empty"), ("\x1b[31mRED\x07;" + "y" * 500, "?[31mRED?")):
        path.write_text(content)
        code, _said, complaint = call(name, str(path), "--dry-run")
        assert (code, why in complaint, complaint.isprintable()) == (USAGE, True, True)


def test_an_import_that_is_interrupted_goes_on_by_itself(
    cast: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text(people(3)))
    advance = work.advance

    def interrupted(piece: work.Piece) -> None:
        advance(piece)
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "advance", interrupted)
    code, said, _ = call("import_users", str(path), "--account", "900138", "--json")
    assert code == INTERRUPTED and "import_status" in json.loads(said)["refused"]
    assert ImportJob.objects.get().state == "ready"
    assert [each.name for each in tmp_path.iterdir()] == ["people.csv"]


@pytest.mark.parametrize("text", ["{}", "[]", '{"900138": 5}', '{"123456": {"seal": 1, "digest": "d"}}', "", "{"])
def test_heads_that_prove_nothing_are_no_proof(text: str, cast: SimpleNamespace, tmp_path: Path) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(text)
    code, _said, complaint = call("audit_verify", "--heads", str(heads))
    assert code == USAGE and complaint.startswith(str(heads))


@pytest.mark.parametrize("wrong", [["--account", "123456"], ["--people", "-5"], ["--parcels", "many"]])
def test_demo_says_what_is_wrong_with_its_call(wrong: list[str], cast: SimpleNamespace) -> None:
    with pytest.raises(CommandError):
        call_command("demo", *wrong, stdout=StringIO())
