"""Parcels on many uneven accounts, made by SQL alone: what the benchmark of the tracking tool reads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import psycopg2

from benchmarks.population import FIRST, LAST, Size
from rights import catalogue

REFERENCE = 1000
"""Parcels of the account that all pages are compared with."""
UNEVENNESS = 0.92
"""The account at rank n has a share like 1 / n to this power: the largest of a thousand has a tenth of all."""
BLOCK = 100_000
PEOPLE = {"few": 0, "one": 1, "ten": 10, "hundred": 100}
"""Who looks: at the account of REFERENCE parcels, and at so many of the largest accounts."""


@dataclass(frozen=True)
class Network(Size):
    """So many parcels, on so many accounts, the account of REFERENCE parcels apart."""

    people: int = len(PEOPLE)
    parcels: int = 5_000_000
    tenants: int = 1000

    @property
    def database(self) -> str:
        return f"colibox_parcels_{self.parcels}"

    @property
    def shares(self) -> list[int]:
        """The parcels of each account; the one with REFERENCE parcels comes first."""
        weights = [rank**-UNEVENNESS for rank in range(1, self.tenants + 1)]
        return [REFERENCE, *(round(self.parcels * weight / sum(weights)) for weight in weights)]


ACCOUNTS = """
    CREATE UNLOGGED TABLE bench_accounts AS
    SELECT n - 1 AS id, parcels, block FROM unnest(%(shares)s::int[], %(blocks)s::int[]) WITH ORDINALITY
        AS share(parcels, block, n);
    INSERT INTO accounts_customeraccount (id, uuid, number, company, contract, payment, email,
        address_1, address_2, postcode, town, country, state)
    SELECT id + 1, gen_random_uuid(), (900000 - id)::text, 'Comptoir ' || id, 'privilege', 'sepa',
        'contact' || id || '@comptoir.example', '1 rue du Port', '', '44000', 'Nantes', 'FR', 'open'
    FROM bench_accounts;
    INSERT INTO rights_entitlement (account_id, "right", delegable)
    SELECT a.id, r, true FROM accounts_customeraccount a, unnest(%(rights)s::text[]) AS r;
"""

# Account n of bench_accounts has the key n + 1; the many accounts of one person are the largest ones.
WATCHERS = """
    INSERT INTO users_user (id, password, is_superuser, is_staff, is_active, date_joined, civility, function, phone,
        fax, address_1, address_2, address_3, postcode, town, country, uuid, kind, username, language, user_key,
        last_name, first_name, email)
    SELECT n, %(password)s, false, false, true, now(), '', '', '', '', '', '', '', '', '', 'FR', gen_random_uuid(),
        'advanced', name, 'fr', upper(substr(md5(name), 1, 13)), 'Banc', name, name || '@agence.example'
    FROM unnest(%(people)s::text[]) WITH ORDINALITY AS person(name, n);
    INSERT INTO rights_accountlink (civility, last_name, first_name, function, phone, fax, email, address_1,
        address_2, address_3, postcode, town, country, uuid, kind, role, state, username, masked_email, tags,
        language, generation, invited_at, accepted_at, version, account_id, user_id)
    SELECT '', 'Banc', name, '', '', '', name || '@agence.example', '', '', '', '', '', 'FR', gen_random_uuid(),
        'advanced', 'member', 'active', name, '', '{}', 'fr', 1, now(), now(), 1, a.id + 1, n
    FROM unnest(%(people)s::text[], %(most)s::int[]) WITH ORDINALITY AS person(name, most, n), bench_accounts a
    WHERE CASE most WHEN 0 THEN a.id = 0 ELSE a.id BETWEEN 1 AND most END;
    INSERT INTO rights_grant (account_id, link_id, "right", choice, given_by_name)
    SELECT account_id, id, 'tool_consolidated', 'tool', 'ADMIN' FROM rights_accountlink;
    SELECT setval(pg_get_serial_sequence(t, 'id'), 100000)
    FROM unnest(ARRAY['users_user', 'accounts_customeraccount']) AS t;
"""

# In the order of time, as parcels come: those of an account lie far apart. On the account that the others are
# compared with few names come often, so that its pages are as full as theirs.
PARCELS = """
    INSERT INTO tracking_parcel (uuid, account_id, number, product, reference, is_pass, addressee, postcode, town,
        country, weight, tag, user_key, franked_by_name, franked_with, pickup_point, created_at, event, event_at,
        place, delivered_at)
    SELECT uuidv7(), account, '6C' || lpad((block::bigint * 100000 + nth)::text, 10, '0') || nth %% 10, 'DOM',
        'CMD-' || nth, false,
        CASE account WHEN 1 THEN (ARRAY['Camille Martin', 'Alice Durand', 'Hugo Petit', 'Zoé Leroy'])[1 + nth %% 4]
            ELSE (%(first)s::text[])[1 + floor(random() * %(firsts)s)] || ' '
                || (%(last)s::text[])[1 + floor(random() * %(lasts)s)] END,
        lpad((1000 + floor(random() * 900) * 100)::text, 5, '0'), 'LYON', 'FR', 100 + floor(random() * 9000),
        CASE WHEN nth %% 3 = 0 THEN 'TAG-' || nth %% 40 ELSE '' END,
        CASE WHEN nth %% 5 = 0 THEN upper(substr(md5((nth %% 20)::text), 1, 13)) ELSE '' END, '', '', '',
        created, event, created + interval '1 hour', 'LYON',
        CASE event WHEN 'DI1' THEN created + interval '2 days' END
    FROM (
        SELECT a.id + 1 AS account, block, nth, now() - random() * interval '400 days' AS created,
            (ARRAY['DR1', 'PC1', 'ET1', 'MD2', 'AG1', 'PB1', 'RE1'])[1 + nth %% 31] AS happened
        FROM bench_accounts a, generate_series(1, a.parcels) AS nth ORDER BY created
    ) AS parcel, LATERAL (SELECT coalesce(happened, 'DI1') AS event)
"""

# What is loaded in bulk is checked in bulk: foreign keys and indexes come back once the rows are in.
SET_ASIDE = """
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', r.relname, c.conname),
        format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
    WHERE c.contype = 'f' AND r.relname = 'tracking_parcel'
    UNION ALL
    SELECT format('DROP INDEX %I', x.relname), pg_get_indexdef(x.oid)
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid
    WHERE NOT i.indisprimary AND r.relname = 'tracking_parcel'
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.oid)
"""


def fill(url: str, network: Network, *, password: str) -> None:
    """Put the accounts, who looks and the parcels into a migrated, empty database, as its owner."""
    shares = network.shares
    blocks = [0, *accumulate(1 + share // BLOCK for share in shares)]
    given: dict[str, Any] = {"shares": shares, "blocks": blocks[:-1], "rights": list(catalogue.BY_CODE)}
    given |= {"people": list(PEOPLE), "most": list(PEOPLE.values()), "password": password}
    given |= {"first": FIRST.split(), "firsts": len(FIRST.split()), "last": LAST.split(), "lasts": len(LAST.split())}
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'; SET synchronous_commit = off")
        cursor.execute(SET_ASIDE)
        aside = cursor.fetchall()
        cursor.execute("; ".join(drop for drop, _restore in aside))
        for statement in (ACCOUNTS, WATCHERS, PARCELS):
            cursor.execute(statement, given)
        cursor.execute("; ".join(restore for _drop, restore in reversed(aside)))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tracking_parcel")
        cursor.execute("VACUUM ANALYZE rights_accountlink, rights_grant, rights_entitlement, accounts_customeraccount")
    connection.close()
