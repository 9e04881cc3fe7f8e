"""How a company is divided: sub-accounts, and the sites that parcels leave from."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.models.accounts import CustomerAccount
from colibox.lib.text import Fold


class Place(models.Model):
    """What sub-accounts and sites have in common: a name that is found whatever its case and accents."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class SubAccountQuerySet(models.QuerySet["SubAccount"]):
    """Sub-accounts, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        return self.filter(account=account)


class SubAccount(Place):
    """A part of an account, under which parcels and people may be kept apart."""

    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="sub_accounts")
    number = models.CharField(_("sub-account number"), max_length=20)

    objects = SubAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("sub-account")
        verbose_name_plural = _("sub-accounts")
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint("account", Fold(models.F("number")), name="one_sub_account_a_number"),
            models.UniqueConstraint("account", Fold(models.F("name")), name="one_sub_account_a_name"),
            models.UniqueConstraint("account", "id", name="sub_account_id_with_account"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        return self.filter(account=account)


class Site(Place):
    """A place that parcels leave from, under an account or one of its sub-accounts."""

    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="sites")
    sub_account = models.ForeignKey(
        SubAccount, models.PROTECT, null=True, blank=True, related_name="sites", verbose_name=_("sub-account")
    )
    address_1 = models.CharField(_("address"), max_length=80, blank=True)
    address_2 = models.CharField(_("address, line 2"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    country = CountryField(_("country"), default="FR")

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint("account", Fold(models.F("name")), name="one_site_a_name"),
            models.UniqueConstraint("account", "id", name="site_id_with_account"),
        ]
