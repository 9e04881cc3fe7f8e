"""Text as people compare it: accents, case and typography set aside, by the database and by Python alike."""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from django.db.models import Func, TextField
from django.utils.functional import Promise

Text = str | Promise
"""What people read: written, or to be translated for whoever reads it."""


class Fold(Func):
    """The expressions joined by spaces, without accents and in lower case: PostgreSQL's colibox_fold."""

    template = "colibox_fold(%(expressions)s)"
    arg_joiner = " || ' ' || "
    output_field = TextField()


MOST_PARTS = 4
"""Into so many characters at most one is taken apart by those who type accents on their own."""


@cache
def rules() -> dict[str, str]:
    """What PostgreSQL's unaccent writes for a character: the file of its release 18, which Python reads as it does."""
    lines = Path(__file__).with_name("unaccent.rules").read_text(encoding="utf-8").split("\n")
    pairs = (line.partition("\t")[::2] for line in lines)
    return {one: new[1:-1].replace('""', '"') if new.startswith('"') else new for one, new in pairs}


def fold(text: str) -> str:
    """A text without accents, in lower case, with straight apostrophes and dashes, and with single spaces."""
    return " ".join("".join(map(bare, text)).split())


@lru_cache(maxsize=4096)
def bare(character: str) -> str:
    """A character as the database's colibox_fold writes it, whatever stands beside it."""
    return rules().get(character, character).lower()


def composed(typed: str, longest: int) -> str:
    """A text with its accents composed, as long as it may become one of so many characters; else as it was typed.

    What is longer is refused anyway, and composing it takes time that grows with the square of its accents.
    """
    return unicodedata.normalize("NFC", typed) if len(typed) <= MOST_PARTS * longest else typed


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
