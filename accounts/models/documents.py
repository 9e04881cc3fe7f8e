"""What the carrier puts at an account's disposal: invoices and price conditions, and where outside services are."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.accounts import CustomerAccount
from colibox.lib.sizes import sized


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        """Those of an account, the latest first, without their bytes."""
        return self.filter(account=account).defer("content").order_by("-issued_on", "-pk")


class Document(models.Model):
    """One file for one account. Its bytes are in the database: under the same policy, in the same backup."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        PRICES = "prices", _("price conditions")

    LARGEST = 10_000_000

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="documents", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    title = models.CharField(pgettext_lazy("document", "title"), max_length=120)
    number = models.CharField(_("number"), max_length=40, blank=True)
    issued_on = models.DateField(_("date"))
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2, null=True, blank=True)
    filename = models.CharField(_("file"), max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField(_("size"))
    content = models.BinaryField()
    added_at = models.DateTimeField(_("added"), db_default=Now(), editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        constraints = [
            models.UniqueConstraint(
                "account", "kind", "number", condition=~Q(number=""), name="one_document_a_number"
            ),
            models.CheckConstraint(condition=Q(kind__in=["invoice", "prices"]), name="document_kind_is_known"),
            models.CheckConstraint(condition=Q(size__lte=10_000_000), name="document_is_bounded"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["account", "kind", "-issued_on", "-id"], name="documents_by_date"),
            models.Index(fields=["number"], name="documents_by_number"),
        ]

    def __str__(self) -> str:
        return self.title if self.number in self.title.split() else f"{self.title} {self.number}".strip()

    @property
    def shown_size(self) -> str:
        return sized(self.size)


class Service(models.Model):
    """The address of an application that is not ours and that a right opens; set by the carrier."""

    right = models.CharField(_("right"), max_length=32, unique=True)
    address = models.URLField(pgettext_lazy("web", "address"), max_length=300)

    class Meta:
        verbose_name = _("outside service")
        verbose_name_plural = _("outside services")

    def __str__(self) -> str:
        return self.right
