"""The first tables: imports, the parts of their files, their rows."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_row_level_security"),
        ("rights", "0005_pages_of_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "token",
                    models.UUIDField(default=uuid.uuid4, help_text="What the form bore: a double click is one import."),
                ),
                ("by_name", models.CharField(max_length=170, verbose_name="by")),
                (
                    "source",
                    models.CharField(
                        choices=[("file", "file"), ("list", "pasted list"), ("command", "command line")], max_length=7
                    ),
                ),
                ("language", models.CharField(choices=[("fr", "French"), ("en", "English")], max_length=2)),
                ("filename", models.CharField(blank=True, max_length=200, verbose_name="file")),
                ("size", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "being read"),
                            ("refused", "unreadable"),
                            ("ready", "waiting for your go-ahead"),
                            ("running", "running"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                        ],
                        default="reading",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                ("problem", models.TextField(blank=True, help_text="Why the file cannot be read, for its sender.")),
                (
                    "found",
                    models.JSONField(
                        default=dict, help_text="What was found out: imports.reading.Found, as a dictionary."
                    ),
                ),
                ("header", models.JSONField(default=list)),
                ("total", models.PositiveIntegerField(default=0, help_text="How many rows there are.")),
                (
                    "position",
                    models.PositiveIntegerField(default=0, help_text="The number of the last row that was applied."),
                ),
                ("applied", models.PositiveIntegerField(default=0)),
                ("planned", models.JSONField(default=dict, help_text="How many rows would be invited, updated …")),
                ("tally", models.JSONField(default=dict, help_text="How many were, so far.")),
                ("lease_until", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("worked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="sent on"
                    ),
                ),
                ("started_at", models.DateTimeField(null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("keep_until", models.DateTimeField(verbose_name="kept until")),
                ("purged_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="imports",
                        to="accounts.customeraccount",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="rights.accountlink"
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
            },
        ),
        migrations.CreateModel(
            name="FilePart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="imports.importjob",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a file",
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "job_id", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.BigIntegerField()),
                ("number", models.PositiveIntegerField(help_text="The row of the file, its header being row 1.")),
                ("cells", models.JSONField(help_text="The texts of the file, in the order of the header.")),
                (
                    "entry",
                    models.JSONField(
                        help_text="What is asked: rights.actions.Entry; none when it cannot be read.", null=True
                    ),
                ),
                (
                    "plan",
                    models.CharField(
                        choices=[
                            ("invite", "to invite"),
                            ("update", "to update"),
                            ("unchanged", "unchanged"),
                            ("suspend", "to suspend"),
                            ("unlink", "to unlink"),
                            ("refused", "refused"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ok", "Processing OK"),
                            ("right", "You cannot give the right"),
                            ("choice", "Invalid choice"),
                            ("identity", "Error in the user's information"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "faults",
                    models.JSONField(default=list, help_text="What is wrong: column, value, reason, fix, right."),
                ),
                (
                    "job",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="imports.importjob",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of an import",
            },
        ),
        migrations.AddIndex(
            model_name="importjob",
            index=models.Index(
                models.F("worked_at"),
                models.F("id"),
                condition=models.Q(("state__in", ["reading", "running"])),
                name="imports_to_work_on",
            ),
        ),
        migrations.AddIndex(
            model_name="importjob",
            index=models.Index(
                models.F("keep_until"), condition=models.Q(("purged_at", None)), name="imports_to_forget"
            ),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.UniqueConstraint(
                models.F("account"), models.F("number"), name="import_number_of_an_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.UniqueConstraint(models.F("account"), models.F("token"), name="one_import_a_form"),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="import_id_with_account"),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["reading", "refused", "ready", "running", "done", "cancelled"])),
                name="import_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.CheckConstraint(
                condition=models.Q(("applied__lte", models.F("total"))), name="no_more_applied_than_there_are"
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                models.F("job"), models.F("number"), condition=models.Q(("plan", "refused")), name="refused_rows"
            ),
        ),
    ]
