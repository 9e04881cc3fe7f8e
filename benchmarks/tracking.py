"""The tracking tool at millions of parcels: in SQL and as pages, for people with one account and with a hundred.

Everything runs as the portal's role, under row-level security. Cases and people take turns, so that whatever else
the machine does slows them alike. What is asked of pages is a ratio: to the same page for one account of 1,000 parcels.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django
import psycopg2
from django.db.models import TextField
from django.db.models.functions import Cast

from benchmarks import pages, parcels
from benchmarks.pages import environment, on_database, p10, p50, p95
from benchmarks.parcels import PEOPLE, Network

SIZE = 51
SQL_GOAL, PAGE_GOAL, EXPORT_GOAL, MEMORY_GOAL = 10.0, 2.0, 0.5, 10
EXPORTER = "one"
"""Whose parcels leave as a file: those of the largest account."""
COLUMNS = (
    "account_id", "number", "is_pass", "reference", "addressee", "postcode", "status", "event", "place", "country",
)  # fmt: skip
MOMENTS = ("created_at", "event_at", "delivered_at")
"""What the lines of a file are made of, as the database keeps it."""
IDLE = "no question"
"""What is measured beside the cases: statements that read nothing, for what the machine itself costs."""


@dataclass
class Site(pages.Site):
    """The portal over a network of parcels."""

    size: Network
    questions: dict[str, str] = field(default_factory=dict)

    def fill(self, owner: str) -> str:
        """Put parcels into it; how many."""
        parcels.fill(owner, self.size, password=self._hashed())
        return f"{self.size.parcels} parcels"

    def enter(self) -> None:
        """Sign in everybody who looks."""
        self.cookies = {person: self._sign_in(person) for person in PEOPLE}

    def load(self, person: str, question: str) -> float:
        """Milliseconds of one page of the list."""
        began = time.perf_counter()
        status, _cookies, _body = self.ask("GET", f"/tracking/?{question}", cookie=self.cookies[person])
        if status != 200:
            raise SystemExit(f"{question} answered {status} to {person}")
        return (time.perf_counter() - began) * 1000

    def export(self) -> int:
        """The bytes of the file of all the parcels of EXPORTER, read as it comes."""
        cookies = self.cookies[EXPORTER]
        _status, given, page = self.ask("GET", "/tracking/export/", cookie=cookies)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        form = urlencode({"format": "csv", "csrfmiddlewaretoken": token[1] if token else ""})
        headers = {"Cookie": "; ".join([cookies, *(f"{name}={given[name].value}" for name in given)])}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("POST", "/tracking/export/", form, headers)
        response, size = connection.getresponse(), 0
        if response.status != 200:
            raise SystemExit(f"The export answered {response.status}")
        while piece := response.read(1 << 16):
            size += len(piece)
        connection.close()
        return size


def copied() -> int:
    """The bytes of the same lines by COPY, as the portal's role: with what codes and not words say, as they come."""
    from django.db import connection, transaction

    from colibox.lib import tenancy
    from tracking.models import Parcel

    size, account = Counted(), 2
    moments = [Cast(name, TextField()) for name in MOMENTS]
    asked = Parcel.objects.filter(account=account).order_by("-created_at", "-id").values_list(*COLUMNS, *moments)
    with transaction.atomic(), connection.cursor() as cursor:
        tenancy.reach(accounts=[account])
        select = cursor.cursor.mogrify(*asked.query.sql_with_params()).decode()
        cursor.copy_expert(f"COPY ({select}) TO STDOUT CSV", size)
    return size.bytes


class Counted(io.RawIOBase):
    """Takes bytes and only counts them."""

    bytes = 0

    def write(self, data: Any) -> int:
        self.bytes += len(data)
        return len(data)


def memory(pid: int) -> float:
    """Megabytes that a process and its children hold."""
    held = int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024  # type: ignore[index]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return held + sum(memory(int(child)) for child in children)


