"""Associer un utilisateur avancé: found by user key alone, recognised on a masked card, linked when they accept."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from colibox.lib import keys
from rights.models import AccountLink
from tests.conftest import make_link, make_person
from tests.rights.facts import rights_of, verbs
from users.models import User

URL = "/accounts/900138/users/advanced/link/"
RIGHTS = {"rights": ["tracking_ws"], "tool": "tool_tag", "tags": "LILLE"}


@pytest.fixture
def agency(cast: SimpleNamespace) -> User:
    """An advanced user of another account, whom north does not know."""
    person = make_person("l.fontaine", last_name="Fontaine", first_name="Luc", town="Rennes")
    make_link(cast.south, person, rights=["shipping_ws"])
    return person


def search(client: Client, key: str) -> Any:
    return client.post(URL, {"user_key": key})


def found_in(response: Any) -> str:
    match = re.search(r'name="found" value="([^"]+)"', response.content.decode())
    assert match
    return match[1]


def neutral(response: Any) -> tuple[int, str]:
    """A page without what changes at every request or was typed."""
    changes = r'(name="csrfmiddlewaretoken" value|"X-CSRFToken"|name="user_key" value)[:=] ?"[^"]*"'
    return response.status_code, re.sub(changes, "", response.content.decode())


def test_a_key_found_shows_a_card_that_says_no_more_than_needed(
    cast: SimpleNamespace, agency: User, sign_in: Any
) -> None:
    page = search(sign_in(cast.owner), agency.shown_user_key.lower()).content.decode()
    for shown in ("Fontaine", "Luc", "Rennes", "l••••@e••••.com"):
        assert shown in page
    for hidden in (agency.email, "12 rue du Port", "+33241742088", "02 41 74 20 88", "Sud Expéditions", "44000"):
        assert hidden not in page


def test_a_setting_shows_the_whole_card(cast: SimpleNamespace, agency: User, sign_in: Any, settings: Any) -> None:
    settings.LINK_CARD_SHOWS_ALL = True
    page = search(sign_in(cast.owner), agency.shown_user_key).content.decode()
    assert agency.email in page
    assert "12 rue du Port" in page


def test_the_link_waits_for_the_persons_consent(
    cast: SimpleNamespace, agency: User, sign_in: Any, arrived: Any
) -> None:
    client: Client = sign_in(cast.owner)
    found = found_in(search(client, agency.shown_user_key))
    response = client.post(URL, {**RIGHTS, "found": found})
    assert response["Location"] == "/accounts/900138/users/"
    link = AccountLink.objects.get(account=cast.north, invitee=agency)
    assert (link.state, link.user, link.email, link.tags) == ("invited", None, "", ["LILLE"])
    assert rights_of(link) == ["tool_tag", "tracking_ws"]
    assert verbs(link) == ["person invited"]
    [mail] = arrived()
    assert mail.to == [agency.email]
    assert f"/profile/requests/{link.uuid}/" in mail.body


def test_each_person_found_is_written_in_the_trace(cast: SimpleNamespace, agency: User, sign_in: Any) -> None:
    search(sign_in(cast.owner), agency.shown_user_key)
    event = AuditEvent.objects.get(verb="user key found")
    assert (event.account_id, event.actor, event.subject) == (cast.north.pk, cast.owner.uuid, agency.uuid)


def test_an_unknown_key_and_one_of_a_closed_user_get_the_same_answer(
    cast: SimpleNamespace, agency: User, sign_in: Any
) -> None:
    client: Client = sign_in(cast.owner)
    User.objects.filter(pk=agency.pk).update(is_active=False)
    unknown, closed = search(client, keys.new_user_key()), search(client, agency.user_key or "")
    assert neutral(unknown) == neutral(closed)
    assert "Aucun utilisateur avancé ne peut être associé" in unknown.content.decode()
    assert not AuditEvent.objects.filter(verb="user key found").exists()


@pytest.mark.parametrize("typed", ["", "7K4M", "AAAA-AAAA-AAAA-A", "' OR 1=1 --", "7K4M-2P9X-H3QD-VV"])
def test_a_malformed_key_is_refused_without_looking_anybody_up(cast: SimpleNamespace, sign_in: Any, typed: str) -> None:
    client: Client = sign_in(cast.owner)
    with CaptureQueriesContext(connection) as queries:
        response = search(client, typed)
    assert "user_key" in response.context["form"].errors
    assert not [query["sql"] for query in queries if '"user_key" =' in query["sql"]]


def test_the_eleventh_search_in_a_minute_is_not_made(cast: SimpleNamespace, agency: User, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    for _ in range(10):
        assert search(client, keys.new_user_key()).status_code == 200
    response = search(client, agency.shown_user_key)
    assert response.status_code == 429
    assert "Fontaine" not in response.content.decode()


def test_the_search_stops_when_the_shared_counter_does(
    cast: SimpleNamespace, agency: User, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colibox.lib.cache.ForgivingRedisCache.count", lambda *args, **kwargs: None)
    response = search(sign_in(cast.owner), agency.shown_user_key)
    assert response.status_code == 429


def test_a_search_cannot_be_carried_to_another_account(cast: SimpleNamespace, agency: User, sign_in: Any) -> None:
    found = found_in(search(sign_in(cast.owner), agency.shown_user_key))
    third = make_person("third", last_name="Tiers")
    make_link(cast.north, third)
    client: Client = sign_in(cast.stranger)
    client.post("/accounts/850061/users/advanced/link/", {**RIGHTS, "found": found})
    for forged in (found + "x", "", agency.user_key or "", str(agency.pk)):
        client.post("/accounts/850061/users/advanced/link/", {**RIGHTS, "found": forged})
    assert not AccountLink.objects.filter(invitee=agency).exists()


def test_a_person_of_the_account_is_not_linked_twice(cast: SimpleNamespace, agency: User, sign_in: Any) -> None:
    client: Client = sign_in(cast.owner)
    for person in (cast.partner, agency):
        found = found_in(search(client, person.shown_user_key))
        client.post(URL, {**RIGHTS, "found": found})
        response = client.post(URL, {**RIGHTS, "found": found})
        assert "déjà" in str(response.context["form"].errors)
    assert AccountLink.objects.filter(account=cast.north, invitee__isnull=False).count() == 1


def test_a_right_above_the_ceiling_and_a_missing_tag_are_refused(
    cast: SimpleNamespace, agency: User, sign_in: Any
) -> None:
    cast.north.entitlements.filter(right="tracking_ws").delete()
    client: Client = sign_in(cast.owner)
    found = found_in(search(client, agency.shown_user_key))
    response = client.post(URL, {"rights": ["tracking_ws"], "found": found})
    assert "Vous ne pouvez pas donner le droit" in response.content.decode()
    response = client.post(URL, {"tool": "tool_tag", "found": found})
    assert "tags" in response.context["form"].errors
    assert not AccountLink.objects.filter(account=cast.north, invitee=agency).exists()


def test_a_standard_user_has_no_key_to_be_found_by(cast: SimpleNamespace) -> None:
    assert cast.colleague.user_key is None
