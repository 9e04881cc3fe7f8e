"""A company and all that its administrators keep: people, places, profiles, contacts, a history, a review."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg2

from benchmarks.population import HASH, Size


@dataclass(frozen=True)
class Company(Size):
    """Half of the people are on the account that is looked at, 100,000 at most; the others on those of its group."""

    @property
    def large(self) -> int:
        return min(self.people // 2, 100_000)

    @property
    def accounts(self) -> int:
        return max(2, (self.people - self.large) // 900)

    @property
    def database(self) -> str:
        return f"colibox_bench_company_{self.people}"

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of what an account keeps, as for 100,000 people or fewer in proportion."""
        return {
            "people": self.large,
            "grouped": min(100, self.accounts + 1),
            "sub_accounts": max(2, self.large // 2500),
            "sites": max(4, self.large // 625),
            "profiles": max(2, self.large // 2500),
            "contacts": self.large // 20,
            "documents": self.large // 50,
            "events": self.large * 4,
            "reviewed": self.large // 10,
        }


GROUP = """
    INSERT INTO accounts_accountgroup (id, uuid, name, head_id) VALUES (1, gen_random_uuid(), 'Groupe Comptoir', 1);
    UPDATE accounts_customeraccount SET group_id = 1 WHERE id <= {grouped};
"""

PLACES = """
    INSERT INTO accounts_subaccount (id, uuid, account_id, number, name, version)
    SELECT n, gen_random_uuid(), 1, 'S' || lpad(n::text, 4, '0'), 'Région ' || n, 1
    FROM generate_series(1, {sub_accounts}) AS n;
    INSERT INTO accounts_site (id, uuid, account_id, sub_account_id, name, version, address_1, address_2, postcode,
        town, country)
    SELECT n, gen_random_uuid(), 1, 1 + n % {sub_accounts}, 'Agence ' || n, 1, '1 rue du Port', '', '44000', 'Nantes',
        'FR'
    FROM generate_series(1, {sites}) AS n;
    INSERT INTO rights_attachment (account_id, link_id, site_id)
    SELECT 1, id, 1 + id % {sites} FROM rights_accountlink WHERE account_id = 1 AND id % 2 = 0;
"""

# One person in ten follows the first profile, one in ten has a copy of another.
PROFILES = """
    INSERT INTO rights_profile (id, uuid, account_id, name, description, shipped, rights, version)
    SELECT n, gen_random_uuid(), 1, 'Profil ' || n, 'Ce que font ces personnes', '',
        ARRAY['coliship', 'tracking_ws', 'tool_consolidated'], 1
    FROM generate_series(1, {profiles}) AS n;
    UPDATE rights_accountlink SET profile_id = 1, follows_profile = true, profile_at = now() - interval '40 days'
    WHERE account_id = 1 AND id % 10 = 0;
    UPDATE rights_accountlink SET profile_id = 2 + id % ({profiles} - 1), profile_at = now() - interval '40 days'
    WHERE account_id = 1 AND id % 10 = 3;
    DELETE FROM rights_grant WHERE account_id = 1 AND link_id % 10 = 0;
    INSERT INTO rights_grant (account_id, link_id, "right", choice, given_by_name)
    SELECT 1, id, r, CASE WHEN r LIKE 'tool%' THEN 'tool' ELSE '' END, 'ADMIN'
    FROM rights_accountlink, unnest(ARRAY['coliship', 'tracking_ws', 'tool_consolidated']) AS r
    WHERE account_id = 1 AND id % 10 = 0;
"""

KEPT = """
    INSERT INTO accounts_contact (uuid, account_id, civility, last_name, first_name, function, email, phone, mobile,
        roles, version)
    SELECT gen_random_uuid(), 1, '', last_name, first_name, 'Transport', email, '+332400' || lpad(id::text, 5, '0'), '',
        ARRAY[CASE id % 3 WHEN 0 THEN 'invoices' WHEN 1 THEN 'logistics' ELSE 'claims' END], 1
    FROM rights_accountlink WHERE account_id = 1 AND id <= {contacts};
    INSERT INTO accounts_document (uuid, account_id, kind, title, number, issued_on, filename, content_type, size,
        content)
    SELECT gen_random_uuid(), 1, CASE n % 10 WHEN 0 THEN 'prices' ELSE 'invoice' END, 'Document ' || n, 'F-' || n,
        current_date - n, 'facture-' || n || '.pdf', 'application/pdf', 1024, decode(repeat('25', 1024), 'hex')
    FROM generate_series(1, {documents}) AS n;
"""

# One event in four is daily work. The administrator makes one in two, everybody the others; as the years go by.
EVENTS = f"""
    INSERT INTO accounts_auditevent (at, account_id, actor, actor_name, subject, subject_name, verb, before, after,
        channel, reference, ip, request_id)
    SELECT now() - interval '800 days' * (1 - n::float / {{events}}), CASE n % 20 WHEN 7 THEN 2 ELSE 1 END, u.uuid,
        u.first_name || ' ' || u.last_name, l.uuid, l.first_name || ' ' || l.last_name,
        CASE WHEN n % 4 = 0 THEN 'parcel franked' WHEN n % 8 = 1 THEN 'dates changed' WHEN n % 8 = 3
            THEN 'person suspended' ELSE 'person changed' END,
        jsonb_build_object('rights', '["coliship"]'::jsonb),
        jsonb_build_object('rights', '["coliship", "tracking_ws"]'::jsonb),
        CASE WHEN n % 50 = 1 THEN 'import' ELSE 'screen' END,
        CASE WHEN n % 50 = 1 THEN 'import:' || 1 + n * 100 / {{events}} ELSE '' END, '10.0.0.1', md5(n::text)
    FROM generate_series(1, {{events}}) AS n
    JOIN rights_accountlink l ON l.id = 1 + {HASH.format(salt="whom")} % {{people}}
    JOIN users_user u ON u.id = CASE WHEN n % 2 = 0 THEN 1
        ELSE greatest(1, 10 * ({HASH.format(salt="who")} % {{people}} / 10)) END
    ORDER BY n;
"""

REVIEW = """
    INSERT INTO rights_campaign (id, uuid, account_id, name, deadline, opened_by_id, opened_by_name, closed_by_name)
    VALUES (1, gen_random_uuid(), 1, 'Revue des accès', current_date + 20, 1, 'ADMIN', '');
    INSERT INTO rights_reviewedlink (uuid, account_id, campaign_id, link_id, name, sort_key, rights, last_used_at,
        suggested, unused, decision, removed, decided_by_name)
    SELECT gen_random_uuid(), 1, 1, id, first_name || ' ' || last_name, sort_key, '["coliship", "tracking_ws"]',
        CASE id % 3 WHEN 0 THEN now() - interval '200 days' WHEN 1 THEN now() END,
        CASE id % 3 WHEN 0 THEN 'suspend' ELSE '' END, '[]', '', '[]', ''
    FROM rights_accountlink WHERE account_id = 1 AND id <= {reviewed};
"""

# Some accesses end within two weeks, and some invitations are over that nobody looked at yet.
CLOCKS = """
    UPDATE rights_accountlink SET ends_on = current_date + (id / 500 % 15)::int
    WHERE account_id = 1 AND id % 500 = 40 AND state = 'active';
    UPDATE rights_accountlink SET expires_at = now() - interval '1 hour'
    WHERE account_id = 1 AND state = 'invited' AND id % 10 = 7;
"""

TABLES = (
    *("accounts_accountgroup", "accounts_customeraccount", "accounts_subaccount", "accounts_site", "accounts_contact"),
    *("accounts_document", "accounts_auditevent", "rights_accountlink", "rights_attachment", "rights_profile"),
    *("rights_grant", "rights_campaign", "rights_reviewedlink", "rights_linksearch"),
)
NUMBERED = ("accounts_accountgroup", "accounts_subaccount", "accounts_site", "rights_profile", "rights_campaign")


def fill(url: str, size: Company) -> None:
    """Put all this beside the people of a population, as the owner of the database."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SET work_mem = '64MB'")
        for statements in (GROUP, PLACES, PROFILES, KEPT, EVENTS, REVIEW, CLOCKS):
            cursor.execute(statements.format(**size.counts))
        for table in NUMBERED:
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
    connection.close()
