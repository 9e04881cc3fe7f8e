"""Reviews of access as pages show them: how far one has come, and the rows asked for, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from colibox.lib.asking import LONGEST, Chip, Question, as_uuid, one
from colibox.lib.text import Text, fold, line
from rights.models import AccountLink, Campaign, ReviewedLink

SIZE = 50
UNDECIDED, SUGGESTED = "undecided", "suggested"
STATUSES: Mapping[str, Text] = {
    UNDECIDED: gettext_lazy("Undecided"),
    ReviewedLink.Decision.KEEP: pgettext_lazy("review", "Kept"),
    ReviewedLink.Decision.REDUCE: pgettext_lazy("review", "Reduced"),
    ReviewedLink.Decision.SUSPEND: pgettext_lazy("review", "Suspended"),
}
FILTERS: Mapping[str, Text] = {**STATUSES, SUGGESTED: gettext_lazy("Undecided, with a suggestion")}
USES: Mapping[str, Text] = {
    "never": pgettext_lazy("access", "Never used"),
    "idle": gettext_lazy("Not used for 90 days"),
}
ROLES: Mapping[str, Text] = dict(AccountLink.Role.choices)


@dataclass(frozen=True)
class Asked(Question):
    """A question to the rows of a review."""

    words: str = ""
    status: str = ""
    use: str = ""
    role: str = ""
    after: UUID | None = field(default=None, compare=False)
    before: UUID | None = field(default=None, compare=False)

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """What this query asks."""
        return cls(
            words=line(query.get("q"), LONGEST),
            status=one(query.get("status"), FILTERS),
            use=one(query.get("use"), USES),
            role=one(query.get("role"), ROLES),
            after=as_uuid(query.get("after")),
            before=as_uuid(query.get("before")),
        )

    def pairs(self) -> list[tuple[str, str]]:
        asked = [("q", self.words), ("status", self.status), ("use", self.use), ("role", self.role)]
        return [(name, value) for name, value in asked if value]

    def chips(self) -> list[Chip]:
        """The active filters, each with the address that removes it."""
        return [
            *self.chip("words", pgettext("filter", "Search"), self.words),
            *self.chip("status", _("Decision"), FILTERS.get(self.status, "")),
            *self.chip("use", _("Use"), USES.get(self.use, "")),
            *self.chip("role", _("Role"), ROLES.get(self.role, "")),
        ]

    def rows(self, campaign: Campaign) -> QuerySet[ReviewedLink]:
        """The rows of a review that are asked for, by name."""
        rows = ReviewedLink.objects.filter(campaign=campaign)
        if self.status == UNDECIDED:
            rows = rows.waiting()
        elif self.status == SUGGESTED:
            rows = rows.suggested()
        elif self.status:
            rows = rows.filter(decision=self.status)
        if self.use:
            never = Q(last_used_at=None)
            rows = rows.filter(never if self.use == "never" else Q(last_used_at__lt=campaign.opened_at - Campaign.IDLE))
        if self.role:
            rows = rows.filter(link__role=self.role)
        for word in fold(self.words).split():
            rows = rows.filter(sort_key__contains=word)
        return rows.order_by("sort_key", "pk")


@dataclass
class Page:
    """One page of the rows asked for, found by the key of the row before or after it."""

    campaign: Campaign
    asked: Asked
    rows: list[ReviewedLink] = field(init=False)
    previous: bool = False
    next: bool = False

    def __post_init__(self) -> None:
        found = list(self._found().select_related("link__account")[: SIZE + 1])
        more, found = len(found) > SIZE, found[:SIZE]
        backwards = self.key is not None and self.asked.before is not None
        self.rows = found[::-1] if backwards else found
        self.previous = more if backwards else self.key is not None
        self.next = backwards or more

    @cached_property
    def key(self) -> Sequence[Any] | None:
        """The place of the row that was named, which may no longer be among those asked for."""
        named = self.asked.before or self.asked.after
        if named is None:
            return None
        rows = ReviewedLink.objects.filter(campaign=self.campaign, uuid=named)
        return rows.values_list("sort_key", "pk").first()

    def _found(self) -> QuerySet[ReviewedLink]:
        rows, order = self.asked.rows(self.campaign), Tuple(F("sort_key"), F("pk"))
        if self.key is None:
            return rows
        if self.asked.before:
            return rows.filter(TupleLessThan(order, tuple(self.key))).order_by("-sort_key", "-pk")
        return rows.filter(TupleGreaterThan(order, tuple(self.key)))

    @cached_property
    def count(self) -> int:
        return self.asked.rows(self.campaign).order_by().count()

    @property
    def previous_url(self) -> str:
        return self.asked.url(before=self.rows[0].uuid) if self.previous and self.rows else ""

    @property
    def next_url(self) -> str:
        return self.asked.url(after=self.rows[-1].uuid) if self.next and self.rows else ""


@dataclass(frozen=True)
class Progress:
    """How far a review has come."""

    total: int
    waiting: int
    kept: int
    reduced: int
    suspended: int
    suggested: int = 0

    @property
    def settled(self) -> int:
        return self.kept + self.reduced + self.suspended

    @property
    def asked(self) -> int:
        """About how many people something is to be decided: the owner stays, and who left left."""
        return self.settled + self.waiting


def progress(campaign: Campaign) -> Progress:
    """What is decided of a review and what is not."""
    return progress_of([campaign])[campaign.pk]


def progress_of(campaigns: Sequence[Campaign]) -> dict[int, Progress]:
    """The same of several reviews; one statement."""
    decision = ReviewedLink.Decision
    rows = ReviewedLink.objects.filter(campaign__in=campaigns).order_by()
    counted = rows.values_list("campaign").annotate(
        total=Count("pk"),
        waiting=Count("pk", filter=ReviewedLink.WAITING),
        kept=Count("pk", filter=Q(decision=decision.KEEP)),
        reduced=Count("pk", filter=Q(decision=decision.REDUCE)),
        suspended=Count("pk", filter=Q(decision=decision.SUSPEND)),
        suggested=Count("pk", filter=ReviewedLink.WAITING & ReviewedLink.SUGGESTED),
    )
    found = {campaign: Progress(*counts) for campaign, *counts in counted}
    return {campaign.pk: found.get(campaign.pk, Progress(0, 0, 0, 0, 0)) for campaign in campaigns}
