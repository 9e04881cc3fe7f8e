"""The database alone makes seals and erases, deals the keys and moments of events, and tells fixed from personal.

A seal of version 2 covers digests of parts: what happened, by whose name, about whose name, what is said of them. An
erasure replaces the last three, never the first. What seals of version 1 cover is sealed anew, after them.
"""

from django.db import migrations, models

PERSONAL = (
    "'{civility,last_name,first_name,function,phone,fax,mobile,email,address_1,address_2,address_3,postcode,town,"
    "country,username,name,former,successor,reason}'::text[]"
)
NEUTRAL = "'Personne effacée'"
EMPTY = """('""', 'null')"""
PINNED = "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"

FORMER = """sha256(convert_to(jsonb_build_array(
    e.id, extract(epoch FROM e.at), e.account_id, e.actor, e.actor_name, e.subject, e.subject_name,
    e.verb, e.before, e.after, e.channel, e.reference, text(e.ip), e.request_id)::text, 'UTF8'))"""


def parts(*values: str) -> str:
    return f"sha256(convert_to(jsonb_build_array({', '.join(values)})::text, 'UTF8'))"


def fields(side: str) -> str:
    """The personal fields of one side, and whether they were empty."""
    return f"""CASE WHEN jsonb_exists_any({side}, {PERSONAL}) THEN (
        SELECT jsonb_object_agg(key, value IN {EMPTY}) FROM jsonb_each({side}) WHERE key = ANY ({PERSONAL})) END"""


FIXED = parts(
    *("e.id", "extract(epoch FROM e.at)", "e.account_id", "e.actor", "e.subject", "e.verb", "e.channel"),
    *("e.reference", "e.request_id", f"e.before - {PERSONAL}", f"e.after - {PERSONAL}"),
    *(fields("e.before"), fields("e.after")),
)
ACTOR = parts("e.id", "e.actor_name", "text(e.ip)")
SUBJECT = parts("e.id", "e.subject_name")
SAID = parts("e.id", "e.before", "e.after")
DIGEST = f"sha256({FIXED} || coalesce(k.actor, {ACTOR}) || coalesce(k.subject, {SUBJECT}) || coalesce(k.said, {SAID}))"
KEPT = """LEFT JOIN LATERAL (
    SELECT (array_agg(actor ORDER BY id) FILTER (WHERE actor IS NOT NULL))[1] AS actor,
        (array_agg(subject ORDER BY id) FILTER (WHERE subject IS NOT NULL))[1] AS subject,
        (array_agg(said ORDER BY id) FILTER (WHERE said IS NOT NULL))[1] AS said
    FROM accounts_auditerasure WHERE event = e.id) AS k ON true"""

