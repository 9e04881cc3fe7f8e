"""Named sets of rights, and where in the company a person belongs."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount, Site, SubAccount
from colibox.lib.text import Fold, fold
from rights import catalogue
from rights.models.links import AccountLink
from rights.shipped import BY_CODE, SHIPPED, Shipped, reserved


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Profiles, bounded to an account first."""

    def for_account(self, account: CustomerAccount) -> Self:
        return self.filter(account=account).order_by("name", "pk")

    def offered(self, account_id: int) -> list[Profile]:
        """What can be chosen on an account: its own profiles, then the shipped ones, written down or not yet."""
        rows = list(self.filter(account=account_id).order_by(Fold(F("name")), "pk"))
        written = {row.shipped: row for row in rows if row.pattern}
        shipped = [written.get(each.code) or Profile.of_shipped(each, account_id) for each in SHIPPED]
        return [row for row in rows if not row.pattern] + shipped

    def called(self, account_id: int, names: Iterable[str]) -> Self:
        """Those of an account that bear one of these names, whatever the case and accents, in any language."""
        folded = {fold(name) for name in names}
        shipped = [code for name, code in reserved().items() if name in folded]
        own = self.alias(folded=Fold(F("name"))).filter(account=account_id)
        return own.filter(Q(shipped__in=shipped) | ~Q(shipped__in=BY_CODE) & Q(folded__in=folded))

    def named(self, account_id: int) -> dict[str, str]:
        """All that the profiles offered on an account are called, in any language, and the key of each."""
        return {name: profile.key for profile in self.offered(account_id) for name in profile.names}

    def outdated(self) -> Self:
        """The shipped ones that a release changed since they were written down."""
        changed = (
            Q(shipped=each.code) & ~Q(rights__contains=each.rights, rights__contained_by=each.rights)
            for each in SHIPPED
        )
        return self.filter(reduce(or_, changed)).order_by("pk")

    def untold(self) -> Self:
        """Those of them whose administrators have not heard of it yet."""
        told = (Q(shipped=each.code, proposed=each.digest) for each in SHIPPED)
        return self.outdated().exclude(reduce(or_, told))

    def shared(self, account_id: int, shipped: Collection[str], uuids: Collection[str]) -> list[Profile]:
        """These of the account, which nobody changes before the transaction ends; many may hold them so at once."""
        statement = (
            "SELECT * FROM rights_profile WHERE account_id = %s AND (shipped = ANY(%s) OR uuid = ANY(%s::uuid[]))"
            " ORDER BY id FOR SHARE"
        )
        return list(self.raw(statement, [account_id, list(shipped), list(uuids)]))


class Profile(models.Model):
    """A named set of rights of an account. One that is shipped bears its code, and is made when first applied.

    Rights that do not suit somebody are left out of what they get.
    """

    LONGEST_NAME = 60
    MOST = 100

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.CASCADE, related_name="profiles", db_index=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    description = models.CharField(_("description"), max_length=200, blank=True)
    shipped = models.CharField(max_length=20, blank=True, editable=False)
    rights = ArrayField(models.CharField(max_length=32), default=list, verbose_name=_("rights"))
    version = models.PositiveIntegerField(default=1)
    proposed = models.CharField(
        max_length=32, default="", db_default="", editable=False,
        help_text="The fingerprint of the shipped rights that its administrators were last told of.",
    )  # fmt: skip
    declined = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Whether they decided to keep it as it is."
    )
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
        return str(self.pattern.name) if self.pattern else self.name

    @classmethod
    def of_shipped(cls, shipped: Shipped, account_id: int) -> Self:
        """A shipped profile as this account would have it; its name is kept in the portal's own language."""
        with translation.override(settings.LANGUAGE_CODE):
            name = str(shipped.name)
        return cls(account_id=account_id, shipped=shipped.code, name=name, rights=list(shipped.rights))

    @property
    def pattern(self) -> Shipped | None:
        """The shipped profile that this is, if it is one; what a release no longer ships is the account's own."""
        return BY_CODE.get(self.shipped)

    @property
    def proposal(self) -> Shipped | None:
        """What the portal would have it be, where the account wrote it down before a release changed it."""
        pattern = self.pattern if self.pk else None
        return pattern if pattern and set(pattern.rights) != set(self.rights) else None

    @property
    def is_declined(self) -> bool:
        """Whether this very proposal was declined."""
        return self.declined and self.proposal is not None and self.proposal.digest == self.proposed

    @property
    def key(self) -> str:
        """What forms and files know it by, written down or not."""
        return self.shipped if self.pattern else str(self.uuid)

    @property
    def says(self) -> catalogue.Text:
        """What it is for, in one sentence; may be empty."""
        return self.pattern.description if self.pattern else self.description

    @property
    def names(self) -> Iterable[str]:
        """All that it is called."""
        return self.pattern.names if self.pattern else (self.name,)

    @property
    def only_for(self) -> catalogue.Text:
        """For which users alone it is, where its rights suit one kind of them; empty when they suit both."""
        kinds = catalogue.kinds_suited(self.rights)
        other = {"standard": "advanced", "advanced": "standard"}
        return catalogue.NOT_FOR[other[kinds[0]]] if len(kinds) == 1 else ""


class Attachment(models.Model):
    """Where a person belongs: one place, a sub-account or a site. Nobody needs one.

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
                condition=Q(sub_account=None, site__isnull=False) | Q(sub_account__isnull=False, site=None),
                name="attachment_is_to_one_place",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.sub_account or self.site)
