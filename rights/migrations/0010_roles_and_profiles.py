"""More roles, profiles, attachments, changes of owner, access reviews, support visits; rights that begin later."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import colibox.lib.text


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_structure_and_seals"),
        ("rights", "0009_names_of_many"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "attachment",
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("deadline", models.DateField(verbose_name="deadline")),
                ("opened_by_name", models.CharField(max_length=170)),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="opened on"
                    ),
                ),
                ("closed_by_name", models.CharField(blank=True, max_length=170)),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed on")),
            ],
            options={
                "verbose_name": "access review",
                "verbose_name_plural": "access reviews",
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("named", "successor named"),
                            ("offered", "offered"),
                            ("asked", "waiting for a second member of staff"),
                            ("accepted", "accepted"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                            ("refused", "refused"),
                            ("lapsed", "not answered in time"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("forced", models.BooleanField(default=False, verbose_name="forced by the carrier")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("proof", models.BinaryField(null=True)),
                ("proof_name", models.CharField(blank=True, max_length=120, verbose_name="proof")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True, verbose_name="takes effect on")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "change of owner",
                "verbose_name_plural": "changes of owner",
            },
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=200, verbose_name="description")),
                ("shipped", models.CharField(blank=True, editable=False, max_length=20)),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32), default=list, size=None, verbose_name="rights"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "verbose_name": "profile",
                "verbose_name_plural": "profiles",
            },
        ),
        migrations.CreateModel(
            name="ReviewedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=170, verbose_name="name")),
                ("sort_key", models.TextField()),
                ("rights", models.JSONField(default=list)),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last use")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("keep", "keep"), ("reduce", "reduce"), ("suspend", "suspend")],
                        max_length=7,
                        verbose_name="decision",
                    ),
                ),
                ("removed", models.JSONField(default=list)),
                ("decided_by_name", models.CharField(blank=True, max_length=170, verbose_name="decided by")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided on")),
            ],
            options={
                "verbose_name": "link under review",
            },
        ),
        migrations.CreateModel(
            name="SupportVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "began_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="began"
                    ),
                ),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "support visit",
            },
        ),
        migrations.RemoveConstraint(
            model_name="accountlink",
            name="link_role_is_known",
        ),
        migrations.AddField(
            model_name="accountlink",
            name="contact",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="links",
                to="accounts.contact",
            ),
        ),
        migrations.AddField(
            model_name="accountlink",
            name="follows_profile",
            field=models.BooleanField(
                db_default=False,
                help_text="Whether a change of the profile changes the rights; otherwise they were copied.",
            ),
        ),
        migrations.AddField(
            model_name="accountlink",
            name="second_factor",
            field=models.BooleanField(
                db_default=False, editable=False, help_text="Whether the person has one: copied by the database."
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="since",
            field=models.DateField(blank=True, null=True, verbose_name="from"),
        ),
        migrations.AlterField(
            model_name="accountlink",
            name="role",
            field=models.CharField(
                choices=[
                    ("owner", "owner"),
                    ("administrator", "administrator"),
                    ("local", "local administrator"),
                    ("manager", "membership manager"),
                    ("member", "member"),
                ],
                default="member",
                max_length=16,
                verbose_name="role",
            ),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(
                models.F("until"), condition=models.Q(("until__isnull", False)), name="grants_to_warn_of"
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.customeraccount",
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="link",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attachments",
                to="rights.accountlink",
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="site",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attachments",
                to="accounts.site",
                verbose_name="site",
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="sub_account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attachments",
                to="accounts.subaccount",
                verbose_name="sub-account",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="campaigns",
                to="accounts.customeraccount",
            ),
        ),
        migrations.AddField(
            model_name="campaign",
            name="opened_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handovers",
                to="accounts.customeraccount",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="asked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="former",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="rights.accountlink",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="successor",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="rights.accountlink",
            ),
        ),
        migrations.AddField(
            model_name="profile",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="profiles",
                to="accounts.customeraccount",
            ),
        ),
        migrations.AddField(
            model_name="accountlink",
            name="profile",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to="rights.profile",
            ),
        ),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(
                models.F("ends_on"),
                condition=models.Q(("ends_on__isnull", False), ("state", "active")),
                name="links_to_suspend",
            ),
        ),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(
                models.F("profile"),
                models.F("id"),
                condition=models.Q(("profile__isnull", False)),
                name="links_of_a_profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "administrator", "local", "manager", "member"])),
                name="link_role_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("follows_profile", False), ("profile__isnull", False), _connector="OR"),
                name="who_follows_has_a_profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(
                models.F("account"),
                models.F("contact"),
                condition=models.Q(("contact__isnull", False), models.Q(("state", "ended"), _negated=True)),
                name="one_link_a_contact",
            ),
        ),
        migrations.AddField(
            model_name="reviewedlink",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.customeraccount",
            ),
        ),
        migrations.AddField(
            model_name="reviewedlink",
            name="campaign",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="items", to="rights.campaign"
            ),
        ),
        migrations.AddField(
            model_name="reviewedlink",
            name="link",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="rights.accountlink",
            ),
        ),
        migrations.AddField(
            model_name="supportvisit",
            name="account",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customeraccount"
            ),
        ),
        migrations.AddField(
            model_name="supportvisit",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="supportvisit",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.UniqueConstraint(
                models.F("link"),
                models.F("sub_account"),
                models.F("site"),
                name="one_attachment_a_place",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("sub_account__isnull", False), ("site__isnull", False), _connector="OR"),
                name="attachment_is_somewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(
                models.F("account"), condition=models.Q(("closed_at", None)), name="one_open_review_an_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="campaign_id_with_account"),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(fields=["account", "-id"], name="handovers_of_an_account"),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(
                models.F("due_at"), condition=models.Q(("state__in", ["offered", "accepted"])), name="handovers_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                models.F("account"),
                condition=models.Q(("state__in", ["offered", "asked", "accepted"])),
                name="one_handover_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                models.F("account"), condition=models.Q(("state", "named")), name="one_named_successor"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by", None),
                    models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_members_of_staff",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("forced", True), ("state__in", ["accepted", "done"]), _negated=True),
                    models.Q(("confirmed_by__isnull", False), ("proof__isnull", False)),
                    _connector="OR",
                ),
                name="forced_with_a_proof",
            ),
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.UniqueConstraint(
                models.F("account"), colibox.lib.text.Fold(models.F("name")), name="one_profile_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.UniqueConstraint(
                models.F("account"),
                models.F("shipped"),
                condition=models.Q(("shipped", ""), _negated=True),
                name="one_profile_a_shipped_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="profile_id_with_account"),
        ),
        migrations.AddIndex(
            model_name="reviewedlink",
            index=models.Index(models.F("campaign"), models.F("sort_key"), models.F("id"), name="reviewed_by_name"),
        ),
        migrations.AddConstraint(
            model_name="reviewedlink",
            constraint=models.UniqueConstraint(models.F("campaign"), models.F("link"), name="one_review_a_link"),
        ),
        migrations.AddConstraint(
            model_name="reviewedlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["", "keep", "reduce", "suspend"])), name="review_decision_is_known"
            ),
        ),
    ]
