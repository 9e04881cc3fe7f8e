"""The people a carrier talks to at a company, with or without access to the portal."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.models.accounts import CustomerAccount
from colibox.lib.text import Fold
from users.models import Civility


class ContactQuerySet(models.QuerySet["Contact"]):
    """Contacts, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        """Those in the directory of an account, by name."""
        return self.filter(account=account, deleted_at=None).order_by("sort_key", "pk")

    def outlived(self) -> Self:
        """Those whose deletion can no longer be taken back."""
        return self.filter(deleted_at__lte=Now() - Contact.KEPT)


class Contact(models.Model):
    """One person to talk to. Web access is a link that names this contact (rights.AccountLink.contact)."""

    class Role(models.TextChoices):
        """What a contact is called for; it opens nothing on line."""

        INVOICES = "invoices", _("Invoices")
        LOGISTICS = "logistics", _("Logistics")
        CLAIMS = "claims", _("Claims")
        PURCHASING = "purchasing", _("Purchasing")
        TECHNICAL = "technical", _("Technical")
        CONTRACT = "contract", _("Contract")

    KEPT: ClassVar = timedelta(days=3)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="contacts")
    civility = models.CharField(_("title"), max_length=3, choices=Civility, blank=True)
    last_name = models.CharField(_("last name"), max_length=80)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    function = models.CharField(_("function"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    phone = PhoneNumberField(_("telephone"), blank=True)
    mobile = PhoneNumberField(_("mobile"), blank=True)
    roles = ArrayField(models.CharField(max_length=16), default=list, blank=True, verbose_name=_("roles"))
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)

    sort_key = models.GeneratedField(
        expression=Fold(F("last_name"), F("first_name")),
        output_field=models.TextField(),
        db_persist=True,
    )

    words = models.GeneratedField(
        expression=Fold(*map(F, ("last_name", "first_name", "function", "email", "phone", "mobile"))),
        output_field=models.TextField(),
        db_persist=True,
    )
    """What a search looks in."""

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        constraints = [
            models.UniqueConstraint("account", "id", name="contact_id_with_account"),
            models.CheckConstraint(
                condition=Q(
                    roles__contained_by=["invoices", "logistics", "claims", "purchasing", "technical", "contract"]
                ),
                name="contact_roles_are_known",
            ),
        ]  # fmt: skip
        indexes = [models.Index("account", "sort_key", "id", name="contacts_by_name", condition=Q(deleted_at=None))]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """First name then last name, as a person is called."""
        return f"{self.first_name} {self.last_name}".strip()
