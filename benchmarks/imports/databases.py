"""The databases of the measurements: one that is filled once, its copies, and what an import left in one of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.pages import Site, on_database
from benchmarks.population import TABLES, Size
from benchmarks.throwaway import Servers

WRITTEN = (
    "imports_importjob",
    "imports_importrow",
    "rights_accountlink",
    "rights_grant",
    "accounts_auditevent",
    "outbox_mail",
)
"""What an import leaves, in an order that its foreign keys allow; the search rows come by trigger."""
NOT_DELEGABLE = """UPDATE rights_entitlement SET delegable = false WHERE "right" = 'pickup_ws'"""

# Each must count nothing. What the import made is what has a greater key than all that was there before.
FAULTS = {
    "lost_rows": """
        SELECT (SELECT sum(%(rows)s - total) FROM imports_importjob WHERE state = 'done')
            + (SELECT count(*) FROM imports_importjob j WHERE total <> applied
                OR total <> (SELECT count(*) FROM imports_importrow WHERE job_id = j.id))
            + (SELECT count(*) FROM imports_importrow r WHERE plan = 'invite' AND NOT EXISTS (
                SELECT FROM rights_accountlink l WHERE l.account_id = r.account_id
                    AND upper(l.email) = upper(r.entry ->> 'email')))""",
    "duplicate_people": """
        SELECT coalesce(sum(n - 1), 0) FROM (
            SELECT count(*) AS n FROM rights_accountlink WHERE kind = 'advanced' AND state <> 'ended' AND id > %(links)s
            GROUP BY account_id, upper(email) HAVING count(*) > 1) AS twice""",
    "duplicate_mails": """
        SELECT coalesce(sum(n - 1), 0) FROM (
            SELECT count(*) AS n FROM outbox_mail GROUP BY kind, coalesce(about::text, args::text)
            HAVING count(*) > 1) AS twice""",
    "orphan_links": """
        SELECT count(*) FROM rights_accountlink l WHERE id > %(links)s AND NOT (
            EXISTS (SELECT FROM imports_importrow r WHERE r.account_id = l.account_id AND plan = 'invite'
                AND upper(entry ->> 'email') = upper(l.email))
            AND EXISTS (SELECT FROM rights_grant WHERE link_id = l.id)
            AND EXISTS (SELECT FROM accounts_auditevent WHERE subject = l.uuid AND verb = 'person invited')
            AND EXISTS (SELECT FROM outbox_mail WHERE about = l.uuid)
            AND EXISTS (SELECT FROM rights_linksearch s WHERE s.account_id = l.account_id AND s.link_id = l.id))""",
}


def execute(url: str, sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """One statement outside any transaction; its rows, if it has some."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def faults(url: str, *, rows: int, links: int) -> dict[str, int]:
    """What the imports of so many rows each lost or made twice, where links had keys up to that one before."""
    return {
        name: int(execute(url, "SET enable_nestloop = off; " + sql, {"rows": rows, "links": links})[0][0])
        for name, sql in FAULTS.items()
    }


@dataclass
class Databases:
    """A portal of many people, and copies of it, each for one measurement."""

    servers: Servers
    size: Size
    last: dict[str, int] = field(default_factory=dict)

    def build(self) -> None:
        """Fill the first one, and remember the greatest keys in it."""
        Site(self.size, self.servers.owner_url, self.servers.app_url).build()
        url = on_database(self.servers.superuser_url, self.size.database)
        execute(url, NOT_DELEGABLE)
        execute(url, f"VACUUM ANALYZE {', '.join(TABLES)}")
        for table in WRITTEN:
            column = "job_id" if table == "imports_importrow" else "id"
            self.last[table] = execute(url, f"SELECT coalesce(max({column}), 0) FROM {table}")[0][0]

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The name of a database like the first one, all of it in memory and on disk; gone afterwards."""
        name, url = f"{self.size.database}_copy", self.servers.superuser_url
        execute(url, f"CREATE DATABASE {name} TEMPLATE {self.size.database} STRATEGY wal_log")  # through shared buffers
        execute(url, "CHECKPOINT")
        try:
            yield name
        finally:
            execute(url, f"DROP DATABASE {name} WITH (FORCE)")

    def faults(self, name: str, rows: int) -> dict[str, int]:
        """What the import in this copy lost or made twice."""
        url = on_database(self.servers.superuser_url, name)
        execute(url, f"ANALYZE {', '.join(WRITTEN)}")
        return faults(url, rows=rows, links=self.last["rights_accountlink"])

    def dump(self, name: str, directory: Path) -> None:
        """Write what an import left into files that COPY reads."""
        connection = psycopg2.connect(on_database(self.servers.superuser_url, name))
        with connection.cursor() as cursor:
            for table in WRITTEN:
                key = "job_id" if table == "imports_importrow" else "id"
                rows = f"SELECT {_columns(cursor, table)} FROM {table} WHERE {key} > {self.last[table]} ORDER BY ctid"
                with (directory / table).open("wb") as file:
                    cursor.copy_expert(f"COPY ({rows}) TO STDOUT", file)
        connection.close()

    def load(self, name: str, directory: Path) -> float:
        """Seconds of COPY of those files, in one transaction, past the policies that forbid it to the portal's role."""
        connection = psycopg2.connect(on_database(self.servers.superuser_url, name))
        with connection.cursor() as cursor:
            columns = {table: _columns(cursor, table) for table in WRITTEN}
            connection.rollback()
            began = time.perf_counter()
            for table in WRITTEN:
                with (directory / table).open("rb") as file:
                    cursor.copy_expert(f"COPY {table} ({columns[table]}) FROM STDIN", file)
            connection.commit()
        connection.close()
        return time.perf_counter() - began


def _columns(cursor: Any, table: str) -> str:
    """The columns that are written, in their order."""
    cursor.execute(
        "SELECT string_agg(format('%%I', attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [table],
    )
    return str(cursor.fetchone()[0])
