"""Claims on parcels and what is written about them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import CustomerAccount
from tracking.models.parcels import Parcel
from tracking.scopes import Scope, served


class ClaimQuerySet(models.QuerySet["Claim"]):
    """Claims, bounded to what somebody may follow."""

    def seen(self, scopes: Iterable[Scope]) -> Self:
        """The claims on the parcels about which somebody with these scopes may write to customer service."""
        scopes = served(scopes)
        whole = [scope.account.pk for scope in scopes if scope.everything]
        narrow = [scope for scope in scopes if not scope.everything]
        shown = Exists(Parcel.objects.seen(narrow).filter(pk=OuterRef("parcel")))
        return self.filter(Q(account__in=whole) | Q(shown, account__in=[scope.account.pk for scope in narrow]))


class Claim(models.Model):
    """Something that somebody asks customer service about a parcel."""

    class Reason(models.TextChoices):
        LATE = "late", _("Late or lost")
        DAMAGED = "damaged", _("Damaged")
        NOT_RECEIVED = "missing", _("Shown as delivered, not received")
        CONTENT = "content", _("Something is missing in it")
        RETURNED = "returned", _("Returned without reason")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("claim", "with customer service")
        ANSWERED = "answered", pgettext_lazy("claim", "answered")
        CLOSED = "closed", pgettext_lazy("claim", "closed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(
        CustomerAccount, models.PROTECT, related_name="claims", db_index=False, verbose_name=_("account")
    )  # fmt: skip
    number = models.PositiveIntegerField(_("number"), help_text=_("Counted by account."))
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="claims", verbose_name=_("parcel"))
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    state = models.CharField(_("status"), max_length=8, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=170)
    created_at = models.DateTimeField(_("filed on"), db_default=Now())
    changed_at = models.DateTimeField(_("last change"), db_default=Now())

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint("account", "number", name="claim_number_of_an_account"),
            models.UniqueConstraint("account", "id", name="claim_id_with_account"),
            models.UniqueConstraint(
                "parcel", "reason", condition=~models.Q(state="closed"), name="one_open_claim_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                models.F("changed_at"), name="claims_to_answer", condition=models.Q(state="open")
            ),
            models.Index(models.F("account"), models.F("changed_at").desc(), name="claims_of_an_account"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it is still followed, by one side or the other."""
        return self.state != self.State.CLOSED


class ClaimMessage(models.Model):
    """One message of a claim: the asker's or the carrier's."""

    account_id = models.BigIntegerField()
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="messages", db_constraint=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=170)
    from_staff = models.BooleanField(default=False)
    text = models.TextField(_("message"), max_length=4000)
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("message")
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.text[:60]