def exports(site: Site, server: int) -> dict[str, float]:
    """How fast a file leaves against COPY, in turns, and how much memory more the portal holds after it."""
    ours: list[float] = []
    theirs: list[float] = []
    site.export()
    before = memory(server)
    for _ in range(3):
        for times, act in ((theirs, copied), (ours, site.export)):
            began = time.perf_counter()
            act()
            times.append(time.perf_counter() - began)
    return {
        f"COPY / export (goal >= {EXPORT_GOAL})": round(p50(theirs) / p50(ours), 2),
        f"megabytes more after exports (goal <= {MEMORY_GOAL})": round(memory(server) - before, 1),
        "export_s": round(p50(ours), 2),
    }


def questions(url: str) -> dict[str, dict[str, str]]:
    """What each person asks the list, by case: prefixes that exist, a place in the middle of their parcels."""
    asked: dict[str, dict[str, str]] = {}
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for person, most in PEOPLE.items():
            accounts = [1] if not most else list(range(2, most + 2))
            cursor.execute("SELECT number FROM tracking_parcel WHERE account_id = %s LIMIT 1", [accounts[-1]])
            number = cursor.fetchone()[0]
            cursor.execute(
                "SELECT extract(epoch FROM created_at)::text, id FROM tracking_parcel WHERE account_id = ANY(%s)"
                " AND created_at < now() - interval '200 days' ORDER BY created_at DESC LIMIT 1", [accounts]
            )  # fmt: skip
            moment, key = cursor.fetchone()
            asked[person] = {
                "first": "", "status": "status=problem", "number": f"number={number[:9]}", "number_short": "number=6C",
                "addressee": "addressee=camille+mar", "addressee_short": "addressee=ca",
                "several": "status=problem&addressee=ca", "deep": f"after={moment}-{key}",
            }  # fmt: skip
    return asked


def processor_time() -> float:
    """The milliseconds that the database's process of this connection has worked so far, whoever else was served."""
    from django.db import connection

    pid = connection.connection.info.backend_pid
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


