"""The demo mailbox shows what was sent, runs none of it, and exists in demo runs only."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from mailbox import Maildir
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, include, path, reverse

from colibox import mailbox, urls


class Addresses:
    """The portal's addresses and those of the mailbox, as in a demo run."""

    urlpatterns = [*urls.urlpatterns, path("mailbox/", include(mailbox.urlpatterns))]


@pytest.fixture
def maildir(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Maildir:
    """The folder of the embedded SMTP server, empty."""
    monkeypatch.setitem(sys.modules, "addresses_with_mailbox", Addresses)
    settings.ROOT_URLCONF = "addresses_with_mailbox"
    settings.MAILBOX_DIR = tmp_path / "maildir"
    return Maildir(settings.MAILBOX_DIR)


def deliver(box: Maildir, subject: str = "Invitation à Colibox", html: str = "") -> str:
    """Put a message in the folder, as aiosmtpd does; its key."""
    message = EmailMessage()
    message["Subject"], message["From"] = subject, "Colibox <ne-pas-repondre@colibox.example>"
    message["To"], message["Date"] = "aline@example.com", "Sat, 21 Nov 2026 14:05:00 +0100"
    message.set_content("Bonjour Aline,\n\nhttp://testserver/invitations/abc/ <script>alert(1)</script>\n")
    if html:
        message.add_alternative(html, subtype="html")
    return box.add(message.as_bytes())


HTML = (
    "<!doctype html><html><head><style>p { color: red }</style></head>"
    '<body><p style="margin: 0"><a href="http://testserver/invitations/abc/">Accept</a></p></body></html>'
)


@pytest.mark.django_db
class TestTheList:
    def test_has_the_newest_e_mail_first(self, client: Client, maildir: Maildir) -> None:
        for n in range(12):
            deliver(maildir, f"Number {n}")
        page = client.get("/mailbox/").content.decode()
        assert page.index("Number 11") < page.index("Number 10") < page.index("Number 9") < page.index("Number 0")
        assert "aline@example.com" in page

    def test_shows_a_bounded_number(self, client: Client, maildir: Maildir, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mailbox, "SHOWN", 3)
        for n in range(5):
            deliver(maildir, f"Number {n}")
        page = client.get("/mailbox/").content.decode()
        assert page.count("Number ") == 3

    def test_is_empty_before_the_first_e_mail(self, client: Client, maildir: Maildir, settings: Any) -> None:
        assert "empty" in client.get("/mailbox/").content.decode()
        settings.MAILBOX_DIR = Path("/nonexistent")
        assert "empty" in client.get("/mailbox/").content.decode()

    def test_survives_an_e_mail_without_headers(self, client: Client, maildir: Maildir) -> None:
        key = maildir.add(b"\r\nnothing but a body\r\n")
        assert f"/mailbox/{key}/" in client.get("/mailbox/").content.decode()
        assert "nothing but a body" in client.get(f"/mailbox/{key}/").content.decode()


@pytest.mark.django_db
class TestAnEmail:
    def test_is_shown_with_its_text_whose_links_open(self, client: Client, maildir: Maildir) -> None:
        key = deliver(maildir)
        page = client.get(reverse("mailbox_letter", args=[key])).content.decode()
        assert "Invitation à Colibox" in page
        assert 'href="http://testserver/invitations/abc/"' in page
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page
        assert "<iframe" not in page

    def test_is_shown_in_a_frame_that_runs_nothing(self, client: Client, maildir: Maildir) -> None:
        response = client.get(f"/mailbox/{deliver(maildir, html=HTML)}/")
        assert 'sandbox="allow-popups allow-top-navigation-by-user-activation"' in response.content.decode()
        policy = response["Content-Security-Policy"]
        assert "frame-src 'self'" in policy and "unsafe-inline" not in policy
        assert response["X-Frame-Options"] == "DENY"

    def test_keeps_its_own_styles_inside_the_frame_and_gets_no_script(self, client: Client, maildir: Maildir) -> None:
        response = client.get(f"/mailbox/{deliver(maildir, html=HTML)}/html/")
        assert '<head><base target="_top"><style>p { color: red }' in response.content.decode()
        policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
        assert policy["sandbox"] == "allow-popups allow-top-navigation-by-user-activation"
        assert (policy["script-src"], policy["style-src"]) == ("'none'", "'unsafe-inline'")
        assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'self'")
        assert response["X-Frame-Options"] == "SAMEORIGIN"

    @pytest.mark.parametrize("key", ["absent", "..", "..%2F..%2Fetc%2Fpasswd", "%00"])
    def test_that_is_not_there_is_not_found(self, client: Client, maildir: Maildir, key: str) -> None:
        deliver(maildir)
        for page in (f"/mailbox/{key}/", f"/mailbox/{key}/html/"):
            assert client.get(page).status_code == 404

    def test_is_only_read(self, client: Client, maildir: Maildir) -> None:
        key = deliver(maildir)
        assert client.post(f"/mailbox/{key}/").status_code == 405
        client.get(f"/mailbox/{key}/")
        assert len(maildir) == 1


@pytest.mark.parametrize("zone", ["-0000", "+0000", "GMT"])
def test_the_time_of_an_e_mail_has_its_zone(zone: str) -> None:
    message = message_from_string(f"Date: Sat, 21 Nov 2026 13:05:00 {zone}\n\n", policy=default)
    assert isinstance(message, EmailMessage)
    assert mailbox.Letter("key", message).date == datetime(2026, 11, 21, 13, 5, tzinfo=UTC)


@pytest.mark.django_db
def test_without_a_maildir_there_is_no_mailbox(client: Client, settings: Any) -> None:
    assert settings.MAILBOX_DIR is None
    with pytest.raises(NoReverseMatch):
        reverse("mailbox")
    assert client.get("/mailbox/").status_code == 404
