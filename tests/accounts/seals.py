"""Events that happen and are sealed, and what verification says of them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from accounts import audit, sealing
from accounts.models import CustomerAccount
from colibox.embedded import process
from colibox.lib import tenancy

IS_OVER = """
    SELECT NOT EXISTS (SELECT FROM accounts_audithorizon, pg_snapshot_xip(pg_current_snapshot()) AS running
        WHERE running::text::bigint < transaction)
"""
"""Whether no transaction but our own runs that ran when the horizon was noted."""


def happen(account: CustomerAccount | None, *verbs: str) -> None:
    """Write events that are committed."""
    with transaction.atomic(), tenancy.everything():
        for verb in verbs:
            audit.record(verb, by=None, account_id=account.pk if account else None, after={"tags": ["LYON", "É"]})


def pass_over() -> int:
    """What one pass seals once every transaction that ran at the last one is over, those of other databases too."""

    def is_over() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(IS_OVER)
            return bool(cursor.fetchone()[0])

    assert process.wait_until(is_over, seconds=60)
    return sealing.seal()


def seal() -> int:
    """What two passes seal: the first says how far, the second goes there."""
    return pass_over() + pass_over()


def verify(*options: str) -> tuple[int, Any]:
    """The exit code and what was said, as JSON where it is."""
    out, code = StringIO(), 0
    try:
        call_command("audit_verify", *options, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    said = out.getvalue()
    return code, json.loads(said) if {"--json", "--head"} & set(options) else said
