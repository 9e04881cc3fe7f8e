"""What administrators and operators open, on accounts of several sizes in one run: processor time, statements, bytes.

Each size has its own database and its own process, which calls the portal as its server does; what is asked for
alternates between them. Counted is processor time, of that process and of the database's that serves it. Ratios of
the largest size to the smallest are to be read, not milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import django

from benchmarks import company, pages, population
from benchmarks.company import Company
from benchmarks.services import Processor

ACCOUNT = "900138"
OF_ACCOUNT = f"/accounts/{ACCOUNT}"
GOAL = 2.0
"""So many times what it takes at the smallest size a page may take at the largest."""


class Cost(NamedTuple):
    """What one request or act takes: milliseconds of processor here and in the database, statements, bytes."""

    here: float
    there: float
    statements: int
    size: int


USERS = {
    "users": "",
    **{f"users, by {key}": f"?kind=advanced&sort={key}" for key in (
        "first_name", "email", "user_name", "state", "seen", "rights", "tags", "sub_account", "site",
    )},
    "users, last by e-mail": "?kind=advanced&sort=-email",
    "users, page 200": "?kind=advanced&status=active&page=200",
    "users, word": f"?kind=advanced&q={population.COMMON}",
    "users, rare word by e-mail": f"?kind=advanced&sort=email&q={population.RARE}",
    "users, suspended": "?kind=advanced&status=suspended",
    "users, holding": "?kind=advanced&right=shipping_ws",
    "users, not holding": "?kind=advanced&without=coliship",
    "users, with a tag": "?kind=advanced&tag=TAG-7",
    "users, with no such tag": "?kind=advanced&tag=NOWHERE",
    "users, of a site": "?kind=advanced&site=Agence+3",
    "users, of a sub-account": "?kind=advanced&subaccount=S0001",
    "users, of a profile": "?kind=advanced&profile=Profil+1",
    "users, with a role": "?kind=standard&role=administrator",
    "users, idle": "?kind=advanced&idle=365",
    "users, ending": "?kind=advanced&ends=14",
    "users, all columns": "?kind=advanced&columns=contract&columns=sub_account&columns=site&columns=role"
    "&columns=profile&columns=starts_on&columns=ends_on",
    "matrix": "matrix/?kind=advanced",
    "export of users, before": "export/",
}  # fmt: skip
HISTORY = {
    "history": "",
    "history, deep": "?before=1000",
    "history, by somebody": f"?who={population.COMMON}",
    "history, by nobody": "?who=qqxqq",
    "history, about somebody": f"?about={population.RARE}",
    "history, about nobody": "?about=qqxqq",
    "history, of parcels": "?family=parcels",
    "history, of security": "?family=security",
    "history, by import": "?channel=import",
    "history, by web service": "?channel=web+service",
    "history, one day": "?from={day}&to={day}",
    "history, of an import": "?import=7",
    "history, of a person": "?person={person}",
    "file of a history, before": "export/",
}
OTHERS = {
    "profiles": "/profiles/",
    "profile": "/profiles/{profile}/",
    "profile, removal": "/profiles/{profile}/remove/",
    "contacts": "/contacts/",
    "contacts, word": f"/contacts/?q={population.COMMON}",
    "contacts, none": "/contacts/?q=qqxqq",
    "contacts, of a role": "/contacts/?role=claims",
    "file of contacts, before": "/contacts/export/",
    "group": "/group/",
    "group, word": f"/group/?q={population.COMMON}",
    "group, rare word": f"/group/?q={population.RARE}",
    "group, suspended": "/group/?status=suspended",
    "group, local administrators": "/group/?role=local",
    "file of a group, before": "/group/export/",
    "person": "/users/{person}/",
    "history of a person": "/users/{person}/history/",
    "reviews": "/reviews/",
    "review": "/reviews/{review}/",
    "review, word": f"/reviews/{{review}}/?q={population.RARE}",
    "review, never used": "/reviews/{review}/?use=never",
    "review, suggestions": "/reviews/{review}/suggestions/",
    "review, closing": "/reviews/{review}/close/",
    "second factor": "/security/",
    "second factor, deep": "/security/?after={person}",
    "sites": "/sites/",
    "sites, word": "/sites/?q=agence",
    "invoices": "/invoices/",
    "invoices, last page": "/invoices/?page=last",
    "administrators": "/administrators/",
    "administrators, word": f"/administrators/?q={population.COMMON}",
    "administration": "/administration/",
    "account": "/",
}
OWN = {"own history": "/profile/history/", "own rights": "/profile/rights/"}
OPERATOR = {
    "operator": "/operator/",
    "operator, people": "/operator/users/user/",
    "operator, person found": f"/operator/users/user/?q={population.COMMON}",
    "operator, nobody found": "/operator/users/user/?q=qqxqq",
    "operator, links": "/operator/rights/accountlink/",
    "operator, link found": f"/operator/rights/accountlink/?q={population.COMMON}",
    "operator, links of an account": f"/operator/rights/accountlink/?q={ACCOUNT}",
    "operator, links, last page": "/operator/rights/accountlink/?p=40",
    "operator, suspended links": "/operator/rights/accountlink/?state__exact=suspended",
    "operator, accounts": "/operator/accounts/customeraccount/",
    "operator, account found": "/operator/accounts/customeraccount/?q=comptoir",
    "operator, events": "/operator/accounts/auditevent/",
    "operator, event found": "/operator/accounts/auditevent/?q=qqxqq",
    "operator, documents": "/operator/accounts/document/",
}


class Looker:
    """Asks for pages as the administrator of the account and as an operator, in a process that became a portal."""

    def __init__(self) -> None:
        from django.db import connection
        from django.test import Client

        self.connection = connection
        self.names = self._names()
        self.clients = {name: Client(SERVER_NAME="127.0.0.1") for name in (ACCOUNT, "operateur")}
        for name, client in self.clients.items():
            self._sign_in(client, name)
        self.processor = Processor([self._kept_session()])

    def _names(self) -> dict[str, str]:
        """What stands in addresses."""
        from accounts.models import AuditEvent
        from benchmarks.portal import looking
        from rights.models import AccountLink, Campaign, Profile

        with looking():
            return {
                "person": str(AccountLink.objects.get(pk=20).uuid),
                "profile": str(Profile.objects.get(pk=1).uuid),
                "review": str(Campaign.objects.get(pk=1).uuid),
                "day": f"{AuditEvent.objects.get(pk=2000).at:%Y-%m-%d}",
            }

    def _kept_session(self) -> int:
        """The database's process that serves from here on, alone, so that what it takes can be counted."""
        self.connection.close()
        self.connection.settings_dict["CONN_MAX_AGE"] = None
        with self.connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            cursor.execute("SELECT pg_backend_pid()")
            pid: int = cursor.fetchone()[0]
        return pid

    def _sign_in(self, client: Any, name: str) -> None:
        """With a proof that is fresh, as some pages ask for."""
        from django.conf import settings

        from users.models import User

        person = User.objects.get(username=name)
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.session
        proof = {"method": "password", "at": time.time() + 3600, "reauthenticated": True}
        session["account_authentication_methods"] = [proof]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()

    def page(self, path: str, *, by: str = ACCOUNT) -> Callable[[], int]:
        """A request; how many bytes its answer has."""
        address = path
        for name, value in self.names.items():
            address = address.replace(f"{{{name}}}", value)

        def ask() -> int:
            answer: Any = self.clients[by].get(address)
            size = len(b"".join(answer.streaming_content) if answer.streaming else answer.content)
            answer.close()
            if answer.status_code != 200:
                raise SystemExit(f"{address}: {answer.status_code} {answer.headers.get('Location', '')}")
            return size

        return ask

    def asked(self) -> dict[str, Callable[[], int]]:
        """Everything there is to ask for."""
        return {
            **{name: self.page(f"{OF_ACCOUNT}/users/{path}") for name, path in USERS.items()},
            **{name: self.page(f"{OF_ACCOUNT}/history/{path}") for name, path in HISTORY.items()},
            **{name: self.page(OF_ACCOUNT + path) for name, path in OTHERS.items()},
            **{name: self.page(path) for name, path in OWN.items()},
            **{name: self.page(path, by="operateur") for name, path in OPERATOR.items()},
        }

    def cost(self, do: Callable[[], int]) -> Cost:
        with counted() as statements:
            size = 0

            def done() -> None:
                nonlocal size
                size = do()

            here, there = self.processor.spent(done)
        return Cost(here, there, statements[0], size)


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many statements are asked for within."""
    from django.db import connection

    found = [0]

    def count(execute: Any, *asked: Any) -> Any:
        found[0] += 1
        return execute(*asked)

    with connection.execute_wrapper(count):
        yield found


def look(url: str, redis_url: str, orders: Connection) -> None:
    """What the process of one size does: become a portal, answer what each page costs that is named to it."""
    os.environ.update(pages.environment(url, 8000), REDIS_URL=redis_url)
    django.setup()
    looker = Looker()
    asked = looker.asked()
    orders.send(list(asked))
    for name in iter(orders.recv, None):
        orders.send(looker.cost(asked[name]))


@dataclass
class Portal:
    """The process of one size."""

    size: Company
    orders: Connection
    names: list[str]

    @classmethod
    def over(cls, size: Company, app_url: str, place: int) -> Portal:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        redis_url = os.environ["REDIS_URL"].replace("db=0", f"db={place}")
        url = pages.on_database(app_url, size.database)
        context.Process(target=look, args=(url, redis_url, theirs), daemon=True).start()
        return cls(size, ours, ours.recv())

    def cost(self, name: str) -> Cost:
        self.orders.send(name)
        return Cost(*self.orders.recv())


def build(size: Company, owner_url: str, app_url: str) -> None:
    """Make its database anew."""
    pages.Site(size, owner_url, app_url).build()
    company.fill(pages.on_database(owner_url, size.database), size)


Costs = dict[str, dict[int, list[Cost]]]


def rounds(portals: list[Portal], count: int, seconds: float, chosen: str) -> Costs:
    """Every page of every size once a round, after one that warms up; until the rounds or the time are over."""
    found: Costs = defaultdict(lambda: defaultdict(list))
    deadline = time.monotonic() + seconds
    for number in range(-1, count):
        for name in portals[0].names:
            for portal in portals:
                if chosen in name:
                    cost = portal.cost(name)
                    if number >= 0:
                        found[name][portal.size.people].append(cost)
        if number >= 0 and time.monotonic() > deadline:
            print(f"stopped after {number + 1} rounds of {count}", flush=True)
            break
    return found


def middle(costs: list[Cost]) -> Cost:
    here, there, statements, size = (statistics.median(each) for each in zip(*costs, strict=True))
    return Cost(here, there, int(statements), int(size))


def told(found: Costs) -> dict[str, float]:
    """A line for each page; the ratios of the largest size to the smallest."""
    ratios: dict[str, float] = {}
    print(f"{'ms':28} " + " ".join(f"{size:>9} (db) st.    kB" for size in next(iter(found.values()))) + "  ratio")
    for name, of_sizes in found.items():
        costs = {size: middle(each) for size, each in of_sizes.items()}
        small, large = costs[min(costs)], costs[max(costs)]
        ratios[name] = round((large.here + large.there) / (small.here + small.there), 2)
        shown = " ".join(
            f"{each.here + each.there:8.1f} {each.there:5.1f} {each.statements:3} {each.size / 1000:5.1f}"
            for each in costs.values()
        )
        print(f"{name:28} {shown}  {ratios[name]:5.2f}{' *' if ratios[name] > GOAL else ''}", flush=True)
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="2000,200000", help="how many people, separated by commas")
    parser.add_argument("--reuse", action="store_true", help="measure the databases of an earlier run")
    parser.add_argument("--rounds", type=int, default=10, help="how often each page is asked for")
    parser.add_argument("--seconds", type=float, default=240, help="when to stop measuring at the latest")
    parser.add_argument("--only", default="", help="pages in whose name this is found")
    given = parser.parse_args()
    owner_url, app_url = pages.servers()
    sizes = [Company(int(people)) for people in given.sizes.split(",")]
    for size in sizes:
        if not given.reuse:
            build(size, owner_url, app_url)
    portals = [Portal.over(size, app_url, place + 1) for place, size in enumerate(sizes)]
    found = rounds(portals, given.rounds, given.seconds, given.only)
    print(json.dumps({"goal": GOAL, "ratios": told(found)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
