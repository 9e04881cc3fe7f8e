"""A customer account, and the events that happened on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

NUMBER = RegexValidator(r"^\d{6}\Z", _("An account number has six digits, for example 900138."))


class CustomerAccount(models.Model):
    """A tenant: a business customer of the carrier, known by a number of six digits."""

    class Contract(models.TextChoices):
        FACILITY = "facilite", _("Facility")
        PRIVILEGE = "privilege", _("Privilege")

    class Payment(models.TextChoices):
        SEPA = "sepa", _("SEPA direct debit")
        TRANSFER = "transfer", _("Bank transfer")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("account number"), max_length=6, unique=True, validators=[NUMBER])
    company = models.CharField(_("company"), max_length=120)
    contract = models.CharField(_("contract"), max_length=12, choices=Contract, default=Contract.PRIVILEGE)
    payment = models.CharField(_("payment method"), max_length=12, choices=Payment, default=Payment.SEPA)
    email = models.EmailField(_("e-mail"))
    address_1 = models.CharField(_("address"), max_length=80, blank=True)
    address_2 = models.CharField(_("address, line 2"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    country = CountryField(_("country"), default="FR")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(_("opened on"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("customer account")
        verbose_name_plural = _("customer accounts")
        constraints = [
            models.CheckConstraint(condition=models.Q(number__regex=r"^\d{6}$"), name="number_of_six_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.company}"


class AuditEvent(models.Model):
    """One change: who, on whom, what, before and after, by which way, when and from where.

    Append-only: the database refuses to update or delete a row. It has no foreign keys, so that it
    outlives what it speaks of.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    account_id = models.BigIntegerField(_("account"), null=True)
    actor = models.UUIDField(_("who"), null=True)
    actor_name = models.CharField(max_length=170)
    subject = models.UUIDField(_("on whom"), null=True)
    subject_name = models.CharField(max_length=170, blank=True)
    verb = models.CharField(_("what"), max_length=40)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    channel = models.CharField(_("by which way"), max_length=16)
    reference = models.CharField(max_length=64, blank=True)
    ip = models.GenericIPAddressField(_("from where"), null=True)
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["account_id", "-id"], name="events_of_an_account"),
            models.Index(fields=["subject", "-id"], name="events_about_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_name}"


Facts = dict[str, Any]
"""What an event says of a state before or after: JSON-ready values by field name."""
