"""The first tables: people."""

import uuid

import django.core.validators
import django.db.models.functions.text
import django.utils.timezone
import django_countries.fields
import phonenumber_field.modelfields
from django.db import migrations, models

import users.models
from colibox.lib import text


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(text.FUNCTIONS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="User",
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
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
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
                            ("staff", "carrier's staff"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        max_length=64,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[\\w.@+-]{3,64}\\Z",
                                "Use 3 to 64 letters, digits or . @ + - _, for example c.martin.",
                            )
                        ],
                        verbose_name="user name",
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
                    "user_key",
                    models.CharField(
                        editable=False,
                        max_length=13,
                        null=True,
                        unique=True,
                        verbose_name="user key",
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
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("username"),
                        name="one_person_a_username",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("email"),
                        condition=models.Q(("kind", "advanced")),
                        name="one_advanced_user_an_email",
                    ),
                    models.UniqueConstraint(models.F("id"), models.F("kind"), name="user_id_with_kind"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "advanced"), ("user_key__isnull", False)),
                            models.Q(
                                models.Q(("kind", "advanced"), _negated=True),
                                ("user_key", None),
                            ),
                            _connector="OR",
                        ),
                        name="user_key_for_advanced_users",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", "staff"),
                            models.Q(("is_staff", False), ("is_superuser", False)),
                            _connector="OR",
                        ),
                        name="only_staff_is_staff",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("email", ""), _negated=True),
                        name="person_has_email",
                    ),
                ],
            },
            managers=[
                ("objects", users.models.PersonManager()),
            ],
        ),
    ]
