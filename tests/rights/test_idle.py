"""After half an hour alone, who manages people proves anew that it is them; any session ends after 8 hours."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from rights import idle
from tests.conftest import PASSWORD, make_person
from users.models import User

PROFILE, ASKS = "/profile/", "/auth/reauthenticate/"


def signed_in(person: User) -> Client:
    client = Client()
    client.post("/auth/login/", {"login": person.username, "password": PASSWORD})
    return client


def leave_alone(client: Client, minutes: int) -> None:
    """Let nothing be asked by this browser for a while."""
    session = client.session
    kept = Session.objects.get(session_key=session.session_key)
    data = session.decode(kept.session_data)
    for name in ("seen", "began"):
        data[name] -= minutes * 60
    for record in data["account_authentication_methods"]:
        record["at"] -= minutes * 60
    kept.session_data = session.encode(data)
    kept.expire_date -= timedelta(minutes=minutes)
    kept.save()


@pytest.mark.parametrize("who", ["owner", "administrator", "local", "manager", "operator"])
def test_who_manages_people_gives_the_password_again_after_half_an_hour(who: str, tiers: SimpleNamespace) -> None:
    person = make_person("operator", kind="staff") if who == "operator" else getattr(tiers, who)
    client = signed_in(person)
    leave_alone(client, 29)
    assert client.get(PROFILE).status_code == 200
    leave_alone(client, 31)
    asked = client.get("/profile/?a=1").headers["Location"]
    assert asked.startswith(f"{ASKS}?next=%2Fprofile%2F")
    assert "30 minutes" in client.get(asked).content.decode()
    assert client.get("/profile/rights/").status_code == 302
    client.post(ASKS, {"password": "wrong"})
    assert client.get(PROFILE).status_code == 302
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == "/profile/?a=1"
    assert client.get(PROFILE).status_code == 200


def test_who_manages_nobody_goes_on(cast: SimpleNamespace) -> None:
    client = signed_in(cast.partner)
    leave_alone(client, 120)
    assert client.get(PROFILE).status_code == 200


def test_each_use_counts_anew_but_a_page_that_looks_by_itself_does_not(cast: SimpleNamespace) -> None:
    client = signed_in(cast.owner)
    for _ in range(3):
        leave_alone(client, 20)
        assert client.get(PROFILE).status_code == 200
    leave_alone(client, 20)
    assert client.get(PROFILE, headers={"HX-Request": "true"}).status_code == 200
    leave_alone(client, 20)
    refused = client.get(PROFILE, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/"})
    assert refused.headers["HX-Redirect"] == f"{ASKS}?next=%2Fprofile%2F"


def test_pages_warn_who_is_concerned_and_nobody_else(cast: SimpleNamespace) -> None:
    for person, warned in ((cast.owner, True), (cast.partner, False)):
        client = signed_in(person)
        assert ('data-idle="1800"' in client.get(PROFILE).content.decode()) is warned
        assert client.head("/profile/alive/").status_code == 204


def test_addresses_that_are_none_lead_home(cast: SimpleNamespace) -> None:
    refused = Client().post(PROFILE, headers={"referer": "http://["})
    assert refused.headers["Location"] == "/auth/login/?next=/"
    client = signed_in(cast.owner)
    leave_alone(client, 31)
    refused = client.get(PROFILE, headers={"HX-Request": "true", "HX-Current-URL": "http://[x]y/"})
    assert refused.headers["HX-Redirect"] == f"{ASKS}?next=%2F"


def test_what_was_typed_is_kept_and_sent_by_whoever_unlocks(cast: SimpleNamespace) -> None:
    client = signed_in(cast.owner)
    leave_alone(client, 31)
    typed = {**cast.owner.identity(), "civility": "mme", "function": "Directrice", "language": "fr"}
    asked = client.post(PROFILE, typed, headers={"referer": "http://testserver/profile/?a=1"}).headers["Location"]
    shown = client.post(asked, {"password": PASSWORD}, follow=True)
    assert shown.redirect_chain[-1][0] == "/profile/sent/"
    text = shown.content.decode()
    assert "Directrice" in text and 'href="/profile/?a=1"' in text and f'action="{PROFILE}"' in text
    cast.owner.refresh_from_db()
    assert cast.owner.function != "Directrice"
    client.post(shown.context["to"], dict(shown.context["fields"]))
    cast.owner.refresh_from_db()
    assert cast.owner.function == "Directrice"
    assert client.get("/profile/sent/").headers["Location"] == "/", "it is shown once"


def test_what_a_passer_by_presses_on_a_locked_desk_is_not_done(tiers: SimpleNamespace) -> None:
    client, link = signed_in(tiers.owner), tiers.partner_link
    role = f"/accounts/900138/administrators/{link.uuid}/role/"
    leave_alone(client, 31)
    asked = client.post(role, {"role": "administrator"}).headers["Location"]
    shown = client.post(asked, {"password": PASSWORD}, follow=True)
    link.refresh_from_db()
    assert link.role == "member" and role in shown.content.decode() and "administrator" in shown.content.decode()
    leave_alone(client, 20)  # what waits for a proof in a session that is open waits for that one alone
    assert client.post(role, {"role": "administrator"}).headers["Location"].startswith(ASKS)
    leave_alone(client, 31)
    client.post(f"{ASKS}?next={role}", {"password": PASSWORD})
    link.refresh_from_db()
    assert link.role == "member"


def test_a_secret_that_was_typed_is_kept_nowhere(cast: SimpleNamespace) -> None:
    client = signed_in(cast.owner)
    leave_alone(client, 31)
    asked = client.post("/auth/password/", {"oldpassword": PASSWORD, "password1": "une-phrase-toute-neuve"})
    assert asked.headers["Location"] == f"{ASKS}?next=%2F"
    assert idle.KEPT not in client.session


def test_a_form_of_another_site_is_not_kept(cast: SimpleNamespace) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    session = client.session
    session[idle.LOCKED] = 2_000_000_000
    session.save()
    assert client.post(PROFILE, {"function": "x"}).status_code == 403
    assert idle.KEPT not in client.session


def test_a_locked_session_is_nobody_on_public_pages_and_can_be_ended(cast: SimpleNamespace) -> None:
    client = signed_in(cast.owner)
    leave_alone(client, 31)
    page = client.get("/guide/")
    assert page.status_code == 200 and str(cast.owner) not in page.content.decode()
    assert client.post("/auth/logout/").status_code == 302
    assert client.get(PROFILE).headers["Location"].startswith("/auth/login/")


def test_signing_in_anew_opens_it_too(cast: SimpleNamespace) -> None:
    client = signed_in(cast.owner)
    leave_alone(client, 31)
    client.post("/auth/login/", {"login": "900138", "password": PASSWORD})
    assert client.get(PROFILE).status_code == 200


def test_a_session_ends_eight_hours_after_it_began_however_much_it_serves(cast: SimpleNamespace) -> None:
    client = signed_in(cast.partner)
    for _ in range(15):
        leave_alone(client, 31)
        assert client.get(PROFILE).status_code == 200
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=16)
    leave_alone(client, 16)
    assert client.get(PROFILE).headers["Location"].startswith("/auth/login/")


def test_a_session_that_serves_is_written_once_a_minute(cast: SimpleNamespace) -> None:
    client = signed_in(cast.partner)
    client.get(PROFILE)
    kept = Session.objects.get().session_data
    client.get(PROFILE)
    assert Session.objects.get().session_data == kept
