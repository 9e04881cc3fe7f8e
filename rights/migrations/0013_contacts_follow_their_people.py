"""A contact with web access follows what the person says of themselves, but where the account wrote something else."""

from django.db import migrations

COLUMNS = ("civility", "last_name", "first_name", "function", "email", "phone")
CHANGED = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in COLUMNS)
FOLLOWED = ", ".join(f"{name} = CASE WHEN {name} = OLD.{name} THEN NEW.{name} ELSE {name} END" for name in COLUMNS)

FOLLOW = f"""
    CREATE FUNCTION rights_contact_follows() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE accounts_contact SET {FOLLOWED}, version = version + 1
        WHERE account_id = NEW.account_id AND id = NEW.contact_id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER contact_follows AFTER UPDATE OF {", ".join(COLUMNS)} ON rights_accountlink
        FOR EACH ROW WHEN (NEW.accepted_at IS NOT NULL AND NEW.contact_id = OLD.contact_id AND ({CHANGED}))
        EXECUTE FUNCTION rights_contact_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0012_when_a_profile_was_chosen"), ("accounts", "0004_structure_row_level_security")]

    operations = [migrations.RunSQL(FOLLOW)]
