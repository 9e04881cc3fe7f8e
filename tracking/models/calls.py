"""The trace of web service calls, and the answers kept for calls that are sent again."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Call(models.Model):
    """One call of a web service: who, with which key, for which account, and how it ended. Append-only."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"), db_default=Now())
    account_id = models.BigIntegerField(_("account"), null=True)
    user = models.UUIDField(_("who"), null=True)
    user_name = models.CharField(max_length=170, blank=True)
    key = models.CharField(_("connection key"), max_length=8, blank=True, help_text="Its public part.")
    service = models.CharField(_("service"), max_length=40)
    status = models.PositiveSmallIntegerField(_("answer"))
    error = models.CharField(_("error"), max_length=12, blank=True)
    number = models.CharField(_("parcel number"), max_length=15, blank=True)
    milliseconds = models.PositiveIntegerField(_("duration"))
    ip = models.GenericIPAddressField(_("from where"), null=True)
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name = _("web service call")
        indexes = [
            models.Index(models.F("account_id"), models.F("id").desc(), name="calls_of_an_account"),
            BrinIndex(fields=["at"], name="calls_to_forget"),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.status}"


class KeptAnswer(models.Model):
    """The answer to a call that bore an Idempotency-Key, for whoever sends the same call again within a day."""

    account_id = models.BigIntegerField()
    caller = models.CharField(max_length=40, help_text="The public part of the connection key, or the user's uuid.")
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=120)
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("kept answer")
        constraints = [models.UniqueConstraint("caller", "key", name="one_answer_an_idempotency_key")]
        indexes = [models.Index("created_at", name="answers_to_forget")]

    def __str__(self) -> str:
        return self.key
