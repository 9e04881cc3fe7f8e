"""The second line of tenancy: with every filter of the code gone, PostgreSQL still shows nothing foreign."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import Error, connection, models, transaction
from django.test import Client

from accounts import audit
from accounts.models import CustomerAccount
from colibox.lib import tenancy
from rights.models import AccountLink, AccountLinkQuerySet, Entitlement, Grant

TENANT: list[type[models.Model]] = [CustomerAccount, AccountLink, Grant, Entitlement]
pytestmark = pytest.mark.django_db


def rows(sql: str, *values: str | list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def test_every_table_with_an_account_is_protected_against_its_owner_too() -> None:
    unprotected = rows("""
        SELECT c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
        WHERE c.relkind IN ('r', 'p')
        AND (c.relname = 'accounts_customeraccount' OR EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped))
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
    """)
    assert unprotected == []


@pytest.mark.parametrize("table", ["accounts_auditevent", *(model._meta.db_table for model in TENANT)])
def test_each_tenant_table_has_a_policy_on_the_accounts_in_reach(table: str) -> None:
    [(condition, check)] = rows(
        "SELECT qual, with_check FROM pg_policies WHERE tablename = %s AND policyname = 'tenant'", table
    )
    assert "colibox.accounts" in condition
    assert check == condition


def test_no_policy_lets_the_serving_role_write_what_is_not_its_accounts() -> None:
    others = rows("""
        SELECT tablename, policyname, cmd FROM pg_policies
        WHERE schemaname = 'public' AND policyname NOT IN ('tenant', 'owner') AND cmd NOT IN ('SELECT', 'INSERT')
        AND tablename = ANY(%s)
    """, [model._meta.db_table for model in TENANT])  # fmt: skip
    assert others == []


def test_the_serving_role_owns_nothing_and_passes_no_policy() -> None:
    [(role, superuser, bypass, creates)] = rows(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb"
        " FROM pg_roles WHERE rolname = current_user"
    )
    assert (superuser, bypass, creates) == (False, False, False)
    assert rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = %s", role) == []
    assert rows("SELECT 1 WHERE has_schema_privilege(current_user, 'public', 'CREATE')") == []
    assert rows("SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = %s", role) == []


@pytest.mark.parametrize("model", TENANT)
def test_with_no_account_in_reach_nothing_is_visible(cast: SimpleNamespace, model: type[models.Model]) -> None:
    assert model._default_manager.count() > 0
    with tenancy.scope():
        assert model._default_manager.count() == 0
    rows("SELECT set_config(name, NULL, true) FROM unnest(%s) AS name", list(tenancy.SETTINGS))
    assert model._default_manager.count() == 0


@pytest.mark.parametrize("model", [AccountLink, Grant, Entitlement])
def test_with_one_account_in_reach_no_other_is_visible(cast: SimpleNamespace, model: type[models.Model]) -> None:
    with tenancy.scope(accounts=[cast.south.pk]):
        assert set(model._default_manager.values_list("account_id", flat=True)) == {cast.south.pk}


def test_a_person_sees_their_own_links_and_no_colleague(cast: SimpleNamespace) -> None:
    with tenancy.scope(user=cast.partner.pk):
        assert set(AccountLink.objects.all()) == {cast.partner_link, cast.partner_south_link}
        assert set(Grant.objects.values_list("link_id", flat=True)) == {
            cast.partner_link.pk, cast.partner_south_link.pk,
        }  # fmt: skip
        assert AccountLink.objects.update(role="owner") == 0
        assert Grant.objects.all().delete()[0] == 0


def test_a_view_that_forgets_its_filter_shows_nothing_foreign(
    cast: SimpleNamespace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everybody(queryset: AccountLinkQuerySet, account: CustomerAccount) -> AccountLinkQuerySet:
        return queryset.all()

    monkeypatch.setattr(AccountLinkQuerySet, "for_account", everybody)
    client.force_login(cast.owner)
    assert client.get(f"/accounts/900138/users/{cast.colleague_link.uuid}/").status_code == 200
    for link in (cast.stranger_link, cast.partner_south_link):
        assert client.get(f"/accounts/900138/users/{link.uuid}/").status_code == 404
        assert client.post(f"/accounts/900138/users/{link.uuid}/end/").status_code == 404
    cast.partner_south_link.refresh_from_db()
    assert cast.partner_south_link.state == "active"


def test_a_row_of_another_account_cannot_be_written(cast: SimpleNamespace) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: Entitlement.objects.create(account=cast.south, right="x"),
        lambda: Grant.objects.create(
            account=cast.south, link=cast.partner_south_link, right="coliship", given_by_name="x"
        ),
        lambda: Grant.objects.filter(link=cast.partner_link).update(account=cast.south),
        lambda: AccountLink.objects.filter(pk=cast.partner_link.pk).update(account=cast.south),
        lambda: audit.record("forged", by=None, account_id=cast.south.pk),
    ]
    for attempt in attempts:
        with pytest.raises(Error, match="row-level security"), transaction.atomic():
            tenancy.reach(accounts=[cast.north.pk])
            attempt()
    with tenancy.scope(accounts=[cast.north.pk]):
        assert AccountLink.objects.filter(account=cast.south).update(state="ended") == 0
        assert Entitlement.objects.filter(account=cast.south).delete()[0] == 0


def test_a_grant_cannot_point_at_a_link_of_another_account(cast: SimpleNamespace) -> None:
    with pytest.raises(Error, match="grant_on_own_account"), transaction.atomic():
        tenancy.reach(accounts=[cast.north.pk])
        Grant.objects.create(
            account=cast.north, link_id=cast.partner_south_link.pk, right="coliship", given_by_name="x"
        )
        rows("SET CONSTRAINTS ALL IMMEDIATE; SELECT 1")


def test_an_invitation_shows_its_own_link_and_nothing_else(cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(token_digest="d" * 64)
    with tenancy.scope(invitation="d" * 64):
        assert list(AccountLink.objects.all()) == [cast.partner_link]
        assert Grant.objects.count() == CustomerAccount.objects.count() == 0
        assert AccountLink.objects.update(role="owner") == 0
    with tenancy.scope(invitation="e" * 64):
        assert AccountLink.objects.count() == 0


def test_the_scope_dies_with_its_transaction(cast: SimpleNamespace) -> None:
    with tenancy.scope(accounts=[cast.north.pk]):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            tenancy.reach(everything=True)
            raise ZeroDivisionError
        assert set(AccountLink.objects.values_list("account_id", flat=True)) == {cast.north.pk}


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_keeps_no_scope() -> None:
    with transaction.atomic(), tenancy.everything():
        CustomerAccount.objects.create(number="900138", company="Comptoir du Nord", email="x@x.example")
    with transaction.atomic():
        assert CustomerAccount.objects.count() == 0
    with pytest.raises(RuntimeError):
        tenancy.reach(everything=True)
