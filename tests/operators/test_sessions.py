"""`manage.py revoke_sessions`, as an operator types it."""

from __future__ import annotations

from types import SimpleNamespace

from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from tests.conftest import PASSWORD
from tests.operators.calls import answer, call
from users.models import User


def browser(person: User) -> Client:
    """A browser in which this person signed in."""
    client = Client()
    client.post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
    assert client.get("/").status_code == 200
    return client


def signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_one_person_is_signed_out_everywhere(cast: SimpleNamespace) -> None:
    first, second, other = browser(cast.partner), browser(cast.partner), browser(cast.colleague)
    assert answer("revoke_sessions", "--user", "A.BERLIOZ", "--dry-run")["sessions"] == 2
    assert signed_in(first)
    assert answer("revoke_sessions", "--user", "A.BERLIOZ") == {"people": 1, "sessions": 2}
    assert (signed_in(first), signed_in(second), signed_in(other)) == (False, False, True)
    assert answer("revoke_sessions", "--user", "a.berlioz") == {"people": 0, "sessions": 0}
    event = AuditEvent.objects.get(verb="sessions ended")
    assert (event.subject, event.after, event.channel) == (cast.partner.uuid, {"sessions": 2}, "command")


def test_the_people_of_an_account_or_everybody(cast: SimpleNamespace) -> None:
    colleague, stranger = browser(cast.colleague), browser(cast.stranger)
    assert answer("revoke_sessions", "--account", "900138")["people"] == 1
    assert (signed_in(colleague), signed_in(stranger)) == (False, True)
    assert answer("revoke_sessions", "--all")["people"] == 1
    assert not UserSession.objects.exists()


def test_nobody_is_a_wrong_call(cast: SimpleNamespace) -> None:
    assert call("revoke_sessions", "--user", "nobody")[0] == 2
    assert call("revoke_sessions", "--account", "123456")[0] == 2
