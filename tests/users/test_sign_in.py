"""Signing in by user name, signing out."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import AuditEvent
from colibox.lib import throttle
from rights.models import AccountLink
from tests.conftest import PASSWORD
from users import adapter
from users.models import User

LOGIN = "/auth/login/"


def sign_in(client: Client, username: str, password: str = PASSWORD, **extra: str) -> str:
    """Where a sign-in leads; the page's text when it leads nowhere."""
    response = client.post(LOGIN, {"login": username, "password": password, **extra})
    return response.headers.get("Location") or response.content.decode()


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_the_page_greets_in_the_words_of_the_field(client: Client, db: None) -> None:
    page = client.get(LOGIN).content.decode()
    for words in ("Bienvenue", "Connectez-vous", "Identifiant", "Mot de passe oublié\u202f?", "Valider"):
        assert words in page
    assert 'autocomplete="username"' in page and 'autocomplete="current-password"' in page
    assert 'name="remember"' not in page


@pytest.mark.parametrize("username", ["900138", " 900138 "])
def test_an_administrator_signs_in_with_the_account_number(
    cast: SimpleNamespace, client: Client, username: str, verbs: Callable[[], list[str]]
) -> None:
    assert sign_in(client, username) == "/"
    assert is_signed_in(client)
    assert verbs() == ["signed in"]


def test_the_case_of_a_user_name_does_not_matter(cast: SimpleNamespace, client: Client) -> None:
    assert sign_in(client, "A.Berlioz") == "/"


def test_a_wrong_name_and_a_wrong_password_have_one_answer(cast: SimpleNamespace, client: Client) -> None:
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    answers = {
        sign_in(client, username, password).replace(username, "x")
        for username, password in [
            ("900138", "wrong-password"),
            ("nobody.at.all", "wrong-password"),
            ("c.martin", PASSWORD),  # the right password of somebody whose access was removed
            ("c.martin", "wrong-password"),
        ]
    }
    without_tokens = {answer.split("csrfmiddlewaretoken")[0] for answer in answers}
    assert len(without_tokens) == 1
    assert "L’identifiant ou le mot de passe est incorrect." in answers.pop()
    assert not is_signed_in(client)


def test_a_refusal_is_traced_on_the_person_without_what_was_typed(cast: SimpleNamespace, client: Client) -> None:
    sign_in(client, "900138", "wrong-password")
    sign_in(client, "lune-bleue-typed-in-the-wrong-field", "x")
    first, second = AuditEvent.objects.filter(verb="sign-in refused").order_by("pk")
    assert (first.subject, first.actor) == (cast.owner.uuid, None)
    assert (second.subject, second.subject_name) == (None, "")


def test_somebody_whose_links_are_all_suspended_still_reaches_their_own_pages(
    cast: SimpleNamespace, client: Client
) -> None:
    AccountLink.objects.filter(user=cast.partner).update(state="suspended")
    assert sign_in(client, "a.berlioz") == "/"
    assert is_signed_in(client)
    assert client.get("/accounts/900138/").status_code == 404


def test_the_page_asked_for_comes_after_signing_in(cast: SimpleNamespace, client: Client) -> None:
    assert client.get("/profile/rights/").headers["Location"] == f"{LOGIN}?next=/profile/rights/"
    assert 'name="next" value="/profile/rights/"' in client.get(f"{LOGIN}?next=/profile/rights/").content.decode()
    assert sign_in(client, "a.berlioz", next="/profile/rights/") == "/profile/rights/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:evil.example",
        "https:evil.example", "https:///evil.example", "///evil.example", "javascript:alert(1)", "data:text/html,x",
        "%2f%2fevil.example@testserver.evil.example", "https://testserver@evil.example", "https://evil.example/testserver",
        "\thttps://evil.example", "ftp://evil.example", " //evil.example",
    ],
)  # fmt: skip
def test_no_page_elsewhere_comes_after_signing_in(cast: SimpleNamespace, client: Client, elsewhere: str) -> None:
    location = sign_in(client, "a.berlioz", next=elsewhere)
    assert location.startswith(("/", "%2f")) and not location.startswith(("//", "/\\"))


