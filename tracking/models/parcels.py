"""Parcels, what happens to them, the numbers an account draws from, the slips they are handed over with."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from colibox.lib.text import Fold
from tracking import events, numbers, products
from tracking.events import Status
from tracking.scopes import Scope


def _status_of(code: str) -> Case:
    """The status that a code of an event stands for, as the database works it out."""
    whens = [When(**{f"{code}__in": events.codes(status)}, then=Value(status.value)) for status in Status]
    return Case(
        When(cancelled_at__isnull=False, then=Value(Status.CANCELLED.value)),
        *whens[:-1],
        default=Value(Status.ANNOUNCED.value),
    )


def _step_of(code: str) -> Case:
    whens = [
        When(**{f"{code}__in": [kind.code for kind in events.KINDS if kind.step == step]}, then=Value(step))
        for step in events.STEPS
    ]
    return Case(*whens, default=Value(0))


TO_HAND_OVER = Q(slip__isnull=True, cancelled_at__isnull=True, event="DR1", label__isnull=False)
"""What a deposit slip is still to be made for: franked here, announced only, on no slip."""


class ParcelQuerySet(models.QuerySet["Parcel"]):
    """Parcels, bounded to what somebody may see."""

    def for_account(self, account: CustomerAccount) -> Self:
        """All the parcels of an account."""
        return self.filter(account=account)

    def seen(self, scopes: Iterable[Scope]) -> Self:
        """The parcels that somebody with these scopes may see: the one definition, for pages, exports and services."""
        return self.filter(Q(*(scope.condition for scope in scopes), _connector=Q.OR)) if scopes else self.none()


class Parcel(models.Model):
    """One parcel of an account; its status is that of its latest event, kept by the database."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="parcels", db_index=False)
    number = models.CharField(_("parcel number"), max_length=15)
    product = models.CharField(_("product"), max_length=4, choices=[(p.code, p.label) for p in products.PRODUCTS])
    reference = models.CharField(_("client reference"), max_length=30, blank=True)
    is_pass = models.BooleanField(_("PASS"), default=False, help_text=_("Sent with the Pass delivery offer."))
    addressee = models.CharField(_("addressee"), max_length=110)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    weight = models.PositiveIntegerField(_("weight"), help_text=_("In grams."))
    tag = models.CharField(_("tag"), max_length=40, blank=True)
    user_key = models.CharField(_("user key"), max_length=13, blank=True)

    franked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )  # fmt: skip
    franked_by_name = models.CharField(_("franked by"), max_length=170, blank=True)
    franked_with = models.CharField(max_length=8, blank=True, help_text="The public part of the connection key.")
    pickup_point = models.CharField(_("pickup point"), max_length=6, blank=True)
    label = models.JSONField(null=True, help_text="What is printed: tracking.labels.Label, as a dictionary.")
    slip = models.ForeignKey("tracking.DepositSlip", models.SET_NULL, null=True, related_name="parcels")
    created_at = models.DateTimeField(_("created"), db_default=Now())
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)

    event = models.CharField(_("latest event"), max_length=3, default="DR1")
    event_at = models.DateTimeField(_("latest event"), db_default=Now())
    place = models.CharField(_("place"), max_length=80, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    status = models.GeneratedField(
        expression=_status_of("event"), output_field=models.CharField(max_length=9, choices=Status), db_persist=True
    )  # fmt: skip
    step = models.GeneratedField(
        expression=_step_of("event"), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )  # fmt: skip
    addressee_key = models.GeneratedField(
        expression=Fold(F("addressee")), output_field=models.TextField(), db_persist=True
    )  # fmt: skip
    reference_key = models.GeneratedField(
        expression=Fold(F("reference")), output_field=models.TextField(), db_persist=True
    )  # fmt: skip
    tag_key = models.GeneratedField(expression=Fold(F("tag")), output_field=models.TextField(), db_persist=True)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        constraints = [
            models.UniqueConstraint("number", name="one_parcel_a_number"),
            models.UniqueConstraint("account", "id", name="parcel_id_with_account"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=products.HEAVIEST), name="parcel_weight_in_limits"
            ),
            models.CheckConstraint(condition=Q(number__regex=r"^[A-Z0-9]{11,15}$"), name="parcel_number_is_readable"),
        ]
        # What they include is compared or counted on the way: pages and figures read no parcel but those they show.
        indexes = [
            models.Index(
                F("account"), F("created_at").desc(), F("id").desc(),
                name="parcels_newest",
                include=["status", "delivered_at", "number", "addressee_key", "reference_key"],
            ),
            models.Index(F("account"), F("status"), F("created_at").desc(), F("id").desc(), name="parcels_by_status"),
            models.Index(
                F("account"), OpClass(F("number"), "text_pattern_ops"),
                name="parcels_by_number", include=["created_at", "id", "status"],
            ),
            models.Index(
                F("account"), OpClass(F("addressee_key"), "text_pattern_ops"),
                name="parcels_by_addressee", include=["created_at", "id", "status"],
            ),
            models.Index(
                F("account"), OpClass(F("reference_key"), "text_pattern_ops"),
                name="parcels_by_reference", include=["created_at", "id", "status"],
            ),
            models.Index(F("account"), F("postcode"), F("created_at").desc(), name="parcels_by_postcode"),
            models.Index(
                F("account"), F("tag_key"), F("created_at").desc(), F("id").desc(),
                name="parcels_by_tag", condition=~Q(tag=""),
            ),
            models.Index(
                F("account"), F("user_key"), F("created_at").desc(), F("id").desc(),
                name="parcels_by_user_key", condition=~Q(user_key=""),
            ),
            models.Index(
                F("account"), F("franked_by"), F("created_at").desc(), F("id").desc(),
                name="parcels_by_franker", condition=Q(franked_by__isnull=False),
            ),
            models.Index(F("account"), F("created_at"), F("id"), name="parcels_to_hand_over", condition=TO_HAND_OVER),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def shown(self) -> str:
        """The number, grouped for reading."""
        return numbers.show(self.number)

    @property
    def event_label(self) -> Any:
        """What the latest event is called, in the active language."""
        return events.label(self.event)

    @property
    def may_be_cancelled(self) -> bool:
        """Whether it can still be called off: announced only, not handed over yet."""
        return self.cancelled_at is None and self.event == "DR1"


class TrackingEvent(models.Model):
    """Something that happened to a parcel, at a time and a place. The database keeps the parcel's status by it."""

    account_id = models.BigIntegerField()
    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="events", db_index=False, db_constraint=False)
    code = models.CharField(_("code"), max_length=3, choices=[(kind.code, kind.label) for kind in events.KINDS])
    at = models.DateTimeField(_("when"))
    place = models.CharField(_("place"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    country = models.CharField(_("country"), max_length=2, default="FR")
    step = models.GeneratedField(
        expression=_step_of("code"), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )  # fmt: skip

    class Meta:
        verbose_name = _("tracking event")
        constraints = [
            models.UniqueConstraint("parcel", "at", "code", name="an_event_happens_once"),
            models.CheckConstraint(condition=Q(code__in=list(events.BY_CODE)), name="event_code_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.at:%Y-%m-%d %H:%M}"

    @property
    def label(self) -> Any:
        """What happened, in the active language."""
        return events.label(self.code)


class NumberRange(models.Model):
    """Serial numbers that belong to an account; each is given out once and never again."""

    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="+")
    international = models.BooleanField(default=False)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    next = models.BigIntegerField()

    class Meta:
        verbose_name = _("range of parcel numbers")
        constraints = [
            models.UniqueConstraint("international", "first", name="number_range_begins_once"),
            models.CheckConstraint(
                condition=Q(first__lte=F("next"), next__lte=F("last") + 1), name="next_number_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"


class DepositSlip(models.Model):
    """The slip that a day's parcels are handed over with."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=170)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("deposit slip")
        constraints = [
            models.UniqueConstraint("account", "number", name="one_slip_a_number"),
            models.UniqueConstraint("account", "id", name="slip_id_with_account"),
        ]

    def __str__(self) -> str:
        return str(self.number)
