"""Databases of as many people as asked, made by SQL alone: what the page benchmarks read."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg2

from rights import catalogue

LAST = "Adam Barbier Bertrand Blanc Bonnet Boyer Brun Caron Chevalier Clément Colin David Denis Deschamps Dubois Dufour Dumont Dupont Durand Fabre Faure Fontaine Fournier François Gaillard Garnier Gauthier Gautier Gérard Girard Giraud Guérin Guillaume Henry Hubert Lambert Laurent Leclerc Lefebvre Legrand Lemaire Leroux Leroy Lucas Marchand Marie Martin Martinez Masson Mathieu Mercier Meunier Meyer Michel Moreau Morel Morin Moulin Muller Nguyen Nicolas Noël Olivier Perrin Petit Philippe Picard Renard Renaud Richard Rivière Robert Robin Roche Rousseau Roussel Roux Roy Schmitt Simon Thomas Vidal Vincent"  # noqa: E501
FIRST = "Adèle Agathe Alain Alice Amélie André Anne Antoine Arthur Aurélie Benoît Camille Caroline Céline Chloé Claire Daniel David Denis Édouard Élise Emma Éric Fatima Florian François Gaëlle Guillaume Hélène Hugo Inès Isabelle Jean Jérôme Julie Karim Laurent Léa Louis Lucie Manon Marc Marie Mathilde Michel Nadia Nathalie Nicolas Noémie Olivier Pascal Paul Philippe Pierre Rachida Romain Sarah Sophie Stéphane Sylvie Théo Thomas Valérie Vincent Yann Zoé"  # noqa: E501
RARE = "Zylberstein"
COMMON = "Martin"

HASH = "('x' || substr(md5(n::text || '{salt}'), 1, 7))::bit(28)::int"


@dataclass(frozen=True)
class Size:
    """How many people there are, and how many of them on the account that is looked at."""

    people: int

    @property
    def large(self) -> int:
        return min(self.people, 100_000)

    @property
    def accounts(self) -> int:
        """The other accounts, of about 900 people each."""
        return (self.people - self.large) // 900

    @property
    def database(self) -> str:
        return f"colibox_bench_{self.people}"


def _pick(words: str, salt: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"(ARRAY[{listed}])[1 + {HASH.format(salt=salt)} % {len(words.split())}]"


TABLES = (
    "users_user",
    "accounts_customeraccount",
    "rights_entitlement",
    "rights_accountlink",
    "rights_grant",
    "rights_linksearch",
)

ACCOUNTS = """
    INSERT INTO accounts_customeraccount (id, uuid, number, company, contract, payment, email,
        address_1, address_2, postcode, town, country, state)
    SELECT n, gen_random_uuid(), (900137 - CASE WHEN n = 1 THEN -1 ELSE n END)::text, 'Comptoir ' || n, 'privilege',
        'sepa', 'contact' || n || '@comptoir.example', '1 rue du Port', '', '44000', 'Nantes', 'FR', 'open'
    FROM generate_series(1, {accounts} + 1) AS n;
    INSERT INTO rights_entitlement (account_id, "right", delegable)
    SELECT a.id, r, true FROM accounts_customeraccount a, unnest(%(rights)s::text[]) AS r;
