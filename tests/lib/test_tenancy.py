"""What is in reach of a transaction, and that nothing is kept of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import CustomerAccount
from colibox.lib import tenancy


def visible() -> set[str]:
    return set(CustomerAccount.objects.values_list("number", flat=True))


@pytest.mark.django_db
class TestAScope:
    def test_reaches_the_accounts_it_names(self, cast: SimpleNamespace) -> None:
        with tenancy.scope(accounts=[cast.north.pk]):
            assert visible() == {"900138"}
        with tenancy.scope(accounts=[cast.north.pk, cast.south.pk]):
            assert visible() == {"900138", "850061"}

    def test_of_nothing_reaches_nothing(self, cast: SimpleNamespace) -> None:
        with tenancy.scope():
            assert visible() == set()

    def test_of_a_person_reaches_the_accounts_of_their_links(self, cast: SimpleNamespace) -> None:
        with tenancy.scope(user=cast.partner.pk):
            assert visible() == {"900138", "850061"}
        with tenancy.scope(user=cast.colleague.pk):
            assert visible() == {"900138"}

    def test_inside_another_replaces_it_and_gives_it_back(self, cast: SimpleNamespace) -> None:
        with tenancy.scope(accounts=[cast.north.pk]):
            with tenancy.scope(accounts=[cast.south.pk]):
                assert visible() == {"850061"}
            assert visible() == {"900138"}

    def test_does_not_outlive_an_error(self, cast: SimpleNamespace) -> None:
        with tenancy.scope(accounts=[cast.south.pk]):
            with pytest.raises(RuntimeError), transaction.atomic(), tenancy.everything():
                raise RuntimeError
            assert visible() == {"850061"}

    def test_takes_numbers_only(self, cast: SimpleNamespace) -> None:
        with pytest.raises(ValueError, match="invalid literal"), tenancy.scope(accounts=["1} or true"]):  # type: ignore[list-item]
            pass

    def test_lets_no_row_in_for_another_account(self, cast: SimpleNamespace) -> None:
        with (
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
            tenancy.scope(accounts=[cast.south.pk]),
        ):
            CustomerAccount.objects.create(number="123456", company="Intruse", email="x@example.com")


@pytest.mark.django_db(transaction=True)
class TestATransaction:
    def test_that_ends_leaves_nothing_on_its_connection(self) -> None:
        with transaction.atomic(), tenancy.everything():
            CustomerAccount.objects.create(number="900138", company="Nord", email="n@example.com")
        with transaction.atomic():
            tenancy.reach(everything=True)
            assert visible() == {"900138"}
        assert visible() == set()

    def test_is_needed(self) -> None:
        assert not connection.in_atomic_block
        with pytest.raises(RuntimeError, match="needs a transaction"), tenancy.everything():
            pass
