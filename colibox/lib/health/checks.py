"""The questions of `manage.py doctor`: each answers within seconds, and says how to mend what it finds."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPAuthenticationError
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core import checks as django_checks
from django.core.mail import get_connection
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http.request import validate_host
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from colibox.lib import tenancy
from colibox.lib.cache import shared_cache
from colibox.lib.doorbell import HURRIED
from colibox.lib.health import heartbeat
from colibox.lib.outbox import operating

QUEUES = {"celery", "imports", "mail"}
OLDEST_POSTGRESQL = 16
CLOCK_OFF = 2.0
LEAST_FREE, LEAST_SHARE = 500_000_000, 0.05
MAIL_LATE, SEALS_LATE = timedelta(minutes=10), timedelta(hours=1)
FOLLOW = "Let all machines follow a time server (chrony)."
SMTP_SECONDS, WORKERS_SECONDS, STATEMENT = 5, 2.0, "3s"


@dataclass
class Finding:
    """What one check saw, and what to do where something is wrong; what cannot be examined is no fault of its own."""

    name: str
    ok: bool | None
    said: str
    fix: str = ""
    seconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": round(self.seconds, 2)}


class Fault(Exception):
    """What is wrong, and how to mend it."""

    def __init__(self, said: str, fix: str) -> None:
        super().__init__(said)
        self.fix = fix


START_REDIS = "Start Valkey or Redis; check REDIS_URL."
AWAY = (BrokerError, OSError)


class Unexamined(Exception):
    """What has to answer first."""


def examine() -> list[Finding]:
    """Ask everything; what needs something that does not answer is no fault of its own."""
    findings = [_ask("database", database)]
    by_database = BY_DATABASE if findings[0].ok else dict.fromkeys(BY_DATABASE, _without_database)
    return findings + [_ask(name, check) for name, check in {**by_database, **OTHERS}.items()]


def _without_database() -> str:
    raise Unexamined("database")


def _ask(name: str, check: Callable[[], str]) -> Finding:
    began = time.monotonic()
    try:
        finding = Finding(name, True, check())
    except Fault as fault:
        finding = Finding(name, False, str(fault), fault.fix)
    except Unexamined as first:
        finding = Finding(name, None, f"not examined: the {first} does not answer")
    except Exception as error:  # whatever it is, the other questions are asked
        finding = Finding(name, False, f"{type(error).__name__}: {error}".strip(), "Read the log of this process.")
    finding.seconds = time.monotonic() - began
    return finding


def _row(sql: str, *values: Any) -> tuple[Any, ...]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{STATEMENT}'")
        cursor.execute(sql, values or None)
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def database() -> str:
    """PostgreSQL answers, and is no older than we know."""
    try:
        number, size = _row("SELECT current_setting('server_version_num')::int, pg_database_size(current_database())")
    except DatabaseError as error:
        raise Fault(str(error).strip().splitlines()[0], "Start PostgreSQL; check DATABASE_URL.") from error
    if number // 10_000 < OLDEST_POSTGRESQL:
        raise Fault(f"PostgreSQL {number // 10_000} is too old.", f"Use {OLDEST_POSTGRESQL} or newer.")
    return f"PostgreSQL {number // 10_000}, {size // 1_000_000} MB"


def role() -> str:
    """The portal's own role is under row-level security and owns nothing."""
    name, mighty, owns = _row(
        "SELECT current_user, rolsuper OR rolbypassrls, EXISTS (SELECT FROM pg_class"
        " WHERE relowner = pg_roles.oid AND relkind = 'r') FROM pg_roles WHERE rolname = current_user"
    )
    if mighty or owns:
        why = "passes by row-level security" if mighty else "owns tables"
        fix = "Serve with the role colibox_app of colibox/embedded/roles.sql: DATABASE_URL."
        raise Fault(f"The role {name} {why}.", fix)
    return f"{name} owns nothing"


def row_level_security() -> str:
    """Every table with an account has it, and nobody is let off."""
    (bare, count) = _row(
        "SELECT string_agg(c.relname, ', ' ORDER BY c.relname) FILTER"
        " (WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)), count(*)"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition"
        " AND has_table_privilege(c.oid, 'SELECT')"
    )
    if bare:
        raise Fault(f"Without row-level security: {bare}.", "Run manage.py migrate; restore from a sound backup.")
    return f"on {count} tables"


EVENTS = "accounts_auditevent"
TRACE = (EVENTS, "accounts_auditseal", "accounts_auditerasure", "accounts_audithorizon")
GUARDS = [(table, trigger) for table in TRACE[:3] for trigger in ("append_only", "never_emptied")]
"""What makes a trace of these tables: nobody writes in them but by insertion of events, and by the database itself."""
WRITES = f"GRANT INSERT (every column but id and at) ON {EVENTS}"


