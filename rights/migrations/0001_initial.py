"""The first tables: links, grants, entitlements and keys."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django_countries.fields
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models

import colibox.lib.text


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountLink",
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
                    "civility",
                    models.CharField(
                        blank=True,
                        choices=[("mme", "Ms"), ("m", "Mr")],
                        max_length=3,
                        verbose_name="title",
                    ),
                ),
                (
                    "last_name",
                    models.CharField(max_length=80, verbose_name="last name"),
                ),
                (
                    "first_name",
                    models.CharField(max_length=80, verbose_name="first name"),
                ),
                (
                    "function",
                    models.CharField(blank=True, max_length=80, verbose_name="function"),
                ),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(
                        blank=True,
                        max_length=128,
                        region=None,
                        verbose_name="telephone",
                    ),
                ),
                (
                    "fax",
                    phonenumber_field.modelfields.PhoneNumberField(
                        blank=True, max_length=128, region=None, verbose_name="fax"
                    ),
                ),
                (
                    "address_1",
                    models.CharField(blank=True, max_length=80, verbose_name="address"),
                ),
                (
                    "address_2",
                    models.CharField(blank=True, max_length=80, verbose_name="address, line 2"),
                ),
                (
                    "address_3",
                    models.CharField(blank=True, max_length=80, verbose_name="address, line 3"),
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
                    "uuid",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("standard", "standard user"),
                            ("advanced", "advanced user"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("administrator", "administrator"),
                            ("member", "member"),
                        ],
                        default="member",
                        max_length=16,
                        verbose_name="role",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "invited"),
                            ("expired", "invitation expired"),
                            ("active", "active"),
                            ("suspended", "suspended"),
                            ("ended", "ended"),
                        ],
                        default="invited",
                        max_length=9,
                        verbose_name="status",
                    ),
                ),
                (
                    "username",
                    models.CharField(blank=True, max_length=64, verbose_name="user name"),
                ),
                ("masked_email", models.CharField(blank=True, max_length=80)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="tags",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "French"), ("en", "English")],
                        default="fr",
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                (
                    "starts_on",
                    models.DateField(blank=True, null=True, verbose_name="from"),
                ),
                (
                    "ends_on",
                    models.DateField(blank=True, null=True, verbose_name="until"),
                ),
                (
                    "token_digest",
                    models.CharField(max_length=64, null=True, unique=True),
                ),
                ("generation", models.PositiveIntegerField(default=0)),
                ("invited_at", models.DateTimeField(null=True)),
                (
                    "expires_at",
                    models.DateTimeField(null=True, verbose_name="invitation valid until"),
                ),
                ("asked_again_at", models.DateTimeField(null=True)),
                (
                    "accepted_at",
                    models.DateTimeField(null=True, verbose_name="accepted"),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="accounts.customeraccount",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invitee",
                    models.ForeignKey(
                        help_text="Who is asked, when they exist already. Never shown before they accept.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "link",
            },
        ),
        migrations.CreateModel(
            name="ConnectionKey",
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
                ("public", models.CharField(max_length=8, unique=True)),
                ("last_four", models.CharField(max_length=4)),
                ("fingerprint", models.CharField(max_length=64)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                    ),
                ),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="connection_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "connection key",
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
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
                ("right", models.CharField(max_length=32, verbose_name="right")),
                (
                    "delegable",
                    models.BooleanField(default=True, verbose_name="may be delegated"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entitlements",
                        to="accounts.customeraccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "entitlement",
            },
        ),
        migrations.CreateModel(
            name="Grant",
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
                ("right", models.CharField(max_length=32, verbose_name="right")),
                ("choice", models.CharField(blank=True, max_length=16)),
                (
                    "given_by_name",
                    models.CharField(max_length=170, verbose_name="given by"),
                ),
                (
                    "given_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="given on",
                    ),
                ),
                (
                    "until",
                    models.DateField(blank=True, null=True, verbose_name="until"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.customeraccount",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to="rights.accountlink",
                    ),
                ),
            ],
            options={
                "verbose_name": "grant",
            },
        ),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(
                models.F("account"),
                models.F("kind"),
                models.F("sort_key"),
                models.F("id"),
                condition=models.Q(("state", "ended"), _negated=True),
                name="people_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(
                models.F("account"),
                models.F("kind"),
                models.F("email"),
                models.F("id"),
                condition=models.Q(("state", "ended"), _negated=True),
                name="people_by_email",
            ),
        ),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(
                models.F("account"),
                models.F("kind"),
                models.F("state"),
                models.F("sort_key"),
                models.F("id"),
                name="people_by_state",
            ),
        ),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(
                models.F("expires_at"),
                condition=models.Q(("state", "invited")),
                name="invitations_to_expire",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(
                models.F("account"),
                models.F("user"),
                condition=models.Q(("state", "ended"), _negated=True),
                name="one_live_link_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(
                models.F("account"),
                django.db.models.functions.text.Upper("email"),
                condition=models.Q(
                    ("accepted_at", None),
                    ("kind", "advanced"),
                    models.Q(("state", "ended"), _negated=True),
                    models.Q(("email", ""), _negated=True),
                ),
                name="one_invitation_an_email",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(
                models.F("account"),
                models.F("invitee"),
                condition=models.Q(("accepted_at", None), ("email", ""), models.Q(("state", "ended"), _negated=True)),
                name="one_request_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(
                models.F("user"),
                condition=models.Q(("kind", "standard")),
                name="standard_user_has_one_link",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(
                models.F("account"),
                condition=models.Q(("role", "owner"), models.Q(("state", "ended"), _negated=True)),
                name="one_owner_an_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="link_id_with_account"),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "active"), _negated=True),
                    models.Q(("accepted_at__isnull", False), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="active_link_has_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["invited", "expired"]), _negated=True),
                    ("expires_at__isnull", False),
                    _connector="OR",
                ),
                name="invitation_has_a_deadline",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "advanced"), ("user__isnull", False), _connector="OR"),
                name="standard_link_has_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "administrator", "member"])),
                name="link_role_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["invited", "expired", "active", "suspended", "ended"],
                    )
                ),
                name="link_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None),
                    ("starts_on", None),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="link_ends_after_it_starts",
            ),
        ),
        migrations.AddConstraint(
            model_name="connectionkey",
            constraint=models.UniqueConstraint(
                models.F("user"),
                condition=models.Q(("revoked_at", None)),
                name="one_live_connection_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="entitlement",
            constraint=models.UniqueConstraint(models.F("account"), models.F("right"), name="one_entitlement_a_right"),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                models.F("account"),
                models.F("right"),
                models.F("link"),
                name="who_has_a_right",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(models.F("link"), models.F("right"), name="one_grant_a_right"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                models.F("link"),
                models.F("choice"),
                condition=models.Q(("choice", ""), _negated=True),
                name="one_scope_a_variant",
            ),
        ),
    ]
