"""Changing one's e-mail: by a link to the new address, and the former one is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from rights.models import AccountLink
from tests.conftest import PASSWORD, make_person
from users import confirmation
from users.models import User

PAGE = "/profile/email/"
NEW = "aline@agence-oct.example"

Posted = Callable[[], list[EmailMultiAlternatives]]


@pytest.fixture
def proven(client: Client, cast: SimpleNamespace) -> Client:
    """The partner, signed in, who has just given the password again."""
    client.force_login(cast.partner)
    client.post(f"/auth/reauthenticate/?next={PAGE}", {"password": PASSWORD})
    return client


def link_in(letter: EmailMultiAlternatives) -> str:
    found = re.search(r"http://testserver(/profile/email/\S+)", str(letter.body))
    assert found
    return found[1]


def test_the_password_is_asked_first(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    location = client.get(PAGE).headers["Location"]
    assert location == "/auth/reauthenticate/?next=%2Fprofile%2Femail%2F"
    assert "Est-ce toujours vous" in client.get(location).content.decode()
    assert "Ce n’est pas votre mot de passe." in client.post(location, {"password": "x"}).content.decode()
    assert client.post(location, {"password": PASSWORD}).headers["Location"] == PAGE
    assert client.get(PAGE).status_code == 200


def test_a_post_without_the_password_sends_nothing(cast: SimpleNamespace, client: Client, posted: Posted) -> None:
    client.force_login(cast.partner)
    assert client.post(PAGE, {"email": NEW}).status_code == 302
    assert posted() == []


def test_the_new_address_confirms_and_the_former_is_told(
    cast: SimpleNamespace, proven: Client, posted: Posted, verbs: Callable[[], list[str]]
) -> None:
    assert NEW in proven.post(PAGE, {"email": NEW}).content.decode()
    [letter] = posted()
    assert letter.to == [NEW]
    path = link_in(letter)
    assert NEW in proven.get(path).content.decode()
    assert User.objects.get(pk=cast.partner.pk).email == "a.berlioz@example.com", "a GET never writes"
    assert proven.post(path).headers["Location"] == "/profile/"
    assert User.objects.get(pk=cast.partner.pk).email == NEW
    assert set(AccountLink.objects.filter(user=cast.partner).values_list("email", flat=True)) == {NEW}
    [told] = posted()
    assert told.to == ["a.berlioz@example.com"]
    assert NEW not in told.body
    assert verbs() == ["e-mail changed"]
    assert "n’est plus valable" in proven.post(path).content.decode(), "it serves once"


def test_an_address_of_somebody_else_gets_the_same_answer_and_no_mail(
    cast: SimpleNamespace, proven: Client, posted: Posted
) -> None:
    make_person("other", email="taken@example.com")
    taken = proven.post(PAGE, {"email": "Taken@example.com"}).content.decode()
    free = proven.post(PAGE, {"email": "freed@example.com"}).content.decode()
    assert [letter.to for letter in posted()] == [["freed@example.com"]]
    strip = re.compile(r'csrf[^>]*>|"X-CSRFToken": "[^"]*"')
    assert strip.sub("", taken.replace("Taken", "x")) == strip.sub("", free.replace("freed", "x"))


def test_an_address_taken_in_between_is_refused(cast: SimpleNamespace, proven: Client, posted: Posted) -> None:
    proven.post(PAGE, {"email": NEW})
    path = link_in(posted()[0])
    make_person("other", email=NEW.upper())
    assert "sert déjà" in proven.post(path).content.decode()
    assert User.objects.get(pk=cast.partner.pk).email == "a.berlioz@example.com"


def test_two_standard_users_may_share_an_address(cast: SimpleNamespace, client: Client, posted: Posted) -> None:
    client.force_login(cast.colleague)
    client.post(f"/auth/reauthenticate/?next={PAGE}", {"password": PASSWORD})
    client.post(PAGE, {"email": "a.berlioz@example.com"})
    assert client.post(link_in(posted()[0])).headers["Location"] == "/profile/"


def test_the_link_is_good_for_its_person_only(cast: SimpleNamespace, proven: Client, posted: Posted) -> None:
    proven.post(PAGE, {"email": NEW})
    path = link_in(posted()[0])
    other = Client()
    assert other.get(path).headers["Location"].startswith("/auth/login/?next=/profile/email/")
    other.force_login(cast.owner)
    dead = other.post(path).content.decode()
    assert "n’est plus valable" in dead and NEW not in dead
    assert User.objects.get(pk=cast.owner.pk).email == "900138@example.com"


def test_the_link_is_good_for_a_day(cast: SimpleNamespace, proven: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    token = confirmation.make(cast.partner, NEW)
    assert confirmation.read(token, user=cast.partner)
    monkeypatch.setattr(confirmation, "LASTS", timedelta(seconds=-1))
    assert confirmation.read(token, user=cast.partner) is None


@pytest.mark.parametrize("token", ["x", "a:b:c", ".eJw:1:2", "%00"])
def test_an_invented_token_is_a_dead_one(cast: SimpleNamespace, proven: Client, token: str) -> None:
    assert "n’est plus valable" in proven.post(f"{PAGE}{token}/").content.decode()


def test_my_own_address_is_not_a_new_one(cast: SimpleNamespace, proven: Client, posted: Posted) -> None:
    assert "C’est déjà votre e-mail." in proven.post(PAGE, {"email": "A.Berlioz@example.com"}).content.decode()
    assert posted() == []


def test_nobody_mails_the_world_through_this_page(proven: Client, posted: Posted) -> None:
    statuses = [proven.post(PAGE, {"email": f"x{n}@example.com"}).status_code for n in range(6)]
    assert statuses == [200] * 5 + [429]
    assert len(posted()) == 5


def test_password_guessing_is_bounded(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    answers: list[Any] = [client.post("/auth/reauthenticate/", {"password": "x"}) for _n in range(11)]
    assert answers[-1].status_code == 429
