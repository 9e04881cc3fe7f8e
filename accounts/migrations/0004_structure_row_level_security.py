"""Divisions, contacts, documents and seals are visible within an account's reach only; a seal is never changed."""

from django.db import migrations

from colibox.lib import tenancy

COMPOSITE_KEYS = """
    ALTER TABLE accounts_site ADD CONSTRAINT site_on_own_account
        FOREIGN KEY (account_id, sub_account_id) REFERENCES accounts_subaccount (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
"""

# A group is known to whoever has one of its accounts in reach.
GROUP = """
    CREATE POLICY of_the_group ON accounts_accountgroup FOR SELECT USING (
        id IN (SELECT group_id FROM accounts_customeraccount));
"""

APPEND_ONLY = """
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_auditseal
        FOR EACH ROW EXECUTE FUNCTION accounts_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_structure_and_seals")]

    operations = [
        *[
            migrations.RunSQL(tenancy.protect(f"accounts_{table}"))
            for table in ("subaccount", "site", "contact", "document", "auditseal")
        ],
        migrations.RunSQL(tenancy.protect("accounts_accountgroup", "head_id")),
        migrations.RunSQL(GROUP),
        migrations.RunSQL(COMPOSITE_KEYS),
        migrations.RunSQL(APPEND_ONLY),
    ]
