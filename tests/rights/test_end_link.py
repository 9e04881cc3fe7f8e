"""Supprimer les liens avec l'utilisateur: a page that says what stops, then the end of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.test import Client

from accounts.models import AuditEvent
from rights import access, actions
from rights.models import AccountLink
from tests.conftest import PASSWORD
from tests.rights.facts import ADVANCED_FORM, rights_of, token_of, verbs


def url(link: AccountLink) -> str:
    return f"/accounts/{link.account.number}/users/{link.uuid}/end/"


def test_the_page_says_what_stops_for_whom_and_from_when(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get(url(cast.partner_link)).content.decode()
    for text in ("Web Service Affranchissement", "Aline Berlioz", cast.partner.email, "Maintenant"):
        assert text in page
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.state == "active"


def test_removing_the_links_ends_this_account_and_no_other(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    response = sign_in(cast.owner).post(url(cast.partner_link))
    assert response["Location"] == "/accounts/900138/users/"
    cast.partner_link.refresh_from_db()
    assert (cast.partner_link.state, rights_of(cast.partner_link)) == ("ended", [])
    assert not access.can(cast.partner, "shipping_ws", cast.north)
    assert access.can(cast.partner, "tool_service_consolidated", cast.south)
    assert verbs(cast.partner_link) == ["link removed"]
    event = AuditEvent.objects.get(subject=cast.partner_link.uuid)
    assert event.before == {"state": "active", "rights": ["shipping_ws", "tool_tag"]}
    assert [mail.to for mail in arrived()] == [[cast.partner.email]]


def test_the_next_request_of_an_open_session_finds_the_account_gone(cast: SimpleNamespace) -> None:
    theirs = Client()
    theirs.force_login(cast.partner)
    assert theirs.get("/accounts/900138/").status_code == 200
    actions.end(link=cast.partner_link, by=cast.owner_link)
    assert theirs.get("/accounts/900138/").status_code == 404


def test_a_standard_user_can_no_longer_sign_in(cast: SimpleNamespace, sign_in: Any) -> None:
    sign_in(cast.owner).post(url(cast.colleague_link))
    assert not Client().login(username="c.martin", password=PASSWORD)


def test_an_invitation_removed_is_dead_and_tells_nobody(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    client: Client = sign_in(cast.owner)
    client.post("/accounts/900138/users/advanced/new/", ADVANCED_FORM)
    arrived()
    link = AccountLink.objects.get(last_name="Benali")
    token = token_of(link)
    client.post(url(link))
    assert arrived() == []
    assert Client().get(f"/invitations/{token}/", follow=True).status_code == 410


def test_a_person_removed_can_be_invited_again(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    client.post(url(cast.partner_link))
    again = {**ADVANCED_FORM, "email": cast.partner.email}
    offered = client.post("/accounts/900138/users/advanced/new/", again).content.decode()
    assert "Reprendre ces droits" in offered
    client.post("/accounts/900138/users/advanced/new/", {**again, "former": "leave"})
    assert AccountLink.objects.get(account=cast.north, state="invited").invitee == cast.partner


def test_the_owner_cannot_be_removed(cast: SimpleNamespace, sign_in: Any) -> None:
    sign_in(cast.owner).post(url(cast.owner_link))
    cast.owner_link.refresh_from_db()
    assert cast.owner_link.state == "active"


def test_a_colleague_and_a_stranger_remove_nobody(cast: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(cast.colleague).post(url(cast.partner_link)).status_code == 403
    assert sign_in(cast.stranger).post(url(cast.partner_link)).status_code == 404
    assert sign_in(cast.partner).post(url(cast.colleague_link)).status_code == 403