UNSEALED = """
    SELECT at FROM accounts_auditevent
    WHERE id > (SELECT coalesce(max(until_id), 0) FROM accounts_auditseal WHERE version = 2) ORDER BY id LIMIT 1
"""
STANDS = (
    "See worker and beat here; else a transaction stays open: SELECT pid, usename, state, xact_start FROM"
    " pg_stat_activity WHERE xact_start < now() - interval '10 minutes'; end it with pg_terminate_backend(pid)."
)


def trace() -> str:
    """The role writes events and nothing else of the trace, whose triggers stand: a restore may have left them out."""
    (may, may_not) = _row(
        "SELECT string_agg(DISTINCT what || ' ' || name, ', ') FILTER (WHERE has_table_privilege(name, what)),"
        " NOT has_column_privilege(%s, 'verb', 'INSERT')"
        " FROM unnest(%s) AS name, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS what",
        EVENTS,
        list(TRACE),
    )
    if may:
        fix = (
            f"As the owner of the tables: REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {', '.join(TRACE)}; then {WRITES}."
        )
        raise Fault(f"The role may rewrite the trace: {may}.", fix)
    if may_not:
        fix = f"As the owner of the tables: {WRITES}."
        raise Fault("The role may not write events: nothing can be changed.", fix)
    (standing,) = _row(
        "SELECT coalesce(array_agg(tgrelid::regclass || ' ' || tgname), '{}') FROM pg_trigger"
        " WHERE tgenabled IN ('O', 'A') AND tgrelid = ANY (%s::regclass[])",
        list(TRACE),
    )
    if missing := [f"{trigger} on {table}" for table, trigger in GUARDS if f"{table} {trigger}" not in standing]:
        fix = "Restore the whole dump anew, with its triggers and privileges: as the superuser, without --no-acl."
        raise Fault(f"The trace can be rewritten: without {', '.join(missing)}.", fix)
    return f"append-only: {len(GUARDS)} triggers, and no privilege of ours but to write events"


def seals() -> str:
    """Events are sealed soon after they happened: whoever holds the pass that seals, be it by accident, is found."""
    with transaction.atomic(), tenancy.everything():
        oldest = _row(UNSEALED)
    if oldest and timezone.now() - oldest[0] > SEALS_LATE:
        raise Fault(f"Nothing was sealed since {oldest[0]:%Y-%m-%d %H:%M} UTC.", STANDS)
    return "nothing waits for long"


