"""Ajouter un utilisateur: a standard user of the account, who chooses their own password."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.test import Client
from django.utils import translation

from rights.actions.invitations import create_standard
from rights.actions.links import end
from rights.models import AccountLink, Entitlement
from tests.conftest import IDENTITY
from tests.rights.facts import STANDARD_FORM, rights_of, verbs
from users.models import User

URL = "/accounts/900138/users/standard/new/"


def made() -> AccountLink:
    return AccountLink.objects.get(username="e.dubreuil")


def test_the_form_shows_every_right_with_its_sentence(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get(URL).content.decode()
    assert "Création d’un nouveau compte utilisateur" in page
    assert page.count('name="rights"') == 16
    assert "Affranchit des colis à l’écran" in page


def test_an_administrator_creates_a_standard_user(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    response = sign_in(cast.owner).post(URL, STANDARD_FORM)
    assert response.status_code == 302
    assert response["Location"] == "/accounts/900138/users/"
    link = made()
    assert link.user
    assert (link.account, link.kind, link.state, link.user.kind) == (cast.north, "standard", "invited", "standard")
    assert rights_of(link) == ["coliship", "invoices"]
    assert not link.user.has_usable_password()
    assert verbs(link) == ["person invited"]
    assert [mail.to for mail in arrived()] == [["elise.dubreuil@nord.example"]]


def test_a_user_name_left_empty_is_made_of_the_name(cast: SimpleNamespace, sign_in: Any) -> None:
    form = {**STANDARD_FORM, "username": "", "last_name": "Martin", "first_name": "Célestin"}
    sign_in(cast.owner).post(URL, form)
    assert AccountLink.objects.get(first_name="Célestin").username == "c.martin2"


def test_who_comes_back_gets_the_user_name_they_had(cast: SimpleNamespace, sign_in: Any) -> None:
    client, known = sign_in(cast.owner), {**STANDARD_FORM, "former": "leave"}
    for username in ("e.dubreuil", "", "E.Dubreuil"):
        client.post(URL, {**known, "username": username})
        came = AccountLink.objects.exclude(state="ended").get(email="elise.dubreuil@nord.example")
        assert came.user and came.username == came.user.username == "e.dubreuil"
        end(link=came, by=cast.owner_link)
    User.objects.filter(username="e.dubreuil").update(suspended_at=Now())
    others: list[tuple[dict[str, str], str]] = [  # whose it is not: others, and whom the carrier lets in nowhere
        ({"email": "elise@other.example"}, "e.dubreuil2"), ({"first_name": "Éric"}, "e.dubreuil3"), ({}, "e.dubreuil4"),
    ]  # fmt: skip
    for changed, username in others:
        client.post(URL, {**known, "username": "", **changed})
        came = AccountLink.objects.exclude(state="ended").get(last_name="Dubreuil")
        assert came.username == username
        end(link=came, by=cast.owner_link)


def test_a_user_name_that_is_taken_is_told_beside_its_field(cast: SimpleNamespace, sign_in: Any) -> None:
    response = sign_in(cast.owner).post(URL, {**STANDARD_FORM, "username": "A.Berlioz"})
    assert "c.martin2" in response.context["form"].errors["username"][0]
    assert not AccountLink.objects.filter(last_name="Dubreuil").exists()
    assert not User.objects.filter(last_name="Dubreuil").exists()


def test_an_inactive_user_is_sent_nothing_until_reactivated(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    client: Client = sign_in(cast.owner)
    client.post(URL, {**STANDARD_FORM, "active": "0"})
    assert (made().state, arrived()) == ("suspended", [])
    client.post(f"/accounts/900138/users/{made().uuid}/reactivate/")
    assert made().state == "invited"
    assert [mail.to for mail in arrived()] == [["elise.dubreuil@nord.example"]]


def test_a_wrong_postcode_gets_an_example_and_saves_nothing(cast: SimpleNamespace, sign_in: Any) -> None:
    response = sign_in(cast.owner).post(URL, {**STANDARD_FORM, "postcode": "4400"})
    assert "44000" in response.context["form"].errors["postcode"][0]
    assert not User.objects.filter(username="e.dubreuil").exists()


def test_a_right_that_the_account_does_not_hold_is_shown_closed_and_refused(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    Entitlement.objects.filter(account=cast.north, right="invoices").delete()
    client: Client = sign_in(cast.owner)
    assert "Votre compte ne détient pas ce droit." in client.get(URL).content.decode()
    response = client.post(URL, STANDARD_FORM)
    assert "Vous ne pouvez pas donner le droit" in response.context["form"].errors["rights"][0]
    assert not User.objects.filter(username="e.dubreuil").exists()


def test_fields_outside_the_form_are_not_bound(cast: SimpleNamespace, sign_in: Any) -> None:
    forged = {
        "role": "owner", "is_staff": "1", "is_superuser": "1", "kind": "advanced", "account": cast.south.pk,
        "state": "active", "user_key": "0000000000000", "tags": "LYON", "user": cast.partner.pk, "password": "x",
    }  # fmt: skip
    sign_in(cast.owner).post(URL, {**STANDARD_FORM, **forged})
    link = made()
    assert link.user
    assert (link.account, link.role, link.kind, link.state, link.tags) == (
        cast.north, "member", "standard", "invited", [],
    )  # fmt: skip
    assert (link.user.is_staff, link.user.is_superuser, link.user.user_key) == (False, False, None)


def test_a_colleague_and_a_stranger_cannot_add_anybody(cast: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(cast.colleague).post(URL, STANDARD_FORM).status_code == 403
    assert sign_in(cast.stranger).post(URL, STANDARD_FORM).status_code == 404
    assert not User.objects.filter(username="e.dubreuil").exists()


def test_user_names_cannot_be_probed_without_end(cast: SimpleNamespace) -> None:
    def said(username: str) -> str:
        with translation.override("en"), pytest.raises(ValidationError) as refused:
            identity = {**IDENTITY, "civility": "mme"}
            create_standard(by=cast.owner_link, identity=identity, username=username, rights=[], language="fr")
        return " ".join(refused.value.messages)

    assert {said("850061") for _ in range(20)} == {"This user name is taken. Try another one, for example c.martin2."}
    assert "Wait an hour" in said("850061") and "Wait an hour" in said("nobody.has.it")
