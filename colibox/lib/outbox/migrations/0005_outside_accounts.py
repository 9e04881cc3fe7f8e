"""Whoever serves a page may queue a mail that is about no account, a new password say, and may not look at any."""

from django.db import migrations

QUEUE_ONLY = """
    DROP POLICY outside_accounts ON outbox_mail;
    CREATE POLICY outside_accounts ON outbox_mail FOR INSERT WITH CHECK (account_id IS NULL);
"""
ALL = """
    DROP POLICY outside_accounts ON outbox_mail;
    CREATE POLICY outside_accounts ON outbox_mail USING (account_id IS NULL) WITH CHECK (account_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0004_go_on")]

    operations = [migrations.RunSQL(QUEUE_ONLY, ALL)]