SEAL = f"""
    CREATE FUNCTION accounts_seal() RETURNS bigint LANGUAGE plpgsql {PINNED} AS $$
    #variable_conflict use_column
    DECLARE
        at_once CONSTANT int := 1000;
        most_stretches CONSTANT int := 200;
        marked CONSTANT int := 8;
        keys_dealt bigint := coalesce(
            pg_sequence_last_value(pg_get_serial_sequence('accounts_auditevent', 'id')::regclass), 0);
        noted accounts_audithorizon;
        goal bigint;
        reached bigint;
        stretch_end bigint;
        made bigint;
        total bigint := 0;
    BEGIN
        IF current_setting('transaction_isolation') <> 'read committed' THEN
            RAISE EXCEPTION 'Seals are made in a transaction that sees what others commit meanwhile.';
        END IF;
        -- One pass at a time, by a lock that is held until its caller's transaction ends: doctor finds who keeps it.
        SELECT * INTO noted FROM accounts_audithorizon FOR UPDATE SKIP LOCKED;
        IF NOT FOUND AND EXISTS (SELECT FROM accounts_audithorizon) THEN
            RETURN 0;
        END IF;
        goal := least(noted.event, keys_dealt);
        SELECT coalesce(max(until_id), 0) INTO reached
        FROM accounts_auditseal WHERE version = 2 AND until_id <= keys_dealt;
        IF noted.transaction <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AND NOT EXISTS (
            SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS running
            WHERE running::text::bigint < noted.transaction)
        THEN
            FOR step IN 1..most_stretches LOOP
                EXIT WHEN reached >= goal;
                SELECT CASE WHEN count(*) > at_once THEN (array_agg(id ORDER BY id))[at_once] ELSE goal END
                INTO stretch_end FROM (
                    SELECT id FROM accounts_auditevent WHERE id > reached AND id <= goal ORDER BY id LIMIT at_once + 1
                ) AS next;
                WITH told AS (
                    SELECT coalesce(e.account_id, 0) AS account, e.id, {DIGEST} AS digest
                    FROM accounts_auditevent e {KEPT} WHERE e.id > reached AND e.id <= stretch_end
                ), stretch AS (
                    SELECT account, count(*) AS events, string_agg(digest, ''::bytea ORDER BY id) AS digests,
                        string_agg(substr(digest, 1, marked), ''::bytea ORDER BY id) AS marks
                    FROM told GROUP BY account
                ), seal AS (
                    SELECT stretch.*, coalesce(last.number, 0) + 1 AS number, coalesce(covered.until_id, 0) AS after_id,
                        coalesce(last.digest, '') AS previous
                    FROM stretch LEFT JOIN LATERAL (
                        SELECT number, digest FROM accounts_auditseal
                        WHERE account_id = stretch.account ORDER BY number DESC LIMIT 1) AS last ON true
                    LEFT JOIN LATERAL (
                        SELECT until_id FROM accounts_auditseal
                        WHERE account_id = stretch.account AND version = 2 AND until_id <= keys_dealt
                        ORDER BY number DESC LIMIT 1) AS covered ON true
                ), written AS (
                    INSERT INTO accounts_auditseal
                        (version, account_id, number, after_id, until_id, events, previous, digest, marks)
                    SELECT 2, account, number, after_id, stretch_end, events, previous, encode(sha256(convert_to(
                        concat_ws(' ', 'v2', account, number, after_id, stretch_end, events, previous, ''), 'UTF8')
                        || digests), 'hex'), marks
                    FROM seal RETURNING events
                )
                SELECT coalesce(sum(events), 0) INTO made FROM written;
                total := total + made;
                reached := stretch_end;
            END LOOP;
        END IF;
        IF noted.id IS NULL OR reached >= goal
            OR noted.transaction > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        THEN
            PERFORM pg_sleep(0.05);  -- in which whoever was dealt a key begins to write
            INSERT INTO accounts_audithorizon (id, event, transaction, at)
            VALUES (1, keys_dealt, pg_snapshot_xmax(pg_current_snapshot())::text::bigint, now())
            ON CONFLICT (id) DO UPDATE
            SET event = excluded.event, transaction = excluded.transaction, at = excluded.at;
        END IF;
        RETURN total;
    END $$;
"""

