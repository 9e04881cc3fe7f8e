"""What holds for every request: its headers, its tag, its origin, and a database that is away."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from colibox import middleware, urls
from colibox.lib import origin
from colibox.lib.access import public, signed_in


def untagged(request: HttpRequest) -> HttpResponse:
    return HttpResponse("never")


@public
def tagged(request: HttpRequest) -> HttpResponse:
    where = origin.current()
    return HttpResponse(f"{where.channel} {where.ip} {where.request_id}")


@public
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


@signed_in
def personal(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user))


class Addresses:
    """Views of this test alone, with the portal's own error pages."""

    handler500 = "colibox.views.server_error"

    def __init__(self, others: list[Any]) -> None:
        self.urlpatterns = [
            path("untagged", untagged),
            path("tagged", tagged),
            path("broken", broken),
            path("personal", personal),
            *others,
        ]


@pytest.fixture(autouse=True)
def addresses(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "addresses_of_the_test", Addresses(urls.urlpatterns))
    settings.ROOT_URLCONF = "addresses_of_the_test"


@pytest.fixture
def visitor(client: Client) -> Client:
    """A browser: what fails is shown, not raised."""
    client.raise_request_exception = False
    return client


@pytest.fixture
def no_database(transactional_db: None) -> Iterator[None]:
    """The database does not answer until the end of the test."""
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nonexistent"
    yield
    connection.close()
    connection.settings_dict["HOST"] = host


@pytest.mark.django_db
class TestHeaders:
    def test_of_a_page_forbid_to_keep_it_to_frame_it_and_to_run_what_is_not_ours(self, client: Client) -> None:
        response = client.get("/auth/login/")
        assert "no-store" in response["Cache-Control"] and "private" in response["Cache-Control"]
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy

    def test_number_each_request(self, client: Client) -> None:
        first, second = (client.get("/tagged") for _ in range(2))
        assert re.fullmatch("[0-9a-f]{32}", first["X-Request-Id"])
        assert first["X-Request-Id"] != second["X-Request-Id"]

    def test_carry_the_origin_that_the_trace_writes_down(self, client: Client) -> None:
        response = client.get("/tagged", REMOTE_ADDR="192.0.2.7")
        assert response.content.decode() == f"screen 192.0.2.7 {response['X-Request-Id']}"
        assert origin.current() == origin.Origin()

    def test_carry_the_address_that_trusted_proxies_tell(self, client: Client, settings: Any) -> None:
        def told() -> str:
            forwarded = {"x-forwarded-for": "10.9.9.9, 203.0.113.9"}
            return client.get("/tagged", REMOTE_ADDR="192.0.2.7", headers=forwarded).content.decode().split()[1]

        assert told() == "192.0.2.7"
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert told() == "203.0.113.9"

    def test_say_the_language(self, client: Client) -> None:
        assert client.get("/tagged")["Content-Language"] == "fr"
        assert client.get("/tagged", HTTP_ACCEPT_LANGUAGE="en")["Content-Language"] == "en"


@pytest.mark.django_db
class TestTags:
    def test_a_view_without_one_is_refused_to_everybody(self, cast: SimpleNamespace, client: Client) -> None:
        client.force_login(cast.owner)
        response = client.get("/untagged")
        assert response.status_code == 403
        assert b"never" not in response.content

    def test_the_refusal_names_the_view_in_the_log(self, rf: RequestFactory) -> None:
        tagged_only: Any = middleware.tagged_views_only(lambda request: HttpResponse())
        with pytest.raises(PermissionDenied, match="untagged has no access tag"):
            tagged_only.process_view(rf.get("/"), untagged, (), {})

    def test_a_public_view_opens_to_strangers_and_a_personal_one_does_not(self, client: Client) -> None:
        assert client.get("/tagged").status_code == 200
        assert client.get("/personal").status_code == 302


