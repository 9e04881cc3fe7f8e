"""The accounts in reach of the current transaction, as PostgreSQL's row-level security reads them.

Every tenant table has a policy on these settings; when none is set, no row is visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

SETTINGS = ("colibox.accounts", "colibox.user", "colibox.invitation", "colibox.everything")


@contextmanager
def scope(
    *, accounts: Iterable[int] = (), user: int | None = None, invitation: str = "", everything: bool = False
) -> Iterator[None]:
    """Within, only the rows of these accounts, of this person's links or of this invitation are in reach.

    Needs a transaction: the settings are local to it, so that no pooled connection keeps them. Nested
    scopes replace each other; an exception leaves the restoring to the rollback.
    """
    before = reach(accounts=accounts, user=user, invitation=invitation, everything=everything)
    yield
    _set(before)


@contextmanager
def everything() -> Iterator[None]:
    """Within, all accounts are in reach: for the sweepers, the commands and the operators' pages."""
    with scope(everything=True):
        yield


def reach(
    *, accounts: Iterable[int] = (), user: int | None = None, invitation: str = "", everything: bool = False
) -> tuple[str, ...]:
    """Set what is in reach from here to the end of the transaction or of the enclosing scope; what was before."""
    listed = ",".join(str(int(pk)) for pk in accounts)
    return _set((listed, str(user or ""), invitation, "on" if everything else ""))


def _set(values: tuple[str, ...]) -> tuple[str, ...]:
    """Write the settings in one statement, which reads what they were first: columns are evaluated in order."""
    if not connection.in_atomic_block:
        raise RuntimeError("A tenancy scope needs a transaction.")
    before = ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in SETTINGS)
    after = ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {before}, {after}", values)
        return tuple(cursor.fetchone()[: len(SETTINGS)])


# What migrations install.

IN_REACH = (
    "((SELECT current_setting('colibox.everything', true)) = 'on' OR {column} = ANY ("
    "(SELECT string_to_array(NULLIF(current_setting('colibox.accounts', true), ''), ',')::bigint[])::bigint[]))"
)
"""The condition of a tenant policy. The sub-selects are evaluated once a statement, not once a row."""


def protect(table: str, column: str = "account_id") -> str:
    """The SQL that puts a table under row-level security by the account in that column.

    FORCE holds for the owner too; the owner that migrates gets a policy of its own.
    """
    condition = IN_REACH.format(column=column)
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} USING ({condition}) WITH CHECK ({condition});
        CREATE POLICY owner ON {table} TO CURRENT_USER USING (true) WITH CHECK (true);
    """
