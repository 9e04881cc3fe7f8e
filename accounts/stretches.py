"""Where in a long history to look: the keys that two days bound, and how far one page goes for what is rare in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from accounts.models import AuditEvent

LAST_KEY = 2**63 - 1
LOOKED_THROUGH = 10_000
"""So many events of a history are looked through for one page, when no index knows what is asked for."""
SLACK = timedelta(days=1)
"""Longer than any transaction: keys are dealt in the order of the moments, but for as long as one runs."""
HALVES = """
    WITH RECURSIVE halves (low, high) AS (
        SELECT 0::bigint, coalesce((SELECT id FROM ({source}) AS s ORDER BY id DESC LIMIT 1), 0)
        UNION ALL
        SELECT CASE WHEN met.at < %s THEN met.id ELSE low END, CASE WHEN met.at < %s THEN high ELSE (low + high) / 2 END
        FROM halves LEFT JOIN LATERAL (
            SELECT id, at FROM ({source}) AS s WHERE id > (low + high) / 2 ORDER BY id LIMIT 1) AS met ON true
        WHERE high - low > 500
    ) SELECT low, high FROM halves ORDER BY high - low LIMIT 1
"""
"""Two keys: the event of the lower one is before a moment, whatever is above the higher one is not."""


class End(NamedTuple):
    """The event at which one ceased to look."""

    key: int
    at: datetime


def within(source: QuerySet[AuditEvent], since: datetime | None, until: datetime | None) -> QuerySet[AuditEvent]:
    """Of these events, those whose keys may be of moments from `since` until `until`, by halves: no index of them."""
    if since:
        source = source.filter(pk__gt=_around(source, since - SLACK)[0])
    return source.filter(pk__lte=_around(source, until + SLACK)[1]) if until else source


def _around(source: QuerySet[AuditEvent], moment: datetime) -> tuple[int, int]:
    statement, values = source.order_by().values("id", "at").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(HALVES.format(source=statement), [*values, moment, moment, *values])
        low, high = cursor.fetchone()
    return low, high


def end(sources: Sequence[QuerySet[AuditEvent]], order: str) -> End | None:
    """Where to cease when one looks through these in this order: at one event for all; None where they end before."""
    found: list[tuple[int, datetime]] = []
    for source in sources:
        last = source.order_by(order).values("pk")[LOOKED_THROUGH : LOOKED_THROUGH + 1]
        found += AuditEvent.objects.filter(pk__in=last).values_list("pk", "at")
    return End(*(max(found) if order.startswith("-") else min(found))) if found else None
