"""The trace: how many events a second are written, sealed and verified, and how far the three are from a bare read.

One process does them one after the other, on a database of its own; processor time is counted, its own and that of the
database's process that serves it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from itertools import islice

from benchmarks.services import Processor, become_a_portal

GOAL = 10_000
"""So many events a second and core are to be verified."""
TOGETHER = 500


def write(count: int) -> int:
    """Events as an act on many people leaves them."""
    from uuid import UUID

    from accounts import audit
    from benchmarks.portal import looking

    def happened() -> Iterator[audit.Event]:
        for number in range(count):
            rights = {"rights": ["coliship", "tracking_ws"]}, {"rights": ["coliship"]}
            yield audit.Event("person changed", UUID(int=number), f"Personne {number}", *rights)

    events = happened()
    while some := list(islice(events, TOGETHER)):
        with looking():
            audit.record_many(some, by=None, account_id=1)
    return count


def seal(count: int) -> int:
    """Passes until all is sealed."""
    from accounts import sealing

    sealed = 0
    while sealed < count:
        sealed += sealing.seal()
    return sealed


def verify() -> int:
    from accounts import sealing

    verdict = sealing.verify()
    if verdict.faults or verdict.unsealed:
        raise SystemExit(f"{len(verdict.faults)} faults, {verdict.unsealed} events not sealed")
    return verdict.events


def read() -> int:
    """All events as rows, and nothing done with them: what any verification has to do."""
    from accounts.models import AuditEvent
    from benchmarks.portal import looking

    with looking():
        return sum(1 for _row in AuditEvent.objects.order_by("pk").values_list().iterator(chunk_size=2000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="how often they are read and verified")
    given = parser.parse_args()
    servers = become_a_portal()
    from django.db import connection

    connection.settings_dict["CONN_MAX_AGE"] = None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        processor = Processor([cursor.fetchone()[0]])
    rates: dict[str, float] = {}

    def rate(name: str, do: Callable[[], int]) -> None:
        spent = sum(processor.spent(do))
        rates[name] = max(rates.get(name, 0), round(given.events / spent * 1000))

    rate("written", lambda: write(given.events))
    rate("sealed", lambda: seal(given.events))
    for _round in range(given.rounds):
        rate("read", read)
        rate("verified", verify)
    for name, events in rates.items():
        print(f"{name:10} {events:8.0f} events a second and core")
    ratio = round(rates["verified"] / rates["read"], 2)
    print(json.dumps({"goal: verified": GOAL, "events": given.events, "rates": rates, "verified / read": ratio}))
    servers.stop()


if __name__ == "__main__":
    main()
