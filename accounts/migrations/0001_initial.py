"""The first tables: customer accounts and their trace."""

import uuid

import django.core.validators
import django.db.models.functions.datetime
import django_countries.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="when",
                    ),
                ),
                (
                    "account_id",
                    models.BigIntegerField(null=True, verbose_name="account"),
                ),
                ("actor", models.UUIDField(null=True, verbose_name="who")),
                ("actor_name", models.CharField(max_length=170)),
                ("subject", models.UUIDField(null=True, verbose_name="on whom")),
                ("subject_name", models.CharField(blank=True, max_length=170)),
                ("verb", models.CharField(max_length=40, verbose_name="what")),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "channel",
                    models.CharField(max_length=16, verbose_name="by which way"),
                ),
                ("reference", models.CharField(blank=True, max_length=64)),
                (
                    "ip",
                    models.GenericIPAddressField(null=True, verbose_name="from where"),
                ),
                ("request_id", models.CharField(blank=True, max_length=32)),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "indexes": [
                    models.Index(fields=["account_id", "-id"], name="events_of_an_account"),
                    models.Index(fields=["subject", "-id"], name="events_about_a_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "uuid",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                (
                    "number",
                    models.CharField(
                        max_length=6,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^\\d{6}\\Z",
                                "An account number has six digits, for example 900138.",
                            )
                        ],
                        verbose_name="account number",
                    ),
                ),
                ("company", models.CharField(max_length=120, verbose_name="company")),
                (
                    "contract",
                    models.CharField(
                        choices=[("facilite", "Facility"), ("privilege", "Privilege")],
                        default="privilege",
                        max_length=12,
                        verbose_name="contract",
                    ),
                ),
                (
                    "payment",
                    models.CharField(
                        choices=[
                            ("sepa", "SEPA direct debit"),
                            ("transfer", "Bank transfer"),
                        ],
                        default="sepa",
                        max_length=12,
                        verbose_name="payment method",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "address_1",
                    models.CharField(blank=True, max_length=80, verbose_name="address"),
                ),
                (
                    "address_2",
                    models.CharField(blank=True, max_length=80, verbose_name="address, line 2"),
                ),
                (
                    "postcode",
                    models.CharField(blank=True, max_length=12, verbose_name="postcode"),
                ),
                (
                    "town",
                    models.CharField(blank=True, max_length=80, verbose_name="town"),
                ),
                (
                    "country",
                    django_countries.fields.CountryField(default="FR", max_length=2, verbose_name="country"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("closed", "closed")],
                        default="open",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="opened on",
                    ),
                ),
            ],
            options={
                "verbose_name": "customer account",
                "verbose_name_plural": "customer accounts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^\\d{6}$")),
                        name="number_of_six_digits",
                    )
                ],
            },
        ),
    ]
