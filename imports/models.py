"""An import: the file as it came, its rows, and how far the work on them has come."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from rights.actions.many.entries import Done, Status
from rights.models import AccountLink
from users.models import Language


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    """Imports, by what is to be done with them."""

    def for_account(self, account: CustomerAccount) -> Self:
        """The imports of an account, the latest first."""
        return self.filter(account=account).order_by("-number")

    def to_work_on(self) -> Self:
        """Those with work that nobody holds, longest without attention first; of an account, one at a time runs."""
        reading, running = Q(state=ImportJob.State.READING), Q(state=ImportJob.State.RUNNING)
        earlier = self.filter(running, account=OuterRef("account"), number__lt=OuterRef("number"))
        blocks = Block.objects.filter(job=OuterRef("pk"))
        more = Exists(ImportRow.objects.filter(job=OuterRef("pk"), number__gt=OuterRef("position")))
        left = Exists(blocks.filter(lease_until__lte=Now())) | more & (Q(found__in_order=False) | ~Exists(blocks))
        free = self.filter(reading | running & left & ~Exists(earlier), lease_until__lte=Now())
        return free.order_by("worked_at", "pk")

    def outlived(self) -> Self:
        """Those whose rows are no longer kept, but still there."""
        return self.filter(keep_until__lte=Now(), purged_at=None).exclude(state__in=ImportJob.WORKED_ON)


class Held(models.Model):
    """What one worker at a time works on, by a lease that ends with whoever dies.

    `attempt` is the fencing number: whoever bears an older one may not write. `failures` counts the claims
    since the work last advanced.
    """

    lease_until = models.DateTimeField(db_default=Now())
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True


class ImportJob(Held):
    """One file, or one pasted list, and what became of it.

    Its reading is held as a whole; its rows are applied by blocks, several at a time.
    """

    class State(models.TextChoices):
        READING = "reading", _("being read")
        REFUSED = "refused", _("unreadable")
        READY = "ready", _("waiting for your go-ahead")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")

    class Source(models.TextChoices):
        FILE = "file", _("file")
        LIST = "list", _("pasted list")
        COMMAND = "command", _("command line")

    WORKED_ON: ClassVar = (State.READING, State.RUNNING)
    FINISHED: ClassVar = (State.REFUSED, State.DONE, State.CANCELLED)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    account = models.ForeignKey(CustomerAccount, models.PROTECT, related_name="imports")
    number = models.PositiveIntegerField(_("number"))
    token = models.UUIDField(default=uuid4, help_text="What the form bore: a double click is one import.")
    by = models.ForeignKey(AccountLink, models.PROTECT, related_name="+")
    by_name = models.CharField(_("by"), max_length=170)
    source = models.CharField(max_length=7, choices=Source)
    language = models.CharField(max_length=2, choices=Language)
    filename = models.CharField(_("file"), max_length=200, blank=True)
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("status"), max_length=9, choices=State, default=State.READING)

    problem = models.TextField(blank=True, help_text="Why the file cannot be read, for its sender.")
    found = models.JSONField(default=dict, help_text="What was found out: imports.reading.Found, as a dictionary.")
    header = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0, help_text="How many rows there are.")
    position = models.PositiveIntegerField(default=0, help_text="The number of the last row that a block was made of.")
    applied = models.PositiveIntegerField(default=0)
    planned = models.JSONField(default=dict, help_text="How many rows would be invited, updated …")
    tally = models.JSONField(default=dict, help_text="How many were, so far.")

    worked_at = models.DateTimeField(db_default=Now())

    created_at = models.DateTimeField(_("sent on"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    keep_until = models.DateTimeField(_("kept until"))
    purged_at = models.DateTimeField(null=True)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        constraints = [
            models.UniqueConstraint("account", "number", name="import_number_of_an_account"),
            models.UniqueConstraint("account", "token", name="one_import_a_form"),
            models.UniqueConstraint("account", "id", name="import_id_with_account"),
            models.CheckConstraint(
                condition=Q(state__in=["reading", "refused", "ready", "running", "done", "cancelled"]),
                name="import_state_is_known",
            ),
            models.CheckConstraint(condition=Q(applied__lte=F("total")), name="no_more_applied_than_there_are"),
        ]
        indexes = [
            models.Index("worked_at", "id", name="imports_to_work_on", condition=Q(state__in=["reading", "running"])),
            models.Index("keep_until", name="imports_to_forget", condition=Q(purged_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.number}"

    @property
    def by_carrier(self) -> bool:
        """Whether the carrier sent it, under the rights of an administrator."""
        return self.source == self.Source.COMMAND

    @property
    def sender(self) -> str:
        """Who sent it, as people read it."""
        return str(_("the carrier")) if self.by_carrier else self.by_name

    @property
    def reference(self) -> str:
        """What stands in the trace beside each change that this import made."""
        return f"import:{self.number}"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in self.FINISHED

    @cached_property
    def waiting(self) -> list[tuple[int, int]]:
        """From which row to which none was applied yet."""
        blocks = self.blocks.values_list("first", "last")
        return [*blocks, (self.position + 1, ImportRow.LAST)]

    def reached(self, number: int) -> bool:
        """Whether the row of this number was applied."""
        return all(not first <= number <= last for first, last in self.waiting)

    @property
    def refused(self) -> int:
        """How many rows did not pass, or would not."""
        counts: dict[str, int] = self.tally or self.planned
        return counts.get(Done.REFUSED, 0)


class FilePart(models.Model):
    """A part of a file as it came; parts, so that nobody ever holds a whole file in memory."""

    SIZE: ClassVar = 256 * 1024

    pk = models.CompositePrimaryKey("job_id", "number")
    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="parts", db_index=False, db_constraint=False)
    account_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        verbose_name = _("part of a file")

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"


class Block(Held):
    """Rows of an import that are applied together, from when they are handed out until they are.

    What is left of them once an import is called off are the rows that were never applied.
    """

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="blocks", db_constraint=False)
    account_id = models.BigIntegerField()
    first = models.PositiveIntegerField(help_text="The number of its first row.")
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("block of rows")

    def __str__(self) -> str:
        return f"{self.job_id}/{self.first}-{self.last}"

    @property
    def rows(self) -> models.QuerySet[ImportRow]:
        """Its rows, in their order."""
        return ImportRow.objects.filter(job=self.job_id, number__range=(self.first, self.last)).order_by("number")


class ImportRow(models.Model):
    """One row of a file: its cells, what they ask, and what comes of it.

    Before the row is applied `plan`, `status` and `faults` say what would come of it, afterwards what did.
    Only a row that turns out differently is written again.
    """

    LAST: ClassVar = 2**31 - 1
    """Greater than the number of any row."""

    class Plan(models.TextChoices):
        """rights.actions.Done, as it is shown."""

        INVITE = Done.INVITE, _("to invite")
        UPDATE = Done.UPDATE, _("to update")
        UNCHANGED = Done.UNCHANGED, _("unchanged")
        SUSPEND = Done.SUSPEND, _("to suspend")
        UNLINK = Done.UNLINK, _("to unlink")
        REFUSED = Done.REFUSED, _("refused")

    pk = models.CompositePrimaryKey("job_id", "number")
    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows", db_index=False, db_constraint=False)
    account_id = models.BigIntegerField()
    number = models.PositiveIntegerField(help_text="The row of the file, its header being row 1.")
    cells = models.JSONField(help_text="The texts of the file, in the order of the header.")
    entry = models.JSONField(null=True, help_text="What is asked: rights.actions.Entry; none when it cannot be read.")
    plan = models.CharField(max_length=9, choices=Plan)
    status = models.CharField(max_length=8, choices=Status)
    faults = models.JSONField(default=list, help_text="What is wrong: column, value, reason, fix, right.")

    class Meta:
        verbose_name = _("row of an import")
        indexes = [models.Index("job", "number", name="refused_rows", condition=Q(plan="refused"))]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.number}"
