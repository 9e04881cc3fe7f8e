"""Everybody reads what was done to them and, where they still have access, what they did themselves."""

from django.db import migrations

ID = "(SELECT NULLIF(current_setting('colibox.user', true), '')::bigint)"
ME = f"(SELECT uuid FROM users_user WHERE id = {ID})"

# What was done to oneself is one's own to know, wherever it was done. What one did tells of others: it is shown
# outside accounts, and on those whose door is still open. The sub-selects are evaluated once a statement.
OWN = f"""
    CREATE POLICY about_me ON accounts_auditevent FOR SELECT USING (
        subject = {ME} OR subject IN (SELECT uuid FROM rights_accountlink WHERE user_id = {ID}));
    CREATE POLICY by_me ON accounts_auditevent FOR SELECT USING (
        actor = {ME} AND (account_id IS NULL OR account_id IN (
            SELECT account_id FROM rights_accountlink WHERE user_id = {ID} AND state = 'active')));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_events_by_a_person"),
        ("rights", "0013_contacts_follow_their_people"),
        ("users", "0002_second_factor"),
    ]

    operations = [
        migrations.RunSQL(
            OWN,
            "DROP POLICY about_me ON accounts_auditevent; DROP POLICY by_me ON accounts_auditevent",
        ),
    ]