ERASE = f"""
    DROP FUNCTION accounts_erase_person(uuid, uuid[], bigint[], text[], text[], text);
    DROP FUNCTION accounts_neutral(jsonb, boolean, text[], text[], text);

    CREATE FUNCTION accounts_neutral(facts jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN key = ANY ({PERSONAL}) AND value NOT IN {EMPTY} THEN to_jsonb(text {NEUTRAL})
            ELSE value END), '{{}}') FROM jsonb_each(facts)
    $$;

    CREATE FUNCTION accounts_names(facts jsonb, words text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
        SELECT jsonb_exists_any(facts, {PERSONAL}) AND EXISTS (
            SELECT FROM jsonb_each_text(facts) WHERE key = ANY ({PERSONAL}) AND value = ANY (words))
    $$;

    CREATE FUNCTION accounts_erase_person(people uuid[], accounts bigint[], words text[])
    RETURNS TABLE (account bigint, events bigint) LANGUAGE plpgsql {PINNED} AS $$
    #variable_conflict use_column
    DECLARE
        this CONSTANT uuid := gen_random_uuid();
        sealed_whole bigint := (SELECT coalesce(max(until_id), 0) FROM accounts_auditseal WHERE version = 1);
    BEGIN
        IF current_setting('colibox.everything', true) IS DISTINCT FROM 'on' THEN
            RAISE EXCEPTION 'Only the carrier erases.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        LOCK TABLE accounts_auditerasure IN SHARE ROW EXCLUSIVE MODE;  -- one erasure at a time
        PERFORM set_config('colibox.erasing', 'on', true);
        RETURN QUERY
        WITH met AS (
            SELECT e.*, coalesce(e.actor = ANY (people), false) AND (e.actor_name, text(e.ip))
                    IS DISTINCT FROM ({NEUTRAL}, NULL) AS by_them,
                coalesce(e.subject = ANY (people), false) AND e.subject_name NOT IN ('', {NEUTRAL}) AS on_them,
                (coalesce(e.subject = ANY (people), false)
                    OR accounts_names(e.before, words) OR accounts_names(e.after, words))
                AND (accounts_neutral(e.before), accounts_neutral(e.after)) <> (e.before, e.after) AS of_them
            FROM accounts_auditevent e
            WHERE e.actor = ANY (people) OR e.subject = ANY (people) OR e.account_id = ANY (accounts)
        ), old AS (
            SELECT e.id, e.account_id, e.by_them, e.on_them, e.of_them,
                CASE WHEN e.id <= sealed_whole THEN {FORMER} END AS former,
                CASE WHEN e.by_them THEN {ACTOR} END AS actor,
                CASE WHEN e.on_them THEN {SUBJECT} END AS subject,
                CASE WHEN e.of_them THEN {SAID} END AS said
            FROM met e WHERE e.by_them OR e.on_them OR e.of_them
        ), new AS (
            UPDATE accounts_auditevent e SET
                actor_name = CASE WHEN old.by_them THEN {NEUTRAL} ELSE e.actor_name END,
                ip = CASE WHEN old.by_them THEN NULL ELSE e.ip END,
                subject_name = CASE WHEN old.on_them THEN {NEUTRAL} ELSE e.subject_name END,
                before = CASE WHEN old.of_them THEN accounts_neutral(e.before) ELSE e.before END,
                after = CASE WHEN old.of_them THEN accounts_neutral(e.after) ELSE e.after END
            FROM old WHERE e.id = old.id
        ), kept AS (
            INSERT INTO accounts_auditerasure (erasure, event, account_id, former, actor, subject, said)
            SELECT this, id, account_id, former, actor, subject, said FROM old ORDER BY id
            RETURNING event, account_id, former, actor, subject, said
        ), told AS (
            INSERT INTO accounts_auditevent (
                account_id, actor_name, subject_name, verb, before, after, channel, reference, request_id)
            SELECT account_id, 'Colibox', {NEUTRAL}, 'person erased', '{{}}', jsonb_build_object(
                'erasure', this, 'events', count(*), 'digest', encode(sha256(string_agg(convert_to(jsonb_build_array(
                    event, encode(former, 'hex'), encode(actor, 'hex'), encode(subject, 'hex'), encode(said, 'hex')
                )::text, 'UTF8'), ''::bytea ORDER BY event)), 'hex')), 'command', '', ''
            FROM kept GROUP BY account_id
            RETURNING coalesce(account_id, 0), (after ->> 'events')::bigint
        )
        SELECT * FROM told;
        PERFORM set_config('colibox.erasing', '', true);
    END $$;
"""

# From whoever is not the owner: the role that serves, whatever its name is.
REVOKE = """
    DO $$
    DECLARE
        events CONSTANT regclass := 'accounts_auditevent';
        known record;
        given text;
    BEGIN
        SELECT string_agg(quote_ident(attname), ', ') INTO given FROM pg_attribute
        WHERE attrelid = events AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'at');
        FOR known IN
            SELECT c.oid::regclass AS name, c.relkind, bool_or(a.privilege_type = 'INSERT') AS wrote,
                CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE a.grantee <> c.relowner AND (c.oid IN (
                events, 'accounts_auditseal'::regclass, 'accounts_audithorizon'::regclass,
                'accounts_auditerasure'::regclass
            ) OR c.oid IN (
                pg_get_serial_sequence('accounts_auditevent', 'id')::regclass,
                pg_get_serial_sequence('accounts_auditseal', 'id')::regclass,
                pg_get_serial_sequence('accounts_auditerasure', 'id')::regclass))
            GROUP BY c.oid, c.relkind, a.grantee
        LOOP
            IF known.relkind = 'S' THEN
                EXECUTE format('REVOKE USAGE, UPDATE ON SEQUENCE %s FROM %s', known.name, known.role);
            ELSE
                EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM %s', known.name, known.role);
            END IF;
            IF known.name = events AND known.wrote THEN
                EXECUTE format('GRANT INSERT (%s) ON %s TO %s', given, known.name, known.role);
            END IF;
        END LOOP;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_daily_rounds")]

    operations = [
        migrations.AddField("auditseal", "version", models.SmallIntegerField(default=1, db_default=1)),
        *[migrations.AlterField("auditerasure", name, models.BinaryField(null=True)) for name in ("former", "present")],
        *[
            migrations.AddField("auditerasure", name, models.BinaryField(null=True))
            for name in ("actor", "subject", "said")
        ],
        migrations.RunSQL(SEAL),
        migrations.RunSQL(ERASE),
        migrations.RunSQL(REVOKE),
    ]
