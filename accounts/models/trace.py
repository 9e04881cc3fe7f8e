"""The trace of what happened on an account, and the seals that show that nobody rewrote it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

DAILY = ("parcel franked", "parcel cancelled", "deposit slip made", "labels printed")
"""What people do all day long, by the thousand: a history does not go through these to find the rest."""
BUT_DAILY = ~models.Q(verb__in=DAILY)


class AuditEvent(models.Model):
    """One change: who, on whom, what, before and after, by which way, when and from where.

    Append-only: the database refuses to update or delete a row, and deals key and moment itself. Whoever serves may
    insert the other columns alone (migration 0011: a new one is granted by its own). It has no foreign keys, so that
    it outlives what it speaks of.
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
            models.Index(fields=["actor", "-id"], name="events_by_a_person"),
            models.Index(fields=["account_id", "-id"], name="events_but_daily", condition=BUT_DAILY),
            models.Index(fields=["actor", "-id"], name="events_but_daily_by_a_person", condition=BUT_DAILY),
            models.Index(
                fields=["account_id", "reference", "-id"], name="events_of_an_act", condition=~models.Q(reference="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_name}"


Facts = dict[str, Any]
"""What an event says of a state before or after: JSON-ready values by field name."""


class AuditSeal(models.Model):
    """The digest of an account's events of one stretch, chained to the seal before: made by the database alone.

    `account_id` 0 stands for what happened outside any account. A seal covers the events whose key is over
    `after_id` up to `until_id`; `digest` is SHA-256 over the seal before and the events in order, in
    hexadecimal (accounts.sealing says how, by `version`). `marks` are the first bytes of the digest of each of them,
    which prove nothing, but say which one is no longer what it was.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.SmallIntegerField(default=1, db_default=1)
    account_id = models.BigIntegerField(_("account"))
    number = models.PositiveIntegerField(_("number"))
    after_id = models.BigIntegerField()
    until_id = models.BigIntegerField()
    events = models.PositiveIntegerField(_("events"))
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    marks = models.BinaryField(default=bytes)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("seal")
        constraints = [
            models.UniqueConstraint(fields=["account_id", "number"], name="one_seal_a_number"),
            models.CheckConstraint(condition=models.Q(until_id__gt=models.F("after_id")), name="seal_covers_something"),
        ]
        indexes = [models.Index(fields=["-until_id"], name="latest_seals")]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.number}"


class AuditHorizon(models.Model):
    """Up to which event the next sealing may go once every transaction that ran then is over: one row.

    Keys are dealt before transactions end, so that the newest events are not all visible at once.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    event = models.BigIntegerField()
    transaction = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("horizon")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_horizon")]

    def __str__(self) -> str:
        return str(self.event)


class AuditErasure(models.Model):
    """What an event of the trace was before a person was taken out of it: digests of the parts erased, no more.

    `actor`, `subject` and `said` are those of whoever did it, of whoever it was done to, and of what it says of them;
    the seals go on speaking of these. `former` is the digest of the whole, where a seal of version 1 speaks of that,
    `present` what it was after erasures of that time. Written by the database alone (accounts.erasing).
    """

    id = models.BigAutoField(primary_key=True)
    erasure = models.UUIDField()
    event = models.BigIntegerField()
    account_id = models.BigIntegerField(_("account"), null=True)
    former = models.BinaryField(null=True)
    present = models.BinaryField(null=True)
    actor = models.BinaryField(null=True)
    subject = models.BinaryField(null=True)
    said = models.BinaryField(null=True)

    class Meta:
        verbose_name = _("erasure")
        constraints = [models.UniqueConstraint(fields=["event", "erasure"], name="one_erasure_an_event")]

    def __str__(self) -> str:
        return f"{self.erasure}/{self.event}"
