"""A request to somebody who exists: who asks, for which rights; accepted or refused by them alone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from rights import access, actions
from rights.models import AccountLink
from tests.conftest import IDENTITY, make_link, make_person
from tests.rights.facts import rights_of, verbs
from users.models import User


@pytest.fixture
def agency(cast: SimpleNamespace) -> User:
    person = make_person("l.fontaine", last_name="Fontaine", first_name="Luc")
    make_link(cast.south, person, rights=["shipping_ws"])
    return person


@pytest.fixture
def asked(cast: SimpleNamespace, agency: User, arrived: Any) -> AccountLink:
    link = actions.request_link(by=cast.owner_link, person=agency, rights=["tool_tag", "tracking_ws"], tags=["LYON"])
    arrived()
    return link


def url(link: AccountLink, act: str = "") -> str:
    return f"/profile/requests/{link.uuid}/{act}"


def test_the_page_says_who_asks_and_for_which_rights(asked: AccountLink, agency: User, sign_in: Any) -> None:
    page = sign_in(agency).get(url(asked)).content.decode()
    for text in ("Comptoir du Nord", "900138", "Suivi limité au tag utilisateur", "LYON", "Voit les colis"):
        assert text in page


def test_accepting_opens_the_account_and_shows_it_who_the_person_is(
    cast: SimpleNamespace, asked: AccountLink, agency: User, sign_in: Any, arrived: Any
) -> None:
    assert not access.can(agency, "tracking_ws", cast.north)
    response = sign_in(agency).post(url(asked, "accept/"))
    assert response["Location"] == "/profile/rights/"
    assert access.can(agency, "tracking_ws", cast.north)
    asked.refresh_from_db()
    assert (asked.state, asked.email, asked.masked_email) == ("active", agency.email, "")
    assert verbs(asked) == ["person invited", "link accepted"]
    [mail] = arrived()
    assert mail.to == [agency.email]


def test_refusing_gives_nothing_and_tells_who_asked(
    cast: SimpleNamespace, asked: AccountLink, agency: User, sign_in: Any, arrived: Any
) -> None:
    sign_in(agency).post(url(asked, "refuse/"))
    asked.refresh_from_db()
    assert (asked.state, asked.email, rights_of(asked)) == ("ended", "", [])
    assert verbs(asked) == ["person invited", "link refused"]
    [mail] = arrived()
    assert mail.to == [cast.owner.email]
    assert "/accounts/900138/users/" in mail.body


def test_nobody_else_sees_or_answers_it_and_an_absent_one_is_the_same(
    cast: SimpleNamespace, asked: AccountLink, sign_in: Any
) -> None:
    pages = set()
    for person in (cast.partner, cast.owner, cast.stranger, cast.colleague):
        client: Client = sign_in(person)
        for link in (url(asked), f"/profile/requests/{uuid.uuid4()}/"):
            responses = [client.get(link), client.post(f"{link}accept/"), client.post(f"{link}refuse/")]
            pages |= {(response.status_code, response.content) for response in responses}
    assert len(pages) == 1
    assert pages.pop()[0] == 404
    asked.refresh_from_db()
    assert asked.state == "invited"


def test_a_request_that_is_over_says_so_and_cannot_be_answered(
    cast: SimpleNamespace, asked: AccountLink, agency: User, sign_in: Any
) -> None:
    client: Client = sign_in(agency)
    AccountLink.objects.filter(pk=asked.pk).update(expires_at=Now() - timedelta(seconds=1))
    for response in (client.get(url(asked)), client.post(url(asked, "accept/")), client.post(url(asked, "refuse/"))):
        assert response.status_code == 410
    assert not access.can(agency, "tracking_ws", cast.north)


def test_a_request_accepted_twice_opens_once(asked: AccountLink, agency: User, sign_in: Any) -> None:
    client: Client = sign_in(agency)
    client.post(url(asked, "accept/"))
    assert client.post(url(asked, "accept/")).status_code == 410
    assert client.get(url(asked))["Location"] == "/accounts/900138/"
    assert verbs(asked).count("link accepted") == 1


def test_two_requests_of_one_account_end_in_one_link(
    cast: SimpleNamespace, asked: AccountLink, agency: User, sign_in: Any
) -> None:
    identity = {**IDENTITY, "email": agency.email}
    by_mail = actions.invite_advanced(
        by=cast.owner_link, identity=identity, rights=["coliship"], tags=[], language="fr"
    )  # fmt: skip
    sign_in(agency).post(url(asked, "accept/"))
    by_mail.refresh_from_db()
    assert by_mail.state == "ended"
    assert AccountLink.objects.for_account(cast.north).filter(email=agency.email).count() == 1


def test_answering_needs_a_post_and_a_session(asked: AccountLink, agency: User, client: Client) -> None:
    assert client.get(url(asked))["Location"] == f"/auth/login/?next={url(asked)}"
    client.force_login(agency)
    assert client.get(url(asked, "accept/")).status_code == 405
    assert client.get(url(asked, "refuse/")).status_code == 405
