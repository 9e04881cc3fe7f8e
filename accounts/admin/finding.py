"""How the carrier's staff find accounts and documents: by beginnings, as ranges that an index answers.

LIKE is not leakproof: under row-level security PostgreSQL would read every row. A comparison is.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import CustomerAccount
from colibox.lib.text import fold, line

DIGITS = 6
LAST = "\U0010ffff"
"""What stands after every text that begins alike."""


def numbered(term: str) -> QuerySet[CustomerAccount]:
    """The accounts whose number begins like this."""
    if not (term.isascii() and term.isdecimal() and len(term) <= DIGITS):
        return CustomerAccount.objects.none()
    return CustomerAccount.objects.filter(number__gte=term.ljust(DIGITS, "0"), number__lte=term.ljust(DIGITS, "9"))


def called(term: str) -> QuerySet[CustomerAccount]:
    """The accounts whose company begins like this, accents and case set aside."""
    folded = fold(line(term, 120))
    if not folded:
        return CustomerAccount.objects.none()
    return CustomerAccount.objects.filter(company_folded__gte=folded, company_folded__lt=folded + LAST)


def accounts(term: str) -> QuerySet[CustomerAccount]:
    """The accounts whose number or company begins like this."""
    return numbered(term) if term.isdecimal() else called(term)


def begins(field: str, term: str) -> Q:
    """That a field begins like this, as it is typed, in capitals, or in small letters."""
    ways = {term, term.upper(), term.lower()}
    found = Q()
    for way in sorted(ways):
        found |= Q(**{f"{field}__gte": way, f"{field}__lt": way + LAST})
    return found
