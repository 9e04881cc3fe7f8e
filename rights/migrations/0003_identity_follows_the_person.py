"""What the database keeps true by itself between a person and their links."""

from django.db import migrations

from users.models import Identity

COLUMNS = (*Identity.IDENTITY, "username")

# A link bears its person's identity so that an account's list is one table: the database copies every
# change, whichever way it comes. SECURITY DEFINER, because the links may be on accounts out of reach.
COPY = f"""
    CREATE FUNCTION rights_copy_identity() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE rights_accountlink SET {", ".join(f"{name} = NEW.{name}" for name in COLUMNS)}, masked_email = ''
        WHERE user_id = NEW.id AND accepted_at IS NOT NULL AND state <> 'ended';
        RETURN NULL;
    END $$;
    CREATE TRIGGER copy_identity AFTER UPDATE OF {", ".join(COLUMNS)} ON users_user
        FOR EACH ROW WHEN ({" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in COLUMNS)})
        EXECUTE FUNCTION rights_copy_identity();
"""

# A standard user belongs to an account: checked when the transaction ends.
BELONGS = """
    CREATE FUNCTION rights_standard_user_belongs() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM rights_accountlink WHERE user_id = NEW.id)
            AND EXISTS (SELECT FROM users_user WHERE id = NEW.id AND kind = 'standard') THEN
            RAISE EXCEPTION 'A standard user needs a link to an account.' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER standard_user_belongs AFTER INSERT OR UPDATE OF kind ON users_user
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'standard')
        EXECUTE FUNCTION rights_standard_user_belongs();
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0002_row_level_security"), ("users", "0001_initial")]

    operations = [migrations.RunSQL(COPY), migrations.RunSQL(BELONGS)]
