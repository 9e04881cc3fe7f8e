"""What goes beyond one person's rights: changes of owner, reviews of access, the carrier's support visits."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from rights.models.links import AccountLink
from users.models import User


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Changes of owner, by how far they have come."""

    def for_account(self, account: CustomerAccount) -> Self:
        """Those of an account, the latest first."""
        return self.filter(account=account).order_by("-pk")

    def under_way(self) -> Self:
        return self.filter(state__in=Handover.UNDER_WAY)

    def due(self) -> Self:
        """Those whose time to cancel is over."""
        return self.filter(state=Handover.State.ACCEPTED, due_at__lte=Now())

    def lapsed(self) -> Self:
        """Offers that nobody answered in time, and what no second member of staff confirmed."""
        return self.filter(state__in=(Handover.State.OFFERED, Handover.State.ASKED), due_at__lte=Now())


class Handover(models.Model):
    """An account's ownership on its way from one person to another.

    Ordinary: offered, accepted by the successor, done after a time in which it can be cancelled. Forced by
    the carrier: asked by one member of staff with a proof, confirmed by another, announced to the former
    owner, done after a longer time.
    """

    class State(models.TextChoices):
        NAMED = "named", _("successor named")
        OFFERED = "offered", _("offered")
        ASKED = "asked", _("waiting for a second member of staff")
        ACCEPTED = "accepted", _("accepted")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        REFUSED = "refused", _("refused")
        LAPSED = "lapsed", _("not answered in time")

    UNDER_WAY: ClassVar = (State.OFFERED, State.ASKED, State.ACCEPTED)
    EXPECTED: ClassVar = (State.NAMED, *UNDER_WAY)
    """The states that name who is next."""
    ANSWER_WITHIN: ClassVar = timedelta(days=7)
    CANCEL_WITHIN: ClassVar = timedelta(hours=24)
    FORCED_NOTICE: ClassVar = timedelta(hours=72)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="handovers", db_index=False)
    former = models.ForeignKey(AccountLink, models.PROTECT, null=True, related_name="+", db_constraint=False)
    successor = models.ForeignKey(AccountLink, models.PROTECT, related_name="+", db_constraint=False)
    state = models.CharField(_("state"), max_length=9, choices=State)
    forced = models.BooleanField(_("forced by the carrier"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    proof = models.BinaryField(null=True)
    proof_name = models.CharField(_("proof"), max_length=120, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    answered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("takes effect on"), null=True)
    ended_at = models.DateTimeField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of owner")
        verbose_name_plural = _("changes of owner")
        constraints = [
            models.UniqueConstraint(
                "account", condition=Q(state__in=["offered", "asked", "accepted"]), name="one_handover_at_a_time"
            ),
            models.UniqueConstraint("account", condition=Q(state="named"), name="one_named_successor"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("asked_by")), name="two_members_of_staff"
            ),
            models.CheckConstraint(
                condition=~Q(forced=True, state__in=["accepted", "done"])
                | Q(confirmed_by__isnull=False, proof__isnull=False),
                name="forced_with_a_proof",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="handovers_of_an_account"),
            models.Index("due_at", name="handovers_due", condition=Q(state__in=["offered", "accepted"])),
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.successor}"

    @property
    def is_late(self) -> bool:
        """Whether its moment has passed, before the sweeper comes by."""
        return self.due_at is not None and self.due_at <= timezone.now()

    @property
    def is_announced(self) -> bool:
        """Whether the owner was told that the carrier makes another one, and may still object."""
        return self.forced and self.state == Handover.State.ACCEPTED


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Reviews of access, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        """Those of an account, the latest first."""
        return self.filter(account=account).order_by("-pk")


class Campaign(models.Model):
    """A review of who has access to an account: every link is looked at until a day."""

    IDLE: ClassVar = timedelta(days=90)
    """How long before a review an access or a right was not used, to be worth a suggestion."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="campaigns", db_index=False)
    name = models.CharField(_("name"), max_length=80)
    deadline = models.DateField(_("deadline"))
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    opened_by_name = models.CharField(max_length=170)
    opened_at = models.DateTimeField(_("opened on"), db_default=Now(), editable=False)
    closed_by_name = models.CharField(max_length=170, blank=True)
    closed_at = models.DateTimeField(_("closed on"), null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("access review")
        verbose_name_plural = _("access reviews")
        constraints = [
            models.UniqueConstraint("account", condition=Q(closed_at=None), name="one_open_review_an_account"),
            models.UniqueConstraint("account", "id", name="campaign_id_with_account"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_late(self) -> bool:
        """Whether it is open though its last day is over."""
        return not self.closed_at and self.deadline < timezone.localdate()


class ReviewedLinkQuerySet(models.QuerySet["ReviewedLink"]):
    """The rows of reviews, by what is left to do about them."""

    def waiting(self) -> Self:
        """Those about which somebody has to decide."""
        return self.filter(ReviewedLink.WAITING)

    def suggested(self) -> Self:
        """Of these, those for which something is suggested, while it can still be done."""
        return self.filter(ReviewedLink.WAITING, ReviewedLink.SUGGESTED)


class ReviewedLink(models.Model):
    """One link under review: what it was when the review opened, and what was decided."""

    class Decision(models.TextChoices):
        KEEP = "keep", _("keep")
        REDUCE = "reduce", _("reduce")
        SUSPEND = "suspend", _("suspend")

    WAITING: ClassVar = Q(~Q(link__state=AccountLink.State.ENDED), ~Q(link__role=AccountLink.Role.OWNER), decision="")
    """Undecided: the owner stays, and who left needs nobody's decision."""
    SUGGESTED: ClassVar = Q(~Q(suggested=""), link__state=AccountLink.State.ACTIVE)
    """Something is suggested, and can still be done."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="items", db_index=False)
    link = models.ForeignKey(AccountLink, models.CASCADE, related_name="+", db_constraint=False)
    name = models.CharField(_("name"), max_length=170)
    sort_key = models.TextField()
    rights = models.JSONField(default=list)
    last_used_at = models.DateTimeField(_("last use"), null=True)
    suggested = models.CharField(max_length=7, choices=Decision, blank=True, db_default="", editable=False)
    unused = models.JSONField(default=list, help_text="The rights that seem unused, which a reduction would take.")
    decision = models.CharField(_("decision"), max_length=7, choices=Decision, blank=True)
    removed = models.JSONField(default=list)
    decided_by_name = models.CharField(_("decided by"), max_length=170, blank=True)
    decided_at = models.DateTimeField(_("decided on"), null=True)

    objects = ReviewedLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link under review")
        constraints = [
            models.UniqueConstraint("campaign", "link", name="one_review_a_link"),
            models.CheckConstraint(
                condition=Q(decision__in=["", "keep", "reduce", "suspend"]), name="review_decision_is_known"
            ),
        ]
        indexes = [models.Index("campaign", "sort_key", "id", name="reviewed_by_name")]

    def __str__(self) -> str:
        return self.name


class SupportVisit(models.Model):
    """A member of the carrier's staff who looks at the portal as somebody sees it, for a reason, for a while."""

    LASTS: ClassVar = timedelta(minutes=30)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    staff = models.ForeignKey(User, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    account = models.ForeignKey(CustomerAccount, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    began_at = models.DateTimeField(_("began"), db_default=Now(), editable=False)
    ends_at = models.DateTimeField(_("ends"))
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("support visit")
        verbose_name_plural = _("support visits")

    def __str__(self) -> str:
        return f"{self.staff} → {self.person}"
