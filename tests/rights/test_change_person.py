"""Modifier: the page of one person, what it shows and what it saves."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from rights import actions
from rights.models import AccountLink, Entitlement
from tests.conftest import IDENTITY, PASSWORD, make_link, make_person
from tests.rights.facts import STANDARD_FORM, rights_of, verbs


def url(link: AccountLink) -> str:
    return f"/accounts/{link.account.number}/users/{link.uuid}/"


def form(link: AccountLink, **changed: Any) -> dict[str, Any]:
    return {"rights": ["shipping_ws"], "tool": "tool_tag", "tags": "LYON", "version": link.version, **changed}


def test_the_page_shows_state_identity_and_rights(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get(url(cast.partner_link)).content.decode()
    assert "a.berlioz@example.com" in page
    assert 'name="last_name"' not in page
    assert 'value="shipping_ws" id="id_rights_' in page
    assert "Suppression des liens avec l’utilisateur" in page


def test_rights_and_tags_are_saved_with_one_mail_and_one_event(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    link = cast.partner_link
    response = sign_in(cast.owner).post(
        url(link), form(link, rights=["coliship"], tags="LYON, LILLE"), follow=True
    )  # fmt: skip
    assert rights_of(link) == ["coliship", "tool_tag"]
    link.refresh_from_db()
    assert (link.tags, link.version) == (["LYON", "LILLE"], 2)
    assert verbs(link) == ["person changed"]
    event = AuditEvent.objects.get(subject=link.uuid)
    assert event.before == {"tags": ["LYON"], "rights": ["shipping_ws", "tool_tag"]}
    assert event.after == {"tags": ["LYON", "LILLE"], "rights": ["coliship", "tool_tag"]}
    page = response.content.decode()
    assert "Droits gagnés" in page
    assert "Droits perdus" in page
    [mail] = arrived()
    assert mail.to == [cast.partner.email]
    assert "ColiShip" in mail.body
    assert "Web Service Affranchissement" in mail.body


def test_saving_nothing_new_sends_nothing_and_leaves_no_trace(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    sign_in(cast.owner).post(url(cast.partner_link), form(cast.partner_link))
    assert arrived() == []
    assert verbs(cast.partner_link) == []


def test_the_identity_of_a_standard_user_is_the_administrators_to_change(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    link = cast.colleague_link
    client = sign_in(cast.owner)
    client.post("/auth/reauthenticate/", {"password": PASSWORD})  # an address leads to a new password
    client.post(url(link), {**STANDARD_FORM, "version": 1, "email": "claire@nord.example"})
    link.refresh_from_db()
    cast.colleague.refresh_from_db()
    assert (link.email, cast.colleague.email, cast.colleague.last_name) == (
        "claire@nord.example", "claire@nord.example", "Dubreuil",
    )  # fmt: skip
    assert cast.colleague.username == "c.martin"
    assert "c.martin@example.com" in [to for mail in arrived() for to in mail.to]


def test_the_identity_of_an_advanced_user_is_theirs(cast: SimpleNamespace, sign_in: Any) -> None:
    link = cast.partner_link
    sign_in(cast.owner).post(url(link), {**STANDARD_FORM, **form(link)})
    cast.partner.refresh_from_db()
    assert (cast.partner.last_name, cast.partner.email) == ("Berlioz", "a.berlioz@example.com")


def test_another_address_for_somebody_invited_kills_the_secret_sent_to_the_former(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    identity = {**IDENTITY, "civility": "mme", "email": "typo@nord.example"}
    link = actions.create_standard(
        by=cast.owner_link, identity=identity, username="e.dubreuil", rights=["coliship"], language="fr"
    )
    arrived()
    former = link.token_digest
    sign_in(cast.owner).post(url(link), {**STANDARD_FORM, "version": link.version})
    link.refresh_from_db()
    assert link.token_digest not in (None, former)
    assert [mail.to for mail in arrived()] == [["elise.dubreuil@nord.example"]]


def test_two_people_editing_one_link_get_both_versions_and_nothing_is_overwritten(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    link = cast.partner_link
    stale = form(link, rights=["coliship"], tags="LYON, PARIS")
    client: Client = sign_in(cast.owner)
    client.post(url(link), form(link, rights=["pickup_ws"]))
    response = client.post(url(link), stale)
    assert response.status_code == 409
    assert rights_of(link) == ["pickup_ws", "tool_tag"]
    page = response.content.decode()
    for text in ("ColiShip", "Web Service choix du point de livraison", "LYON, PARIS"):
        assert text in page
    again = {**stale, "version": response.context["link"].version}
    assert dict(response.context["typed"])["tags"] == "LYON, PARIS"
    client.post(url(link), again)
    assert rights_of(link) == ["coliship", "tool_tag"]


def test_a_link_removed_meanwhile_says_so(cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    link = cast.partner_link
    change = actions.change

    def after_somebody_else(**facts: Any) -> Any:
        actions.end(link=link, by=cast.owner_link)
        return change(**facts)

    monkeypatch.setattr(actions, "change", after_somebody_else)
    response = sign_in(cast.owner).post(url(link), form(link))
    assert response["Location"] == "/accounts/900138/users/"


def test_ones_own_link_and_the_owners_are_shown_and_not_changed(cast: SimpleNamespace, sign_in: Any) -> None:
    deputy = make_person("d.adjoint", last_name="Adjoint")
    deputy_link = make_link(cast.north, deputy, rights=["coliship"], role="administrator")
    client: Client = sign_in(deputy)
    for link in (deputy_link, cast.owner_link):
        page = client.get(url(link)).content.decode()
        assert "Enregistrer" not in page
        assert 'name="rights"' not in page
        client.post(url(link), form(link, rights=["tracking_ws"], role="owner"))
        client.post(f"{url(link)}suspend/")
        client.post(f"{url(link)}end/")
        client.post(f"{url(link)}resend/")
        client.post(f"{url(link)}reactivate/")
    assert rights_of(deputy_link) == ["coliship"]
    assert set(
        AccountLink.objects.filter(pk__in=[deputy_link.pk, cast.owner_link.pk]).values_list("state", flat=True)
    ) == {"active"}


def test_a_right_the_account_lost_is_shown_suspended_and_comes_back_with_it(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    link = cast.partner_link
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").delete()
    client: Client = sign_in(cast.owner)
    assert "Suspendu" in client.get(url(link)).content.decode()
    client.post(url(link), form(link, rights=["coliship"]))
    assert rights_of(link) == ["coliship", "shipping_ws", "tool_tag"]
    Entitlement.objects.create(account=cast.north, right="shipping_ws")
    assert "Suspendu" not in client.get(url(link)).content.decode()


def test_another_scope_takes_the_place_of_one_that_is_suspended(cast: SimpleNamespace, sign_in: Any) -> None:
    Entitlement.objects.filter(account=cast.north, right="tool_tag").delete()
    sign_in(cast.owner).post(url(cast.partner_link), form(cast.partner_link, tool="tool_consolidated"))
    assert rights_of(cast.partner_link) == ["shipping_ws", "tool_consolidated"]


def test_a_right_no_longer_delegable_can_be_kept_or_withdrawn_and_not_given_back(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    link = cast.partner_link
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").update(delegable=False)
    client: Client = sign_in(cast.owner)
    client.post(url(link), form(link))
    assert rights_of(link) == ["shipping_ws", "tool_tag"]
    client.post(url(link), form(link, rights=[], version=2))
    assert rights_of(link) == ["tool_tag"]
    client.post(url(link), form(link, version=3))
    assert rights_of(link) == ["tool_tag"]


def test_tracking_by_tag_cannot_lose_its_last_tag(cast: SimpleNamespace, sign_in: Any) -> None:
    response = sign_in(cast.owner).post(url(cast.partner_link), form(cast.partner_link, tags=" , "))
    assert "tags" in response.context["form"].errors


def test_foreign_absent_and_ended_people_are_the_same_404(cast: SimpleNamespace, sign_in: Any) -> None:
    ended = make_link(cast.north, make_person("gone"), state="ended")
    client: Client = sign_in(cast.owner)
    pages = set()
    for identifier in (cast.stranger_link.uuid, cast.partner_south_link.uuid, uuid.uuid4(), ended.uuid):
        for act in ("", "end/", "suspend/", "reactivate/", "resend/"):
            response = client.post(f"/accounts/900138/users/{identifier}/{act}", form(cast.partner_link))
            pages.add((response.status_code, response.content))
    assert len(pages) == 1
    assert pages.pop()[0] == 404


def test_the_page_costs_the_same_with_more_people_and_rights(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(url(cast.partner_link))
        return len(captured)

    queries()
    before = queries()
    for n in range(5):
        make_link(cast.north, make_person(f"more{n}"), rights=["coliship", "tracking_ws"])
    assert queries() == before <= 20
