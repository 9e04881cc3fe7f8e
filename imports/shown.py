"""How an import is shown: its state, its figures, what was read of its file, how fast it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from colibox.lib.numbers import thousands
from colibox.lib.sizes import sized
from colibox.lib.text import Text
from imports.models import ImportJob
from rights.actions.many.entries import Done

State = ImportJob.State

PILLS: Mapping[str, tuple[str, str]] = {
    State.READING: ("refresh", ""),
    State.REFUSED: ("circle-x", "pill--expired"),
    State.READY: ("clock", "pill--invited"),
    State.RUNNING: ("refresh", "pill--invited"),
    State.DONE: ("circle-check", "pill--active"),
    State.CANCELLED: ("player-pause", ""),
}
"""The sign and the colour of each state."""


@dataclass(frozen=True)
class Figure:
    """How many rows have one fate, and the word for it."""

    kind: str
    count: int
    label: str

    @property
    def number(self) -> str:
        return thousands(self.count)


def planned(counts: Mapping[str, int]) -> list[Figure]:
    """What would come of the rows; what would come of none is left out, but for invitations and refusals."""
    words = {
        Done.INVITE: npgettext("import", "to invite", "to invite", counts.get(Done.INVITE, 0)),
        Done.UPDATE: npgettext("import", "to update", "to update", counts.get(Done.UPDATE, 0)),
        Done.UNCHANGED: npgettext("import", "unchanged", "unchanged", counts.get(Done.UNCHANGED, 0)),
        Done.SUSPEND: npgettext("import", "to suspend", "to suspend", counts.get(Done.SUSPEND, 0)),
        Done.UNLINK: npgettext("import", "to remove from the account", "to remove from the account",
                               counts.get(Done.UNLINK, 0)),
        Done.REFUSED: npgettext("import", "refused", "refused", counts.get(Done.REFUSED, 0)),
    }  # fmt: skip
    return _figures(words, counts, always=(Done.INVITE, Done.REFUSED))


def achieved(counts: Mapping[str, int], *, always: Iterable[Done] = (Done.INVITE, Done.REFUSED)) -> list[Figure]:
    """What came of the rows."""
    words = {
        Done.INVITE: npgettext("import", "invited", "invited", counts.get(Done.INVITE, 0)),
        Done.UPDATE: npgettext("import", "updated", "updated", counts.get(Done.UPDATE, 0)),
        Done.UNCHANGED: npgettext("import", "unchanged", "unchanged", counts.get(Done.UNCHANGED, 0)),
        Done.SUSPEND: npgettext("import", "suspended", "suspended", counts.get(Done.SUSPEND, 0)),
        Done.UNLINK: npgettext("import", "removed from the account", "removed from the account",
                               counts.get(Done.UNLINK, 0)),
        Done.REFUSED: npgettext("import", "refused", "refused", counts.get(Done.REFUSED, 0)),
    }  # fmt: skip
    return _figures(words, counts, always=always)


def _figures(words: Mapping[Done, str], counts: Mapping[str, int], *, always: Iterable[Done]) -> list[Figure]:
    shown = [done for done in words if counts.get(done) or done in always]
    return [Figure(done.value, counts.get(done, 0), words[done]) for done in shown]


@dataclass(frozen=True)
class Summary:
    """One import as a list of imports shows it, and the head of its page."""

    job: ImportJob

    @property
    def title(self) -> str:
        return _("Import no. %(number)s") % {"number": self.job.number}

    @property
    def name(self) -> str:
        """What was sent: the name of the file, or that it was a list."""
        return self.job.filename or capfirst(self.job.get_source_display())

    @property
    def size(self) -> str:
        """The size of the file, in the units of the language; nothing of what was no file."""
        if not self.job.filename or not self.job.size:
            return ""
        return sized(self.job.size)

    @property
    def state(self) -> str:
        """Its state; of what waits for nobody, why there is nothing to wait for."""
        job = self.job
        idle = job.planned.get(Done.UNCHANGED, 0) + job.refused
        if job.state == State.READY and idle == job.total:
            return _("To be corrected") if job.refused == job.total else _("Nothing to change")
        if job.state == State.CANCELLED and not job.applied:
            return _("Discarded")
        return capfirst(job.get_state_display())

    @property
    def icon(self) -> str:
        return PILLS[self.job.state][0]

    @property
    def colour(self) -> str:
        return PILLS[self.job.state][1]

    @property
    def rows(self) -> str:
        return thousands(self.job.total) if self.job.total else ""

    @property
    def figures(self) -> str:
        """What came of it, or would, in one line: 9,750 invited, 3 refused."""
        begun = self.job.state in (State.RUNNING, State.DONE, State.CANCELLED)
        figures = achieved(self.job.tally, always=()) if begun else planned(self.job.planned)
        return ", ".join(f"{figure.number} {figure.label}" for figure in figures if figure.count)

    @property
    def kept(self) -> bool:
        """Whether there is a result, and it is still there."""
        job = self.job
        over = job.state in (State.DONE, State.CANCELLED) and job.applied > 0
        return over and job.purged_at is None and job.keep_until > timezone.now()


@dataclass(frozen=True)
class Progress:
    """How far an import that runs has come."""

    job: ImportJob

    @property
    def percent(self) -> int:
        return 100 * self.job.applied // max(self.job.total, 1)

    @property
    def step(self) -> int:
        """The tens of percent: what is said aloud, each once."""
        return self.percent // 10 * 10

    @property
    def label(self) -> str:
        facts = {"done": thousands(self.job.applied), "total": thousands(self.job.total)}
        return _("%(done)s of %(total)s rows") % facts

    @property
    def note(self) -> str:
        """The speed and the time left, once there is something to tell them by."""
        rate = self._rate
        if not rate:
            return ""
        left = timedelta(seconds=(self.job.total - self.job.applied) / rate)
        return " · ".join([_speed(rate), _left(left)])

    @property
    def _rate(self) -> float:
        """Rows a second."""
        if not self.job.applied or self.job.started_at is None:
            return 0.0
        return self.job.applied / max((timezone.now() - self.job.started_at).total_seconds(), 1.0)


def _speed(rate: float) -> str:
    n = max(round(rate), 1)
    return ngettext("%(n)s row a second", "%(n)s rows a second", n) % {"n": thousands(n)}


def _left(left: timedelta) -> str:
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return _("less than a minute left")
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}


# What was found out about a file.

ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "mac-roman": "Mac Roman",
}
SEPARATORS: Mapping[str, Text] = {
    ";": gettext_lazy("semicolons"),
    ",": gettext_lazy("commas"),
    "\t": gettext_lazy("tabs"),
    "|": gettext_lazy("vertical bars"),
}


def found(job: ImportJob) -> dict[str, Any]:
    """What was found out about the file, in words: how it was read, what was repaired, what was left out."""
    facts = job.found
    return {
        "how": _how(job),
        "repairs": [_repaired(what, n) for what, n in facts.get("repairs", {}).items() if n],
        "unknown": [_unknown(column, facts.get("meant", {})) for column in facts.get("unknown", [])],
        "missing": facts.get("missing", []),
        "not_held": facts.get("not_held", []),
        "left_out": _left_out(facts),
    }


def _how(job: ImportJob) -> str:
    """CSV, Windows-1252, semicolons; or XLSX, sheet “Users”; or that it was a list."""
    facts = job.found
    if job.source == ImportJob.Source.LIST:
        return capfirst(job.get_source_display())
    encoding, separator, sheet = (facts.get(name, "") for name in ("encoding", "separator", "sheet"))
    said = [
        str(facts.get("format", "")).upper(),
        ENCODINGS.get(encoding, encoding),
        str(SEPARATORS.get(separator, separator)),
        _("sheet “%(name)s”") % {"name": sheet} if sheet else "",
    ]
    return ", ".join(filter(None, said))


def _repaired(what: str, n: int) -> str:
    """One kind of damage that Excel did, and that was put right."""
    sentences = {
        "postcode": ngettext("%(n)s postcode: its leading zero put back",
                             "%(n)s postcodes: their leading zero put back", n),
        "telephone": ngettext("%(n)s telephone number: its leading zero put back",
                              "%(n)s telephone numbers: their leading zero put back", n),
        "email": ngettext("%(n)s e-mail address: freed of what surrounded it",
                          "%(n)s e-mail addresses: freed of what surrounded them", n),
        "quotes": ngettext("%(n)s cell: quotes or spaces that cannot be seen replaced",
                           "%(n)s cells: quotes or spaces that cannot be seen replaced", n),
        "formula": ngettext("%(n)s cell: the text of a formula taken",
                            "%(n)s cells: the text of a formula taken", n),
        "apostrophe": ngettext("%(n)s cell: the apostrophe before its text removed",
                               "%(n)s cells: the apostrophe before their text removed", n),
    }  # fmt: skip
    return sentences.get(what, "%(n)s " + what) % {"n": thousands(n)}


def _unknown(column: str, meant: Mapping[str, str]) -> str:
    """A heading that was not understood, with the one that may have been meant."""
    if column not in meant:
        return column
    return _("%(column)s: did you mean “%(meant)s”?") % {"column": column, "meant": meant[column]}


def _left_out(facts: Mapping[str, Any]) -> list[str]:
    empty, comments = facts.get("empty_rows", 0), facts.get("comments", 0)
    return [
        text % {"n": thousands(n)}
        for n, text in (
            (empty, ngettext("%(n)s empty row", "%(n)s empty rows", empty)),
            (comments, ngettext("%(n)s row of comment", "%(n)s rows of comment", comments)),
        )
        if n
    ]
