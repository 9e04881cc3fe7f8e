"""Numbers of parcels: each given out once, whoever asks at the same moment and whoever changes their mind."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from tests.conftest import make_account
from tests.together import together
from tracking import allocation, numbers
from tracking.models import NumberRange
from tracking.products import BY_CODE

DOS, COLI = BY_CODE["DOS"], BY_CODE["COLI"]


def test_each_product_gets_a_valid_number_of_its_own_form(cast: SimpleNamespace) -> None:
    given = allocation.allot(cast.north, [DOS, COLI, DOS])
    assert all(map(numbers.is_valid, given)) and len(set(given)) == 3
    assert [number[:2] for number in given] == ["6C", "CB", "6C"]
    assert {(r.international, r.last - r.first + 1) for r in NumberRange.objects.all()} == {
        (False, 100_000), (True, 10_000)
    }  # fmt: skip


@pytest.mark.parametrize("international", [False, True])
def test_each_block_is_dealt_once(international: bool) -> None:
    count = allocation.BLOCKS[international]
    assert len({(allocation.START + turn * allocation.STRIDE) % count for turn in range(count)}) == count
    assert count * allocation.BLOCK[international] == (10**8 if international else 10**10)


def test_accounts_draw_from_ranges_of_their_own_one_after_the_other(cast: SimpleNamespace) -> None:
    north = allocation.take(cast.north, 3, international=False)
    south = allocation.take(cast.south, 2, international=False)
    assert north == list(range(north[0], north[0] + 3)) and not set(north) & set(south)
    assert allocation.take(cast.north, 1, international=False) == [north[-1] + 1]
    assert abs(north[0] - south[0]) >= 100_000


def test_a_range_that_ends_is_followed_by_the_next_block(cast: SimpleNamespace) -> None:
    NumberRange.objects.create(account=cast.north, first=7, last=9, next=8)
    taken = allocation.take(cast.north, 4, international=False)
    assert taken[:2] == [8, 9] and len(set(taken)) == 4 and taken[3] == taken[2] + 1
    assert NumberRange.objects.get(first=7).next == 10


def test_without_a_block_left_it_says_so_and_the_transaction_goes_on(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY SEQUENCE last_blocks MINVALUE 9998 MAXVALUE 9999 START 9999")
    monkeypatch.setitem(allocation.SEQUENCE, True, "last_blocks")
    assert allocation.take(cast.north, 1, international=True) == [14_340_000]
    with pytest.raises(allocation.Exhausted):
        allocation.take(cast.south, 1, international=True)
    assert not NumberRange.objects.filter(account=cast.south).exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_number_twice_when_many_ask_at_once_and_some_roll_back() -> None:
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        south = make_account("850061", "Sud Expéditions")
    people, rounds = 6, 12
    kept: list[tuple[int, list[int]]] = []

    class ChangedTheirMind(Exception):
        pass

    def draw(account: CustomerAccount, turn: int) -> None:
        with transaction.atomic(), tenancy.scope(accounts=[account.pk]):
            taken = allocation.take(account, 1 + turn % 3, international=False)
            if turn % 4 == 3:
                raise ChangedTheirMind
        kept.append((account.pk, taken))  # only what was committed

    def work(who: int) -> None:
        for turn in range(rounds):
            with suppress(ChangedTheirMind):
                draw(south if who == 0 else north, turn + who)

    together(*(partial(work, who) for who in range(people)))
    taken = [serial for _, serials in kept for serial in serials]
    assert len(kept) == people * rounds * 3 // 4 and len(taken) == len(set(taken))
    with transaction.atomic(), tenancy.everything():
        for account in (north, south):
            own = sorted(serial for pk, serials in kept if pk == account.pk for serial in serials)
            (range_,) = NumberRange.objects.filter(account=account)
            assert own == list(range(range_.first, range_.next))  # what was rolled back left no hole and no double
