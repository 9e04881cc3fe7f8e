"""The people of an account by name, page by page and counted, as cheap for a large account as for a small one.

Row-level security reads columns that no index of links has (whose link it is), so a count under it fetches
every row. These functions answer for accounts in reach alone and read indexes only. The search table
learns what a page in order of name needs: the kind, the name to sort by, and to forget links that ended.
"""

from django.db import migrations

from colibox.lib import tenancy

WORDS = (
    "' ' || colibox_fold(last_name || ' ' || first_name || ' ' || email || ' ' || username"
    " || ' ' || colibox_join(tags))"
)

COLUMNS = """
    ALTER TABLE rights_linksearch
        ADD COLUMN kind varchar(8) NOT NULL DEFAULT '', ADD COLUMN sort_key text NOT NULL DEFAULT '';
    DELETE FROM rights_linksearch s USING rights_accountlink l
        WHERE l.account_id = s.account_id AND l.id = s.link_id AND l.state = 'ended';
    UPDATE rights_linksearch s SET kind = l.kind, sort_key = l.sort_key FROM rights_accountlink l
        WHERE l.account_id = s.account_id AND l.id = s.link_id;
    ALTER TABLE rights_linksearch ALTER COLUMN kind DROP DEFAULT, ALTER COLUMN sort_key DROP DEFAULT;
"""

TRIGGER = f"""
    CREATE OR REPLACE FUNCTION rights_index_links() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO rights_linksearch AS s (account_id, link_id, kind, sort_key, words)
            SELECT account_id, id, kind, sort_key, {WORDS} FROM changed WHERE state <> 'ended'
            ON CONFLICT (account_id, link_id)
            DO UPDATE SET kind = excluded.kind, sort_key = excluded.sort_key, words = excluded.words
            WHERE (s.kind, s.sort_key, s.words) <> (excluded.kind, excluded.sort_key, excluded.words);
        IF TG_OP = 'UPDATE' THEN
            DELETE FROM rights_linksearch s USING changed c
                WHERE c.state = 'ended' AND s.account_id = c.account_id AND s.link_id = c.id;
        END IF;
        RETURN NULL;
    END $$;
"""

# The condition that picks people: from the links' own index, or from the search table when there are words
# to look for. A word of one or two letters is looked up at the start of words only: it has no trigram.
SOURCE = """
    CREATE FUNCTION rights_people_source(account bigint, kind text, terms text[]) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
    DECLARE
        term text;
        source text;
    BEGIN
        IF cardinality(terms) = 0 THEN
            RETURN format('rights_accountlink WHERE account_id = %s AND kind = %L AND state <> ''ended''',
                account, kind);
        END IF;
        source := format('(SELECT link_id AS id, account_id, kind, sort_key, words FROM rights_linksearch) AS s'
            ' WHERE account_id = %s AND kind = %L', account, kind);
        FOREACH term IN ARRAY terms LOOP
            term := regexp_replace(colibox_fold(term), '([\\\\%_])', '\\\\\\1', 'g');
            source := source || format(' AND words LIKE %L',
                CASE WHEN length(term) < 3 THEN '% ' ELSE '%' END || term || '%');
        END LOOP;
        RETURN source;
    END $$;
"""

# A search reads all that it finds to sort it: the same reading counts it, and skips to the last page at most.
PAGE = f"""
    CREATE FUNCTION rights_people(
        account bigint, kind text, terms text[], after_key text, after_id bigint,
        backwards boolean, skip integer, most integer
    ) RETURNS SETOF bigint
    LANGUAGE plpgsql STABLE ROWS 50 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        query text := 'SELECT id FROM ' || rights_people_source(account, kind, terms);
    BEGIN
        IF NOT coalesce({tenancy.IN_REACH.format(column="account")}, false) THEN
            RETURN;
        END IF;
        IF after_id IS NOT NULL THEN
            query := query || format(' AND (sort_key, id) %s (%L, %s)',
                CASE WHEN backwards THEN '<' ELSE '>' END, after_key, after_id);
        END IF;
        RETURN QUERY EXECUTE query || CASE WHEN backwards THEN ' ORDER BY sort_key DESC, id DESC'
            ELSE ' ORDER BY sort_key, id' END || format(' OFFSET %s LIMIT %s', skip, most);
    END $$;

    CREATE FUNCTION rights_people_found(
        account bigint, kind text, terms text[], backwards boolean, skip integer, most integer
    ) RETURNS TABLE (link bigint, found integer)
    LANGUAGE plpgsql STABLE ROWS 50 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT coalesce({tenancy.IN_REACH.format(column="account")}, false) THEN
            RETURN;
        END IF;
        RETURN QUERY EXECUTE format(
            'WITH found AS MATERIALIZED (SELECT id, sort_key FROM %s),'
            ' counted AS (SELECT count(*)::integer AS n FROM found)'
            ' SELECT id, n FROM found, counted ORDER BY sort_key %s, id %2$s'
            ' OFFSET (SELECT least(%s, (greatest(n, 1) - 1) / %s * %4$s) FROM counted) LIMIT %4$s',
            rights_people_source(account, kind, terms), CASE WHEN backwards THEN 'DESC' ELSE 'ASC' END, skip, most);
    END $$;

    CREATE FUNCTION rights_people_count(account bigint, kind text, terms text[], most integer) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        counted integer;
    BEGIN
        IF NOT coalesce({tenancy.IN_REACH.format(column="account")}, false) THEN
            RETURN 0;
        END IF;
        EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %s) AS these',
            rights_people_source(account, kind, terms), most) INTO counted;
        RETURN counted;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0004_search")]

    operations = [
        migrations.RunSQL(COLUMNS),
        migrations.RunSQL(TRIGGER),
        migrations.RunSQL(SOURCE),
        migrations.RunSQL(PAGE),
    ]
