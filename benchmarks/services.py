"""The web services: a tracking call against a bare answer of the same framework, and labels a second, in one run.

One process calls the portal's WSGI application. What is counted is processor time: its own, that of the database's
process that serves it, and that of the cache, so that whatever else the machine does changes little.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import django
from django.core.wsgi import get_wsgi_application
from django.db import connection

from benchmarks import throwaway
from benchmarks.pages import ROOT, environment

TRACKING_GOAL, LABELS_GOAL = 3.0, 50.0
IDSHIPS, TIMELINE = "/ws/suivi/v2/idships/", "/ws/tracking-timeline-ws/rest/tracking/timelineCompany"
MAKE = "/ws/sls-ws/SlsServiceWSRest/3.1/generateLabel"


def become_a_portal() -> throwaway.Servers:
    """Make this process one of the portal's, on a migrated database of its own."""
    servers = throwaway.begin()
    migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run(migrate, cwd=ROOT, env=environment(servers.owner_url, 8000), check=True)
    unlimited = {"WS_CALLS_PER_MINUTE": "9999999", "WS_CALLS_PER_MINUTE_ACCOUNT": "9999999"}
    os.environ.update(environment(servers.app_url, 8000), **unlimited)
    django.setup()
    return servers


def at_work(servers: throwaway.Servers) -> list[int]:
    """The processes that serve the calls: a new session, which plans nothing as the one that filled the tables did."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return [cursor.fetchone()[0], servers.running[servers.valkey].pid]


def people(count: int) -> tuple[str, list[str]]:
    """A partner with a key who may track and frank for an account of so many parcels: the key, their numbers."""
    from django.utils import timezone

    from accounts.models import CustomerAccount
    from benchmarks.portal import looking, make_owner
    from colibox.lib import keys
    from rights.models import AccountLink, ConnectionKey, Grant
    from tracking import numbers
    from tracking.models import Parcel, TrackingEvent
    from users.models import User

    make_owner("900138")
    public, secret = keys.new_connection_key()
    with looking():
        account = CustomerAccount.objects.get()
        who: dict[str, Any] = {"kind": "advanced", "username": "a.berlioz", "email": "a@agence.example"}
        user = User.objects.create_user(**who, user_key=keys.new_user_key(), last_name="Berlioz", first_name="Aline")
        link = AccountLink.objects.create(
            account=account, user=user, state="active", accepted_at=timezone.now(), last_name="Berlioz", **who
        )
        for right in ("tracking_ws", "shipping_ws"):
            Grant.objects.create(account=account, link=link, right=right, given_by_name="ADMIN")
        ConnectionKey.objects.create(
            user=user, name="banc", public=public, last_four=secret[-4:], fingerprint=keys.fingerprint(secret)
        )
        serials = [numbers.national("6C", 9_000_000_000 + n) for n in range(count)]
        common = {
            "account": account,
            "product": "DOS",
            "addressee": "Camille Durand",
            "postcode": "69003",
            "weight": 1250,
        }
        parcels = Parcel.objects.bulk_create([Parcel(number=number, **common) for number in serials], batch_size=2000)
        happened = [
            TrackingEvent(account_id=account.pk, parcel=parcel, code=code, at=timezone.now(), place="LYON")
            for parcel in parcels
            for code in ("DR1", "PC1", "ET1", "MD2", "DI1")
        ]
        TrackingEvent.objects.bulk_create(happened, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return secret, serials


class Caller:
    """Calls the application as its server does."""

    def __init__(self, key: str) -> None:
        self.application, self.key = get_wsgi_application(), key

    def __call__(self, path: str, body: bytes = b"") -> bytes:
        status: list[str] = []
        call = {
            "REQUEST_METHOD": "POST" if body else "GET", "PATH_INFO": path, "HTTP_HOST": "127.0.0.1",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "REMOTE_ADDR": "127.0.0.1", "HTTP_APIKEY": self.key,
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "SERVER_PROTOCOL": "HTTP/1.1",
        }  # fmt: skip

        def start(line: str, *_: Any) -> Any:
            status.append(line)

        response: Any = self.application(call, start)
        content = b"".join(response)
        response.close()
        if not status[0].startswith("200"):
            raise SystemExit(f"{path}: {status[0]} {content[:500]!r}")
        return content


class Processor:
    """The milliseconds of processor time that something takes, of this process and of those that work for it."""

    def __init__(self, others: list[int]) -> None:
        self.others = [Path(f"/proc/{pid}/schedstat") for pid in others]

    def now(self) -> tuple[float, float]:
        theirs = sum(int(path.read_text().split()[0]) for path in self.others) / 1e6
        return time.process_time() * 1000, theirs

    def spent(self, do: Callable[[], object]) -> tuple[float, float]:
        """What it took here, and there."""
        before = self.now()
        do()
        here, there = self.now()
        return here - before[0], there - before[1]


def measure(
    call: Caller, processor: Processor, numbers: list[str], rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """The processor time of each kind of call, in turns."""
    address = {
        "countryCode": "FR", "city": "Lyon", "zipCode": "69002", "line2": "5 rue de la Barre", "lastName": "Durand",
        "firstName": "Camille",
    }  # fmt: skip
    label = json.dumps({
        "outputFormat": {"outputPrintingType": "PDF_10x15_300dpi"},
        "letter": {"service": {"productCode": "DOS", "depositDate": date.today().isoformat()},
                   "parcel": {"weight": 1.25}, "addressee": {"address": address}, "sender": {"address": address}},
    }).encode()  # fmt: skip
    kinds: dict[str, Callable[[int], object]] = {
        "bare": lambda n: call("/bare/answer"),
        "suivi": lambda n: call(IDSHIPS + numbers[n % len(numbers)]),
        "timeline": lambda n: call(TIMELINE, json.dumps({"parcelNumber": numbers[n % len(numbers)]}).encode()),
        "label": lambda n: call(MAKE, label),
    }
    found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    for number in range(-20, rounds):
        for kind, do in kinds.items():
            took = processor.spent(partial(do, number))
            if number >= 0:  # the first rounds warm up
                found[kind].append(took)
    return found


def drawing(processor: Processor, rounds: int) -> float:
    """What the label alone takes."""
    from benchmarks.portal import looking
    from tracking.labels import Label, Paper, render
    from tracking.models import Parcel

    with looking():
        parcel = Parcel.objects.exclude(label=None).latest("pk")
    labels = [Label.from_dict(parcel.label or {})]
    return statistics.mean(processor.spent(lambda: render(labels, Paper.PDF_10x15_300dpi))[0] for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=400)
    given = parser.parse_args()
    servers = become_a_portal()
    key, numbers = people(given.parcels)
    processor = Processor(at_work(servers))
    found = measure(Caller(key), processor, numbers, given.rounds)
    mean: dict[str, float] = {}
    print("milliseconds  all  here  database and cache")
    for kind, times in found.items():
        here, there = (statistics.mean(each) for each in zip(*times, strict=True))
        mean[kind] = here + there
        print(f"{kind:10} {here + there:6.2f} {here:5.2f} {there:5.2f}")
    drawn = drawing(processor, 50)
    print(f"Of a label, drawing takes {drawn:.2f} ms.")
    ratios = {kind: round(mean[kind] / mean["bare"], 2) for kind in ("suivi", "timeline")}
    ratios["labels_per_second"] = round(1000 / mean["label"], 1)
    print(f"Goals: tracking at most {TRACKING_GOAL}, labels at least {LABELS_GOAL} a second and core.")
    told = {kind: round(each, 2) for kind, each in mean.items()} | {"drawing": round(drawn, 2)}
    print(json.dumps({"ratios": ratios, "milliseconds": told}))


if __name__ == "__main__":
    main()