class TestADatabaseThatIsAway:
    def test_gives_a_page_that_says_when_to_come_back(
        self, visitor: Client, no_database: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        response = visitor.get("/tagged")
        assert response.status_code == 503
        assert response["Retry-After"] == "30"
        assert "503" in response.content.decode()
        assert "The database does not answer: /tagged" in caplog.text

    def test_gives_it_to_who_is_signed_in_too(self, visitor: Client, no_database: None) -> None:
        visitor.cookies["session"] = "a" * 32
        for page in ("/personal", "/tagged", "/"):
            response = visitor.get(page)
            assert (response.status_code, response["Retry-After"]) == (503, "30"), page

    def test_gives_it_in_the_reader_s_language(self, visitor: Client, no_database: None) -> None:
        visitor.cookies["session"] = "a" * 32
        pages = [visitor.get("/personal", HTTP_ACCEPT_LANGUAGE=language).content.decode() for language in ("fr", "en")]
        assert '<html lang="fr"' in pages[0] and '<html lang="en"' in pages[1]

    @pytest.mark.django_db(transaction=True)
    def test_comes_back_without_a_restart(self, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        connection.close()
        with monkeypatch.context() as patch:
            patch.setitem(connection.settings_dict, "HOST", "/nonexistent")
            assert visitor.get("/tagged").status_code == 503
        assert visitor.get("/tagged").status_code == 200

    def test_is_not_a_query_that_is_wrong_or_slow(self) -> None:
        assert middleware.is_outage(OperationalError("could not connect"))
        assert middleware.is_outage(InterfaceError("connection already closed"))
        assert not middleware.is_outage(OperationalError("canceling statement due to statement timeout"))
        assert not middleware.is_outage(IntegrityError("duplicate key"))
        assert not middleware.is_outage(RuntimeError())


@pytest.mark.django_db
class TestOurOwnFaults:
    def test_give_a_page_in_our_look_with_their_headers(self, visitor: Client) -> None:
        response = visitor.get("/broken")
        assert response.status_code == 500
        assert "Retry-After" not in response
        assert "500" in response.content.decode() and "a fault of ours" not in response.content.decode()
        assert "X-Request-Id" in response

    def test_give_it_to_who_is_signed_in_too(self, cast: SimpleNamespace, visitor: Client) -> None:
        visitor.force_login(cast.owner)
        assert visitor.get("/broken").status_code == 500

    def test_a_form_from_elsewhere_is_refused_on_a_page_that_says_what_to_do(self) -> None:
        response = Client(enforce_csrf_checks=True).post("/tagged")
        assert response.status_code == 403
        assert "csrf" not in response.content.decode().lower()


def test_a_form_that_meets_an_ended_session_leads_back_to_its_page(cast: SimpleNamespace) -> None:
    client, act = Client(), f"/accounts/900138/users/{cast.partner_link.uuid}/resend/"
    here = "http://testserver/accounts/900138/users/?kind=advanced"
    for referer, back in (
        (here, "/accounts/900138/users/%3Fkind%3Dadvanced"),
        ("http://evil.example/x", "/"),
        ("", "/"),
    ):
        refused = client.post(act, headers={"referer": referer})
        assert refused.headers["Location"] == f"/auth/login/?next={back}"
    assert "rien n’a été fait" in client.get(refused.headers["Location"]).content.decode()


def test_the_address_of_a_button_has_a_page_that_says_so(cast: SimpleNamespace) -> None:
    client = Client()
    client.force_login(cast.owner)
    answer = client.get(f"/accounts/900138/users/{cast.partner_link.uuid}/resend/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert "bouton" in answer.content.decode()


@pytest.mark.parametrize("following", ["abc", "//evil.example", "/\\evil.example", "https:evil", "javascript:x", "\0"])
def test_a_small_act_leads_nowhere_else(cast: SimpleNamespace, following: str) -> None:
    client = Client()
    client.force_login(cast.owner)
    assert client.post("/language/", {"language": "fr", "next": following}).headers["Location"] == "/"
    person = f"/accounts/900138/users/{cast.partner_link.uuid}/"
    suspended = client.post(f"{person}suspend/", {"next": following})
    assert suspended.headers["Location"] == person
    assert client.get("/accounts/900138/users/?account=%00").status_code == 200


def test_pages_of_accounts_that_are_refused_leave_a_line_without_names_and_not_without_end(
    cast: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client()
    client.force_login(cast.colleague)
    for address in ("/accounts/900138/users/", "/accounts/850061/", "/accounts/900138/", "/nothing/"):
        client.get(address)
    lines = [line.getMessage() for line in caplog.records if line.name == "colibox.refusals"]
    assert [line.split(" request=")[0] for line in lines] == [
        f"403 GET rights:users account=900138 person={cast.colleague.uuid}",
        f"404 GET accounts:account account=850061 person={cast.colleague.uuid}",
    ]
    for _ in range(middleware.REFUSALS_AN_HOUR):
        client.get("/accounts/850061/")
    assert len([line for line in caplog.records if line.name == "colibox.refusals"]) == middleware.REFUSALS_AN_HOUR
    assert Client().get("/accounts/850061/").status_code == 302
