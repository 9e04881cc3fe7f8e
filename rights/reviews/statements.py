"""The statement of a review of access: who decided what about whom, and when, as lines of a file and on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from colibox.lib import pdf, tenancy
from colibox.lib.pdf import Column
from rights import catalogue
from rights.models import AccountLink, Campaign, ReviewedLink
from rights.reviews.campaigns import ROLES, STATUSES, progress

AT_ONCE = 2000
MOST_ON_PAPER = 5000
"""Beyond so many rows the kept are counted on paper, and named in the file only."""


def _labels(labels: Mapping[str, catalogue.Text]) -> dict[str, str]:
    return {code: capfirst(str(label)) for code, label in labels.items()}


@dataclass
class Words:
    """What a statement says, in the language of the request."""

    account: str
    rights: dict[str, str] = field(default_factory=lambda: {r.code: r.full_label for r in catalogue.RIGHTS})
    roles: dict[str, str] = field(default_factory=lambda: _labels(ROLES))
    decisions: dict[str, str] = field(default_factory=lambda: _labels(STATUSES))

    def __post_init__(self) -> None:
        self.zone = timezone.get_current_timezone()
        self.undecided, self.never = str(STATUSES["undecided"]), pgettext("use", "never")
        self.withdrawn = _("Invitation withdrawn")
        self.left, self.owner = _("Link removed during the review"), _("Owner, stays")
        self.headers = [
            _("Customer account number"), _("Name"), _("Email"), _("Role"), _("Rights at the opening"), _("Last use"),
            _("Decision"), _("Rights withdrawn"), _("Decided by"), _("Decided on"),
        ]  # fmt: skip

    def cells(self, row: ReviewedLink) -> list[str]:
        """One row, in the order of the headers."""
        return [
            self.account,
            row.name,
            row.link.shown_email,
            self.roles[row.link.role],
            self.named(row.rights),
            self.moment(row.last_used_at) or self.never,
            self.decision(row),
            self.named(row.removed),
            row.decided_by_name,
            self.moment(row.decided_at),
        ]

    def decision(self, row: ReviewedLink) -> str:
        """What came of it; why nothing had to be decided, where so."""
        if row.decision == ReviewedLink.Decision.SUSPEND and not row.link.accepted:
            return self.withdrawn
        if row.decision:
            return self.decisions[row.decision]
        if row.link.state == AccountLink.State.ENDED:
            return self.left
        return self.owner if row.link.role == AccountLink.Role.OWNER else self.undecided

    def named(self, codes: list[str]) -> str:
        known = [label for code, label in self.rights.items() if code in codes]
        return ", ".join([*known, *(code for code in codes if code not in self.rights)])

    def moment(self, moment: datetime | None) -> str:
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def lines(campaign: Campaign, words: Words) -> Iterator[list[str]]:
    """The statement as lines of a file, in a transaction and a reach of their own."""
    yield words.headers
    with transaction.atomic(), tenancy.scope(accounts=[campaign.account_id]):
        yield from map(words.cells, _rows(campaign))


def _rows(campaign: Campaign) -> Iterator[ReviewedLink]:
    rows = ReviewedLink.objects.filter(campaign=campaign).select_related("link").order_by("sort_key", "pk")
    return rows.iterator(chunk_size=AT_ONCE)


def paper(campaign: Campaign, words: Words) -> bytes:
    """The statement as PDF, with room to sign."""
    with pdf.LOCK:
        title = _("Statement of the access review “%(name)s”") % {"name": campaign.name}
        page = pdf.Document(f"Colibox · {words.account} · {title}")
        page.heading(title)
        page.facts(_facts(campaign, words))
        _table(page, campaign, words)
        page.heading(_("Signature"), 12)
        page.facts([(_("Name and function"), ""), (_("Date"), ""), (_("Signature"), "")])
        return page.finished()


def _facts(campaign: Campaign, words: Words) -> Iterator[tuple[str, str]]:
    done = progress(campaign)
    yield _("Account"), f"{words.account} {campaign.account.company}"
    yield _("Opened"), f"{_shown(campaign.opened_at)}, {campaign.opened_by_name}"
    yield _("Deadline"), date_format(campaign.deadline, "SHORT_DATE_FORMAT")
    if campaign.closed_at:
        yield _("Closed"), f"{_shown(campaign.closed_at)}, {campaign.closed_by_name}"
    else:
        yield _("Closed"), _("not yet: this statement is provisional")
    yield _("People"), str(done.total)
    for label, count in zip(STATUSES.values(), (done.waiting, done.kept, done.reduced, done.suspended), strict=True):
        yield str(label), str(count)


def _table(page: pdf.Document, campaign: Campaign, words: Words) -> None:
    rows, kept = _rows(campaign), 0
    if ReviewedLink.objects.filter(campaign=campaign).count() > MOST_ON_PAPER:
        named = ReviewedLink.objects.filter(campaign=campaign)
        kept = named.filter(decision=ReviewedLink.Decision.KEEP).count()
        named = named.exclude(decision=ReviewedLink.Decision.KEEP).select_related("link").order_by("sort_key", "pk")
        rows = named[:MOST_ON_PAPER].iterator(chunk_size=AT_ONCE)
    columns = [
        Column(_("Name"), 32), Column(_("Role"), 32), Column(_("Last use"), 30), Column(_("Decision"), 26),
        Column(_("Rights withdrawn"), 32), Column(_("Decided by"), 26), Column(_("Decided on"), 28),
    ]  # fmt: skip
    page.table(columns, (_cells(row, words) for row in rows))
    if kept:
        text = ngettext("%(n)s person kept is in the file only.", "%(n)s people kept are in the file only.", kept)
        page.paragraph(text % {"n": kept})


def _cells(row: ReviewedLink, words: Words) -> list[str]:
    used = _day(row.last_used_at) or words.never
    done = words.named(row.removed)
    return [row.name, words.roles[row.link.role], used, words.decision(row), done, row.decided_by_name,
            _shown(row.decided_at)]  # fmt: skip


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT") if moment else ""


def _shown(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""
