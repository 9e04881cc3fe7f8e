"""Sub-accounts, sites, contacts, documents, groups of accounts; seals on the trace."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django_countries.fields
import phonenumber_field.modelfields
from django.db import migrations, models

import colibox.lib.text


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_row_level_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Service",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("right", models.CharField(max_length=32, unique=True, verbose_name="right")),
                ("address", models.URLField(max_length=300, verbose_name="address")),
            ],
            options={
                "verbose_name": "outside service",
                "verbose_name_plural": "outside services",
            },
        ),
        migrations.AddField(
            model_name="customeraccount",
            name="second_factor_from",
            field=models.DateField(blank=True, null=True, verbose_name="second factor required from"),
        ),
        migrations.CreateModel(
            name="AccountGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "head",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="heads",
                        to="accounts.customeraccount",
                        verbose_name="head office",
                    ),
                ),
            ],
            options={
                "verbose_name": "group of accounts",
                "verbose_name_plural": "groups of accounts",
            },
        ),
        migrations.AddField(
            model_name="customeraccount",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="accounts",
                to="accounts.accountgroup",
                verbose_name="group of accounts",
            ),
        ),
        migrations.CreateModel(
            name="AuditHorizon",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("event", models.BigIntegerField()),
                ("transaction", models.BigIntegerField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "horizon",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_horizon")],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account_id", models.BigIntegerField(verbose_name="account")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("after_id", models.BigIntegerField()),
                ("until_id", models.BigIntegerField()),
                ("events", models.PositiveIntegerField(verbose_name="events")),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="when"
                    ),
                ),
            ],
            options={
                "verbose_name": "seal",
                "indexes": [models.Index(fields=["-until_id"], name="latest_seals")],
                "constraints": [
                    models.UniqueConstraint(fields=("account_id", "number"), name="one_seal_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(("until_id__gt", models.F("after_id"))), name="seal_covers_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SubAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("number", models.CharField(max_length=20, verbose_name="sub-account number")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sub_accounts",
                        to="accounts.customeraccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "sub-account",
                "verbose_name_plural": "sub-accounts",
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="Site",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("address_1", models.CharField(blank=True, max_length=80, verbose_name="address")),
                ("address_2", models.CharField(blank=True, max_length=80, verbose_name="address, line 2")),
                ("postcode", models.CharField(blank=True, max_length=12, verbose_name="postcode")),
                ("town", models.CharField(blank=True, max_length=80, verbose_name="town")),
                ("country", django_countries.fields.CountryField(default="FR", max_length=2, verbose_name="country")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sites", to="accounts.customeraccount"
                    ),
                ),
                (
                    "sub_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sites",
                        to="accounts.subaccount",
                        verbose_name="sub-account",
                    ),
                ),
            ],
            options={
                "verbose_name": "site",
                "verbose_name_plural": "sites",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "civility",
                    models.CharField(
                        blank=True, choices=[("mme", "Ms"), ("m", "Mr")], max_length=3, verbose_name="title"
                    ),
                ),
                ("last_name", models.CharField(max_length=80, verbose_name="last name")),
                ("first_name", models.CharField(blank=True, max_length=80, verbose_name="first name")),
                ("function", models.CharField(blank=True, max_length=80, verbose_name="function")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(
                        blank=True, max_length=128, region=None, verbose_name="telephone"
                    ),
                ),
                (
                    "mobile",
                    phonenumber_field.modelfields.PhoneNumberField(
                        blank=True, max_length=128, region=None, verbose_name="mobile"
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="roles",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("deleted_at", models.DateTimeField(editable=False, null=True)),
                (
                    "sort_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=colibox.lib.text.Fold(models.F("last_name"), models.F("first_name")),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="accounts.customeraccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact",
                "indexes": [
                    models.Index(
                        models.F("account"),
                        models.F("sort_key"),
                        models.F("id"),
                        condition=models.Q(("deleted_at", None)),
                        name="contacts_by_name",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(models.F("account"), models.F("id"), name="contact_id_with_account"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "roles__contained_by",
                                ["invoices", "logistics", "claims", "purchasing", "technical", "contract"],
                            )
                        ),
                        name="contact_roles_are_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("invoice", "invoice"), ("prices", "price conditions")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("number", models.CharField(blank=True, max_length=40, verbose_name="number")),
                ("issued_on", models.DateField(verbose_name="date")),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="amount"),
                ),
                ("filename", models.CharField(max_length=120, verbose_name="file")),
                ("content_type", models.CharField(max_length=80)),
                ("size", models.PositiveIntegerField(verbose_name="size")),
                ("content", models.BinaryField()),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="added"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="accounts.customeraccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "indexes": [models.Index(fields=["account", "kind", "-issued_on", "-id"], name="documents_by_date")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("account"),
                        models.F("kind"),
                        models.F("number"),
                        condition=models.Q(("number", ""), _negated=True),
                        name="one_document_a_number",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["invoice", "prices"])), name="document_kind_is_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("size__lte", 10000000)), name="document_is_bounded"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="subaccount",
            constraint=models.UniqueConstraint(
                models.F("account"), colibox.lib.text.Fold(models.F("number")), name="one_sub_account_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="subaccount",
            constraint=models.UniqueConstraint(
                models.F("account"), colibox.lib.text.Fold(models.F("name")), name="one_sub_account_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="subaccount",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="sub_account_id_with_account"),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.UniqueConstraint(
                models.F("account"), colibox.lib.text.Fold(models.F("name")), name="one_site_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="site_id_with_account"),
        ),
    ]
