"""How an account's parcels get their numbers: from its own ranges, each once, whoever else asks at that moment."""

from __future__ import annotations

from itertools import groupby

from django.db import DataError, connection, transaction
from django.db.models import F

from accounts.models import CustomerAccount
from tracking import numbers
from tracking.models import NumberRange
from tracking.products import Product

BLOCK = {False: 100_000, True: 10_000}
"""How many serial numbers an account is dealt at a time: national, international."""
BLOCKS = {False: 100_000, True: 10_000}
"""How many blocks there are of each."""
STRIDE, START = 61_803, 33_237
"""Blocks are dealt from here by strides without a common factor with their count: each once, neighbours far apart."""
SEQUENCE = {False: "tracking_national_blocks", True: "tracking_international_blocks"}

# One statement: it waits for whoever takes from the same range, and goes on from where they stopped once they
# committed. If they roll back, none of their numbers was ever seen, and the next one takes them.
TAKE = """
    WITH open AS (
        SELECT id, next, least(%s, last - next + 1) AS many FROM tracking_numberrange
        WHERE account_id = %s AND international = %s AND next <= last ORDER BY first LIMIT 1 FOR UPDATE
    )
    UPDATE tracking_numberrange own SET next = open.next + open.many
    FROM open WHERE own.id = open.id RETURNING open.next, open.many
"""


class Exhausted(Exception):
    """No number is left to deal, for any account."""


def allot(account: CustomerAccount, products: list[Product], *, skip: int = 0) -> list[str]:
    """A new number for each of these, in their order; so many are passed over first. Needs a transaction.

    Those who frank for one account wait for each other from here to the end of their transactions.
    """
    allotted = dict.fromkeys(range(len(products)), "")
    by_form = sorted(allotted, key=lambda place: products[place].international)  # all take locks in one order
    for international, places in groupby(by_form, key=lambda place: products[place].international):
        wanted = list(places)
        serials = take(account, len(wanted) + skip, international=international)[skip:]
        for place, serial in zip(wanted, serials, strict=True):
            allotted[place] = number(products[place], serial)
    return list(allotted.values())


def number(product: Product, serial: int) -> str:
    """The number of a parcel of this product."""
    return (numbers.international if product.international else numbers.national)(product.prefix, serial)


def take(account: CustomerAccount, count: int, *, international: bool) -> list[int]:
    """So many serial numbers that nobody had before; raises Exhausted. Needs a transaction."""
    taken: list[int] = []
    while len(taken) < count:
        missing = count - len(taken)
        taken += _take(account, missing, international) or _deal(account, missing, international)
    return taken


def _take(account: CustomerAccount, count: int, international: bool) -> range:
    """The next ones of the first range that has any; fewer than asked where it ends, none without a range."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [count, account.pk, international])
        first, many = cursor.fetchone() or (0, 0)
    return range(first, first + many)


def _deal(account: CustomerAccount, count: int, international: bool) -> range:
    """From the next block, dealt now unless somebody else just did."""
    CustomerAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not NumberRange.objects.filter(account=account, international=international, next__lte=F("last")).exists():
        first = _next_block(international) * BLOCK[international]
        last = first + BLOCK[international] - 1
        NumberRange.objects.create(
            account=account, international=international, first=first, last=last, next=first
        )  # fmt: skip
    return _take(account, count, international)


def _next_block(international: bool) -> int:
    """A sequence is not rolled back: a block that was dealt for nothing is never dealt again."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nextval(%s)", [SEQUENCE[international]])
            turn: int = cursor.fetchone()[0]
            return (START + turn * STRIDE) % BLOCKS[international]
    except DataError as error:
        raise Exhausted from error
