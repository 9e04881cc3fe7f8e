"""Search among the people of an account, on an index that row-level security would otherwise forbid.

LIKE is not leakproof: under a policy PostgreSQL reads all the rows of the account instead of the index.
The words are therefore in a table of their own, closed to the portal's role, that only a function reads,
and the function answers for accounts in reach alone. It is partitioned by account because a trigram index
over all accounts slows down as other accounts grow.
"""

from django.db import migrations

from colibox.lib import tenancy

PARTITIONS = 32

TABLE = f"""
    CREATE TABLE rights_linksearch (
        account_id bigint NOT NULL, link_id bigint NOT NULL, words text NOT NULL,
        PRIMARY KEY (account_id, link_id)
    ) PARTITION BY HASH (account_id);
    DO $$
    BEGIN
        FOR n IN 0..{PARTITIONS - 1} LOOP
            EXECUTE format('CREATE TABLE rights_linksearch_%1$s PARTITION OF rights_linksearch'
                ' FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER %1$s)', n);
            EXECUTE format('ALTER TABLE rights_linksearch_%1$s ENABLE ROW LEVEL SECURITY', n);
            EXECUTE format('ALTER TABLE rights_linksearch_%1$s FORCE ROW LEVEL SECURITY', n);
        END LOOP;
    END $$;
    CREATE INDEX rights_linksearch_words ON rights_linksearch USING gin (words gin_trgm_ops);
    ALTER TABLE rights_linksearch ENABLE ROW LEVEL SECURITY;
    ALTER TABLE rights_linksearch FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner ON rights_linksearch TO CURRENT_USER USING (true) WITH CHECK (true);
"""

WORDS = (
    "' ' || colibox_fold(last_name || ' ' || first_name || ' ' || email || ' ' || username"
    " || ' ' || colibox_join(tags))"
)

TRIGGERS = f"""
    CREATE FUNCTION rights_index_links() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO rights_linksearch AS s (account_id, link_id, words)
            SELECT account_id, id, {WORDS} FROM changed
            ON CONFLICT (account_id, link_id) DO UPDATE SET words = excluded.words
            WHERE s.words <> excluded.words;
        RETURN NULL;
    END $$;
    CREATE FUNCTION rights_unindex_links() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        DELETE FROM rights_linksearch s USING changed c WHERE s.account_id = c.account_id AND s.link_id = c.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER index_new_links AFTER INSERT ON rights_accountlink
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rights_index_links();
    CREATE TRIGGER index_changed_links AFTER UPDATE ON rights_accountlink
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rights_index_links();
    CREATE TRIGGER unindex_links AFTER DELETE ON rights_accountlink
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rights_unindex_links();
"""

# A word of one or two letters is looked up at the start of words only: it has no trigram of its own.
FUNCTION = f"""
    CREATE FUNCTION rights_search(account bigint, terms text[], most integer) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        term text;
        condition text := '';
    BEGIN
        IF NOT coalesce({tenancy.IN_REACH.format(column="account")}, false) THEN
            RETURN;
        END IF;
        FOREACH term IN ARRAY terms LOOP
            term := regexp_replace(colibox_fold(term), '([\\\\%_])', '\\\\\\1', 'g');
            condition := condition || format(' AND words LIKE %L',
                CASE WHEN length(term) < 3 THEN '% ' ELSE '%' END || term || '%');
        END LOOP;
        RETURN QUERY EXECUTE format(
            'SELECT link_id FROM rights_linksearch WHERE account_id = %s %s LIMIT %s', account, condition, most);
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0003_identity_follows_the_person")]

    operations = [
        migrations.RunSQL(TABLE),
        migrations.RunSQL(TRIGGERS),
        migrations.RunSQL(FUNCTION),
    ]
