"""My sessions: seen, and ended one by one or all but this one."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from colibox.lib import devices, keys
from tests.conftest import PASSWORD

PAGE = "/auth/sessions/"
END = "/auth/sessions/end/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)


def signed_in(username: str = "a.berlioz", agent: str = FIREFOX, ip: str = "203.0.113.7") -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    client.post("/auth/login/", {"login": username, "password": PASSWORD})
    return client


def name_of(client: Client) -> str:
    return keys.digest(client.cookies[settings.SESSION_COOKIE_NAME].value)


def is_open(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_each_session_is_told_by_its_device_and_address(cast: SimpleNamespace) -> None:
    here = signed_in()
    signed_in(agent=SAFARI, ip="2001:db8::7")
    signed_in("900138")
    page = here.get(PAGE).content.decode()
    for shown in ("Firefox sur Windows", "203.0.113.7", "Safari sur iPhone", "2001:db8::7", "Cette session"):
        assert shown in page
    assert page.count("Cette session") == 1
    assert "2 sessions ouvertes" in page
    assert here.cookies[settings.SESSION_COOKIE_NAME].value not in page, "a session's key is a secret"


def leave_alone(client: Client, minutes: int) -> None:
    """Let nothing be asked by this browser for a while."""
    session = client.session
    kept = Session.objects.get(session_key=session.session_key)
    data = session.decode(kept.session_data)
    data["seen"] -= minutes * 60
    Session.objects.filter(pk=kept.pk).update(session_data=session.encode(data))


def test_each_session_says_when_and_from_where_it_last_served(cast: SimpleNamespace) -> None:
    here, there = signed_in(), signed_in(agent=SAFARI, ip="198.51.100.4")
    leave_alone(there, 90)
    before = here.get(PAGE).context["sessions"][1]["open"]
    assert 89 <= (timezone.now() - before.seen_at).total_seconds() / 60 <= 91
    there.get("/profile/", REMOTE_ADDR="192.0.2.99")
    leave_alone(here, 5)
    page = here.get(PAGE)
    assert [row["current"] for row in page.context["sessions"]] == [True, False], "this one stands first"
    after = page.context["sessions"][1]["open"]
    assert after.seen_at > before.seen_at and after.ip == "192.0.2.99"
    text = page.content.decode()
    assert "192.0.2.99" in text and "connexion depuis 198.51.100.4" in text and text.count("En ce moment") == 1


def test_a_use_is_written_once_a_minute_and_asks_for_nothing_more(cast: SimpleNamespace) -> None:
    here = signed_in()
    leave_alone(here, 2)
    written = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            here.get("/profile/")
        about = [query["sql"] for query in asked if "session" in query["sql"]]
        written.append(sum(sql.startswith(("UPDATE", "INSERT")) for sql in about))
        assert len(about) - written[-1] == 1, "the session itself is read, and nothing else of it"
    assert written == [1, 0, 0]


def test_one_session_can_be_ended(cast: SimpleNamespace, verbs: Callable[[], list[str]]) -> None:
    here, there, elsewhere = signed_in(), signed_in(), signed_in()
    assert here.post(END, {"session": name_of(there)}).headers["Location"] == PAGE
    assert [is_open(client) for client in (here, there, elsewhere)] == [True, False, True]
    assert verbs()[-1] == "sessions ended"


def test_all_the_others_can_be_ended(cast: SimpleNamespace) -> None:
    here, there, elsewhere = signed_in(), signed_in(), signed_in()
    page = here.post(END, follow=True).content.decode()
    assert "2 sessions terminées." in page
    assert [is_open(client) for client in (here, there, elsewhere)] == [True, False, False]


def test_those_that_the_page_has_no_room_for_end_as_well(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("users.actions.SHOWN_SESSIONS", 2)
    thief, _other, here = signed_in(), signed_in(), signed_in()
    page = here.get(PAGE).content.decode()
    assert "2 sessions ouvertes" in page and "peut y en avoir" in page
    here.post(END)
    assert not is_open(thief) and is_open(here)


def test_nobody_ends_the_session_of_somebody_else(cast: SimpleNamespace) -> None:
    here, stranger = signed_in(), signed_in("850061")
    here.post(END, {"session": name_of(stranger)})
    here.post(END)
    assert is_open(stranger)


def test_this_session_is_ended_by_signing_out_only(cast: SimpleNamespace) -> None:
    here = signed_in()
    here.post(END, {"session": name_of(here)})
    assert is_open(here)


def test_a_session_that_is_over_is_not_shown(cast: SimpleNamespace) -> None:
    here, there = signed_in(), signed_in()
    there.post("/auth/logout/")
    assert len(here.get(PAGE).context["sessions"]) == 1


def test_looking_writes_nothing_and_ending_takes_a_post(cast: SimpleNamespace) -> None:
    here, there = signed_in(), signed_in()
    assert here.get(END).status_code == 405
    assert here.post(PAGE).status_code == 405
    assert is_open(there)


def test_strangers_are_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == client.post(END).status_code == 302


def test_the_page_costs_the_same_with_many_sessions(cast: SimpleNamespace, django_assert_max_num_queries: Any) -> None:
    here = signed_in()
    for number in range(9):
        signed_in(ip=f"203.0.113.{number}")
    with django_assert_max_num_queries(10):
        here.get(PAGE)


@pytest.mark.parametrize(
    ("user_agent", "browser", "system"),
    [
        (FIREFOX, "Firefox", "Windows"),
        (SAFARI, "Safari", "iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
         "Chrome", "Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
         "Safari/537.36 Edg/130.0.0.0", "Edge", "Windows"),
        ("Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 "
         "Chrome/122.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
         "Safari/605.1.15", "Safari", "macOS"),
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 "
         "Mobile/15E148 Safari/604.1", "Chrome", "iPad"),
        ("curl/8.5.0", "", ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_a_device_is_known_by_its_browser_and_system(user_agent: str, browser: str, system: str) -> None:
    assert devices.read(user_agent) == devices.Device(browser, system)


@pytest.mark.parametrize("cookie", ['"aaaaaaaa\\000b"', "é" * 32, "a" * 5000, "short", "a" * 32])
def test_a_cookie_that_is_no_session_is_a_stranger_s(cookie: str, db: None) -> None:
    header = f"{settings.SESSION_COOKIE_NAME}={cookie}"
    assert Client(headers={"cookie": header}).get("/profile/").headers["Location"].startswith("/auth/login/")
