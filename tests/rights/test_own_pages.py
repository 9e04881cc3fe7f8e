"""A person's own pages about links: my rights, leaving an account."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import tenancy
from colibox.lib.outbox import Mail
from rights.actions.profiles import create as make_profile
from rights.models import AccountLink, Entitlement, Grant, Profile
from tests.conftest import make_account, make_link
from users.models import User

MINE = "/profile/rights/"

SignIn = Callable[[User], Client]


def leave_page(link: AccountLink) -> str:
    return f"{MINE}{link.uuid}/leave/"


# My rights.


def test_the_profile_that_one_follows_or_copied_is_named(cast: SimpleNamespace, sign_in: SignIn) -> None:
    facts: dict[str, Any] = {"description": "Ceux du quai", "rights": ["coliship"]}
    profile = make_profile(by=cast.owner_link, name="Quai", **facts)
    make_profile(by=cast.stranger_link, name="Ailleurs", **facts)
    client, link = sign_in(cast.partner), AccountLink.objects.filter(pk=cast.partner_link.pk)
    link.update(profile=profile, follows_profile=True, profile_at=timezone.now())
    page = client.get(MINE).content.decode()
    assert "Vous suivez le profil «\u202fQuai\u202f»" in page and "Ceux du quai" in page
    link.update(follows_profile=False)
    page = client.get(MINE).content.decode()
    assert "Vos droits ont été copiés du profil «\u202fQuai\u202f» le" in page and "Vous suivez" not in page
    with tenancy.scope(user=cast.partner.pk):
        assert [str(each) for each in Profile.objects.all()] == ["Quai"]
    with tenancy.scope(user=cast.colleague.pk):
        assert not Profile.objects.exists()


def test_rights_by_account_say_who_gave_them_and_until_when(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    Grant.objects.filter(link=cast.partner_link, right="shipping_ws").update(until=tomorrow)
    page = sign_in(cast.partner).get(MINE).content.decode()
    for shown in ("Comptoir du Nord", "900138", "Sud Expéditions", "850061", "LYON", "ADMIN", "Suivi consolidé"):
        assert shown in page
    assert tomorrow.strftime("%d/%m/%Y") in page
    assert page.count("Actif") == 2 + 3, "two accounts, three rights"


def test_rights_by_right_list_the_accounts_and_their_e_mail(cast: SimpleNamespace, sign_in: SignIn) -> None:
    page = sign_in(cast.partner).get(f"{MINE}?by=right").content.decode()
    sections = re.findall(r'<details class="unfold">.*?</details>', page, re.DOTALL)
    assert len(sections) == 3
    [consolidated] = [section for section in sections if "Suivi consolidé" in section]
    assert "850061@client.example" in consolidated and "1 compte" in consolidated
    assert "900138" not in consolidated


def test_a_right_that_the_account_lost_is_shown_suspended_with_the_reason(
    cast: SimpleNamespace, sign_in: SignIn
) -> None:
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").delete()
    page = sign_in(cast.partner).get(MINE).content.decode()
    assert "Le compte ne détient plus ce droit." in page


@pytest.mark.parametrize(
    ("field", "days", "reason"),
    [
        ("", 0, "L’accès à ce compte est suspendu."),
        ("starts_on", 2, "L’accès à ce compte commence le "),
        ("ends_on", -2, "L’accès à ce compte a pris fin le "),
    ],
)
def test_a_link_that_opens_nothing_says_why_at_home_too(
    cast: SimpleNamespace, sign_in: SignIn, field: str, days: int, reason: str
) -> None:
    day, client = timezone.localdate() + timedelta(days=days), sign_in(cast.partner)
    if field:
        reason = f"{reason}{day:%d/%m/%Y}."
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(**({field: day} if field else {"state": "suspended"}))
    assert client.get(MINE).content.decode().count(reason) == 2, "one for each right"
    home = client.get("/").content.decode()
    assert reason in home and "Sud Expéditions" in home.partition("Fermés pour vous")[0]
    AccountLink.objects.filter(pk=cast.partner_south_link.pk).update(state="suspended")
    assert "Aucun compte ne vous est ouvert" not in client.get("/").content.decode()


def test_a_closed_account_and_a_right_past_its_date_say_why(cast: SimpleNamespace, sign_in: SignIn) -> None:
    CustomerAccount.objects.filter(pk=cast.south.pk).update(state="closed")
    Grant.objects.filter(link=cast.partner_link, right="shipping_ws").update(until="2020-01-01")
    page = sign_in(cast.partner).get(MINE).content.decode()
    assert "Ce compte est fermé." in page and "jusqu’à une date passée" in page


def test_an_administrator_has_all_the_rights_of_the_account(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    page = client.get(MINE).content.decode()
    assert "Vous administrez ce compte" in page and "Consultation de mes factures" in page
    assert "Tous les droits du compte" in client.get(f"{MINE}?by=right").content.decode()


def test_nobody_reads_of_other_people(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.stranger)
    for path in (MINE, f"{MINE}?by=right", f"{MINE}?page=2", f"{MINE}?by=x&page=x"):
        page = client.get(path).content.decode()
        assert "900138" not in page and "Comptoir du Nord" not in page


def test_who_has_no_account_is_told_how_to_get_one(cast: SimpleNamespace, sign_in: SignIn) -> None:
    AccountLink.objects.filter(user=cast.partner).update(state="ended")
    page = sign_in(cast.partner).get(MINE).content.decode()
    assert "Vous n’êtes associé à aucun compte" in page and "Donnez votre clé utilisateur" in page


def test_the_page_costs_the_same_with_many_accounts(cast: SimpleNamespace, sign_in: SignIn) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    client = sign_in(cast.partner)
    few = [queries(MINE), queries(f"{MINE}?by=right")]
    for number in range(700001, 700031):
        account = make_account(str(number), f"Client {number}", rights=["coliship", "shipping_ws"])
        make_link(account, cast.partner, rights=["coliship", "shipping_ws"])
    assert [queries(MINE), queries(f"{MINE}?by=right")] == few
    assert max(few) <= 18


def test_more_than_fifty_accounts_come_in_pages(cast: SimpleNamespace, sign_in: SignIn) -> None:
    for number in range(700001, 700061):
        make_link(make_account(str(number), f"Client {number}", rights=[]), cast.partner)
    client = sign_in(cast.partner)
    first, second = (client.get(f"{MINE}?page={page}").content.decode() for page in (1, 2))
    assert "Client 700050" in first and "Client 700051" not in first
    assert "Client 700060" in second and "900138" in second
    assert "by=right&amp;page=2" in client.get(f"{MINE}?by=right").content.decode()


# Leaving.


def test_leaving_says_what_stops_then_ends_the_link(cast: SimpleNamespace, sign_in: SignIn) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(invited_by=cast.owner)
    client = sign_in(cast.partner)
    page = client.get(leave_page(cast.partner_link)).content.decode()
    assert "900138 Comptoir du Nord" in page and "Ce qui s’arrête" in page
    assert AccountLink.objects.get(pk=cast.partner_link.pk).state == "active", "a GET never writes"
    page = client.post(leave_page(cast.partner_link), follow=True).content.decode()
    assert "Vous avez quitté le compte 900138 Comptoir du Nord." in page
    assert AccountLink.objects.get(pk=cast.partner_link.pk).state == "ended"
    assert client.get("/accounts/900138/").status_code == 404
    assert client.get("/accounts/850061/").status_code == 200
    assert AuditEvent.objects.get(verb="link left").account_id == cast.north.pk
    assert Mail.objects.filter(kind="rights.emails.links.left").count() == 1
    assert client.post(leave_page(cast.partner_link)).status_code == 404


def test_a_suspended_link_can_be_left(cast: SimpleNamespace, sign_in: SignIn) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="suspended")
    sign_in(cast.partner).post(leave_page(cast.partner_link))
    assert AccountLink.objects.get(pk=cast.partner_link.pk).state == "ended"


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_who_belongs_to_an_account_cannot_leave_it(cast: SimpleNamespace, sign_in: SignIn, who: str) -> None:
    person, link = getattr(cast, who), getattr(cast, f"{who}_link")
    client = sign_in(person)
    assert "Quitter" not in client.get(MINE).content.decode()
    for response, status in ((client.get(leave_page(link)), 200), (client.post(leave_page(link)), 409)):
        assert response.status_code == status
        assert "demandez à son administrateur" in response.content.decode()
    assert AccountLink.objects.get(pk=link.pk).state == "active"


def test_the_link_of_somebody_else_is_as_absent_as_none(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.stranger)
    foreign, absent = leave_page(cast.partner_link), f"{MINE}{uuid.uuid4()}/leave/"
    for method in (client.get, client.post):
        assert method(foreign).status_code == method(absent).status_code == 404
    assert AccountLink.objects.get(pk=cast.partner_link.pk).state == "active"


@pytest.mark.parametrize("path", [MINE, f"{MINE}{uuid.UUID(int=1)}/leave/"])
def test_strangers_are_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/auth/login/?next={path}"
    assert client.post(path).headers["Location"] == "/auth/login/?next=/"


def test_a_page_to_read_takes_no_post(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(cast.partner).post(MINE).status_code == 405


def test_the_page_speaks_english_too(cast: SimpleNamespace, sign_in: SignIn) -> None:
    User.objects.filter(pk=cast.partner.pk).update(language="en")
    assert "Rights on the accounts" in sign_in(cast.partner).get(MINE).content.decode()
