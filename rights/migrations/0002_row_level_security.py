"""Links, grants and entitlements are visible within the account's reach; a person sees their own too."""

from django.db import migrations

from colibox.lib import tenancy

ME = "(SELECT NULLIF(current_setting('colibox.user', true), '')::bigint)"
INVITATION = "(SELECT NULLIF(current_setting('colibox.invitation', true), ''))"

OWN = f"""
    CREATE POLICY own ON rights_accountlink FOR SELECT USING (user_id = {ME} OR invitee_id = {ME});
    CREATE POLICY invited ON rights_accountlink FOR SELECT USING (token_digest = {INVITATION});
    CREATE POLICY own ON rights_grant FOR SELECT USING (
        link_id IN (SELECT id FROM rights_accountlink WHERE user_id = {ME} OR invitee_id = {ME}));
    CREATE POLICY own ON rights_entitlement FOR SELECT USING (
        account_id IN (SELECT account_id FROM rights_accountlink WHERE user_id = {ME} OR invitee_id = {ME}));
    CREATE POLICY own ON accounts_customeraccount FOR SELECT USING (
        id IN (SELECT account_id FROM rights_accountlink WHERE user_id = {ME} OR invitee_id = {ME}));
"""

# Foreign keys that carry the account or the kind along: a grant cannot point at another account's
# link, nor a standard link at an advanced person, whatever the code above them does.
COMPOSITE_KEYS = """
    ALTER TABLE rights_grant ADD CONSTRAINT grant_on_own_account
        FOREIGN KEY (account_id, link_id) REFERENCES rights_accountlink (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_accountlink ADD CONSTRAINT link_of_same_kind
        FOREIGN KEY (user_id, kind) REFERENCES users_user (id, kind)
        DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_initial"), ("accounts", "0002_row_level_security")]

    operations = [
        migrations.RunSQL(tenancy.protect("rights_entitlement")),
        migrations.RunSQL(tenancy.protect("rights_accountlink")),
        migrations.RunSQL(tenancy.protect("rights_grant")),
        migrations.RunSQL(OWN),
        migrations.RunSQL(COMPOSITE_KEYS),
    ]
