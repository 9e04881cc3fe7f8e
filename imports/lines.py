"""One row of an import as a table shows it: who it is about, what is asked, what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Count, Value, When
from django.db.models import F as Column
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, gettext_lazy

from colibox.lib.text import Text
from imports import results
from imports.models import ImportJob, ImportRow
from imports.reading.columns import places_of
from rights import catalogue
from rights.actions.many.entries import NO_DAY, NO_PROFILE, Done, Status
from rights.models import AccountLink, Profile
from rights.people.rows import drawn_rights
from rights.places import SITE, SUB_ACCOUNT, Places

SORTS = {"sub_accounts": SUB_ACCOUNT, "sites": SITE}
"""The sort of place that each of these cells names."""
WAITING = "waiting"
"""The verdict on a row that was never reached, its import being cancelled before."""
TO_DO: Mapping[str, Text] = {
    Done.INVITE: gettext_lazy("to invite"),
    Done.UPDATE: gettext_lazy("to update"),
    Done.UNCHANGED: gettext_lazy("nothing to change"),
    Done.SUSPEND: gettext_lazy("to suspend"),
    Done.UNLINK: gettext_lazy("link to remove"),
    Done.REFUSED: gettext_lazy("refused"),
}
PILLS: Mapping[str, tuple[str, str]] = {
    Done.INVITE: ("mail", "pill--invited"),
    Done.UPDATE: ("pencil", ""),
    Done.UNCHANGED: ("check", ""),
    Done.SUSPEND: ("player-pause", "pill--expired"),
    Done.UNLINK: ("unlink", "pill--expired"),
    Done.REFUSED: ("circle-x", "pill--expired"),
}
"""The sign and the colour of what is to be done."""


@dataclass(frozen=True)
class Line:
    """A row, each value ready to be shown."""

    row: ImportRow
    job: ImportJob
    url: str = ""
    places: tuple[str, ...] = ()
    """What the places are called to which they are to be attached; known of the rows of a preview."""
    called: str = ""
    """The name of the profile that is asked for, where it is known."""
    facts: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", self.row.entry or {})

    @property
    def name(self) -> str:
        """Who the row is about, as read, or as typed where the row could not be."""
        identity = self.facts.get("identity", {}) if self.facts else self._typed
        return " ".join(filter(None, [identity.get("first_name", ""), identity.get("last_name", "")]))

    @property
    def kind(self) -> str:
        """Of which kind they are, of a row that could be read."""
        return str(AccountLink.Kind(self.facts.get("kind", AccountLink.Kind.ADVANCED)).label) if self.facts else ""

    @property
    def days(self) -> list[str]:
        """The days of the access that are asked for, in words."""
        words = {"starts_on": gettext("from %(day)s"), "ends_on": gettext("until %(day)s")}
        return [words[name] % {"day": _day(self.facts[name])} for name in words if self.facts.get(name)]

    @property
    def email(self) -> str:
        return _email(self.row) or self._typed.get("email", "")

    @property
    def _typed(self) -> Mapping[str, str]:
        """The cells as they came, by the column that their heading means."""
        cells = self.row.cells
        return {name: cells[place] for name, place in places_of(tuple(self.job.header)).items() if place < len(cells)}

    @property
    def profile(self) -> str:
        """The profile that is asked for, or what was typed of it."""
        if self.facts.get("profile", NO_PROFILE) == NO_PROFILE:
            return ""
        return self.called or self._typed.get("profile", "")

    @property
    def tags(self) -> list[str]:
        return self.facts.get("tags") or []

    @property
    def rights(self) -> SafeString | str:
        """How many rights are asked for, and on demand which; nothing where rights are not spoken of."""
        if not self.facts or self.row.plan in (Done.SUSPEND, Done.UNLINK):
            return ""
        held = (right.code for right in catalogue.RIGHTS if right.code in self.facts["rights"])
        return drawn_rights(tuple(held), get_language() or "")

    @property
    def reached(self) -> bool:
        return self.row.plan == Done.REFUSED or self.job.reached(self.row.number)

    @property
    def to_do(self) -> str:
        return capfirst(str(TO_DO[self.row.plan]))

    @property
    def icon(self) -> str:
        return PILLS[self.row.plan][0]

    @property
    def colour(self) -> str:
        return PILLS[self.row.plan][1]

    @property
    def status(self) -> str:
        """The verdict in the words that administrators know, with the right that it is about."""
        return results.verdict(self.job, self.row)[0]

    @property
    def done(self) -> str:
        return capfirst(results.verdict(self.job, self.row)[1])

    @property
    def passed(self) -> bool:
        return self.reached and self.row.status == Status.OK

    @property
    def explanation(self) -> str:
        return results.explanation(self.row)


class Wrong(NamedTuple):
    """One thing that is wrong with a row."""

    number: int
    column: str
    value: str
    reason: str
    fix: str


def wrongs(rows: Iterable[ImportRow]) -> Iterator[Wrong]:
    """What is wrong with these rows, one thing after the other."""
    for row in rows:
        for fault in row.faults:
            column = fault.get("column") or results.right_of(fault)
            yield Wrong(row.number, column, fault.get("value", ""), fault["reason"], fault.get("fix", ""))


def verdict(job: ImportJob) -> Case:
    """The status of each row, or that it was never reached."""
    refused = When(plan=Done.REFUSED, then=Column("status"))
    waiting = (When(number__range=between, then=Value(WAITING)) for between in job.waiting)
    return Case(refused, *waiting, default=Column("status"), output_field=CharField())


def verdicts(job: ImportJob) -> dict[str, int]:
    """How many rows have each verdict."""
    rows = job.rows.annotate(verdict=verdict(job)).order_by()
    return dict(rows.values_list("verdict").annotate(count=Count("number")))


def with_names(job: ImportJob, rows: Iterable[ImportRow]) -> list[Line]:
    """Lines that call by name the places and profiles that they ask for; no query where none is."""
    rows = list(rows)
    if not any((row.entry or {}).keys() & {*SORTS, "profile"} for row in rows):
        return [Line(row, job) for row in rows]
    places = Places.of(job.account_id)
    profiles = {profile.key: str(profile) for profile in Profile.objects.offered(job.account_id)}
    return [
        Line(row, job, places=_called(row, places), called=profiles.get(_asked(row, "profile"), "")) for row in rows
    ]


def _day(asked: str) -> str:
    return "–" if asked == NO_DAY else date_format(date.fromisoformat(asked), "SHORT_DATE_FORMAT")


def _asked(row: ImportRow, name: str) -> Any:
    return (row.entry or {}).get(name) or ""


def _called(row: ImportRow, places: Places) -> tuple[str, ...]:
    return tuple(places.names((sort, key) for name, sort in SORTS.items() for key in _asked(row, name)))


def with_people(job: ImportJob, rows: Iterable[ImportRow]) -> list[Line]:
    """Lines that lead to the people of the account whom they made or changed: one query for all."""
    rows = list(rows)
    reached = [row for row in rows if row.plan not in (Done.REFUSED, Done.UNLINK)]
    emails = {_email(row) for row in reached if job.reached(row.number)}
    links = AccountLink.objects.for_account(job.account).filter(kind__in=AccountLink.Kind.values, email__in=emails)
    known = dict(links.values_list("email", "uuid"))
    return [Line(row, job, _url(job, row, known)) for row in rows]


def _email(row: ImportRow) -> str:
    return str((row.entry or {}).get("email", ""))


def _url(job: ImportJob, row: ImportRow, known: Mapping[str, Any]) -> str:
    uuid = known.get(_email(row))
    shown = uuid and row.plan not in (Done.REFUSED, Done.UNLINK) and job.reached(row.number)
    return reverse("rights:person", args=[job.account.number, uuid]) if shown else ""
