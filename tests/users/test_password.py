"""The password: forgotten, chosen again, changed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from colibox.lib.outbox import Mail
from tests.conftest import PASSWORD
from users import actions
from users.models import User

RESET = "/auth/password/reset/"
CHANGE = "/auth/password/"
NEW = "le-vieux-phare-et-la-mouette"

Posted = Callable[[], list[EmailMultiAlternatives]]
Verbs = Callable[[], list[str]]


def ask(client: Client, username: str = "a.berlioz", email: str = "a.berlioz@example.com") -> Any:
    return client.post(RESET, {"username": username, "email": email})


def link_in(letter: EmailMultiAlternatives) -> str:
    found = re.search(r"http://testserver(/auth/password/reset/\S+)", str(letter.body))
    assert found
    return found[1]


def open_link(client: Client, path: str) -> str:
    """The form behind a link: its address has lost the secret."""
    location = client.get(path).headers["Location"]
    assert location.endswith("-set-password/")
    return location


def test_the_page_asks_for_the_user_name_and_the_e_mail(client: Client, db: None) -> None:
    page = client.get(RESET).content.decode()
    assert "Identifiant" in page and "E-mail" in page


def test_the_right_pair_gets_a_link_that_works_once(
    cast: SimpleNamespace, client: Client, posted: Posted, verbs: Verbs
) -> None:
    elsewhere = Client()
    elsewhere.force_login(cast.partner)
    ask(client, "A.BERLIOZ", "A.Berlioz@Example.COM")
    [letter] = posted()
    assert letter.to == ["a.berlioz@example.com"]
    path = link_in(letter)
    form = open_link(client, path)
    assert client.get(form).status_code == 200
    done = client.post(form, {"password1": NEW})
    assert done.headers["Location"] == "/auth/password/reset/done/"
    assert "modifié" in client.get(done.headers["Location"]).content.decode()
    assert User.objects.get(pk=cast.partner.pk).check_password(NEW)
    assert elsewhere.get("/profile/").status_code == 302
    assert "n’est plus valable" in Client().get(path).content.decode()
    assert [letter.subject for letter in posted()] == ["Votre mot de passe est modifié"]
    assert verbs() == ["password changed"]
    assert client.get("/profile/").status_code == 302, "a link alone signs nobody in"


def test_the_answer_is_the_same_whoever_they_are(cast: SimpleNamespace, posted: Posted) -> None:
    User.objects.filter(pk=cast.stranger.pk).update(is_active=False)
    unfinished = User.objects.get(pk=cast.colleague.pk)
    unfinished.set_unusable_password()
    unfinished.save()
    answers = []
    for username, email in [
        ("a.berlioz", "a.berlioz@example.com"),
        ("a.berlioz", "somebody.else@example.com"),
        ("nobody", "nobody@example.com"),
        ("850061", "850061@example.com"),  # access removed
        ("c.martin", "c.martin@example.com"),  # invited, never finished: they have their invitation
    ]:
        response = ask(Client(), username, email)
        answers.append((response.status_code, response.headers["Location"], response.content))
    assert len(set(answers)) == 1
    assert Mail.objects.count() == 5, "the same work is done for each"
    assert [letter.to for letter in posted()] == [["a.berlioz@example.com"]]


def test_the_work_is_the_same_whoever_they_are(cast: SimpleNamespace, client: Client) -> None:
    counts = []
    for username, email in [("a.berlioz", "a.berlioz@example.com"), ("a.berlioz", "x@example.com"), ("no", "x@y.fr")]:
        with CaptureQueriesContext(connection) as queries:
            ask(client, username, email)
        counts.append(len(queries))
    assert len(set(counts)) == 1


def test_nothing_secret_waits_in_the_queue(cast: SimpleNamespace, client: Client) -> None:
    ask(client)
    assert Mail.objects.get().args == {"user": cast.partner.pk}


def test_five_links_an_hour_are_sent_and_nobody_else_can_use_them_up(cast: SimpleNamespace, posted: Posted) -> None:
    for _attempt in range(20):
        actions.ask_password_reset(username="a.berlioz", email="wrong@example.com")
    assert posted() == []
    for _attempt in range(6):
        actions.ask_password_reset(username="a.berlioz", email="a.berlioz@example.com")
    assert len(posted()) == 5


def test_one_address_may_not_ask_without_end(cast: SimpleNamespace, client: Client) -> None:
    statuses = [ask(client, f"n{n}", f"n{n}@example.com").status_code for n in range(21)]
    assert statuses[-1] == 429


def test_a_malformed_e_mail_gets_an_example(client: Client, db: None) -> None:
    page = ask(client, email="not-an-address").content.decode()
    assert "claire.martin@example.fr" in page


def test_a_link_is_dead_after_an_hour(cast: SimpleNamespace, client: Client, posted: Posted, settings: Any) -> None:
    ask(client)
    path = link_in(posted()[0])
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "n’est plus valable" in client.get(path).content.decode()


def test_a_link_is_dead_once_the_password_the_e_mail_or_a_sign_in_changed(
    cast: SimpleNamespace, client: Client, posted: Posted
) -> None:
    ask(client)
    path = link_in(posted()[0])
    User.objects.filter(pk=cast.partner.pk).update(email="other@example.com")
    assert "n’est plus valable" in client.get(path).content.decode()
    User.objects.filter(pk=cast.partner.pk).update(email="a.berlioz@example.com")
    Client().post("/auth/login/", {"login": "a.berlioz", "password": PASSWORD})
    assert "n’est plus valable" in client.get(path).content.decode()


@pytest.mark.parametrize("path", ["/auth/password/reset/1-abc/", "/auth/password/reset/zzzzzz-set-password/"])
def test_an_invented_link_says_no_more_than_a_dead_one(client: Client, db: None, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "Demander un nouveau lien" in response.content.decode()


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("court", "au minimum 12 caractères"),
        ("password1234", "que beaucoup choisissent"),
        ("azertyuiop12", "suit le clavier"),
        ("a.berlioz@example.com", "reprend surtout le nom"),
        ("comptoir-du-nord-900138", "le compte ou l’entreprise"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(
    cast: SimpleNamespace, client: Client, password: str, words: str
) -> None:
    client.force_login(cast.partner)
    page = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": password}).content.decode()
    assert words in page
    assert User.objects.get(pk=cast.partner.pk).check_password(PASSWORD)


def test_changing_the_password_ends_the_other_sessions_and_tells(
    cast: SimpleNamespace, client: Client, posted: Posted, verbs: Verbs
) -> None:
    elsewhere = Client()
    for somewhere in (client, elsewhere):
        somewhere.post("/auth/login/", {"login": "a.berlioz", "password": PASSWORD})
    response = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW}, follow=True)
    assert "Votre mot de passe est modifié" in response.content.decode()
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    [letter] = posted()
    assert letter.subject == "Votre mot de passe est modifié"
    assert NEW not in str(letter.message())
    assert verbs() == ["signed in", "signed in", "password changed"]
    assert len(client.get("/auth/sessions/").context["sessions"]) == 1


def test_the_current_password_is_needed(cast: SimpleNamespace, client: Client, posted: Posted) -> None:
    client.force_login(cast.partner)
    page = client.post(CHANGE, {"oldpassword": "wrong", "password1": NEW}).content.decode()
    assert "Ce n’est pas votre mot de passe actuel." in page
    assert posted() == []


def test_a_password_may_be_a_sentence_with_spaces_and_accents(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    sentence = " À l’ombre, sept écureuils jouent aux dés 🎲 "
    client.post(CHANGE, {"oldpassword": PASSWORD, "password1": sentence})
    assert User.objects.get(pk=cast.partner.pk).check_password(sentence)


def test_the_field_welcomes_password_managers(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    page = client.get(CHANGE).content.decode()
    assert 'autocomplete="new-password"' in page and 'autocomplete="current-password"' in page
    assert "onpaste" not in page
    assert "gestionnaire" in page


def test_anonymous_people_have_no_password_to_change(client: Client, db: None) -> None:
    assert client.get(CHANGE).headers["Location"].startswith("/auth/login/")


def test_a_password_that_is_too_long_is_refused_at_once_and_never_cut(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    assert "maxlength" not in client.get(CHANGE).content.decode()
    for length in (129, 200_000):
        page = client.post(CHANGE, {"oldpassword": PASSWORD, "password1": "a" + "\u0316" * length}).content.decode()
        assert "128 caractères" in page
    client.logout()
    began = time.process_time()
    assert client.post("/auth/login/", {"login": "a.berlioz", "password": "\u0316" * 500_000}).status_code == 200
    assert time.process_time() - began < 1
