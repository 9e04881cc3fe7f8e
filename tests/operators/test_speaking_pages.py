"""The staff's pages speak: sentences, names, links, what waits, and how things are found."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, Document
from colibox.lib.outbox.models import Mail
from rights.models import Handover
from tests.conftest import make_account, make_person


@pytest.fixture
def staff(cast: SimpleNamespace, sign_in: Any) -> Client:
    cast.staff = make_person("operateur", kind="staff", first_name="Odile", last_name="Pérez", language="fr")
    client: Client = sign_in(cast.staff)
    return client


def shown(client: Client, name: str, *arguments: Any, **query: str) -> str:
    return client.get(reverse(f"admin:{name}", args=arguments), query).content.decode()


def test_the_trace_is_told_in_sentences_with_accounts_and_people_by_name(cast: SimpleNamespace, staff: Client) -> None:
    audit.record(
        "person suspended", by=cast.owner, account_id=cast.north.pk, subject=cast.partner_link.uuid,
        subject_name="Aline Berlioz", before={"state": "active"}, after={"state": "suspended"},
    )  # fmt: skip
    page = shown(staff, "accounts_auditevent_changelist", q="900138")
    assert "a suspendu Aline Berlioz" in page and "900138 Comptoir du Nord" in page and "person suspended" not in page
    assert reverse("admin:accounts_customeraccount_change", args=[cast.north.pk]) in page
    event = AuditEvent.objects.get(verb="person suspended")
    one = shown(staff, "accounts_auditevent_change", event.pk)
    assert "<h1>900138 ADMIN a suspendu Aline Berlioz.</h1>" in one and "Statut actif → suspendu" in one
    assert reverse("admin:users_user_change", args=[cast.partner.pk]) in one
    for raw in (str(cast.partner_link.uuid), "person suspended", "Request id", "Before", ">None<"):
        assert raw not in one
    assert "a suspendu" in shown(staff, "accounts_auditevent_changelist", q=str(cast.partner_link.uuid))


def test_the_trace_is_filtered_by_day_and_by_what_it_is_about(
    cast: SimpleNamespace, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit.record("signed in", by=cast.owner)
    audit.record("account exported", by=cast.owner, account_id=cast.north.pk)
    address = "accounts_auditevent_changelist"
    assert "a ouvert une session" in shown(staff, address, days="0")
    told = shown(staff, address, family="company", days="0")
    assert "a exporté" in told and "a ouvert une session" not in told
    assert staff.get(reverse(f"admin:{address}"), {"family": "nope", "days": "-1"}).status_code == 200
    today = timezone.localdate()
    monkeypatch.setattr("accounts.admin.trace.timezone.localdate", lambda *_: today + timedelta(days=10))
    assert "a ouvert une session" not in shown(staff, address, days="7")
    assert "a ouvert une session" in shown(staff, address, days="30")


def test_the_first_page_shows_what_waits_and_what_one_did(cast: SimpleNamespace, staff: Client) -> None:
    assert "Rien n’attend les agents" in shown(staff, "index")
    other = make_person("autre", kind="staff")
    Handover.objects.create(
        account=cast.north, former=cast.owner_link, successor=cast.partner_link, state="asked", forced=True,
        asked_by=other, due_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip
    Mail.objects.create(kind="x", state=Mail.State.FAILED)
    audit.record("account closed", by=cast.staff, account_id=cast.north.pk)
    page = shown(staff, "index")
    assert "changement d’administrateur à confirmer" in page and "e-mail non distribué" in page
    assert "Odile Pérez a clôturé le compte." in page


def test_a_change_of_owner_says_what_its_day_is_and_how_it_ended(cast: SimpleNamespace, staff: Client) -> None:
    change = Handover.objects.create(
        account=cast.north, former=cast.owner_link, successor=cast.partner_link, state="asked", forced=True,
        due_at=timezone.now() + timedelta(days=7),
    )  # fmt: skip
    page = shown(staff, "rights_handover_change", change.pk)
    assert "caduc sans confirmation le" in page and "Prend effet" not in page and "None" not in page
    Handover.objects.filter(pk=change.pk).update(state="cancelled", ended_at=Now())
    audit.record(
        "change of owner objected to", by=cast.owner, account_id=cast.north.pk, subject=cast.partner_link.uuid,
        subject_name="Aline Berlioz",
    )  # fmt: skip
    page = shown(staff, "rights_handover_change", change.pk)
    assert "900138 ADMIN s’est opposé" in page and "caduc" not in page and "+00:00" not in page


def test_no_page_leads_to_a_history_that_knows_nothing(cast: SimpleNamespace, staff: Client) -> None:
    page = shown(staff, "accounts_customeraccount_change", cast.north.pk)
    assert "/history/" not in page and "auditevent/?q=900138" in page
    assert staff.get(f"/operator/accounts/customeraccount/{cast.north.pk}/history/").status_code == 404


def test_refusals_below_operator_are_for_staff(cast: SimpleNamespace, staff: Client, sign_in: Any) -> None:
    for address, status in (("/operator/users/user/add/", 403), ("/operator/users/user/999999999/change/", 404)):
        response = staff.get(address)
        assert response.status_code == status and "Un administrateur du compte" not in response.content.decode()
    refused = sign_in(cast.owner).get("/operator/", follow=True)
    assert refused.status_code == 403 and "réservées aux agents" in refused.content.decode()


@pytest.mark.parametrize(
    ("page", "term", "found"),
    [
        ("users_user", "berl", "a.berlioz"),
        ("users_user", "BERLIOZ al", "a.berlioz"),
        ("users_user", "Aline Bérlioz", "a.berlioz"),
        ("accounts_customeraccount", "comptoir DU n", "900138"),
        ("accounts_customeraccount", "ÉLEVA", "670009"),
        ("rights_accountlink", "Berlioz", "a.berlioz"),
        ("accounts_document", "f-2026", "F-2026-99"),
    ],
)
def test_people_companies_and_documents_are_found_by_name(
    page: str, term: str, found: str, cast: SimpleNamespace, staff: Client
) -> None:
    make_account("670009", "Élevage du Rhin")
    Document.objects.create(
        account=cast.north, kind="invoice", title="Facture F-2026-99", number="F-2026-99", issued_on=date(2026, 11, 1),
        filename="x.pdf", content_type="application/pdf", size=1, content=b"x",
    )  # fmt: skip
    assert found in shown(staff, f"{page}_changelist", q=term).partition("result_list")[2]
    empty = shown(staff, f"{page}_changelist", q="zzzz")
    assert "Rien ne commence par «\u202fzzzz\u202f»" in empty and "result_list" not in empty


def test_titles_are_names(cast: SimpleNamespace, staff: Client) -> None:
    assert "<h1>Comptes clients</h1>" in shown(staff, "accounts_customeraccount_changelist")
    assert "<h1>900138 Comptoir du Nord</h1>" in shown(staff, "accounts_customeraccount_change", cast.north.pk)
    held = cast.north.entitlements.get(right="coliship")
    assert "– 900138 Comptoir du Nord</h1>" in shown(staff, "rights_entitlement_change", held.pk)


def test_every_list_and_every_row_opens(cast: SimpleNamespace, staff: Client) -> None:
    for row in (cast.north, cast.partner, cast.partner_link):
        model = type(row)
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        page = shown(staff, f"{name}_change", row.pk)
        assert "None" not in page.partition("<main")[2] and "Décochez" not in page
