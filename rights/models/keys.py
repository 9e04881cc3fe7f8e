"""Connection keys: what authenticates a person's own software, and how far each opens."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rights.models.links import AccountLink


class ConnectionKeyQuerySet(models.QuerySet["ConnectionKey"]):
    """Connection keys, and the one definition of which of them still open something."""

    def at_call(self) -> Self:
        """With `asked_at`, the moment of the database at which they were read."""
        return self.annotate(asked_at=Now())

    def live(self) -> Self:
        """Those that work now, by the database's clock: the replaced ones too, until their last moment."""
        now = Now()
        return self.filter(
            Q(revoked_at=None) | Q(revoked_at__gt=now),
            Q(expires_at=None) | Q(expires_at__gt=now),
        )


class ConnectionKey(models.Model):
    """What authenticates a person's own software to the web services; only its fingerprint is stored.

    It opens what its owner may do, and no more than was chosen for it: of links and of rights, null is all,
    those to come too. Of two keys that overlap, the former one is revoked from a moment to come.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        ENDING = "ending", _("replaced")
        EXPIRED = "expired", _("expired")
        ENDED = "ended", _("ended")

    RIGHTS = ("shipping_ws", "tracking_ws", "pickup_ws")
    MOST = 20
    LONGEST_NAME = 60
    MOST_NETWORKS = 20
    FIRST_WARNING = timedelta(days=30)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="connection_keys")
    name = models.CharField(_("name"), max_length=LONGEST_NAME, db_default="")
    public = models.CharField(max_length=8, unique=True)
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=64)
    links = ArrayField(models.BigIntegerField(), null=True, verbose_name=_("accounts"))
    rights = ArrayField(models.CharField(max_length=32), null=True, verbose_name=_("web services"))
    networks = ArrayField(models.CharField(max_length=43), db_default=[], verbose_name=_("addresses"))
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires on"), null=True)
    warned_days = models.PositiveSmallIntegerField(
        null=True, help_text="How many days before the end the last warning said; 0 once it was told over."
    )
    revoked_at = models.DateTimeField(null=True)
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.GenericIPAddressField(null=True)
    last_used_service = models.CharField(max_length=40, db_default="")

    asked_at: datetime  # by the database's clock, where at_call() was asked

    objects = ConnectionKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection key")
        indexes = [
            models.Index(
                "expires_at", name="keys_to_expire", condition=Q(revoked_at=None, expires_at__isnull=False)
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"cpk_{self.public}…{self.last_four}"

    @property
    def state(self) -> State:
        """What it is now."""
        return self.state_at(timezone.now())

    def state_at(self, moment: datetime) -> State:
        """What it is at a moment: what ended stays so, whatever else came after."""
        if self.revoked_at and self.revoked_at <= moment:
            return self.State.ENDED
        if self.expires_at and self.expires_at <= moment:
            return self.State.EXPIRED
        return self.State.ENDING if self.revoked_at else self.State.ACTIVE

    @property
    def ends_at(self) -> datetime | None:
        """When it stops working, if that is known."""
        return min(filter(None, (self.revoked_at, self.expires_at)), default=None)

    @property
    def expires_soon(self) -> bool:
        """Whether the first warning of its end is due."""
        return self.expires_at is not None and self.expires_at <= timezone.now() + self.FIRST_WARNING

    @property
    def is_live(self) -> bool:
        """Whether a call with it would be let in now."""
        return self.state in (self.State.ACTIVE, self.State.ENDING)

    def covers(self, link: AccountLink, right: str) -> bool:
        """Whether it was made for this link and this right."""
        return (self.links is None or link.pk in self.links) and (self.rights is None or right in self.rights)
