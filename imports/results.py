"""What came of an import, as the lines of a file: a pure function of its rows, made anew for each download."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from colibox.lib import tenancy
from imports.models import ImportJob, ImportRow
from rights import catalogue
from rights.actions.many.entries import Done, Status

AT_ONCE = 1000
WHAT_WAS_DONE: dict[str, str | Promise] = {
    Done.INVITE: gettext_lazy("invitation sent"),
    Done.UPDATE: gettext_lazy("rights and tags updated"),
    Done.UNCHANGED: gettext_lazy("nothing to change"),
    Done.SUSPEND: gettext_lazy("access suspended"),
    Done.UNLINK: gettext_lazy("link removed"),
    Done.REFUSED: gettext_lazy("nothing was done"),
}


class Told(NamedTuple):
    """What a line is made of: ten thousand of these cost less than a thousand models."""

    number: int
    cells: list[str]
    plan: str
    status: str
    faults: list[dict[str, str]]


def result_lines(job: ImportJob, *, refused_only: bool = False) -> Iterator[list[str]]:
    """The header, then a line a row, in the language of who sent the file.

    Of all rows: number, status, what was done, details, then the cells as they came. Of the refused ones:
    the cells, then the error in a column that is not read, so that the file can be corrected and sent back.
    In a transaction and a reach of its own, whoever asks.
    """
    with transaction.atomic(), tenancy.scope(accounts=[job.account_id]), translation.override(job.language):
        if refused_only:
            yield [*job.header, _("Error")]
            for row in _rows(job, plan=Done.REFUSED):
                yield [*_cells(job, row), explanation(row)]
        else:
            yield [_("Row"), _("Status"), _("Result"), _("Details"), *job.header]
            verdicts: dict[tuple[str, str, bool], tuple[str, str]] = {}
            for row in _rows(job):
                if row.faults:
                    said = verdict(job, row)
                else:  # thousands are alike
                    alike = row.plan, row.status, job.reached(row.number)
                    said = verdicts.get(alike) or verdicts.setdefault(alike, verdict(job, row))
                yield [str(row.number), *said, explanation(row), *_cells(job, row)]


def _rows(job: ImportJob, **which: str) -> Iterator[Told]:
    cells, faults = (Cast(name, TextField()) for name in ("cells", "faults"))
    rows = job.rows.filter(**which).order_by("number").values_list("number", cells, "plan", "status", faults)
    for number, texts, plan, status, wrong in rows.iterator(chunk_size=AT_ONCE):
        yield Told(number, orjson.loads(texts), plan, status, orjson.loads(wrong))


def verdict(job: ImportJob, row: ImportRow | Told) -> tuple[str, str]:
    """The status of a row, with the right it names, and what was done; both empty for what was never reached."""
    if row.plan != Done.REFUSED and not job.reached(row.number):
        return "", _("not processed")
    return status_of(row), _what_was_done(row.plan, get_language())


@lru_cache(maxsize=32)
def _what_was_done(plan: str, language: str | None) -> str:
    return str(WHAT_WAS_DONE[plan])


@lru_cache(maxsize=32)
def _status(status: str, language: str | None) -> str:
    return str(Status(status).label)


def status_of(row: ImportRow | Told) -> str:
    """One of the four statuses, completed by the right that it is about."""
    status = _status(row.status, get_language())
    if row.status not in (Status.RIGHT, Status.CHOICE):
        return status
    rights = dict.fromkeys(name for fault in row.faults if (name := right_of(fault)))
    return _("%(status)s: %(rights)s") % {"status": status, "rights": ", ".join(rights)} if rights else status


def right_of(fault: dict[str, Any]) -> str:
    """The label of the right that a fault is about; empty when it is about none."""
    right = catalogue.BY_CODE.get(fault.get("right", ""))
    return right.full_label if right else ""


def explanation(row: ImportRow | Told) -> str:
    """What is wrong with a row, in one text: column, value, reason, fix."""
    return " ".join(map(_told, row.faults))


def _told(fault: dict[str, str]) -> str:
    told = " ".join(filter(None, [fault["reason"], fault.get("fix", "")]))
    if fault["value"]:
        return _("%(column)s “%(value)s”: %(told)s") % {**fault, "told": told}
    return _("%(column)s: %(told)s") % {**fault, "told": told} if fault["column"] else told


def _cells(job: ImportJob, row: Told) -> list[str]:
    """The cells of a row, as many as the header has."""
    cells: list[str] = row.cells[: len(job.header)]
    return cells + [""] * (len(job.header) - len(cells))
