"""Whoever follows or copied a profile may read what it is called."""

from django.db import migrations

ME = "(SELECT NULLIF(current_setting('colibox.user', true), '')::bigint)"

OWN = f"""
    CREATE POLICY own ON rights_profile FOR SELECT USING (
        id IN (SELECT profile_id FROM rights_accountlink WHERE user_id = {ME}));
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0017_profiles_are_proposed")]

    operations = [migrations.RunSQL(OWN, "DROP POLICY own ON rights_profile")]