def test_who_is_signed_in_skips_the_page(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    assert client.get(LOGIN).headers["Location"] == "/"
    assert client.get(f"{LOGIN}?next=/profile/keys/").headers["Location"] == "/profile/keys/"


def test_the_session_changes_its_name_at_sign_in(cast: SimpleNamespace, client: Client) -> None:
    client.get(LOGIN)
    sign_in(client, "a.berlioz")
    first = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/auth/logout/")
    sign_in(client, "a.berlioz")
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != first


def test_signing_out_takes_a_post(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    page = client.get("/auth/logout/").content.decode()
    assert "Rester connecté" in page
    assert is_signed_in(client)
    assert client.post("/auth/logout/").headers["Location"] == LOGIN
    assert not is_signed_in(client)


def test_no_door_is_open_for_signing_up(client: Client, db: None) -> None:
    for path in ("/auth/signup/", "/auth/email/", "/auth/password/set/"):
        assert client.get(path).status_code in {302, 404}
        assert client.post(path).status_code in {302, 403, 404}


def test_wrong_passwords_from_one_place_do_not_lock_somebody_out_elsewhere(cast: SimpleNamespace) -> None:
    thief, owner = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="198.51.100.4")
    for _attempt in range(11):
        answer = sign_in(thief, "900138", "wrong-password")
    assert "Trop de tentatives" in answer
    assert "Trop de tentatives" in sign_in(thief, "900138")  # even with the right one
    assert sign_in(owner, "900138") == "/"


def test_a_flood_from_one_place_does_not_lock_somebody_out_elsewhere(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "NAME_LIMIT", 12)
    thief, owner = Client(REMOTE_ADDR="203.0.113.7"), Client(REMOTE_ADDR="198.51.100.4")
    for _attempt in range(20):
        sign_in(thief, "900138", "wrong-password")
    assert sign_in(owner, "900138") == "/"


def test_a_name_tried_from_everywhere_is_slowed(cast: SimpleNamespace) -> None:
    for _attempt in range(100):
        throttle.allow("sign-in:" + "0" * 64, limit=1000, seconds=300)
    crowd = [Client(REMOTE_ADDR=f"203.0.113.{number}") for number in range(1, 102)]
    answers = [sign_in(client, "900138", "wrong-password") for client in crowd]
    assert "Trop de tentatives" in answers[-1]
    assert "Trop de tentatives" not in answers[-2]


def test_letters_that_the_database_takes_for_others_are_no_other_name(cast: SimpleNamespace, client: Client) -> None:
    for name in ("c.mart\u0131n", "c.martin") * 5:  # a Turkish i without its dot is an I in capitals
        sign_in(client, name, "wrong-password")
    assert "Trop de tentatives" in sign_in(client, "C.MARTIN", "wrong-password")


def test_a_flood_of_sign_ins_gets_a_page_that_says_so(cast: SimpleNamespace, client: Client) -> None:
    statuses = [client.post(LOGIN, {"login": f"n{n}", "password": "x"}).status_code for n in range(31)]
    assert statuses[-1] == 429
    flooded = client.post(LOGIN, {"login": "n", "password": "x"})
    assert "Trop de tentatives" in flooded.content.decode()


def test_a_forged_address_of_the_client_is_not_counted_as_another(cast: SimpleNamespace, client: Client) -> None:
    for number in range(11):
        answer = client.post(
            LOGIN, {"login": "900138", "password": "x"}, headers={"x-forwarded-for": f"10.0.0.{number}"}
        )
    assert "Trop de tentatives" in answer.content.decode()


def test_after_signing_out_the_page_goes_on_in_the_persons_language(cast: SimpleNamespace) -> None:
    User.objects.filter(pk=cast.partner.pk).update(language="en")
    client = Client(headers={"accept-language": "fr"})
    client.force_login(cast.partner)
    page = client.post("/auth/logout/", follow=True).content.decode()
    assert '<html lang="en"' in page and "You are signed out." in page
