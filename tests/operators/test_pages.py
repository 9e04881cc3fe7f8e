"""The staff's pages: what is not there, how a search goes, how the rights of an account change."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent
from colibox.lib import tenancy
from colibox.lib.operators.site import ReadOnly
from rights import catalogue
from rights.models import Entitlement, Handover
from tests.conftest import PASSWORD, make_person


@pytest.fixture
def staff(cast: SimpleNamespace, sign_in: Any) -> Client:
    client: Client = sign_in(make_person("operateur", kind="staff", is_superuser=True, language="en"))
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


def test_only_pages_of_ours_that_read_are_there() -> None:
    assert all(isinstance(page, ReadOnly) for page in admin.site._registry.values())
    named = {model.__name__ for model in admin.site._registry}
    assert not named & {"Group", "EmailAddress", "EmailConfirmation", "UserSession", "Authenticator", "Session"}
    assert {"User", "CustomerAccount", "AccountLink", "Entitlement", "AuditEvent", "SupportVisit"} <= named


def test_a_superuser_writes_nothing_past_the_actions(cast: SimpleNamespace, staff: Client) -> None:
    for page in admin.site._registry.values():
        name = f"{page.model._meta.app_label}_{page.model._meta.model_name}"
        assert staff.get(reverse(f"admin:{name}_add")).status_code == 403
    for name, row in (("rights_accountlink", cast.partner_link), ("users_user", cast.partner)):
        for act in ("change", "delete"):
            assert staff.post(reverse(f"admin:{name}_{act}", args=[row.pk]), {"role": "owner"}).status_code == 403


@pytest.mark.parametrize(
    ("page", "term", "found", "other"),
    [
        ("users_user", "A.Ber", "a.berlioz", "c.martin"),
        ("users_user", "c.martin@exa", "c.martin", "a.berlioz"),
        ("accounts_customeraccount", "9001", "Comptoir du Nord", "Sud Exp"),
        ("rights_accountlink", "850", "ZZB-ADMIN", "Martin"),
        ("rights_accountlink", "c.mar", "Martin", "Berlioz"),
        ("rights_entitlement", "900138", "Comptoir du Nord", "Sud Exp"),
        ("rights_handover", "90", "Comptoir du Nord", "Sud Exp"),
    ],
)
def test_a_search_finds_by_beginnings(
    page: str, term: str, found: str, other: str, cast: SimpleNamespace, staff: Client
) -> None:
    for link in (cast.partner_link, cast.partner_south_link):
        Handover.objects.create(account=link.account, successor=link, state="cancelled")
    shown = staff.get(reverse(f"admin:{page}_changelist"), {"q": term}).content.decode()
    assert found in shown and other not in shown


@pytest.mark.parametrize("page", [f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry])
def test_a_search_never_fails(page: str, staff: Client) -> None:
    for term in ("%", "\x00", "9' OR 1=1", "é" * 300):
        assert staff.get(reverse(f"admin:{page}_changelist"), {"q": term}).status_code == 200


def test_what_no_address_should_say_is_no_fault(staff: Client) -> None:
    for page, name in (
        ("rights_handover_ask", "number"),
        ("rights_supportvisit_begin", "account"),
        ("rights_supportvisit_begin", "person"),
        ("accounts_document_upload", "account"),
    ):
        for value in ("\x00", "9" * 400, "é", "900138\x00", "-1"):
            assert staff.get(reverse(f"admin:{page}"), {name: value}).status_code in (200, 302, 404)


def test_a_box_to_search_in_searches() -> None:
    for kind in {type(page) for page in admin.site._registry.values() if page.search_fields}:
        assert {"found", "get_search_results"} & set(vars(kind)), kind


def test_the_history_is_found_by_account_and_by_person(cast: SimpleNamespace, staff: Client) -> None:
    address = reverse("admin:accounts_auditevent_changelist")
    audit.record("of the north", by=None, account_id=cast.north.pk)
    audit.record("about aline", by=None, subject=cast.partner_link.uuid)
    assert "of the north" in staff.get(address, {"q": "900138"}).content.decode()
    page = staff.get(address, {"q": "a.berlioz"}).content.decode()
    assert "about aline" in page and "of the north" not in page


def test_no_list_counts_the_whole_table(cast: SimpleNamespace, staff: Client) -> None:
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        with connection.execute_wrapper(_Bounded()):
            assert staff.get(reverse(f"admin:{name}_changelist")).status_code == 200


class _Bounded:
    """Lets no count pass that has no limit."""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert "COUNT(*)" not in sql or "LIMIT" in sql, sql
        return execute(sql, params, many, context)


# The rights of an account.


def rights(cast: SimpleNamespace) -> dict[str, bool]:
    with tenancy.everything():
        return dict(Entitlement.objects.filter(account=cast.north).values_list("right", "delegable"))


def asked(**other: str) -> dict[str, str]:
    return {right.code: "delegable" for right in catalogue.RIGHTS} | other


def test_a_change_is_shown_with_the_people_it_is_about_before_it_is_made(cast: SimpleNamespace, staff: Client) -> None:
    address = reverse("admin:rights_entitlement_of", args=["900138"])
    assert "Rights of the account" in staff.get(address).content.decode()
    form = asked(coliship="", invoices="held")
    page = staff.post(address, form).content.decode()
    assert "the account loses it" in page and "1 person was granted it" in page
    assert len(rights(cast)) == len(catalogue.RIGHTS)
    staff.post(address, {**form, "confirm": "1"})
    assert "coliship" not in rights(cast) and rights(cast)["invoices"] is False
    event = AuditEvent.objects.get(verb="account rights changed")
    assert event.actor_name == "Operateur" or event.actor_name
    assert event.before == {"rights": {"coliship": True, "invoices": True}}
    assert event.after == {"rights": {"invoices": False}}


def test_what_many_people_lose_by_asks_for_proof(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(make_person("operateur", kind="staff"))
    for name, args in (
        ("rights_entitlement_of", ["900138"]),
        ("accounts_service_addresses", []),
        ("accounts_customeraccount_edit", [cast.north.pk]),
        ("accounts_customeraccount_state", [cast.north.pk]),
    ):
        answer = client.post(reverse(f"admin:{name}", args=args), {**asked(coliship=""), "confirm": "1"})
        assert answer.headers["Location"].startswith("/auth/reauthenticate/")
    assert len(rights(cast)) == len(catalogue.RIGHTS)


def test_a_change_of_nothing_is_no_change(cast: SimpleNamespace, staff: Client) -> None:
    staff.post(reverse("admin:rights_entitlement_of", args=["900138"]), {**asked(), "confirm": "1"})
    assert not AuditEvent.objects.filter(verb="account rights changed").exists()


def test_what_was_granted_opens_again_with_the_right(cast: SimpleNamespace, staff: Client, client: Client) -> None:
    address = reverse("admin:rights_entitlement_of", args=["900138"])
    staff.post(address, {**asked(coliship=""), "confirm": "1"})
    assert cast.colleague_link.grants.filter(right="coliship").exists()
    staff.post(address, {**asked(), "confirm": "1"})
    assert rights(cast)["coliship"] is True


def test_an_account_that_does_not_exist_has_no_page(staff: Client) -> None:
    assert staff.get(reverse("admin:rights_entitlement_of", args=["123456"])).status_code == 404


def test_from_a_person_and_an_account_one_goes_where_things_are_done(cast: SimpleNamespace, staff: Client) -> None:
    account = staff.get(reverse("admin:accounts_customeraccount_change", args=[cast.north.pk])).content.decode()
    person = staff.get(reverse("admin:users_user_change", args=[cast.partner.pk])).content.decode()
    begin = reverse("admin:rights_supportvisit_begin")
    assert reverse("admin:rights_entitlement_of", args=["900138"]) in account and f"{begin}?account=900138" in account
    assert f"{begin}?person={cast.partner.pk}" in person
    assert cast.partner.user_key not in person and cast.partner.password not in person
