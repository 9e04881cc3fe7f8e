"""People of an account by address, however many are asked for, and nothing kept twice.

An import asks for thousands of addresses at once. upper() is not leakproof, so that under row-level security
no index on it is used: a function that answers for accounts in reach alone reads it.
"""

from django.db import migrations

from colibox.lib import tenancy

# The address shown: the person's, or while it is not the account's to know, the masked one; never both.
# OFFSET keeps the planner from reading all the people of a large account for some thousand addresses.
KNOWN = f"""
    CREATE INDEX people_by_shown_address ON rights_accountlink (account_id, kind, upper(email || masked_email))
        WHERE state <> 'ended';
    CREATE FUNCTION rights_known(account bigint, sort text, addresses text[])
        RETURNS TABLE (address text, link bigint)
    LANGUAGE plpgsql STABLE ROWS 100 SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT coalesce({tenancy.IN_REACH.format(column="account")}, false) THEN
            RETURN;
        END IF;
        RETURN QUERY SELECT asked.address, found.id FROM unnest(addresses) AS asked (address), LATERAL (
            SELECT id FROM rights_accountlink
            WHERE account_id = account AND kind = sort AND state <> 'ended'
                AND upper(email || masked_email) = upper(asked.address)
            ORDER BY id OFFSET 0
        ) AS found;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0005_pages_of_people")]

    operations = [migrations.RunSQL(KNOWN)]
