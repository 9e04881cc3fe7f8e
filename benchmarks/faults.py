"""Imports under fire: workers killed at random, the broker emptied, the database cut off; what is left is compared.

Several accounts import the same file at the same time through real workers. The end must be that of an account
that imported it undisturbed. Triggers in the database of this run note each claim and each progress with the
worker they are of: from that follows which kill hit which piece of work, and when it went on.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django
import psycopg2
import redis
from django import db

from benchmarks import throwaway
from benchmarks.imports import files
from benchmarks.imports.databases import execute, faults
from benchmarks.pages import ROOT, environment
from benchmarks.portal import make_owner, send, start_ready
from benchmarks.throwaway import Servers
from colibox.embedded import programs

TROUBLE = (psycopg2.Error, db.Error)  # type: ignore[attr-defined]
GOAL = 75
MOST_FAILURES = 2
"""Who failed so often is spared: after some more failures a file is refused, which is meant and not measured here."""

NOTES = """
    CREATE TABLE note (at timestamptz DEFAULT clock_timestamp(), piece text, attempt int, failures int, worker text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            NEW := OLD;
            NEW.failures := 0;
        END IF;
        INSERT INTO public.note (piece, attempt, failures, worker)
        VALUES (format('%s %s', TG_TABLE_NAME, NEW.id), NEW.attempt, NEW.failures, current_setting('application_name'));
        RETURN NULL;
    END $$;
    CREATE TRIGGER note AFTER UPDATE ON imports_importjob FOR EACH ROW WHEN (OLD.state = 'reading')
        EXECUTE FUNCTION note();
    CREATE TRIGGER note AFTER INSERT OR UPDATE ON imports_block FOR EACH ROW WHEN (NEW.attempt > 0)
        EXECUTE FUNCTION note();
    CREATE TRIGGER note_end AFTER DELETE ON imports_block FOR EACH ROW EXECUTE FUNCTION note();
"""

# All that an import leaves on an account, without what differs from run to run.
LEFT = """
    WITH l AS (SELECT * FROM rights_accountlink WHERE account_id = %(account)s AND kind = 'advanced')
    SELECT
        (SELECT array_agg(ROW(state, total, applied, tally, planned)::text) FROM imports_importjob
            WHERE account_id = %(account)s),
        (SELECT md5(string_agg(ROW(number, plan, status, faults)::text, '' ORDER BY number)) FROM imports_importrow
            WHERE account_id = %(account)s),
        (SELECT md5(string_agg(ROW(email, state, tags, generation, version)::text, '' ORDER BY email)) FROM l),
        (SELECT md5(string_agg(ROW(email, "right")::text, '' ORDER BY email, "right"))
            FROM rights_grant g JOIN l ON l.id = g.link_id),
        (SELECT md5(string_agg(ROW(m.kind, email)::text, '' ORDER BY m.kind, email))
            FROM outbox_mail m LEFT JOIN l ON l.uuid = m.about WHERE m.account_id = %(account)s),
        (SELECT md5(string_agg(ROW(verb, email)::text, '' ORDER BY verb, email))
            FROM accounts_auditevent e LEFT JOIN l ON l.uuid = e.subject
            WHERE e.account_id = %(account)s AND channel = 'import')
"""


@dataclass(frozen=True)
class Fault:
    """Something that was done to the workers; without a worker, to all of them."""

    at: float
    worker: str = ""


@dataclass(frozen=True)
class Note:
    """A change of a piece of work: a claim, if it is the first under its attempt; its end, if there is no failure."""

    at: float
    piece: str
    attempt: int
    failures: int
    worker: str


@dataclass
class Hit:
    """A claim that ended without progress: when it was lost, and when that piece of work went on."""

    fault: Fault
    resumed: float | None

    @property
    def seconds(self) -> float | None:
        return self.resumed - self.fault.at if self.resumed else None


def hits(notes: list[Note], done: list[Fault]) -> list[Hit]:
    """Which claims were lost to which fault. Who is hit again before any progress went on with the next claim."""
    claims = {(note.piece, note.attempt): note for note in reversed(notes) if note.failures}
    kept = {(note.piece, note.attempt) for note in notes if not note.failures}
    lost: list[tuple[Note, Fault]] = []
    for key, claim in claims.items():
        ours = [fault for fault in done if fault.at >= claim.at and fault.worker in ("", claim.worker)]
        if key not in kept and ours:
            lost.append((claim, min(ours, key=lambda fault: fault.at)))
    again = {claim for claim, _fault in lost}
    found = []
    for claim, fault in lost:
        later = [note for note in notes if note.piece == claim.piece and note.at > fault.at]
        found.append(Hit(fault, min((note.at for note in later if not note.failures or note in again), default=None)))
    return found


def persistently(ask: Callable[[], Any]) -> Any:
    """The answer of a database that may be starting again."""
    for _attempt in range(600):
        try:
            return ask()
        except TROUBLE:
            time.sleep(0.1)
    raise SystemExit("The database does not come back.")


@dataclass
class Worker:
    """A worker of imports as `make run` starts it, and started again a moment after it was killed."""

    name: str
    log: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    due: float = 0.0

    def look_after(self) -> None:
        if (self.process is None or self.process.poll() is not None) and time.monotonic() >= self.due:
            worker = programs.imports_worker(self.log, {**self.env, "PGAPPNAME": self.name})
            self.process = worker.start()

    def kill(self) -> None:
        """All its processes at once, or only those that do the work, which Celery starts again itself."""
        if random.random() < 0.5:
            self.end()
            self.due = time.monotonic() + random.uniform(0, 2)
        elif self.process:
            with suppress(OSError):
                children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
                for child in children.read_text().split():
                    os.kill(int(child), signal.SIGKILL)

    def end(self) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@dataclass
class Soak:
    """The run: its servers, its workers, and what was done to them."""

    servers: Servers
    workers: list[Worker]
    done: list[Fault] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def ask(self, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = persistently(lambda: execute(self.servers.superuser_url, sql, params))
        return found

    def notes(self) -> list[Note]:
        rows = self.ask("SELECT extract(epoch FROM at)::float, piece, attempt, failures, worker FROM note ORDER BY at")
        return [Note(*row) for row in rows]

    def hits(self) -> list[Hit]:
        return hits(self.notes(), self.done)

    def kills_that_hit(self) -> int:
        return sum(bool(hit.fault.worker) for hit in self.hits())

    def busy(self) -> list[Worker]:
        """Those who hold a piece of work now, as far as is known."""
        latest = {note.piece: note for note in self.notes()}
        killed = {fault.worker: fault.at for fault in self.done}
        names = {
            note.worker
            for note in latest.values()
            if 0 < note.failures <= MOST_FAILURES and note.at > killed.get(note.worker, killed.get("", 0))
        }
        return [worker for worker in self.workers if worker.name in names]

    def kill_somebody(self) -> None:
        """One of those who are at work, at a moment of chance; nobody, if none is."""
        if not (busy := self.busy()):
            return
        worker = random.choice(busy)
        time.sleep(random.random() / 2)
        self.done.append(Fault(time.time(), worker.name))
        worker.kill()

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def cut_off_the_database(self) -> None:
        """Stop it without any farewell, as pg_ctl -m immediate does, and start it again."""
        self._count("database_restarts")
        limit = time.monotonic() + 60
        while not self.busy() and time.monotonic() < limit:
            self.look_after()
            time.sleep(0.05)
        self.done.append(Fault(time.time()))
        self.servers.end(self.servers.database, with_signal=signal.SIGQUIT)
        self.servers.start(self.servers.database)

    def stop_the_broker(self) -> None:
        """For some seconds; it forgets everything."""
        self._count("broker_restarts")
        self.servers.end(self.servers.valkey)
        time.sleep(5)
        self.servers.start(self.servers.valkey)

    def empty_the_broker(self) -> None:
        self._count("broker_flushes")
        redis.Redis.from_url(self.servers.valkey.url()).flushall()

    def ring_ten_times(self) -> None:
        from colibox.lib import doorbell

        self._count("tenfold_deliveries")
        for _ in range(10):
            doorbell.ring("imports.tasks.work_on")

    def more_faults(self) -> Iterator[Callable[[], None]]:
        """What else is done, one thing after some kills."""
        others = (self.cut_off_the_database, self.stop_the_broker, self.ring_ten_times, self.empty_the_broker)
        while True:
            yield from others

    def look_after(self) -> None:
        """Start again who was killed, and each import that was read."""
        for worker in self.workers:
            worker.look_after()
        persistently(start_ready)

    def go(self, kills: int, seconds: float) -> None:
        """Faults until so many kills have hit, then until every import has ended."""
        others, next_other, deadline = self.more_faults(), 4, time.monotonic() + seconds
        while (hit := self.kills_that_hit()) < kills and self.unfinished():
            self.look_after()
            self.kill_somebody()
            if hit >= next_other:
                print(f"{hit} kills of {len(self.done)} hit, {self.unfinished()} imports under way", flush=True)
                next(others)()
                next_other += max(2, kills // 9)
            time.sleep(random.random())
            _check(deadline)
        while self.unfinished():
            self.look_after()
            time.sleep(0.5)
            _check(deadline)

    def unfinished(self) -> int:
        return int(
            self.ask("SELECT count(*) FROM imports_importjob WHERE state IN ('reading', 'ready', 'running')")[0][0]
        )


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise SystemExit("The imports did not end in time.")


# The portal, in this process.


def become_a_portal(servers: Servers) -> dict[str, str]:
    """Migrate the database and set Django up on it; what its processes are told."""
    migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run(migrate, cwd=ROOT, env=environment(servers.owner_url, 8000), check=True)
    env = {**environment(servers.app_url, 8000), "DJANGO_SETTINGS_MODULE": "colibox.settings"}
    os.environ.update(env)
    django.setup()
    execute(servers.superuser_url, NOTES)
    return env


def work_undisturbed() -> None:
    """All that there is to do, here and now."""
    from imports import work

    work.work_on(seconds=600)
    start_ready()
    work.work_on(seconds=600)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=32, help="how many kills in the middle of something (default: 32)")
    parser.add_argument("--accounts", type=int, default=12, help="how many import at the same time (default: 12)")
    parser.add_argument("--rows", type=int, default=8_000, help="how many rows each of them (default: 8000)")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=900, help="when to give up")
    given = parser.parse_args()
    servers = throwaway.begin()
    env, log = become_a_portal(servers), servers.directory
    began = time.monotonic()
    path = files.write(log / "people.csv", given.rows)
    owners = [make_owner(f"{900_138 + n}") for n in range(given.accounts + 1)]
    send(owners[0], path)
    work_undisturbed()
    for owner in owners[1:]:
        send(owner, path)
    workers = [Worker(f"worker-{n}", log / f"worker-{n}.log", env) for n in range(given.workers)]
    clock = programs.beat(log / "schedule", log / "beat.log", env).start()
    atexit.register(clock.kill)
    soak = Soak(servers, workers)
    for worker in workers:
        atexit.register(worker.end)
    soak.go(given.kills, given.seconds)
    print(json.dumps(summary(soak, owners, given.rows) | {"seconds": round(time.monotonic() - began)}))


def summary(soak: Soak, owners: list[int], rows: int) -> dict[str, Any]:
    """How long each took to go on, and what was lost or made twice."""
    found = soak.hits()
    kills = [hit.seconds for hit in found if hit.fault.worker and hit.seconds is not None]
    others = [hit.seconds for hit in found if not hit.fault.worker and hit.seconds is not None]
    accounts = [
        pk for (pk,) in soak.ask("SELECT account_id FROM rights_accountlink WHERE id = ANY(%s) ORDER BY id", [owners])
    ]
    wanted, *left = (soak.ask(LEFT, {"account": pk})[0] for pk in accounts)
    print(f"An undisturbed import leaves {wanted}")
    for other in left:
        if other != wanted:
            print(f"Another one leaves {other}")
    return {
        "kills": sum(bool(fault.worker) for fault in soak.done),
        "kills_that_hit": len(kills),
        "resume_seconds": {"median": round(statistics.median(kills), 1), "max": round(max(kills), 1), "goal": GOAL},
        **soak.counts,
        "resume_seconds_after_database": {"n": len(others), "max": round(max(others, default=0), 1)},
        "never_resumed": sum(hit.resumed is None for hit in found),
        "imports_that_differ": sum(other != wanted for other in left),
        **faults(soak.servers.superuser_url, rows=rows, links=max(owners)),
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()
