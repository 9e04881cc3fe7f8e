"""What belongs to a link stays on its account; a link knows whether its person has a second factor."""

from django.db import migrations

from colibox.lib import tenancy
from users.models import Identity

TABLES = ("attachment", "profile", "handover", "campaign", "reviewedlink", "supportvisit")

COMPOSITE_KEYS = """
    ALTER TABLE rights_attachment ADD CONSTRAINT attachment_of_own_link
        FOREIGN KEY (account_id, link_id) REFERENCES rights_accountlink (account_id, id)
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_attachment ADD CONSTRAINT attachment_to_own_sub_account
        FOREIGN KEY (account_id, sub_account_id) REFERENCES accounts_subaccount (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_attachment ADD CONSTRAINT attachment_to_own_site
        FOREIGN KEY (account_id, site_id) REFERENCES accounts_site (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_accountlink ADD CONSTRAINT link_of_own_contact
        FOREIGN KEY (account_id, contact_id) REFERENCES accounts_contact (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_accountlink ADD CONSTRAINT link_with_own_profile
        FOREIGN KEY (account_id, profile_id) REFERENCES rights_profile (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_handover ADD CONSTRAINT handover_from_own_link
        FOREIGN KEY (account_id, former_id) REFERENCES rights_accountlink (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_handover ADD CONSTRAINT handover_to_own_link
        FOREIGN KEY (account_id, successor_id) REFERENCES rights_accountlink (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_reviewedlink ADD CONSTRAINT review_of_own_link
        FOREIGN KEY (account_id, link_id) REFERENCES rights_accountlink (account_id, id)
        DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE rights_reviewedlink ADD CONSTRAINT review_in_own_campaign
        FOREIGN KEY (account_id, campaign_id) REFERENCES rights_campaign (account_id, id)
        ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""

COLUMNS = (*Identity.IDENTITY, "username", "second_factor")
COPY = f"""
    CREATE OR REPLACE FUNCTION rights_copy_identity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE rights_accountlink SET {", ".join(f"{name} = NEW.{name}" for name in COLUMNS)}, masked_email = ''
        WHERE user_id = NEW.id AND accepted_at IS NOT NULL AND state <> 'ended';
        RETURN NULL;
    END $$;
    DROP TRIGGER copy_identity ON users_user;
    CREATE TRIGGER copy_identity AFTER UPDATE OF {", ".join(COLUMNS)} ON users_user
        FOR EACH ROW WHEN ({" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in COLUMNS)})
        EXECUTE FUNCTION rights_copy_identity();
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0010_roles_and_profiles"), ("users", "0002_second_factor")]

    operations = [
        *[migrations.RunSQL(tenancy.protect(f"rights_{table}")) for table in TABLES],
        migrations.RunSQL(COMPOSITE_KEYS),
        migrations.RunSQL(COPY),
    ]
