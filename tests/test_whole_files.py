"""A file that leaves the portal is whole: what breaks while it is made is met before its first byte leaves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import AuditEvent
from colibox.lib import sheets
from imports.models import ImportJob
from tests.conftest import PASSWORD
from tests.imports.conftest import Send, people, send, unhurried
from tests.tracking.conftest import make_parcel

__all__ = ["send", "unhurried"]

ROOT = Path(__file__).parents[1]
FILES = {
    "people exported": "/accounts/900138/users/export/",
    "history exported": "/accounts/900138/history/export/",
    "contacts exported": "/accounts/900138/contacts/export/",
    "parcels exported": "/tracking/export/",
}


@pytest.fixture
def client(cast: SimpleNamespace, sign_in: Any) -> Client:
    """The owner, who has just proven who they are."""
    make_parcel(cast.north)
    signed: Client = sign_in(cast.owner)
    signed.post("/auth/reauthenticate/", {"password": PASSWORD})
    return signed


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away when the first lines are written."""
    write = sheets.csv_parts

    def cut_off(lines: Any) -> Iterator[bytes]:
        yield from write(lines)
        raise OperationalError("terminating connection due to administrator command")

    monkeypatch.setattr(sheets, "csv_parts", cut_off)


@pytest.mark.parametrize("verb", FILES)
@pytest.mark.usefixtures("cut")
def test_a_file_that_cannot_be_finished_does_not_begin(client: Client, verb: str) -> None:
    answer = client.post(FILES[verb], {"format": "csv"})
    assert answer.status_code == 503 and "Content-Disposition" not in answer.headers
    assert not AuditEvent.objects.filter(verb=verb).exists()


@pytest.mark.parametrize("verb", FILES)
def test_a_file_says_how_long_it_is(client: Client, verb: str) -> None:
    answer = client.post(FILES[verb], {"format": "csv"})
    content = b"".join(answer)
    assert int(answer.headers["Content-Length"]) == len(content) > 0
    assert content.endswith(b"\r\n") and AuditEvent.objects.filter(verb=verb).exists()


@pytest.mark.usefixtures("cut")
def test_so_is_the_result_of_an_import(client: Client, send: Send) -> None:
    job = send(people(2))
    ImportJob.objects.filter(pk=job.pk).update(state="cancelled")
    assert client.post(f"/accounts/900138/users/imports/{job.uuid}/result/").status_code == 503


def test_what_is_on_disk_goes_when_it_cannot_be_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    made = io.BytesIO()
    monkeypatch.setattr("colibox.lib.sheets.tempfile.TemporaryFile", lambda: made)

    def parts() -> Iterator[bytes]:
        yield b"line"
        raise ValueError

    with pytest.raises(ValueError):
        sheets.joined(parts(), name="short")
    assert made.closed


def test_no_answer_is_made_while_it_leaves() -> None:
    """The web server ends one that breaks on its way as if nothing were missing."""
    ours = [
        path
        for app in ("accounts", "colibox", "imports", "rights", "tracking", "users")
        for path in ROOT.glob(f"{app}/**/*.py")
    ]
    assert [path.name for path in ours if "StreamingHttpResponse" in path.read_text()] == []
