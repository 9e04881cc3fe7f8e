"""Real clients of a real server: the walk of a program, two calls at once, whoever dies or is cut off in between."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from colibox.lib import tenancy
from rights.models import ConnectionKey
from tests.conftest import make_account, make_link, make_person
from tests.tracking.calls import IDSHIPS, SEARCH, SLS, TIMELINE, errors, infos, letter, make_key, parts
from tracking.api import labels
from tracking.models import Call, KeptAnswer, Parcel

pytestmark = pytest.mark.django_db(transaction=True)
MAKE = SLS + "generateLabel"


@dataclass
class Answer:
    """What came back."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Program:
    """A client of the standard library, with a key."""

    server: Any
    key: str

    def ask(self, method: str, address: str, body: Any = None, **headers: str) -> Answer:
        there = http.client.HTTPConnection(self.server.thread.host, self.server.thread.port, timeout=20)
        sent = json.dumps(body).encode() if body is not None else None
        there.request(method, address, sent, {"apiKey": self.key, "Content-Type": "application/json", **headers})
        response = there.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read())
        there.close()
        return answer

    def make(self, **headers: str) -> Answer:
        return self.ask("POST", MAKE, letter(), **headers)


@dataclass
class Pause:
    """A label whose drawing waits until it may go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    backend: int = 0

    def __call__(self, *args: Any) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.backend = cursor.fetchone()[0]
        self.reached.set()
        assert self.go_on.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return b"%PDF"


@pytest.fixture
def program(live_server: Any) -> Program:
    with transaction.atomic(), tenancy.everything():
        partner = make_person("a.berlioz")
        make_link(
            make_account("900138", "Comptoir du Nord"), partner, rights=["shipping_ws", "tracking_ws", "pickup_ws"]
        )
        return Program(live_server, make_key(partner))


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pause]:
    pause = Pause()
    monkeypatch.setattr(labels, "render", pause)
    yield pause
    pause.go_on.set()


@pytest.fixture
def at_work() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def started(at_work: ThreadPoolExecutor, program: Program, pause: Pause) -> Future[Answer]:
    """A call under way, its label being drawn."""
    running = at_work.submit(program.make, **{"Idempotency-Key": "order-42"})
    assert pause.reached.wait(20)
    return running


def count() -> tuple[int, int]:
    with transaction.atomic(), tenancy.everything():
        return Parcel.objects.count(), KeptAnswer.objects.count()


def test_a_program_makes_a_label_follows_it_and_prints_it_again(program: Program) -> None:
    assert errors(program.ask("POST", SLS + "checkGenerateLabel", letter())) == ["0"]
    made = program.make()
    number = infos(made)["labelV31Response"]["parcelNumber"]
    assert parts(made)["<label>"].startswith(b"%PDF")
    shipment = program.ask("GET", IDSHIPS + number).json()["shipment"]
    assert [step["status"] for step in shipment["timeline"]] == [True, False, False, False, False]
    told = program.ask("POST", TIMELINE, {"parcelNumber": number}).json()
    assert [each["code"] for each in told["parcel"]["event"]] == ["COMCFM"]
    again = program.ask("POST", SLS + "getLabel", {"parcelNumber": number, "outputPrintingType": "PDF_10x15_300dpi"})
    assert parts(again)["<label>"] == parts(made)["<label>"]
    asked = {"zipCode": "69003", "city": "Lyon", "countryCode": "FR", "shippingDate": "24/11/2026"}
    assert program.ask("POST", SEARCH, asked).json()["errorCode"] == 301
    with transaction.atomic(), tenancy.everything():
        assert list(Call.objects.order_by("pk").values_list("service", "status")) == [
            ("checkGenerateLabel", 200), ("generateLabel", 200), ("suivi v2", 200), ("timelineCompany", 200),
            ("getLabel", 200), ("findRDVPointRetrait", 200),
        ]  # fmt: skip


def test_two_calls_at_once_under_one_key_make_one_parcel(
    program: Program, pause: Pause, at_work: ThreadPoolExecutor
) -> None:
    running = started(at_work, program, pause)
    key = {"Idempotency-Key": "order-42"}
    second = program.make(**key)
    assert (second.status_code, errors(second)) == (409, ["409"])
    assert int(second.headers["Retry-After"]) > 0
    pause.go_on.set()
    assert running.result().status_code == 200
    assert program.make(**key).content == running.result().content
    assert count() == (1, 1)


def test_whoever_dies_while_a_label_is_made_leaves_nothing_and_the_key_free(
    program: Program, pause: Pause, at_work: ThreadPoolExecutor
) -> None:
    running = started(at_work, program, pause)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pause.backend])
    pause.go_on.set()
    assert running.result().status_code == 503
    assert count() == (0, 0)
    assert program.make(**{"Idempotency-Key": "order-42"}).status_code == 200
    assert count() == (1, 1)


def test_a_key_withdrawn_while_a_call_runs_ends_with_the_next(
    program: Program, pause: Pause, at_work: ThreadPoolExecutor
) -> None:
    running = started(at_work, program, pause)
    ConnectionKey.objects.update(revoked_at=timezone.now())
    pause.go_on.set()
    assert running.result().status_code == 200
    refused = program.make()
    assert (refused.status_code, errors(refused)) == (403, ["30000"])
    assert 'error_description="revoked"' in refused.headers["WWW-Authenticate"]
    assert count() == (1, 1)
