"""The first tables: parcels and their events, claims, pickup points, the trace of web service calls."""

import uuid

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import colibox.lib.text


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0002_row_level_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="when")),
                ("account_id", models.BigIntegerField(null=True, verbose_name="account")),
                ("user", models.UUIDField(null=True, verbose_name="who")),
                ("user_name", models.CharField(blank=True, max_length=170)),
                (
                    "key",
                    models.CharField(
                        blank=True, help_text="Its public part.", max_length=8, verbose_name="connection key"
                    ),
                ),
                ("service", models.CharField(max_length=40, verbose_name="service")),
                ("status", models.PositiveSmallIntegerField(verbose_name="answer")),
                ("error", models.CharField(blank=True, max_length=12, verbose_name="error")),
                ("number", models.CharField(blank=True, max_length=15, verbose_name="parcel number")),
                ("milliseconds", models.PositiveIntegerField(verbose_name="duration")),
                ("ip", models.GenericIPAddressField(null=True, verbose_name="from where")),
                ("request_id", models.CharField(blank=True, max_length=32)),
            ],
            options={
                "verbose_name": "web service call",
                "indexes": [
                    models.Index(
                        models.F("account_id"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="calls_of_an_account",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(help_text="Counted by account.", verbose_name="number")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("late", "Late or lost"),
                            ("damaged", "Damaged"),
                            ("missing", "Shown as delivered, not received"),
                            ("content", "Something is missing in it"),
                            ("returned", "Returned without reason"),
                            ("other", "Something else"),
                        ],
                        max_length=8,
                        verbose_name="reason",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "with customer service"), ("answered", "answered"), ("closed", "closed")],
                        default="open",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("by_name", models.CharField(max_length=170, verbose_name="by")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="filed on"),
                ),
                (
                    "changed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="last change"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="accounts.customeraccount",
                        verbose_name="account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "claim",
            },
        ),
        migrations.CreateModel(
            name="ClaimMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                ("by_name", models.CharField(max_length=170, verbose_name="by")),
                ("from_staff", models.BooleanField(default=False)),
                ("text", models.TextField(max_length=4000, verbose_name="message")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="tracking.claim",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "ordering": ("at", "id"),
            },
        ),
        migrations.CreateModel(
            name="DepositSlip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("by_name", models.CharField(max_length=170, verbose_name="by")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.customeraccount",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "deposit slip",
            },
        ),
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                (
                    "caller",
                    models.CharField(
                        help_text="The public part of the connection key, or the user's uuid.", max_length=40
                    ),
                ),
                ("key", models.CharField(max_length=255)),
                ("body_digest", models.CharField(max_length=64)),
                (
                    "status",
                    models.PositiveSmallIntegerField(help_text="None while the first call is under way.", null=True),
                ),
                ("content_type", models.CharField(blank=True, max_length=120)),
                ("body", models.BinaryField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "kept answer",
                "indexes": [models.Index(models.F("created_at"), name="answers_to_forget")],
                "constraints": [
                    models.UniqueConstraint(models.F("caller"), models.F("key"), name="one_answer_an_idempotency_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberRange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("international", models.BooleanField(default=False)),
                ("first", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("next", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customeraccount"
                    ),
                ),
            ],
            options={
                "verbose_name": "range of parcel numbers",
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.CharField(max_length=15, verbose_name="parcel number")),
                (
                    "product",
                    models.CharField(
                        choices=[
                            ("DOM", "Home, without signature"),
                            ("DOS", "Home, with signature"),
                            ("HD", "Pickup point"),
                            ("COM", "Overseas, without signature"),
                            ("CDS", "Overseas, with signature"),
                            ("COLI", "Abroad, with signature"),
                            ("CORE", "Return from France"),
                        ],
                        max_length=4,
                        verbose_name="product",
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=30, verbose_name="client reference")),
                (
                    "is_pass",
                    models.BooleanField(
                        default=False, help_text="Sent with the Pass delivery offer.", verbose_name="PASS"
                    ),
                ),
                ("addressee", models.CharField(max_length=110, verbose_name="addressee")),
                ("postcode", models.CharField(blank=True, max_length=12, verbose_name="postcode")),
                ("town", models.CharField(blank=True, max_length=80, verbose_name="town")),
                ("country", models.CharField(default="FR", max_length=2, verbose_name="country")),
                ("weight", models.PositiveIntegerField(help_text="In grams.", verbose_name="weight")),
                ("tag", models.CharField(blank=True, max_length=40, verbose_name="tag")),
                ("user_key", models.CharField(blank=True, max_length=13, verbose_name="user key")),
                ("franked_by_name", models.CharField(blank=True, max_length=170, verbose_name="franked by")),
                (
                    "franked_with",
                    models.CharField(blank=True, help_text="The public part of the connection key.", max_length=8),
                ),
                ("pickup_point", models.CharField(blank=True, max_length=6, verbose_name="pickup point")),
                (
                    "label",
                    models.JSONField(help_text="What is printed: tracking.labels.Label, as a dictionary.", null=True),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                ("cancelled_at", models.DateTimeField(null=True, verbose_name="cancelled")),
                ("event", models.CharField(default="DR1", max_length=3, verbose_name="latest event")),
                (
                    "event_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="latest event"
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=80, verbose_name="place")),
                ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered")),
                (
                    "status",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(cancelled_at__isnull=False, then=models.Value("cancelled")),
                            models.When(event__in=["DR1"], then=models.Value("announced")),
                            models.When(event__in=["PC1", "PC2"], then=models.Value("accepted")),
                            models.When(
                                event__in=["ET1", "ET2", "ET3", "ET4", "EP1", "DO1", "DO2", "ID0", "PB2"],
                                then=models.Value("transit"),
                            ),
                            models.When(event__in=["MD2"], then=models.Value("out")),
                            models.When(event__in=["AG1"], then=models.Value("waiting")),
                            models.When(event__in=["DR2", "DO3", "PB1", "DI3", "ND1"], then=models.Value("problem")),
                            models.When(event__in=["DI0", "DI1"], then=models.Value("delivered")),
                            models.When(event__in=["RE1", "DI2"], then=models.Value("returned")),
                            default=models.Value("announced"),
                        ),
                        output_field=models.CharField(
                            choices=[
                                ("announced", "Announced"),
                                ("accepted", "Handed over"),
                                ("transit", "On its way"),
                                ("out", "Out for delivery"),
                                ("waiting", "Ready for collection"),
                                ("problem", "Problem"),
                                ("delivered", "Delivered"),
                                ("returned", "Returned"),
                                ("cancelled", "Cancelled"),
                            ],
                            max_length=9,
                        ),
                    ),
                ),
                (
                    "step",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(event__in=["DR1", "DR2"], then=models.Value(1)),
                            models.When(event__in=["PC1", "PC2"], then=models.Value(2)),
                            models.When(
                                event__in=[
                                    "ET1",
                                    "ET2",
                                    "ET3",
                                    "ET4",
                                    "EP1",
                                    "DO1",
                                    "DO2",
                                    "DO3",
                                    "ID0",
                                    "PB1",
                                    "PB2",
                                    "DI3",
                                ],
                                then=models.Value(3),
                            ),
                            models.When(event__in=["MD2", "ND1", "AG1", "RE1"], then=models.Value(4)),
                            models.When(event__in=["DI0", "DI1", "DI2"], then=models.Value(5)),
                            default=models.Value(0),
                        ),
                        output_field=models.PositiveSmallIntegerField(),
                    ),
                ),
                (
                    "addressee_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=colibox.lib.text.Fold(models.F("addressee")),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "reference_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=colibox.lib.text.Fold(models.F("reference")),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "tag_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=colibox.lib.text.Fold(models.F("tag")),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcels",
                        to="accounts.customeraccount",
                    ),
                ),
                (
                    "franked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "slip",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="parcels",
                        to="tracking.depositslip",
                    ),
                ),
            ],
            options={
                "verbose_name": "parcel",
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="parcel",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="tracking.parcel",
                verbose_name="parcel",
            ),
        ),
        migrations.CreateModel(
            name="PickupPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "identifier",
                    models.CharField(
                        max_length=6,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("^\\d{6}\\Z")],
                        verbose_name="identifier",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("A2P", "pickup shop or locker"),
                            ("BPR", "post office"),
                            ("ACP", "carrier's agency"),
                            ("CDI", "delivery centre"),
                        ],
                        max_length=3,
                        verbose_name="kind",
                    ),
                ),
                ("address_1", models.CharField(max_length=80, verbose_name="address")),
                ("address_2", models.CharField(blank=True, max_length=80, verbose_name="address, line 2")),
                ("address_3", models.CharField(blank=True, max_length=80, verbose_name="address, line 3")),
                ("postcode", models.CharField(max_length=12, verbose_name="postcode")),
                ("town", models.CharField(max_length=80, verbose_name="town")),
                ("country", models.CharField(default="FR", max_length=2, verbose_name="country")),
                ("hint", models.CharField(blank=True, max_length=120, verbose_name="how to find it")),
                ("latitude", models.FloatField(verbose_name="latitude")),
                ("longitude", models.FloatField(verbose_name="longitude")),
                (
                    "heaviest",
                    models.PositiveIntegerField(default=20000, help_text="In grams.", verbose_name="heaviest parcel"),
                ),
                (
                    "accessible",
                    models.BooleanField(default=False, verbose_name="accessible to people with reduced mobility"),
                ),
                ("parking", models.BooleanField(default=False, verbose_name="parking")),
                ("handling_tool", models.BooleanField(default=False, verbose_name="lends a handling tool")),
                ("network", models.CharField(default="R03", max_length=4, verbose_name="network")),
                ("sorting", models.CharField(blank=True, max_length=8)),
                ("lot", models.CharField(blank=True, max_length=8)),
                ("plan_version", models.CharField(blank=True, max_length=4)),
                (
                    "hours",
                    models.JSONField(
                        default=list,
                        help_text="Monday to Sunday, each as published: “10:00-12:00 12:00-20:15”.",
                        verbose_name="opening hours",
                    ),
                ),
                (
                    "closed",
                    models.JSONField(
                        blank=True, default=list, help_text="Pairs of ISO dates, both closed.", verbose_name="holidays"
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="open to parcels")),
            ],
            options={
                "verbose_name": "pickup point",
                "indexes": [
                    models.Index(
                        models.F("latitude"),
                        models.F("longitude"),
                        condition=models.Q(("active", True)),
                        name="pickup_points_by_place",
                    ),
                    models.Index(models.F("country"), models.F("postcode"), name="pickup_points_by_postcode"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TrackingEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.BigIntegerField()),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("DR1", "Announced by the sender"),
                            ("DR2", "Problem while being prepared"),
                            ("PC1", "Handed over"),
                            ("PC2", "Handed over in the country of origin"),
                            ("ET1", "Being processed"),
                            ("ET2", "Being processed in the country of origin"),
                            ("ET3", "Being processed in the country of destination"),
                            ("ET4", "Being processed in a country of transit"),
                            ("EP1", "Waiting to be presented"),
                            ("DO1", "Entered customs"),
                            ("DO2", "Left customs"),
                            ("DO3", "Held by customs"),
                            ("ID0", "Customs information"),
                            ("PB1", "Problem under way"),
                            ("PB2", "Problem solved"),
                            ("DI3", "Delayed"),
                            ("MD2", "Out for delivery"),
                            ("ND1", "Cannot be delivered"),
                            ("AG1", "Waiting to be collected at the counter"),
                            ("RE1", "Sent back to the sender"),
                            ("DI0", "Delivered in a batch"),
                            ("DI1", "Delivered to the addressee"),
                            ("DI2", "Delivered to the sender"),
                        ],
                        max_length=3,
                        verbose_name="code",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("place", models.CharField(blank=True, max_length=80, verbose_name="place")),
                ("postcode", models.CharField(blank=True, max_length=12, verbose_name="postcode")),
                ("country", models.CharField(default="FR", max_length=2, verbose_name="country")),
                (
                    "step",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(code__in=["DR1", "DR2"], then=models.Value(1)),
                            models.When(code__in=["PC1", "PC2"], then=models.Value(2)),
                            models.When(
                                code__in=[
                                    "ET1",
                                    "ET2",
                                    "ET3",
                                    "ET4",
                                    "EP1",
                                    "DO1",
                                    "DO2",
                                    "DO3",
                                    "ID0",
                                    "PB1",
                                    "PB2",
                                    "DI3",
                                ],
                                then=models.Value(3),
                            ),
                            models.When(code__in=["MD2", "ND1", "AG1", "RE1"], then=models.Value(4)),
                            models.When(code__in=["DI0", "DI1", "DI2"], then=models.Value(5)),
                            default=models.Value(0),
                        ),
                        output_field=models.PositiveSmallIntegerField(),
                    ),
                ),
                (
                    "parcel",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="tracking.parcel",
                    ),
                ),
            ],
            options={
                "verbose_name": "tracking event",
            },
        ),
        migrations.AddConstraint(
            model_name="depositslip",
            constraint=models.UniqueConstraint(models.F("account"), models.F("number"), name="one_slip_a_number"),
        ),
        migrations.AddConstraint(
            model_name="depositslip",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="slip_id_with_account"),
        ),
        migrations.AddConstraint(
            model_name="numberrange",
            constraint=models.UniqueConstraint(
                models.F("international"), models.F("first"), name="number_range_begins_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="numberrange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("first__lte", models.F("next")),
                    (
                        "next__lte",
                        django.db.models.expressions.CombinedExpression(models.F("last"), "+", models.Value(1)),
                    ),
                ),
                name="next_number_in_range",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="parcels_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                models.F("status"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="parcels_by_status",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(models.F("number"), "text_pattern_ops"),
                name="parcels_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(models.F("addressee_key"), "text_pattern_ops"),
                name="parcels_by_addressee",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                django.contrib.postgres.indexes.OpClass(models.F("reference_key"), "text_pattern_ops"),
                name="parcels_by_reference",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                models.F("postcode"),
                models.OrderBy(models.F("created_at"), descending=True),
                name="parcels_by_postcode",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                models.F("tag_key"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("tag", ""), _negated=True),
                name="parcels_by_tag",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                models.F("user_key"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("user_key", ""), _negated=True),
                name="parcels_by_user_key",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(
                models.F("account"),
                models.F("franked_by"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("franked_by__isnull", False)),
                name="parcels_by_franker",
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(models.F("number"), name="one_parcel_a_number"),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="parcel_id_with_account"),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(("weight__gte", 1), ("weight__lte", 30000)), name="parcel_weight_in_limits"
            ),
        ),
        migrations.AddConstraint(
            model_name="parcel",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__regex", "^[A-Z0-9]{11,15}$")), name="parcel_number_is_readable"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(models.F("changed_at"), condition=models.Q(("state", "open")), name="claims_to_answer"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                models.F("account"),
                models.OrderBy(models.F("changed_at"), descending=True),
                name="claims_of_an_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                models.F("account"), models.F("number"), name="claim_number_of_an_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(models.F("account"), models.F("id"), name="claim_id_with_account"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                models.F("parcel"),
                models.F("reason"),
                condition=models.Q(("state", "closed"), _negated=True),
                name="one_open_claim_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.UniqueConstraint(
                models.F("parcel"), models.F("at"), models.F("code"), name="an_event_happens_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="trackingevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code__in",
                        [
                            "DR1",
                            "DR2",
                            "PC1",
                            "PC2",
                            "ET1",
                            "ET2",
                            "ET3",
                            "ET4",
                            "EP1",
                            "DO1",
                            "DO2",
                            "DO3",
                            "ID0",
                            "PB1",
                            "PB2",
                            "DI3",
                            "MD2",
                            "ND1",
                            "AG1",
                            "RE1",
                            "DI0",
                            "DI1",
                            "DI2",
                        ],
                    )
                ),
                name="event_code_is_known",
            ),
        ),
    ]
