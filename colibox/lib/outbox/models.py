"""A mail to send: a row committed with the change it tells about, so that it cannot be lost."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class MailQuerySet(models.QuerySet["Mail"]):
    """Mails, by what is to be done with them."""

    def due(self) -> Self:
        """Those to be taken now, the interactive ones first."""
        return self.filter(state__in=Mail.UNSETTLED, next_try_at__lte=Now()).order_by("priority", "next_try_at", "pk")

    def of(self, priority: Mail.Priority) -> Self:
        return self.filter(priority=priority)

    def held_by(self, mail: Mail) -> Self:
        """This mail, unless another worker took it since: each claim raises the number of attempts."""
        return self.filter(pk=mail.pk, attempts=mail.attempts)

    def latest_about(self, subjects: list[uuid.UUID]) -> Self:
        """The newest mail about each of these."""
        return self.filter(about__in=subjects).order_by("about", "-pk").distinct("about")

    def outlived(self) -> Self:
        """Those that no page shows any more."""
        age = Now() - F("created_at")
        done = Q(state__in=[Mail.State.SENT, Mail.State.DROPPED])
        return self.alias(age=age).filter(
            done & Q(age__gt=Mail.KEPT) | Q(state=Mail.State.FAILED, age__gt=Mail.FAILURE_KEPT)
        )


class Mail(models.Model):
    """One e-mail: which one, from which facts, and how far its delivery has come.

    The body is made when it leaves; neither a body nor a secret is stored. While a worker holds the row,
    `next_try_at` is the end of its lease. `sending` means that it is on the wire: found there after the
    lease, it may or may not have gone, which is counted in `doubts`.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not delivered")
        DROPPED = "dropped", _("no longer needed")

    class Priority(models.IntegerChoices):
        INTERACTIVE = 0
        BULK = 10

    UNSETTLED: ClassVar = (State.PENDING, State.SENDING)
    KEPT: ClassVar = timedelta(days=30)
    FAILURE_KEPT: ClassVar = timedelta(days=90)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=100)
    args = models.JSONField(default=dict)
    key = models.CharField(max_length=150)
    account_id = models.BigIntegerField(null=True)
    about = models.UUIDField(null=True)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.INTERACTIVE)
    state = models.CharField(max_length=7, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    next_try_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_mail_a_key"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sending", "sent", "failed", "dropped"]),
                name="mail_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at=None),
                name="sent_mail_has_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "next_try_at", "id"],
                name="mails_due",
                condition=Q(state__in=["pending", "sending"]),
            ),
            models.Index(fields=["about", "-id"], name="mails_about", condition=Q(about__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def failed(self) -> bool:
        """Whether it was given up; otherwise a mail in trouble is still waiting."""
        return self.state == self.State.FAILED

    @property
    def explanation(self) -> str:
        """What happened to it, in a sentence for who queued it."""
        if not self.failed:
            return gettext("The e-mail is waiting to be sent.")
        if self.error[:1] == "5":
            return gettext("The recipient's mail server refused the e-mail (%(code)s).") % {"code": self.error}
        return gettext("The e-mail could not be delivered.")


class Pace(models.Model):
    """When the next mass mails may go, whichever worker sends them: one row."""

    SLACK: ClassVar = timedelta(milliseconds=250)
    """What is made up for when the mails were slower than their pace."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    free_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("pace")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_pace")]

    def __str__(self) -> str:
        return str(self.free_at)

    @classmethod
    def locked_if_free(cls) -> Self | None:
        """For who may send mass mails now; None while others do, or until it is time."""
        cls.objects.bulk_create([cls()], ignore_conflicts=True)
        return cls.objects.select_for_update(skip_locked=True).filter(free_at__lte=Now()).first()

    def take(self, count: int, *, a_second: int) -> None:
        """Let the next ones wait for as long as this many mails take."""
        later = timedelta(seconds=count / a_second)
        Pace.objects.update(free_at=Greatest("free_at", Now() - self.SLACK) + later)
