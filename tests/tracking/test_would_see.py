"""How many parcels somebody would see, asked before their rights are saved."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import AuditEvent
from tests.conftest import make_person
from tests.tracking.conftest import make_parcel
from tracking.models import Parcel
from tracking.scopes import scopes_of
from tracking.views import would_see

URL = "/accounts/900138/users/would-see/"


@pytest.fixture
def parcels(cast: SimpleNamespace) -> None:
    for tag in ("LYON", "Lyon", "Évry", ""):
        make_parcel(cast.north, tag=tag)
    make_parcel(cast.north, franked_by=cast.partner, user_key=cast.partner.user_key)
    make_parcel(cast.south, tag="LYON")


def ask(client: Any, **asked: Any) -> str:
    response = client.get(URL, asked, headers={"HX-Request": "true"})
    assert response.status_code == 200 and b"<html" not in response.content
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ({}, "aucun colis"),
        ({"rights": ["tracking_ws", "invoices"]}, "aucun colis"),
        ({"tool": "tool_tag", "tags": "lyon"}, "2 colis"),
        ({"tool": "tool_tag", "tags": "lyon, EVRY"}, "3 colis"),
        ({"tool": "tool_tag"}, "aucun ne porte"),
        ({"tool": "tool_tag", "tags": "x" * 500}, "aucun ne porte"),
        ({"tool": "tool_tag", "tags": "LYON\0"}, "aucun ne porte"),
        ({"tool": "tool_key"}, "1 colis"),
        ({"tool": "tool_key", "tool_service": "tool_service_tag", "tags": "LYON"}, "3 colis"),
        ({"tool": "tool_consolidated"}, "tous les colis du compte : 5 colis"),
        ({"rights": "coliview"}, "5 colis"),
        ({"tool": "no_such_right"}, "aucun colis"),
    ],
)  # fmt: skip
def test_it_says_what_the_person_would_see(
    cast: SimpleNamespace, sign_in: Any, parcels: None, asked: dict[str, Any], answer: str
) -> None:
    said = ask(sign_in(cast.owner), person=cast.partner_link.uuid, **asked).replace("\u202f", " ")
    assert answer in said


def test_what_it_says_comes_true(cast: SimpleNamespace, sign_in: Any, parcels: None) -> None:
    said = ask(sign_in(cast.owner), person=cast.partner_link.uuid, tool="tool_tag", tags="Lyon, evry")
    cast.partner_link.tags = ["LYON", "EVRY"]
    cast.partner_link.save()
    seen = Parcel.objects.filter(account=cast.north).seen(scopes_of(cast.partner)).count()
    assert f"{seen} colis" in said


def test_whoever_is_not_there_yet_has_franked_nothing(cast: SimpleNamespace, sign_in: Any, parcels: None) -> None:
    assert "aucun colis" in ask(sign_in(cast.owner), tool="tool_key")
    assert "5 colis" in ask(sign_in(cast.owner), tool="tool_consolidated")


def test_more_than_can_be_counted_is_said_so(
    cast: SimpleNamespace, sign_in: Any, parcels: None, monkeypatch: Any
) -> None:
    monkeypatch.setattr(would_see, "COUNTED", 3)
    assert "plus de 3 colis" in ask(sign_in(cast.owner), tool="tool_consolidated")


def test_without_javascript_a_page_says_what_is_seen_now(cast: SimpleNamespace, sign_in: Any, parcels: None) -> None:
    client = sign_in(cast.owner)
    html = client.get(f"/accounts/900138/users/{cast.partner_link.uuid}/").content.decode()
    link = f"{URL}?person={cast.partner_link.uuid}"
    assert f'href="{link}"' in html and f'hx-get="{link}"' in html
    assert "2 colis" in client.get(link).content.decode()
    assert not AuditEvent.objects.exists()


def test_people_of_other_accounts_are_nobody(cast: SimpleNamespace, sign_in: Any) -> None:
    client, stranger = sign_in(cast.owner), make_person("far.away")
    for named in (cast.partner_south_link.uuid, stranger.uuid, "x"):
        assert client.get(URL, {"person": named}).status_code == 404
