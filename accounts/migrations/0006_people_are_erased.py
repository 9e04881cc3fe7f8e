"""A person's name and data can be taken out of the trace, by one function that leaves the digest of what was there."""

from django.db import migrations, models

from colibox.lib import tenancy

DIGEST = """sha256(convert_to(jsonb_build_array(
    {0}.id, extract(epoch FROM {0}.at), {0}.account_id, {0}.actor, {0}.actor_name, {0}.subject, {0}.subject_name,
    {0}.verb, {0}.before, {0}.after, {0}.channel, {0}.reference, text({0}.ip), {0}.request_id)::text, 'UTF8'))"""

# Only the function below, which runs as the owner of the tables, gets past.
REFUSE_CHANGE = """
    CREATE OR REPLACE FUNCTION accounts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'accounts_auditevent'
            AND current_setting('colibox.erasing', true) = 'on'
            AND current_user = (SELECT relowner::regrole::text FROM pg_class WHERE oid = TG_RELID)
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'An event of the trace is never changed.' USING ERRCODE = 'insufficient_privilege';
    END $$;
"""

PROTECT = f"""
    ALTER TABLE accounts_auditerasure ENABLE ROW LEVEL SECURITY;
    ALTER TABLE accounts_auditerasure FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON accounts_auditerasure FOR SELECT USING ({tenancy.IN_REACH.format(column="account_id")});
    CREATE POLICY owner ON accounts_auditerasure TO CURRENT_USER USING (true) WITH CHECK (true);
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_auditerasure
        FOR EACH ROW EXECUTE FUNCTION accounts_refuse_change();
"""

ERASE = f"""
    CREATE FUNCTION accounts_neutral(facts jsonb, own boolean, fields text[], words text[], neutral text)
    RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN own AND key = ANY (fields) AND value NOT IN ('""', 'null') THEN to_jsonb(neutral)
            WHEN jsonb_typeof(value) = 'string' AND value #>> '{{}}' = ANY (words) THEN to_jsonb(neutral)
            ELSE value END), '{{}}') FROM jsonb_each(facts)
    $$;

    CREATE FUNCTION accounts_erase_person(
        by_erasure uuid, people uuid[], accounts bigint[], fields text[], words text[], neutral text
    ) RETURNS TABLE (account bigint, events bigint, digest text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF current_setting('colibox.everything', true) IS DISTINCT FROM 'on' THEN
            RAISE EXCEPTION 'Only the carrier erases.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        PERFORM set_config('colibox.erasing', 'on', true);
        RETURN QUERY
        WITH old AS (
            SELECT e.id, e.account_id, {DIGEST.format("e")} AS former FROM accounts_auditevent e
            WHERE e.actor = ANY (people) OR e.subject = ANY (people) OR e.account_id = ANY (accounts) AND EXISTS (
                SELECT FROM jsonb_each_text(e.before || e.after) AS said WHERE said.value = ANY (words))
        ), new AS (
            UPDATE accounts_auditevent e SET
                actor_name = CASE WHEN e.actor = ANY (people) THEN neutral ELSE e.actor_name END,
                subject_name = CASE WHEN e.subject = ANY (people) THEN neutral ELSE e.subject_name END,
                ip = CASE WHEN e.actor = ANY (people) THEN NULL ELSE e.ip END,
                before = accounts_neutral(e.before, coalesce(e.subject = ANY (people), false), fields, words, neutral),
                after = accounts_neutral(e.after, coalesce(e.subject = ANY (people), false), fields, words, neutral)
            FROM old WHERE e.id = old.id
            RETURNING e.id, {DIGEST.format("e")} AS present
        ), told AS (
            INSERT INTO accounts_auditerasure (erasure, event, account_id, former, present)
            SELECT by_erasure, old.id, old.account_id, old.former, new.present
            FROM old JOIN new USING (id) ORDER BY old.id
            RETURNING event, account_id, former, present
        )
        SELECT coalesce(t.account_id, 0), count(*),
            encode(sha256(string_agg(int8send(t.event) || t.former || t.present, ''::bytea ORDER BY t.event)), 'hex')
        FROM told t GROUP BY 1 ORDER BY 1;
        PERFORM set_config('colibox.erasing', '', true);
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_events_by_a_person")]

    operations = [
        migrations.CreateModel(
            name="AuditErasure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("erasure", models.UUIDField()),
                ("event", models.BigIntegerField()),
                ("account_id", models.BigIntegerField(null=True, verbose_name="account")),
                ("former", models.BinaryField()),
                ("present", models.BinaryField()),
            ],
            options={
                "verbose_name": "erasure",
                "constraints": [models.UniqueConstraint(fields=("event", "erasure"), name="one_erasure_an_event")],
            },
        ),
        migrations.RunSQL(REFUSE_CHANGE),
        migrations.RunSQL(PROTECT),
        migrations.RunSQL(ERASE),
    ]
