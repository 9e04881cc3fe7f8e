"""Suspendre, réactiver, renvoyer l'invitation."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib import outbox
from rights import access, actions
from rights.models import AccountLink
from tests.conftest import IDENTITY
from tests.rights.facts import rights_of, token_of, verbs
from tests.rights.test_bulk import confirm, post


def url(link: AccountLink, act: str) -> str:
    return f"/accounts/900138/users/{link.uuid}/{act}/"


@pytest.fixture
def invited(cast: SimpleNamespace, arrived: Any) -> AccountLink:
    identity = {**IDENTITY, "email": "nadia.benali@benali.example"}
    link = actions.invite_advanced(
        by=cast.owner_link, identity=identity, rights=["tool_tag"], tags=["LYON"], language="en"
    )
    arrived()
    return link


def test_suspending_closes_everything_and_keeps_the_rights(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    client: Client = sign_in(cast.owner)
    assert "Web Service Affranchissement" in client.get(url(cast.partner_link, "suspend")).content.decode()
    assert access.can(cast.partner, "shipping_ws", cast.north)
    client.post(url(cast.partner_link, "suspend"))
    assert not access.can(cast.partner, "shipping_ws", cast.north)
    assert rights_of(cast.partner_link) == ["shipping_ws", "tool_tag"]
    assert verbs(cast.partner_link) == ["person suspended"]
    assert [mail.to for mail in arrived()] == [[cast.partner.email]]


def test_the_message_undoes_what_was_done(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    client: Client = sign_in(cast.owner)
    page = client.post(url(cast.partner_link, "suspend"), follow=True).content.decode()
    assert f'action="{url(cast.partner_link, "reactivate")}"' in page
    assert "Annuler" in page
    page = client.post(url(cast.partner_link, "reactivate"), follow=True).content.decode()
    assert access.can(cast.partner, "shipping_ws", cast.north)
    assert f'action="{url(cast.partner_link, "suspend")}"' in page
    assert verbs(cast.partner_link) == ["person suspended", "person reactivated"]
    assert len(arrived()) == 2


def test_what_is_not_active_cannot_be_suspended_nor_reactivated_twice(
    cast: SimpleNamespace, sign_in: Any, invited: AccountLink
) -> None:
    client: Client = sign_in(cast.owner)
    client.post(url(invited, "suspend"))
    client.post(url(cast.partner_link, "reactivate"))
    client.post(url(cast.partner_link, "resend"))
    assert (verbs(invited), verbs(cast.partner_link)) == (["person invited"], [])


@pytest.mark.parametrize("who", ["manager", "local"])
def test_what_a_superior_suspended_is_opened_by_whoever_may_give_its_rights(
    who: str, tiers: SimpleNamespace, sign_in: Any
) -> None:
    """By its page, with many others, and by undoing: an administrator's decision is no membership manager's to lift."""
    link, why = tiers.partner_link, "donner de nouveau"

    def reopened(client: Client) -> bool:
        client.post(url(link, "reactivate"))
        link.refresh_from_db()
        return bool(link.state == "active")

    confirm(sign_in(tiers.owner), "suspend", link=[link.uuid])
    reference = AuditEvent.objects.get(verb="person suspended").reference
    client: Client = sign_in(getattr(tiers, who))
    assert why in client.post(url(link, "reactivate"), follow=True).content.decode()
    assert why in post(client, "reactivate", link=[link.uuid])
    post(client, "undo", reference=reference)
    assert not reopened(client)
    assert reopened(sign_in(tiers.administrator))
    client = sign_in(getattr(tiers, who))
    client.post(url(link, "suspend"))
    assert reopened(client), "one's own decision is one's own to take back"
    actions.suspend(link=link, by=tiers.owner_link)
    link.grants.exclude(right="shipping_ws").delete()
    tiers.local_link.grants.create(right="shipping_ws", account=link.account)
    assert reopened(client) is (who == "local"), "a right of theirs to give"


def test_reactivating_and_resending_are_never_done_by_a_link(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    assert client.get(url(cast.partner_link, "reactivate")).status_code == 405
    assert client.get(url(cast.partner_link, "resend")).status_code == 405


def test_resending_starts_48_hours_under_a_new_secret_and_keeps_the_rights(
    cast: SimpleNamespace, sign_in: Any, invited: AccountLink, arrived: Any
) -> None:
    AccountLink.objects.filter(pk=invited.pk).update(state="expired", expires_at=timezone.now() - timedelta(hours=1))
    former = token_of(invited)
    sign_in(cast.owner).post(url(invited, "resend"))
    invited.refresh_from_db()
    assert invited.state == "invited"
    assert invited.expires_at
    assert timedelta(hours=47) < invited.expires_at - timezone.now() <= timedelta(hours=48)
    assert (rights_of(invited), invited.tags) == (["tool_tag"], ["LYON"])
    assert Client().get(f"/invitations/{former}/", follow=True).status_code == 410
    [mail] = arrived()
    assert token_of(invited) in mail.body


def test_a_mail_queued_before_a_newer_invitation_never_leaves(
    cast: SimpleNamespace, sign_in: Any, invited: AccountLink, arrived: Any
) -> None:
    client: Client = sign_in(cast.owner)
    client.post(url(invited, "resend"))
    client.post(url(invited, "resend"))
    assert len(arrived()) == 1


def test_nobody_is_flooded_with_invitations(
    cast: SimpleNamespace, sign_in: Any, invited: AccountLink, arrived: Any
) -> None:
    client: Client = sign_in(cast.owner)
    for _time in range(7):
        client.post(url(invited, "resend"))
    invited.refresh_from_db()
    assert invited.generation == 6
    assert "attendez une heure" in client.get("/accounts/900138/users/").content.decode()


def test_the_way_back_is_a_local_address_only(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    for outside in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        response = client.post(url(cast.partner_link, "resend"), {"next": outside})
        assert response["Location"] == f"/accounts/900138/users/{cast.partner_link.uuid}/"
    response = client.post(url(cast.partner_link, "resend"), {"next": "/accounts/900138/users/?q=ber"})
    assert response["Location"] == "/accounts/900138/users/?q=ber"


def test_a_colleague_and_a_stranger_change_nothing(cast: SimpleNamespace, sign_in: Any) -> None:
    for act in ("suspend", "reactivate", "resend"):
        assert sign_in(cast.colleague).post(url(cast.partner_link, act)).status_code == 403
        assert sign_in(cast.stranger).post(url(cast.partner_link, act)).status_code == 404
    assert verbs(cast.partner_link) == []


def test_a_mail_that_does_not_arrive_is_told_on_the_persons_page(
    cast: SimpleNamespace, sign_in: Any, invited: AccountLink
) -> None:
    client: Client = sign_in(cast.owner)
    url_of_page = f"/accounts/900138/users/{invited.uuid}/"
    actions.resend(link=invited, by=cast.owner_link)
    assert "Le dernier e-mail" not in client.get(url_of_page).content.decode()
    outbox.Mail.objects.filter(about=invited.uuid).update(created_at=timezone.now() - timedelta(minutes=3))
    assert "Le dernier e-mail à cette personne n’est pas parti." in client.get(url_of_page).content.decode()
    waiting = outbox.Mail.objects.filter(about=invited.uuid, state="pending")
    waiting.update(state="failed", error="550 5.1.1", created_at=timezone.now())
    page = client.get(url_of_page).content.decode()
    assert "Le dernier e-mail à cette personne n’a pas été remis." in page
    assert "550 5.1.1" in page
