"""Queries whose SQL is worked out once, for what every call of a program asks: building it takes longer than asking."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

MARK = 2_147_483_629
"""Stands for the value to come while the SQL is worked out; no key has it."""


class Compiled:
    """A query of plain values about one key; it is worked out at the first call."""

    def __init__(self, make: Callable[[int], QuerySet[Any, Any]]) -> None:
        self.make = make

    def __call__(self, key: int) -> list[tuple[Any, ...]]:
        """Its rows for this key."""
        sql, params = self._statement
        with connection.cursor() as cursor:
            cursor.execute(sql, [key if value == MARK else value for value in params])
            return list(cursor.fetchall())

    @cached_property
    def _statement(self) -> tuple[str, tuple[Any, ...]]:
        sql, params = self.make(MARK).query.sql_with_params()
        if MARK not in params:
            raise ValueError("The key is not among the parameters of the query.")
        return sql, tuple(params)
