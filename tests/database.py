"""pytest plugin: test databases are made by the role that owns the tables, and tested by the one that serves.

Row-level security then holds in every test as it does in production.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management.commands import flush
from django.db import connection
from pytest_django import DjangoDbBlocker

KEPT = {"django_content_type", "auth_permission"}
"""Written by migrations: to write them again after each test that commits would take longer than to empty the rest."""


def _become(url: str) -> None:
    """Make the default connection, here and in every thread to come, use the role of this address."""
    parts = urlsplit(url)
    connection.close()
    connection.settings_dict["USER"] = unquote(parts.username or "")
    connection.settings_dict["PASSWORD"] = unquote(parts.password or "")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Create as the owner: a copy of the template, or by all the migrations on a server that was given to us."""
    _become(os.environ["DATABASE_OWNER_URL"])
    if template := os.environ.get("TEST_TEMPLATE"):
        connection.settings_dict["TEST"] |= {"TEMPLATE": template, "MIGRATE": False}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Test as the serving role; be the owner again when the database is to be destroyed."""
    role = urlsplit(os.environ["DATABASE_URL"]).username
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Only tests need this: those that commit empty the tables after themselves, those of plans analyse them.
            cursor.execute(f'GRANT TRUNCATE, MAINTAIN ON ALL TABLES IN SCHEMA public TO "{role}"')
            # Django writes these anew after a test that emptied them.
            cursor.execute(f'GRANT INSERT ON django_content_type, auth_permission TO "{role}"')
            for table in ("auditevent", "auditseal", "auditerasure"):
                cursor.execute(f"ALTER TABLE accounts_{table} DISABLE TRIGGER never_emptied")
        _become(os.environ["DATABASE_URL"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", _emptying)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield
    with django_db_blocker.unblock():
        _become(os.environ["DATABASE_OWNER_URL"])


def _emptying(style: Any, database: Any, **options: bool) -> list[str]:
    """The statements that empty what tests write to."""
    tables = set(database.introspection.django_table_names(only_existing=True, include_views=False))
    statements: list[str] = database.ops.sql_flush(style, tables - KEPT, **options)
    return statements
