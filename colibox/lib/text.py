"""Text as people compare it: accents and case set aside, by the database and by Python alike."""

import unicodedata

from django.db.models import Func, TextField


class Fold(Func):
    """The expressions joined by spaces, without accents and in lower case: PostgreSQL's colibox_fold."""

    template = "colibox_fold(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h"})
"""Letters that are no letter with an accent to Unicode, written as the database's unaccent writes them."""


def fold(text: str) -> str:
    """A text without accents, in lower case, with single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).casefold().split())


def line(typed: str | None, longest: int) -> str:
    """A short text on one line, without control characters, which PostgreSQL would refuse or a reader not see."""
    return " ".join("".join(c if c.isprintable() else " " for c in (typed or "")[:longest]).split())


# Unlike unaccent() and array_to_string() themselves these are immutable, as generated columns need.
FUNCTIONS = """
    CREATE EXTENSION IF NOT EXISTS unaccent;
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE FUNCTION colibox_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
        AS $$ SELECT lower(public.unaccent('public.unaccent', $1)) $$;
    CREATE FUNCTION colibox_join(text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
        AS $$ SELECT coalesce(array_to_string($1, ' '), '') $$;
"""
