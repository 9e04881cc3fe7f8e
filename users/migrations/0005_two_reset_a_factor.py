"""The carrier takes second factors away by two members of staff: one asks, another confirms."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0004_people_by_email"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactorReset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waiting for a second member of staff"),
                            ("done", "done"),
                            ("withdrawn", "withdrawn"),
                            ("objected", "stopped by the person"),
                            ("lapsed", "not confirmed in time"),
                        ],
                        default="asked",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="began on"
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="to be confirmed before")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended on")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "reset of second factors",
                "verbose_name_plural": "resets of second factors",
                "indexes": [
                    models.Index(models.F("due_at"), condition=models.Q(("state", "asked")), name="factor_resets_due")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("person"), condition=models.Q(("state", "asked")), name="one_factor_reset_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True), ("confirmed_by__isnull", False), _connector="OR"
                        ),
                        name="factor_reset_is_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_by", models.F("person")), _negated=True),
                            models.Q(
                                ("confirmed_by", None),
                                models.Q(
                                    models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                                    models.Q(("confirmed_by", models.F("person")), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="factor_reset_by_two_others",
                    ),
                ],
            },
        ),
    ]
