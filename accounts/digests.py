"""What the digest of an event is, in SQL: the parts that a seal covers, and which of them an erasure may replace.

Verification reads nothing but these texts and the tables: a function of the database could be replaced by who owns it.
The migration that seals has its own copy, as it was; another digest is another version.
"""

# ruff: noqa: S608 (what is put into these statements are constants)

from __future__ import annotations

from typing import Final

PERSONAL: Final = (
    "civility", "last_name", "first_name", "function", "phone", "fax", "mobile", "email", "address_1", "address_2",
    "address_3", "postcode", "town", "country", "username", "name", "former", "successor", "reason",
)  # fmt: skip
"""The fields of an event that may say something of a person: all others stay what they are for good."""
NEUTRAL: Final = "Personne effacée"
"""What stands in the place of a name: in the portal's first language, for everybody who looks at the past."""

_FIELDS = f"'{{{','.join(PERSONAL)}}}'::text[]"
EMPTY = """('""', 'null')"""


def _digest(*values: str) -> str:
    """SHA-256 of an array's text, which is the same whatever the session's settings, and leaves nothing open."""
    return f"sha256(convert_to(jsonb_build_array({', '.join(values)})::text, 'UTF8'))"


def _fields(side: str) -> str:
    """The personal fields of one side, and whether they were empty."""
    return f"""CASE WHEN jsonb_exists_any({side}, {_FIELDS}) THEN (
        SELECT jsonb_object_agg(key, value IN {EMPTY}) FROM jsonb_each({side}) WHERE key = ANY ({_FIELDS})) END"""


WHOLE = _digest(
    *("e.id", "extract(epoch FROM e.at)", "e.account_id", "e.actor", "e.actor_name", "e.subject", "e.subject_name"),
    *("e.verb", "e.before", "e.after", "e.channel", "e.reference", "text(e.ip)", "e.request_id"),
)
"""All columns at once, as seals of version 1 have it."""
FIXED = _digest(
    *("e.id", "extract(epoch FROM e.at)", "e.account_id", "e.actor", "e.subject", "e.verb", "e.channel"),
    *("e.reference", "e.request_id", f"e.before - {_FIELDS}", f"e.after - {_FIELDS}"),
    *(_fields("e.before"), _fields("e.after")),
)
"""What happened: no erasure replaces it."""
ACTOR = _digest("e.id", "e.actor_name", "text(e.ip)")
SUBJECT = _digest("e.id", "e.subject_name")
SAID = _digest("e.id", "e.before", "e.after")

PERSONAL_SIDES = f"""(
    SELECT value FROM jsonb_each(e.before) WHERE key = ANY ({_FIELDS})
    UNION ALL SELECT value FROM jsonb_each(e.after) WHERE key = ANY ({_FIELDS}))"""
"""Everything that an event says of people."""

KEPT = """LEFT JOIN LATERAL (
    SELECT (array_agg(former ORDER BY id) FILTER (WHERE former IS NOT NULL))[1] AS former,
        (array_agg(actor ORDER BY id) FILTER (WHERE actor IS NOT NULL))[1] AS actor,
        (array_agg(subject ORDER BY id) FILTER (WHERE subject IS NOT NULL))[1] AS subject,
        (array_agg(said ORDER BY id) FILTER (WHERE said IS NOT NULL))[1] AS said
    FROM accounts_auditerasure WHERE event = e.id) AS k ON true"""
"""The digests of what was erased since: seals go on speaking of the first of each."""

BY_VERSION: Final = {
    1: f"coalesce(k.former, {WHOLE})",
    2: f"sha256({FIXED} || coalesce(k.actor, {ACTOR}) || coalesce(k.subject, {SUBJECT}) || coalesce(k.said, {SAID}))",
}
"""The digest of an event as it was written, whatever was erased from it since, by the version of the seal."""
