"""Several connection keys a person, each with a name, a range and an end; who made a key reads what became of it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ME = "(SELECT NULLIF(current_setting('colibox.user', true), '')::bigint)"

FIRST_KEY = """
    UPDATE rights_connectionkey AS key SET name = CASE person.language WHEN 'en' THEN 'First key' ELSE 'Première clé' END
    FROM users_user AS person WHERE person.id = key.user_id
"""

HISTORY = f"""
    CREATE POLICY own_keys ON accounts_auditevent FOR SELECT USING (
        account_id IS NULL AND subject IN (SELECT uuid FROM rights_connectionkey WHERE user_id = {ME}));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_row_level_security"),
        ("rights", "0007_nothing_kept_twice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="connectionkey",
            name="one_live_connection_key",
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="expires_at",
            field=models.DateTimeField(null=True, verbose_name="expires on"),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="last_used_ip",
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="last_used_service",
            field=models.CharField(db_default="", max_length=40),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="links",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), null=True, size=None, verbose_name="accounts"
            ),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="name",
            field=models.CharField(db_default="", max_length=60, verbose_name="name"),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="networks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=43), db_default=[], size=None, verbose_name="addresses"
            ),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="replaced_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="rights.connectionkey"
            ),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="rights",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32), null=True, size=None, verbose_name="web services"
            ),
        ),
        migrations.AddField(
            model_name="connectionkey",
            name="warned_days",
            field=models.PositiveSmallIntegerField(
                help_text="How many days before the end the last warning said; 0 once it was told over.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="connectionkey",
            index=models.Index(
                models.F("expires_at"),
                condition=models.Q(("expires_at__isnull", False), ("revoked_at", None)),
                name="keys_to_expire",
            ),
        ),
        migrations.RunSQL(FIRST_KEY, migrations.RunSQL.noop),
        migrations.RunSQL(HISTORY, "DROP POLICY own_keys ON accounts_auditevent"),
    ]
