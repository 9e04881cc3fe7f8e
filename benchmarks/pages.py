"""The page of people at several sizes: ours against a hello page and against Django admin, in one run.

Each size has its own database and its own granian; requests to all of them alternate, so that whatever else
the machine does slows them alike. Ratios are to be read, not milliseconds.
"""

from __future__ import annotations

import argparse
import atexit
import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg2

from benchmarks import population, throwaway
from benchmarks.population import Size

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "banc-d-essai-de-la-liste"
USERS = "/accounts/900138/users/"
ADMIN = "/operator/rights/accountlink/"
RARELY = 6
"""The admin's pages are asked for once in so many rounds: at a million people one takes seconds."""


def environment(url: str, port: int) -> dict[str, str]:
    """What a portal on this database is told."""
    return {
        **os.environ,
        "DEBUG": "0",
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": os.environ.get("SECRET_KEY") or "only-for-a-benchmark-" * 3,
        "EMAIL_URL": "memorymail://",
    }


def on_database(url: str, name: str) -> str:
    """The same server and role, on another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@dataclass
class Site:
    """The portal over one size of population."""

    size: Size
    owner_url: str
    app_url: str
    port: int = field(default_factory=free_port)
    cookies: dict[str, str] = field(default_factory=dict)
    middle: str = ""

    def build(self) -> None:
        """Make the database anew, migrated and filled."""
        began = time.monotonic()
        self._administer(f"DROP DATABASE IF EXISTS {self.size.database} WITH (FORCE)")
        self._administer(f"CREATE DATABASE {self.size.database}")
        owner = on_database(self.owner_url, self.size.database)
        self._run(owner, population.privileges(self.app_url))
        migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
        subprocess.run(migrate, cwd=ROOT, env=environment(owner, self.port), check=True)
        filled = self.fill(owner)
        print(f"{filled} in {time.monotonic() - began:.0f} s", flush=True)

    def fill(self, owner: str) -> str:
        """Put people into it; how many."""
        population.fill(owner, self.size, password=self._hashed())
        return f"{self.size.people} people"

    def _hashed(self) -> str:
        code = f"from django.contrib.auth.hashers import make_password as m; print(m({PASSWORD!r}))"
        env = environment(self.app_url, self.port)
        python = [sys.executable, "-W", "ignore", "-c", f"import django; django.setup(); {code}"]
        return subprocess.run(python, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout.strip()

    def _administer(self, sql: str) -> None:
        self._run(self.owner_url, sql)

    @staticmethod
    def _run(url: str, sql: str) -> None:
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
        connection.close()

    def serve(self) -> None:
        """Start, and sign in, through the page, both people who look."""
        self.middle = population.middle(on_database(self.owner_url, self.size.database))
        self.start()
        self.cookies = {name: self._sign_in(name) for name in ("900138", "operateur")}

    def start(self) -> int:
        """Start one granian worker; the process that keeps it."""
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--no-ws", "--log-level", "error"]
        env = environment(on_database(self.app_url, self.size.database), self.port)
        server = subprocess.Popen([*command, "colibox.wsgi:application"], cwd=ROOT, env=env)
        atexit.register(server.terminate)
        self._wait()
        return server.pid

    def _wait(self) -> None:
        for _attempt in range(300):
            try:
                if self.ask("GET", "/livez")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit("granian did not start")

    def ask(
        self, method: str, path: str, *, cookie: str = "", form: dict[str, str] | None = None
    ) -> tuple[int, SimpleCookie, str]:
        """One request on its own connection: status, cookies set, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        cookies: SimpleCookie = SimpleCookie()
        for header in response.headers.get_all("Set-Cookie", []):
            cookies.load(header)
        body = response.read().decode()
        connection.close()
        return response.status, cookies, body

    def _sign_in(self, username: str) -> str:
        _status, cookies, page = self.ask("GET", "/auth/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        if token is None:
            raise SystemExit("The sign-in page has no form.")
        form = {"login": username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        status, given, _page = self.ask("POST", "/auth/login/", cookie=_header(cookies), form=form)
        if status != 302:
            raise SystemExit(f"{username} cannot sign in: {status}")
        return _header(given)

    def pages(self) -> dict[str, tuple[str, str]]:
        """Who looks at what."""
        last = 1 + (self.size.large // 10 - 1) // 25
        ours = {
            "hello_bare": "/hello/",
            "hello": "/accounts/900138/hello/",
            "overview": USERS,
            "first": USERS + "?kind=advanced",
            "keyset": USERS + f"?kind=advanced&after={self.middle}",
            "numbered_first": USERS + "?kind=standard",
            "numbered_middle": USERS + f"?kind=standard&page={max(1, last // 2)}",
            "numbered_last": USERS + f"?kind=standard&page={last}",
            "search_common": USERS + f"?kind=advanced&q={population.COMMON}",
            "search_rare": USERS + f"?kind=advanced&q={population.RARE}",
            "search_none": USERS + "?kind=advanced&q=qqxqq",
        }
        admins = {"admin": ADMIN, "admin_search": ADMIN + f"?q={population.COMMON}"}
        return {name: (path, "900138") for name, path in ours.items()} | {
            name: (path, "operateur") for name, path in admins.items()
        }

    def measure(self, name: str) -> float:
        """Milliseconds of one request."""
        path, person = self.pages()[name]
        began = time.perf_counter()
        status, _cookies, _body = self.ask("GET", path, cookie=self.cookies[person])
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        return took


def _header(cookies: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())


Times = dict[int, dict[str, list[float]]]


def rounds(sites: list[Site], count: int, seconds: float) -> Times:
    """Every page of every site once a round, in an order of chance; until the rounds or the time are over."""
    times: Times = {site.size.people: defaultdict(list) for site in sites}
    asked = [(site, name) for site in sites for name in site.pages()]
    for site, name in asked:
        site.measure(name)
    deadline = time.monotonic() + seconds
    for number in range(count):
        random.shuffle(asked)
        for site, name in asked:
            if not name.startswith("admin") or number % RARELY == 0:
                times[site.size.people][name].append(site.measure(name))
        if time.monotonic() > deadline:
            print(f"stopped after {number + 1} rounds of {count}", flush=True)
            break
    return times


def p50(times: list[float]) -> float:
    return statistics.median(times)


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if len(times) > 1 else times[0]


def p10(times: list[float]) -> float:
    """What it takes when the machine does nothing else."""
    return sorted(times)[len(times) // 10]


def _told(times: list[float]) -> dict[str, float]:
    return {"p10": round(p10(times), 1), "p50": round(p50(times), 1), "p95": round(p95(times), 1), "n": len(times)}


def summary(times: Times) -> dict[str, object]:
    """Medians, and the ratios that the goals are about."""
    small, large = min(times), max(times)
    half = {size: {name: p50(values) for name, values in of_size.items()} for size, of_size in times.items()}

    def growth(name: str) -> float:
        return round(half[large][name] / half[small][name], 2)

    ratios = {
        "first: largest / smallest (goal <= 1.1)": growth("first"),
        "overview: largest / smallest": growth("overview"),
        "hello of an account / first (goal >= 0.5)": round(half[large]["hello"] / half[large]["first"], 2),
        "hello outside accounts / first": round(half[large]["hello_bare"] / half[large]["first"], 2),
        "search_common: largest / smallest (goal <= 1.5)": growth("search_common"),
        "search_rare: largest / smallest (goal <= 1.5)": growth("search_rare"),
        "search_none: largest / smallest (goal <= 1.5)": growth("search_none"),
        "admin_search / search_common (goal >= 50 at 1M)": round(
            half[large]["admin_search"] / half[large]["search_common"], 1
        ),
        "admin / first": round(half[large]["admin"] / half[large]["first"], 1),
        "keyset / first (goal <= 1.1)": round(half[large]["keyset"] / half[large]["first"], 2),
        "numbered_middle / numbered_first (goal <= 1.1)": round(
            half[large]["numbered_middle"] / half[large]["numbered_first"], 2
        ),
        "numbered_last / numbered_first (goal <= 1.1)": round(
            half[large]["numbered_last"] / half[large]["numbered_first"], 2
        ),
    }
    figures = {str(size): {name: _told(values) for name, values in pages.items()} for size, pages in times.items()}
    return {"ratios": ratios, "ms": figures}


def servers() -> tuple[str, str]:
    """The owner's and the portal's addresses: those of the environment, else a PostgreSQL and a Valkey of our own."""
    if "DATABASE_OWNER_URL" in os.environ and "DATABASE_URL" in os.environ:
        return os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"]
    return throwaway.start()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,100000,1000000", help="how many people, separated by commas")
    parser.add_argument("--reuse", action="store_true", help="measure the databases of an earlier run")
    parser.add_argument("--rounds", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--seconds", type=float, default=240, help="when to stop measuring at the latest")
    given = parser.parse_args()
    owner_url, app_url = servers()
    sites = [Site(Size(int(people)), owner_url, app_url) for people in given.sizes.split(",")]
    for site in sites:
        if not given.reuse:
            site.build()
    for site in sites:
        site.serve()
    print(json.dumps(summary(rounds(sites, given.rounds, given.seconds)), ensure_ascii=False))


if __name__ == "__main__":
    main()