"""

# Person 1 is the administrator of the large account; one person in ten of it is a standard user. The others
# are spread over the other accounts. One in forty is invited, one in fifty expired, one in sixty suspended.
PEOPLE = f"""
    CREATE UNLOGGED TABLE bench_people AS
    SELECT n, CASE WHEN n <= {{large}} THEN 1 ELSE 2 + n % greatest({{accounts}}, 1) END AS account,
        CASE WHEN n % 10 = 1 THEN 'standard' ELSE 'advanced' END AS kind,
        CASE WHEN n % 40 = 7 THEN 'invited' WHEN n % 50 = 9 THEN 'expired' WHEN n % 60 = 11 AND n > 60 THEN 'suspended'
            ELSE 'active' END AS state,
        CASE WHEN n = 1 THEN 'ADMIN' WHEN n = {{large}} / 2 THEN '{RARE}' ELSE {_pick(LAST, "last")} END AS last_name,
        CASE WHEN n = 1 THEN '900138' ELSE {_pick(FIRST, "first")} END AS first_name,
        {HASH.format(salt="days")} % 400 AS days, {HASH.format(salt="tag")} % 200 AS tag
    FROM generate_series(1, {{people}}) AS n;
    ALTER TABLE bench_people ADD email text, ADD username text;
    UPDATE bench_people SET
        username = CASE WHEN n = 1 THEN '900138' ELSE 'u.' || n END,
        email = replace(colibox_fold(first_name || '.' || last_name), ' ', '') || n
            || '@agence' || n % 977 || '.example';

    INSERT INTO users_user (id, password, last_login, is_superuser, is_staff, is_active, date_joined, civility,
        function, phone, fax, address_1, address_2, address_3, postcode, town, country, uuid, kind, username,
        language, user_key, last_name, first_name, email)
    SELECT n, '!', now() - days * interval '1 day', false, false, true, now(), '', 'Transport', '', '',
        '1 rue du Port', '', '', '44000', 'Nantes', 'FR', gen_random_uuid(), kind, username, 'fr',
        CASE kind WHEN 'advanced' THEN upper(substr(md5(n::text), 1, 13)) END, last_name, first_name, email
    FROM bench_people WHERE kind = 'standard' OR state IN ('active', 'suspended');

    INSERT INTO rights_accountlink (id, civility, last_name, first_name, function, phone, fax, email, address_1,
        address_2, address_3, postcode, town, country, uuid, kind, role, state, username, masked_email, tags,
        language, generation, invited_at, expires_at, accepted_at, version, account_id, user_id)
    SELECT n, '', last_name, first_name, 'Transport', '', '', email, '1 rue du Port', '', '', '44000', 'Nantes', 'FR',
        gen_random_uuid(), kind, CASE n WHEN 1 THEN 'owner' ELSE 'member' END, state, username, '',
        CASE WHEN tag < 40 THEN ARRAY['TAG-' || tag] ELSE ARRAY[]::text[] END, 'fr', 1,
        now() - interval '3 days', now() + CASE state WHEN 'invited' THEN 31 ELSE -24 END * interval '1 hour',
        CASE WHEN state IN ('active', 'suspended') THEN now() - days * interval '1 day' END, 1, account,
        CASE WHEN kind = 'standard' OR state IN ('active', 'suspended') THEN n END
    FROM bench_people;

    INSERT INTO rights_grant (account_id, link_id, "right", choice, given_by_name)
    SELECT account, n, r, CASE WHEN r LIKE 'tool%' THEN 'tool' ELSE '' END, 'ADMIN'
    FROM bench_people, unnest(CASE kind
        WHEN 'standard' THEN CASE n % 3 WHEN 0 THEN ARRAY['coliship']
            ELSE ARRAY['coliship', 'invoices', 'dashboard'] END
        ELSE CASE n % 4 WHEN 0 THEN ARRAY['tool_consolidated', 'shipping_ws'] WHEN 1 THEN ARRAY['tool_key']
            ELSE ARRAY['coliship', 'tracking_ws', 'tool_consolidated'] END END) AS r;
    DROP TABLE bench_people;

    SELECT setval(pg_get_serial_sequence(t, 'id'), {{people}} + 1)
    FROM unnest(ARRAY['users_user', 'rights_accountlink', 'accounts_customeraccount']) AS t;
"""

# What is loaded in bulk is checked in bulk: foreign keys and indexes come back once the rows are in.
SET_ASIDE = """
    SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', r.relname, c.conname),
        format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, c.conname, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
    WHERE c.contype = 'f' AND r.relname IN ('rights_accountlink', 'rights_grant')
    UNION ALL
    SELECT format('DROP INDEX %I', x.relname), replace(pg_get_indexdef(x.oid), ' ON ONLY ', ' ON ')
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid
    WHERE NOT i.indisprimary AND r.relname IN ('rights_accountlink', 'rights_grant', 'rights_linksearch')
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.oid)
"""


SIGN_IN = """
    UPDATE users_user SET password = %(password)s WHERE username = '900138';
    INSERT INTO users_user (password, is_superuser, is_staff, is_active, date_joined, civility, function, phone, fax,
        address_1, address_2, address_3, postcode, town, country, uuid, kind, username, language, last_name,
        first_name, email)
    VALUES (%(password)s, true, true, true, now(), '', '', '', '', '', '', '', '', '', 'FR', gen_random_uuid(), 'staff',
        'operateur', 'fr', 'Banc', 'Odile', 'operateur@colibox.example');
"""


def privileges(app_url: str) -> str:
    """The SQL by which the portal's role may use the tables to come."""
    role = urlsplit(app_url).username
    return f"""
        ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{role}";
        ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO "{role}";
    """


def middle(url: str) -> str:
    """Somebody in the middle of the advanced users of the large account."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT uuid FROM rights_accountlink WHERE account_id = 1 AND kind = 'advanced' AND state <> 'ended'"
            " ORDER BY sort_key, id OFFSET (SELECT count(*) / 2 FROM rights_accountlink"
            " WHERE account_id = 1 AND kind = 'advanced') LIMIT 1"
        )
        return str(cursor.fetchone()[0])


def fill(url: str, size: Size, *, password: str) -> None:
    """Put people into a migrated, empty database, as its owner; the administrator and the operator may sign in."""
    connection = psycopg2.connect(url)
    names = {"people": size.people, "large": size.large, "accounts": size.accounts}
    with connection, connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute(SET_ASIDE)
        aside = cursor.fetchall()
        cursor.execute("; ".join(drop for drop, _restore in aside))
        cursor.execute("ALTER TABLE users_user DISABLE TRIGGER standard_user_belongs")
        cursor.execute(ACCOUNTS.format(**names), {"rights": list(catalogue.BY_CODE)})
        cursor.execute(PEOPLE.format(**names))
        cursor.execute(SIGN_IN, {"password": password})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE users_user ENABLE TRIGGER standard_user_belongs")
        cursor.execute("; ".join(restore for _drop, restore in reversed(aside)))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
    connection.close()