@contextmanager
def watched() -> Iterator[list[float]]:
    """The milliseconds of each statement executed within."""
    from django.db import connection

    taken: list[float] = []

    def time_it(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            taken.append((time.perf_counter() - began) * 1000)

    with connection.execute_wrapper(time_it):
        yield taken


def statements(person: str, question: str) -> tuple[float, float]:
    """The milliseconds of the statements of a page's rows, as the page asks for them: passed, and worked."""
    from django.db import transaction
    from django.http import QueryDict

    from colibox.lib import tenancy
    from tracking.filters import Asked
    from tracking.newest import newest
    from tracking.scopes import scopes_of
    from users.models import User

    user = User.objects.get(username=person)
    with transaction.atomic():
        tenancy.reach(user=user.pk)
        scopes = scopes_of(user)
        asked = Asked.read(QueryDict(question))
        before = processor_time()
        with watched() as taken:
            tenancy.reach(accounts=[scope.account.pk for scope in scopes], user=user.pk)
            newest(asked.besides(), asked.scopes(scopes), limit=SIZE, after=asked.after, beginning=asked.beginning)
    return sum(taken), processor_time() - before


def idle() -> list[float]:
    """The milliseconds of as many statements as a page's rows take, that read nothing."""
    from django.db import connection, transaction

    from colibox.lib import tenancy

    with transaction.atomic(), watched() as taken, connection.cursor() as cursor:
        tenancy.reach(accounts=[1])
        cursor.execute("SELECT 1")
        cursor.execute("SELECT 2")
    return taken


def page_statements(person: str, question: str) -> int:
    """How many statements a whole page costs, the session's included."""
    from django.test import Client

    from users.models import User

    client = Client()
    client.force_login(User.objects.get(username=person))
    client.get(f"/tracking/?{question}", HTTP_HOST="127.0.0.1")
    with watched() as taken:
        client.get(f"/tracking/?{question}", HTTP_HOST="127.0.0.1")
    return len(taken)


Times = dict[tuple[str, str], list[float]]


def rounds(site: Site, asked: dict[str, dict[str, str]], count: int, seconds: float) -> tuple[Times, Times, Times]:
    """Every case of every person once a round, in an order of chance: in SQL, then as a page."""
    in_sql, at_work, as_page = defaultdict(list), defaultdict(list), defaultdict(list)
    cases = [(person, case) for person, of_person in asked.items() for case in of_person]
    for person, case in cases:  # what nobody has read yet is read from disk
        statements(person, asked[person][case]), site.load(person, asked[person][case])
    deadline = time.monotonic() + seconds
    for number in range(count):
        random.shuffle(cases)
        for person, case in cases:
            took, worked = statements(person, asked[person][case])
            in_sql[person, case].append(took)
            at_work[person, case].append(worked)
            as_page[person, case].append(site.load(person, asked[person][case]))
            in_sql["", IDLE].append(sum(idle()))
        if time.monotonic() > deadline:
            print(f"stopped after {number + 1} rounds of {count}", flush=True)
            break
    return in_sql, at_work, as_page


SAID = dict.fromkeys(("number_short", "addressee_short", "several"), "no goal: thousands begin so")


def summary(in_sql: Times, at_work: Times, as_page: Times, queries: dict[str, set[int]]) -> dict[str, Any]:
    """The figures of each case: the worst p95 of the database, the worst page against the small account's."""
    ratios: dict[str, float] = {}
    cases = list(dict.fromkeys(case for _person, case in as_page))
    for case in cases:
        slowest = max(p95(at_work[person, case]) for person in PEOPLE)
        said = SAID.get(case, "goal <= 1")
        ratios[f"{case}: p95 of the database's work / {SQL_GOAL:.0f} ms ({said})"] = round(slowest / SQL_GOAL, 2)
        slowest = max(p50(as_page[person, case]) for person in PEOPLE)
        ratio = slowest / p50(as_page["few", case])
        ratios[f"{case}: page / page of 1,000 parcels (goal <= {PAGE_GOAL:.0f})"] = round(ratio, 2)
    ratios["most statements / fewest (goal 1)"] = round(
        max(max(counts) / min(counts) for counts in queries.values()), 2
    )
    floor = in_sql["", IDLE]
    told: dict[str, Any] = {IDLE: {"sql_p50": round(p50(floor), 1), "sql_p95": round(p95(floor), 1)}}
    told |= {
        person: {case: _told(in_sql[person, case], at_work[person, case], as_page[person, case]) for case in cases}
        for person in PEOPLE
    }
    return {"ratios": ratios, "ms": told, "statements": {case: sorted(counts) for case, counts in queries.items()}}


def _told(in_sql: list[float], at_work: list[float], as_page: list[float]) -> dict[str, float]:
    return {
        "work_p50": round(p50(at_work), 1), "work_p95": round(p95(at_work), 1),
        "sql_p10": round(p10(in_sql), 1), "sql_p50": round(p50(in_sql), 1), "sql_p95": round(p95(in_sql), 1),
        "page_p50": round(p50(as_page), 1), "page_p95": round(p95(as_page), 1), "n": len(in_sql),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="5000000", help="how many parcels")
    parser.add_argument("--reuse", action="store_true", help="measure the database of an earlier run")
    parser.add_argument("--rounds", type=int, default=60, help="how often each case is asked for")
    parser.add_argument("--seconds", type=float, default=240, help="when to stop measuring at the latest")
    given = parser.parse_args()
    owner_url, app_url = pages.servers()
    site = Site(Network(parcels=int(given.sizes)), owner_url, app_url)
    if not given.reuse:
        site.build()
    os.environ.update(environment(on_database(app_url, site.size.database), site.port))
    django.setup()
    asked = questions(on_database(owner_url, site.size.database))
    server = site.start()
    site.enter()
    in_sql, at_work, as_page = rounds(site, asked, given.rounds, given.seconds)
    queries = {case: {page_statements(person, asked[person][case]) for person in PEOPLE} for case in asked["few"]}
    files = exports(site, server)
    found = summary(in_sql, at_work, as_page, queries)
    print(json.dumps({"ratios": {**found.pop("ratios"), **files}, **found}, ensure_ascii=False))


if __name__ == "__main__":
    main()
