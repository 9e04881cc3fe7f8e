"""A customer account, and the group of accounts it may belong to."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from colibox.lib import tenancy
from colibox.lib.text import Fold

NUMBER = RegexValidator(r"^\d{6}\Z", _("An account number has six digits, for example 900138."))


class AccountGroup(models.Model):
    """The accounts of one company: who may do so on the head office's reads all of them together."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    head = models.OneToOneField("CustomerAccount", models.PROTECT, related_name="heads", verbose_name=_("head office"))

    class Meta:
        verbose_name = _("group of accounts")
        verbose_name_plural = _("groups of accounts")

    def __str__(self) -> str:
        return self.name


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
    group = models.ForeignKey(
        AccountGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("group of accounts"),
    )  # fmt: skip
    second_factor_from = models.DateField(_("second factor required from"), null=True, blank=True)
    created_at = models.DateTimeField(_("opened on"), db_default=Now(), editable=False)
    company_folded = models.GeneratedField(
        expression=Fold(F("company")), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    """The company as it is looked for: without accents, in small letters."""

    class Meta:
        verbose_name = _("customer account")
        verbose_name_plural = _("customer accounts")
        constraints = [
            models.CheckConstraint(condition=models.Q(number__regex=r"^\d{6}$"), name="number_of_six_digits"),
        ]
        indexes = [models.Index(fields=["company_folded"], name="accounts_by_company")]

    def __str__(self) -> str:
        return f"{self.number} {self.company}"

    @property
    def head_office(self) -> CustomerAccount | None:
        """The account that heads the group it is in; None where it is in none, or heads it itself."""
        if self.group_id is None:
            return None
        with tenancy.everything():
            return CustomerAccount.objects.filter(heads=self.group_id).exclude(pk=self.pk).first()
