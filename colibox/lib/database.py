"""Many rows in one statement, and what PostgreSQL says when it refuses one.

COPY is refused under row-level security; rows that travel as an array a column are nearly as quick. What is the
same in all rows may be an expression.
"""

# ruff: noqa: S608 (the names in these statements are those of models)

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections
from django.db.models import AutoField, Field, JSONField, Model, UUIDField
from django.db.models.sql import Query

Rows = Iterable[Sequence[Any]]
"""The values of each row, in the order of the columns."""
STRICTLY = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""Dates and objects are no JSON: nobody would know when it is read what they were."""


def share_niceness() -> None:
    """Let the process of PostgreSQL that works for us, where it runs beside us, be as nice to others as we are."""
    niceness, server = os.nice(0), connection.connection.info
    if not niceness or not server.host.startswith("/"):
        return
    with suppress(OSError):  # there is no such process, or it is not ours
        if Path(f"/proc/{server.backend_pid}/cmdline").read_bytes().startswith(b"postgres: "):
            os.setpriority(os.PRIO_PROCESS, server.backend_pid, niceness)


@contextmanager
def beside() -> Iterator[Executor]:
    """A thread for statements of the current transaction whose end need not be waited for before the next one."""
    lent = connections[DEFAULT_DB_ALIAS]
    lent.inc_thread_sharing()
    try:
        with ThreadPoolExecutor(1, initializer=lambda: connections.__setitem__(DEFAULT_DB_ALIAS, lent)) as thread:
            yield thread
    finally:
        lent.dec_thread_sharing()


def reserve(model: type[Model], count: int) -> list[int]:
    """The primary keys of so many rows to come."""
    sequence = f"pg_get_serial_sequence('{model._meta.db_table}', '{model._meta.pk.column}')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval((SELECT {sequence}::regclass)) FROM generate_series(1, %s)", [count])
        return [pk for (pk,) in cursor.fetchall()]


def insert(
    model: type[Model],
    columns: Sequence[str],
    rows: Rows,
    *,
    skip_conflicts: bool = False,
    returning: bool = False,
    **same: Any,
) -> list[int]:
    """Insert rows; the columns that are named nowhere get their default, a UUID of its own for each row.

    With `skip_conflicts`, those that a unique key forbids are left out. With `returning`, the keys of those that
    were written come back, which asks for the right to see them.
    """
    return insertion(model, columns, rows, skip_conflicts=skip_conflicts, returning=returning, **same)()


def insertion(
    model: type[Model],
    columns: Sequence[str],
    rows: Rows,
    *,
    skip_conflicts: bool = False,
    returning: bool = False,
    **same: Any,
) -> Callable[[], list[int]]:
    """The same, ready to be done: what is left is for PostgreSQL to do."""
    if not (arrays := _arrays(model, columns, rows)):
        return list
    same = {**_defaults(model, {*columns, *same}), **same}
    values, params = _values(model, same)
    names = ", ".join(f'"{_field(model, name).column}"' for name in (*columns, *same))
    these = ", ".join([*(f'each."{name}"' for name in columns), *values])
    sql = f'INSERT INTO "{model._meta.db_table}" ({names}) SELECT {these} FROM {_each(model, columns)}'
    if skip_conflicts:
        sql += " ON CONFLICT DO NOTHING"
    if returning:
        sql += f' RETURNING "{model._meta.pk.column}"'

    def insert() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [*params, *arrays])
            return [pk for (pk,) in cursor.fetchall()] if returning else []

    return insert


def update(model: type[Model], columns: Sequence[str], rows: Rows, **same: Any) -> None:
    """Change rows, found by the first of the columns."""
    if not (arrays := _arrays(model, columns, rows)):
        return
    values, params = _values(model, same)
    new = dict(zip((*columns[1:], *same), (*(f'each."{name}"' for name in columns[1:]), *values), strict=True))
    setting = ", ".join(f'"{_field(model, name).column}" = {value}' for name, value in new.items())
    table, key = model._meta.db_table, _field(model, columns[0]).column
    condition = f'"{table}"."{key}" = each."{columns[0]}"'
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{table}" SET {setting} FROM {_each(model, columns)} WHERE {condition}', [*params, *arrays]
        )


def _arrays(model: type[Model], columns: Sequence[str], rows: Rows) -> list[str]:
    """The rows as the texts of arrays, one a column; none when there is no row."""
    values = zip(*rows, strict=True)
    return [_array(_texts(_field(model, name), column)) for name, column in zip(columns, values, strict=False)]


def _texts(field: Field[Any, Any], values: Sequence[Any]) -> Sequence[str | None]:
    """The values of one column as texts."""
    if isinstance(field, ArrayField):
        return [None if value is None else _array(value) for value in values]
    if isinstance(field, JSONField):
        return [None if value is None else orjson.dumps(value, option=STRICTLY).decode() for value in values]
    return [value if value is None or type(value) is str else str(value) for value in values]


def _array(texts: Sequence[str | None]) -> str:
    """The text of an array. All its texts are escaped at once, joined by what no text of a database contains."""
    if not texts:
        return "{}"
    joined = "\0".join([text or "" for text in texts])
    if joined.count("\0") != len(texts) - 1:
        raise ValueError("A text must not contain NUL.")
    escaped = joined.replace("\\", "\\\\").replace('"', '\\"')
    if None not in texts:
        return '{"' + escaped.replace("\0", '","') + '"}'
    pairs = zip(texts, escaped.split("\0"), strict=True)
    return "{" + ",".join(["NULL" if text is None else f'"{quoted}"' for text, quoted in pairs]) + "}"


def _each(model: type[Model], columns: Sequence[str]) -> str:
    """The rows of such arrays. What is an array itself comes as a text, for arrays of arrays have one length."""
    types = {name: _type(_field(model, name)) for name in columns}
    arrays = ", ".join(f"%s::{'text' if kind.endswith('[]') else kind}[]" for kind in types.values())
    names = ", ".join(f'"{name}"' for name in columns)
    cast = ", ".join(f'"{name}"::{kind}' for name, kind in types.items())
    return f"(SELECT {cast} FROM unnest({arrays}) AS given ({names})) AS each ({names})"


def _type(field: Field[Any, Any]) -> str:
    """The type of the column without its length: a cast would cut what is too long, the column refuses it."""
    return re.sub(r"\(\d+\)", "", field.db_type(connection) or "")


def _values(model: type[Model], same: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """What is the same in all rows, as SQL with its parameters."""
    compiler = Query(model).get_compiler(connection=connection)
    values, params = [], []
    for name, value in same.items():
        field = _field(model, name)
        if hasattr(value, "resolve_expression"):
            sql, given = compiler.compile(value.resolve_expression(Query(model), for_save=True))
        else:
            sql, given = f"%s::{field.db_type(connection)}", [field.get_db_prep_save(value, connection)]
        values.append(sql)
        params.extend(given)
    return values, params


def _defaults(model: type[Model], named: set[str]) -> dict[str, Any]:
    """What the other columns of new rows contain; the database itself fills in keys, clocks and what it computes."""
    left = [field for field in model._meta.concrete_fields if not named & {field.name, field.attname}]
    by_model = [field for field in left if not field.has_db_default() and not field.generated]
    return {
        field.attname: RandomUUID() if isinstance(field, UUIDField) and field.has_default() else field.get_default()
        for field in by_model
        if not isinstance(field, AutoField)
    }


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(name)
    return field


def constraint_of(error: IntegrityError) -> str:
    """The name of the constraint that refused, or an empty text."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
