"""Named sets of rights, and where in the company a person belongs."""

from __future__ import annotations

import uuid
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount, Site, SubAccount
from colibox.lib.text import Fold
from rights.models.links import AccountLink


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Profiles, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        return self.filter(account=account).order_by("name", "pk")


class Profile(models.Model):
    """A named set of rights of an account. One that is shipped bears its code: its rights are in the code.

    `kind` says which kind of user it suits; empty for both (rights that do not suit somebody are left out).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="profiles", db_index=False)
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    shipped = models.CharField(max_length=20, blank=True, editable=False)
    rights = ArrayField(models.CharField(max_length=32), default=list, verbose_name=_("rights"))
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.UniqueConstraint("account", Fold(F("name")), name="one_profile_a_name"),
            models.UniqueConstraint("account", "shipped", condition=~Q(shipped=""), name="one_profile_a_shipped_one"),
            models.UniqueConstraint("account", "id", name="profile_id_with_account"),
        ]

    def __str__(self) -> str:
        return self.name


class Attachment(models.Model):
    """Where a person belongs: a sub-account, a site, or a site of a sub-account. Nobody needs one.

    A local administrator manages the people who are attached where they are, or who bear one of their tags.
    """

    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    link = models.ForeignKey(
        AccountLink, models.CASCADE, related_name="attachments", db_index=False, db_constraint=False
    )
    sub_account = models.ForeignKey(
        SubAccount, models.CASCADE, null=True, related_name="attachments", verbose_name=_("sub-account")
    )
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="attachments", verbose_name=_("site"))

    class Meta:
        verbose_name = _("attachment")
        constraints = [
            models.UniqueConstraint(
                "link", "sub_account", "site", nulls_distinct=False, name="one_attachment_a_place"
            ),
            models.CheckConstraint(
                condition=Q(sub_account__isnull=False) | Q(site__isnull=False), name="attachment_is_somewhere"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return " / ".join(str(place) for place in (self.sub_account, self.site) if place)
