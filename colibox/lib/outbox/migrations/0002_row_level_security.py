"""A mail about an account is visible within its reach only; one about nobody's account, a new password say, to all."""

from django.db import migrations

from colibox.lib import tenancy

OUTSIDE_ACCOUNTS = """
    CREATE POLICY outside_accounts ON outbox_mail USING (account_id IS NULL) WITH CHECK (account_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_initial")]

    operations = [
        migrations.RunSQL(tenancy.protect("outbox_mail")),
        migrations.RunSQL(OUTSIDE_ACCOUNTS),
    ]
