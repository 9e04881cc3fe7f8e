"""Parcels are visible within their account's reach; what hangs on them cannot belong to another account."""

from django.db import migrations

from colibox.lib import tenancy

TABLES = ("parcel", "trackingevent", "numberrange", "depositslip", "claim", "claimmessage", "call", "keptanswer")

COMPOSITE_KEYS = """
    ALTER TABLE tracking_trackingevent ADD CONSTRAINT event_of_own_parcel
        FOREIGN KEY (account_id, parcel_id) REFERENCES tracking_parcel (account_id, id) ON DELETE CASCADE;
    ALTER TABLE tracking_claim ADD CONSTRAINT claim_on_own_parcel
        FOREIGN KEY (account_id, parcel_id) REFERENCES tracking_parcel (account_id, id);
    ALTER TABLE tracking_claimmessage ADD CONSTRAINT message_of_own_claim
        FOREIGN KEY (account_id, claim_id) REFERENCES tracking_claim (account_id, id) ON DELETE CASCADE;
    ALTER TABLE tracking_parcel ADD CONSTRAINT parcel_on_own_slip
        FOREIGN KEY (account_id, slip_id) REFERENCES tracking_depositslip (account_id, id);
"""

# A call that failed before an account was known belongs to the trace too.
OUTSIDE_ACCOUNTS = """
    CREATE POLICY outside_accounts ON tracking_call FOR INSERT WITH CHECK (account_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]

    operations = [
        *(migrations.RunSQL(tenancy.protect(f"tracking_{table}")) for table in TABLES),
        migrations.RunSQL(COMPOSITE_KEYS),
        migrations.RunSQL(OUTSIDE_ACCOUNTS),
    ]
