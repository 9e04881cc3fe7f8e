"""`manage.py import_status`, `import_resume` and `import_cancel`, as an operator types them."""

from __future__ import annotations

import pytest
from django.core.management import get_commands, load_command_class

from accounts.models import AuditEvent
from imports import actions, work
from imports.models import Block, ImportJob
from tests.imports.conftest import Send, people, send, unhurried
from tests.operators.calls import answer, call

__all__ = ["send", "unhurried"]


def test_it_is_said_how_far_imports_have_come(send: Send) -> None:
    send(people(3))
    [told] = answer("import_status")["imports"]
    assert (told["import"], told["state"], told["file"]) == ("900138/1", "reading", "people.csv")
    work.work_on()
    assert answer("import_status")["imports"] == []
    [told] = answer("import_status", "900138")["imports"]
    assert (told["state"], told["applied"], told["rows"]) == ("ready", 0, 3)
    assert answer("import_status", "900138", "1")["imports"] == [told]


def test_what_does_not_exist_is_a_wrong_call(send: Send) -> None:
    assert call("import_status", "123456")[0] == 2
    assert call("import_cancel", "900138", "7")[0] == 2
    assert call("import_resume", "850061", "1")[0] == 2


def test_an_import_is_called_off_once(send: Send) -> None:
    job = send(people(3))
    assert answer("import_cancel", "900138", "1", "--dry-run")["done"] == "cancelled"
    assert ImportJob.objects.get().state == "reading"
    assert answer("import_cancel", "900138", "1")["done"] == "cancelled"
    assert answer("import_cancel", "900138", "1")["done"] == "nothing: it is finished"
    assert AuditEvent.objects.filter(verb="import cancelled", actor_name="Colibox").count() == 1
    assert ImportJob.objects.get(pk=job.pk).state == "cancelled"


def test_an_import_whose_worker_is_gone_is_taken_up_at_once(send: Send) -> None:
    job = send(people(3))
    work.work_on()
    job.refresh_from_db()
    actions.start(job=job, by=job.by)
    piece = work.claim(job.pk)
    assert isinstance(piece, Block)
    assert work.claim(job.pk) is None
    assert answer("import_resume", "900138", "1")["done"] == "handed out again"
    work.advance(piece)  # the worker was not gone after all: it writes nothing
    assert ImportJob.objects.get().applied == 0
    work.work_on()
    assert (ImportJob.objects.get().state, ImportJob.objects.get().applied) == ("done", 3)
    assert answer("import_resume", "900138", "1")["done"] == "nothing: it is finished"


def test_nobody_starts_an_import_in_the_place_of_its_sender(send: Send) -> None:
    send(people(1))
    work.work_on()
    code, _said, complaint = call("import_resume", "900138", "1")
    assert code == 1 and "go-ahead" in complaint


@pytest.mark.parametrize("name", ["import_status", "import_cancel", "import_resume"])
def test_each_says_how_it_is_called(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_help(name)
    assert f"Example: manage.py {name} " in capsys.readouterr().out


def call_help(name: str) -> None:
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(["--help"])
