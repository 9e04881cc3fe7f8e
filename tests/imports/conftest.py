"""Files of people, and the work on them done here and now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from imports import actions, work
from imports.models import ImportJob
from rights.models import AccountLink

HEADER = "NOM;PRENOM;FONCTION;EMAIL;TELEPHONE;ADRESSE GEOGRAPHIQUE;CODE POSTAL;VILLE;TAG;WEB SERVICE AFFRANCHISSEMENT"

Send = Callable[..., ImportJob]


def person(number: int, *, right: str = "oui", tag: str = "LYON", domain: str = "agence.example") -> str:
    """A row of HEADER."""
    name = f"Durand{number:05}"
    return f"{name};Aline;Acheteuse;{name.lower()}@{domain};0241742088;12 rue du Port;44000;Nantes;{tag};{right}"


def people(count: int, *, first: int = 0, **values: Any) -> list[str]:
    """So many different rows."""
    return [person(number, **values) for number in range(first, first + count)]


def text(rows: list[str], *, header: str = HEADER) -> str:
    return "\r\n".join([header, *rows]) + "\r\n"


@pytest.fixture
def send(cast: SimpleNamespace) -> Send:
    """Sends rows as a file of north's administrator; nobody has read it yet."""

    def send(rows: list[str], *, by: AccountLink | None = None, header: str = HEADER, **facts: Any) -> ImportJob:
        file = ContentFile(text(rows, header=header).encode(), name=facts.pop("name", "people.csv"))
        given = {"by": by or cast.owner_link, "token": uuid4(), "language": "en", **facts}
        return actions.upload(file=file, **given)

    return send


@pytest.fixture
def imported(send: Send) -> Send:
    """Sends rows, reads them, starts the import and works until it is done."""

    def do(rows: list[str], **facts: Any) -> ImportJob:
        job = send(rows, **facts)
        work.work_on()
        job.refresh_from_db()
        actions.start(job=job, by=job.by)
        work.work_on()
        job.refresh_from_db()
        return job

    return do


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test waits for the limit of files an hour."""
    monkeypatch.setattr(actions, "MOST_AN_HOUR", 10_000)
    yield


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What is said is compared in the language of the code."""
    with translation.override("en"):
        yield
