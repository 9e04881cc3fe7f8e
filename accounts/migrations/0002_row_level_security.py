"""An account's rows are visible within its reach only, and the trace can only grow."""

from django.db import migrations

from colibox.lib import tenancy

APPEND_ONLY = """
    CREATE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'An event of the trace is never changed.' USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_auditevent
        FOR EACH ROW EXECUTE FUNCTION accounts_refuse_change();
"""

# What happens to a person outside any account (a new password, say) belongs to the trace too.
OUTSIDE_ACCOUNTS = """
    CREATE POLICY outside_accounts ON accounts_auditevent FOR INSERT WITH CHECK (account_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(tenancy.protect("accounts_customeraccount", "id")),
        migrations.RunSQL(tenancy.protect("accounts_auditevent")),
        migrations.RunSQL(OUTSIDE_ACCOUNTS),
        migrations.RunSQL(APPEND_ONLY),
    ]