def migrations() -> str:
    """None is missing."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        missing = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _back in plan[:5])
        raise Fault(f"{len(plan)} not applied: {missing}.", "DATABASE_URL=$DATABASE_OWNER_URL manage.py migrate")
    return "all applied"


def clock() -> str:
    """This machine and the database agree on the time, and it is later than what was done already."""
    now, done = _row("SELECT clock_timestamp(), (SELECT max(applied) FROM django_migrations)")
    off = (timezone.now() - now).total_seconds()
    if abs(off) > CLOCK_OFF:
        raise Fault(f"{abs(off):.1f} s {'ahead of' if off > 0 else 'behind'} the database.", FOLLOW)
    with transaction.atomic(), tenancy.everything():
        done = max(filter(None, (done, operating.latest())))
    if (ahead := (done - now).total_seconds()) > CLOCK_OFF:
        raise Fault(f"The database's goes behind: something was done {ahead:.0f} s from now.", FOLLOW)
    return f"{abs(off) * 1000:.0f} ms apart from the database"


def outbox() -> str:
    """E-mails leave soon."""
    with transaction.atomic(), tenancy.everything():
        standing = operating.standing()
    since, failed = standing["oldest_waits_since"], standing["mails"]["failed"]
    if since and timezone.now() - since > MAIL_LATE:
        fix = "See worker and mail here; manage.py outbox status says why; then manage.py outbox retry."
        raise Fault(f"An e-mail has waited since {since:%Y-%m-%d %H:%M} UTC.", fix)
    return f"{standing['mails']['pending']} waiting, {standing['held']} held back, {failed} not delivered"


def cache() -> str:
    """Redis answers, and throws nothing away."""
    if not shared_cache().answers():
        raise Fault("It does not answer.", START_REDIS)
    return "answers"


def broker() -> str:
    """What rings the workers takes messages."""
    try:
        with current_app.connection_for_write(transport_options=HURRIED) as bell:
            bell.ensure_connection(max_retries=0, timeout=1)
            client = bell.default_channel.client
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "")
            (seconds, parts), ours = client.time(), time.time()
    except AWAY as error:
        raise Fault(str(error).strip(), START_REDIS) from error
    if (off := abs(ours - seconds - parts / 1_000_000)) > CLOCK_OFF:
        raise Fault(f"Its clock is {off:.1f} s apart from ours.", FOLLOW)
    if policy not in ("", "noeviction"):
        raise Fault(f"It may throw messages away ({policy}).", "Set maxmemory-policy to noeviction.")
    return "takes messages"


def worker() -> str:
    """Somebody works on each queue."""
    try:
        with current_app.connection_for_write(transport_options=HURRIED) as bell:
            listening = current_app.control.inspect(timeout=WORKERS_SECONDS, connection=bell).active_queues() or {}
    except AWAY as error:
        raise Unexamined("broker") from error
    served = {queue["name"] for queues in listening.values() for queue in queues}
    if missing := sorted(QUEUES - served):
        fix = f"Start celery -A colibox worker --queues {','.join(missing)}; its log says why it ended."
        raise Fault(f"Nobody works on: {', '.join(missing)}.", fix)
    return f"{len(listening)} answer: {', '.join(sorted(listening))}"


def beat() -> str:
    """The clock rang lately, and a worker heard it."""
    age = heartbeat.age()
    if age is None and not shared_cache().answers():
        raise Unexamined("cache")
    if age is not None and age < -CLOCK_OFF:
        raise Fault(f"It was heard of {-age:.0f} s from now: a clock went back.", FOLLOW)
    if age is None or age > heartbeat.LATE:
        said = "Nothing was heard of it within a day." if age is None else f"Last heard of {age:.0f} s ago."
        raise Fault(said, "Start celery -A colibox beat, once; it needs the broker and a worker.")
    return f"rang {max(age, 0):.0f} s ago"


def mail() -> str:
    """The mail server lets us in."""
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        raise Fault("No e-mail leaves: they are shown or kept here.", "Set EMAIL_URL to smtp://your.mail.server.")
    try:
        post = get_connection(timeout=SMTP_SECONDS)
        post.open()
        post.close()
    except SMTPAuthenticationError as error:
        raise Fault(f"{server} refuses our name or password.", "Check the name and password in EMAIL_URL.") from error
    except OSError as error:  # which every SMTPException is
        raise Fault(f"{server}: {error.strerror or error}.", "Start the mail server; check EMAIL_URL.") from error
    return f"{server} answers"


def storage() -> str:
    """There is room for what is uploaded and made here."""
    named = {"STATIC_ROOT": settings.ENVIRONMENT.static_root, "MAILBOX_DIR": settings.MAILBOX_DIR}
    if missing := [f"{place} ({name})" for name, place in named.items() if place and not place.is_dir()]:
        raise Fault(f"There is no folder {', '.join(missing)}.", "Run manage.py collectstatic; check the variable.")
    try:
        temporary = Path(tempfile.gettempdir())
        for place in sorted({temporary, *filter(None, named.values())}):
            _check_room(place)
        with tempfile.TemporaryFile() as file:
            file.write(b"room")
    except OSError as error:
        fix = "Files that leave are made in a temporary folder: make one that can be written to, or set TMPDIR."
        raise Fault(f"No temporary file can be written: {error.strerror or error}.", fix) from error
    return f"{shutil.disk_usage(temporary).free // 1_000_000_000} GB free"


def _check_room(place: Path) -> None:
    usage = shutil.disk_usage(place)
    if usage.free < LEAST_FREE or usage.free < usage.total * LEAST_SHARE:
        raise Fault(f"{place}: {usage.free // 1_000_000} MB left.", "Make room, or move it to a larger disk.")


def sound_settings() -> str:
    """What the environment says makes sense together."""
    if settings.DEBUG:
        raise Fault("DEBUG is on: pages show how they are made to everybody.", "Take DEBUG out of the environment.")
    faults = [found for found in django_checks.run_checks() if found.level >= django_checks.ERROR]
    if faults:
        raise Fault("; ".join(str(found.msg) for found in faults), str(faults[0].hint or "Read manage.py check."))
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or ""
    if not validate_host(host, settings.ALLOWED_HOSTS):
        raise Fault(f"{host} of PUBLIC_BASE_URL is not served.", "Add it to ALLOWED_HOSTS, or take that variable out.")
    if settings.SECURE and not settings.SECURE_PROXY_SSL_HEADER:
        fix = "Set TRUSTED_PROXY_COUNT to the number of proxies, which send X-Forwarded-Proto and X-Forwarded-For."
        raise Fault("Addresses begin with https://, and no proxy is trusted: pages lead to themselves.", fix)
    return f"{settings.PUBLIC_BASE_URL}" + ("" if settings.SECURE else ", without TLS: for trying out")


BY_DATABASE = {
    "role": role,
    "row-level security": row_level_security,
    "trace": trace,
    "seals": seals,
    "migrations": migrations,
    "clock": clock,
    "outbox": outbox,
}
OTHERS = {
    "cache": cache,
    "broker": broker,
    "worker": worker,
    "beat": beat,
    "mail": mail,
    "storage": storage,
    "settings": sound_settings,
}
