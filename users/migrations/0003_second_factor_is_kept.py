"""The database keeps by itself whether a person has a second factor, whoever adds or removes one."""

from django.db import migrations

# The person is locked before it is looked what is left: of two who remove one factor each, the second sees none.
KEEP = """
    CREATE FUNCTION users_keep_second_factor(person bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        has boolean;
    BEGIN
        PERFORM FROM users_user WHERE id = person FOR NO KEY UPDATE;
        has := EXISTS (SELECT FROM mfa_authenticator WHERE user_id = person AND type IN ('totp', 'webauthn'));
        UPDATE users_user SET second_factor = has WHERE id = person AND second_factor <> has;
    END $$;

    CREATE FUNCTION users_second_factor_moved() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM users_keep_second_factor(OLD.user_id);
        END IF;
        IF TG_OP <> 'DELETE' THEN
            PERFORM users_keep_second_factor(NEW.user_id);
        END IF;
        RETURN NULL;
    END $$;

    CREATE TRIGGER keep_second_factor AFTER INSERT OR DELETE OR UPDATE OF user_id, type ON mfa_authenticator
        FOR EACH ROW EXECUTE FUNCTION users_second_factor_moved();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_second_factor"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunSQL(KEEP)]
