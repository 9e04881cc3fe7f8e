"""Ajouter un utilisateur avancé: invited by e-mail, whether they exist on the portal or not."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from rights.models import AccountLink, Entitlement
from tests.rights.facts import ADVANCED_FORM, rights_of, verbs

URL = "/accounts/900138/users/advanced/new/"


def invited() -> AccountLink:
    return AccountLink.objects.get(account__number="900138", last_name="Benali")


def test_an_administrator_invites_somebody_new(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    response = sign_in(cast.owner).post(URL, ADVANCED_FORM)
    assert response["Location"] == "/accounts/900138/users/"
    link = invited()
    assert (link.state, link.user, link.invitee, link.invited_by) == ("invited", None, None, cast.owner)
    assert rights_of(link) == ["shipping_ws", "tool_consolidated"]
    assert verbs(link) == ["person invited"]
    [mail] = arrived()
    assert mail.to == ["nadia.benali@benali.example"]
    assert "http://testserver/invitations/" in mail.body


def test_the_answer_is_the_same_for_somebody_who_exists(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    client: Client = sign_in(cast.stranger)
    url = "/accounts/850061/users/advanced/new/"

    def answer(email: str) -> tuple[int, str, str]:
        response = client.post(url, {**ADVANCED_FORM, "email": email}, follow=True)
        [said] = [str(message) for message in response.context["messages"]]
        return response.status_code, response.redirect_chain[0][0], re.sub(r"\S+@\S+", "…", said)

    AccountLink.objects.filter(pk=cast.partner_south_link.pk).update(state="ended")
    assert answer(cast.partner.email) == answer("new@benali.example")
    to_existing, to_new = arrived()
    assert "/profile/requests/" in to_existing.body
    assert "/invitations/" in to_new.body


def test_a_person_of_the_account_is_not_invited_twice(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    response = client.post(URL, {**ADVANCED_FORM, "email": cast.partner.email.upper()})
    assert "email" in response.context["form"].errors
    client.post(URL, ADVANCED_FORM)
    response = client.post(URL, ADVANCED_FORM)
    assert "email" in response.context["form"].errors
    assert AccountLink.objects.filter(last_name="Benali").count() == 1


def test_tags_are_cleaned_and_needed_only_for_tracking_by_tag(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    response = client.post(URL, {**ADVANCED_FORM, "tool": "tool_tag"})
    assert "tags" in response.context["form"].errors
    client.post(URL, {**ADVANCED_FORM, "tool": "tool_tag", "tags": " LYON ,,Paris   Sud; lyon"})
    assert invited().tags == ["LYON", "PARIS SUD"]


@pytest.mark.parametrize("tags", ["x" * 41, ", ".join(f"T{n}" for n in range(21)), "LY\u202eON", "LY\0ON"])
def test_tags_too_long_too_many_or_invisible_are_refused(cast: SimpleNamespace, sign_in: Any, tags: str) -> None:
    response = sign_in(cast.owner).post(URL, {**ADVANCED_FORM, "tags": tags})
    assert "tags" in response.context["form"].errors


def test_one_scope_at_most_is_taken_per_form_of_the_tool(cast: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    response = client.post(URL, {**ADVANCED_FORM, "rights": ["tool_key"]})
    assert "rights" in response.context["form"].errors
    client.post(URL, {**ADVANCED_FORM, "tool_service": "tool_service_key"})
    assert rights_of(invited()) == ["shipping_ws", "tool_consolidated", "tool_service_key"]


def test_a_right_above_the_ceiling_is_named_and_refused(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").update(delegable=False)
    response = sign_in(cast.owner).post(URL, ADVANCED_FORM)
    [error] = response.context["form"].errors["rights"]
    assert error.startswith("Vous ne pouvez pas donner le droit «\u202fWeb Service Affranchissement\u202f».")
    assert not AccountLink.objects.filter(last_name="Benali").exists()
    assert arrived() == []


@pytest.mark.parametrize("right", ["invoices", "everything", "tool_service_tag' OR 1=1"])
def test_a_right_of_another_kind_or_of_none_is_refused(cast: SimpleNamespace, sign_in: Any, right: str) -> None:
    response = sign_in(cast.owner).post(URL, {**ADVANCED_FORM, "rights": [right]})
    assert "rights" in response.context["form"].errors
    assert not AccountLink.objects.filter(last_name="Benali").exists()


def test_at_least_one_right_is_given(cast: SimpleNamespace, sign_in: Any) -> None:
    response = sign_in(cast.owner).post(URL, {**ADVANCED_FORM, "rights": [], "tool": ""})
    assert "rights" in response.context["form"].errors


def test_a_colleague_and_a_stranger_cannot_invite(cast: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(cast.colleague).post(URL, ADVANCED_FORM).status_code == 403
    assert sign_in(cast.stranger).post(URL, ADVANCED_FORM).status_code == 404
    assert not AccountLink.objects.filter(last_name="Benali").exists()
