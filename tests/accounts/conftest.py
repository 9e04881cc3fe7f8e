"""The owner of the tables, against whom the trace is protected by its seals alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection


@pytest.fixture
def owner() -> Iterator[Any]:
    """The tables' owner, in whose hands no trigger and no policy holds."""
    name = connection.settings_dict["NAME"]
    opened = psycopg2.connect(os.environ["DATABASE_OWNER_URL"], dbname=name)  # type: ignore[no-untyped-call]
    opened.autocommit = True

    def do(sql: str, *values: Any, table: str = "accounts_auditevent") -> None:
        with opened.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
            cursor.execute(sql, values)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")

    yield do
    opened.close()
