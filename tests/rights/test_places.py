"""Where people belong: attached on screen, found again, kept from whom it does not concern."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AuditEvent, Site, SubAccount
from rights.actions.attaching import attach, attached
from rights.models import AccountLink, Attachment
from rights.places import SITE, SUB_ACCOUNT
from tests.conftest import IDENTITY, make_link, make_person


@pytest.fixture
def west(cast: SimpleNamespace) -> SimpleNamespace:
    """North has a sub-account with a site, and a site of its own."""
    cast.west = SubAccount.objects.create(account=cast.north, number="01", name="Région Ouest")
    cast.nantes = Site.objects.create(account=cast.north, name="Nantes Entrepôt", sub_account=cast.west)
    cast.lille = Site.objects.create(account=cast.north, name="Lille")
    return cast


def spots(link: AccountLink) -> set[tuple[str, int]]:
    return attached([link.pk])[link.pk]


def person_form(client: Any, link: AccountLink) -> dict[str, Any]:
    """What the page of an advanced person would send unchanged."""
    form = client.get(reverse("rights:person", args=["900138", link.uuid])).context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}


def test_a_person_is_attached_where_the_form_says(west: SimpleNamespace, sign_in: Any) -> None:
    client, link = sign_in(west.owner), west.partner_link
    address = reverse("rights:person", args=["900138", link.uuid])
    page = client.get(address).content.decode()
    assert page.index("Région Ouest") < page.index("Nantes Entrepôt") < page.index("Lille")
    typed = person_form(client, link) | {"places": [str(west.west.uuid), str(west.lille.uuid)]}
    assert client.post(address, typed).status_code == 302
    assert spots(link) == {(SUB_ACCOUNT, west.west.pk), (SITE, west.lille.pk)}
    told = AuditEvent.objects.get(verb="person attached")
    assert (told.before, told.after) == ({"places": []}, {"places": ["01 Région Ouest", "Lille"]})
    client.post(address, person_form(client, link) | {"places": []})
    assert spots(link) == set()


def test_somebody_new_is_attached_at_once(west: SimpleNamespace, sign_in: Any) -> None:
    typed = {**IDENTITY, "email": "neuve@example.com", "rights": ["coliship"], "language": "fr"}
    response = sign_in(west.owner).post(
        reverse("rights:add_advanced", args=["900138"]), {**typed, "places": [str(west.nantes.uuid)]}
    )
    assert response.status_code == 302
    assert spots(AccountLink.objects.get(email="neuve@example.com")) == {(SITE, west.nantes.pk)}


def test_a_foreign_place_is_refused(west: SimpleNamespace, sign_in: Any) -> None:
    foreign = Site.objects.create(account=west.south, name="Marseille")
    client, link = sign_in(west.owner), west.partner_link
    typed = person_form(client, link) | {"places": [str(foreign.uuid)]}
    assert client.post(reverse("rights:person", args=["900138", link.uuid]), typed).status_code == 200
    with pytest.raises(ValidationError, match=r"plus|any more"):
        attach(link=link, by=west.owner_link, spots={(SITE, foreign.pk)})
    assert not Attachment.objects.exists()


def test_an_account_without_places_asks_nothing(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get(reverse("rights:person", args=["900138", cast.partner_link.uuid]))
    assert 'name="places"' not in page.content.decode()


def test_a_local_administrator_moves_people_within_their_own_places(west: SimpleNamespace, sign_in: Any) -> None:
    person = make_person("l.ocal")
    local = make_link(west.north, person, role="local", rights=["coliship"])
    attach(link=local, by=west.owner_link, spots={(SUB_ACCOUNT, west.west.pk)})
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk), (SITE, west.lille.pk)})
    page = sign_in(person).get(reverse("rights:person", args=["900138", west.partner_link.uuid])).content.decode()
    assert str(west.nantes.uuid) in page
    assert str(west.lille.uuid) not in page
    with pytest.raises(ValidationError):
        attach(link=west.partner_link, by=local, spots={(SITE, west.nantes.pk)})
    with pytest.raises(ValidationError):
        attach(link=west.partner_link, by=local, spots={(SITE, west.lille.pk)})
    attach(link=west.partner_link, by=local, spots={(SUB_ACCOUNT, west.west.pk), (SITE, west.lille.pk)})
    assert spots(west.partner_link) == {(SUB_ACCOUNT, west.west.pk), (SITE, west.lille.pk)}


# Found again on the users page.


@pytest.fixture
def spread(west: SimpleNamespace) -> SimpleNamespace:
    """Berlioz in Nantes, Martin in the west, the rest nowhere."""
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    attach(link=west.colleague_link, by=west.owner_link, spots={(SUB_ACCOUNT, west.west.pk)})
    return west


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("subaccount=01", {"Berlioz", "Martin"}),
        ("subaccount=REGION+OUEST", {"Berlioz", "Martin"}),
        ("subaccount=02", set()),
        ("site=nantes", {"Berlioz"}),
        ("site=lille", set()),
        ("site=nantes&site=lille", {"Berlioz"}),
        ("subaccount=ouest&site=nantes", {"Berlioz"}),
        ("site=%25", set()),
    ],
)
def test_people_are_found_by_where_they_are(spread: Any, sign_in: Any, query: str, found: set[str]) -> None:
    client = sign_in(spread.owner)
    names = set()
    for kind in ("standard", "advanced"):
        page = client.get(f"{reverse('rights:users', args=['900138'])}?kind={kind}&{query}")
        names |= {row.last_name for table in page.context["tables"] for row in table.rows}
    assert names == found


def test_a_place_that_is_called_exactly_so_is_meant_alone(spread: Any, sign_in: Any) -> None:
    port = Site.objects.create(account=spread.north, name="Nantes Entrepôt Nord")
    attach(link=spread.colleague_link, by=spread.owner_link, spots={(SITE, port.pk)})
    page = sign_in(spread.owner).get(reverse("rights:users", args=["900138"]) + "?site=nantes+entrepot")
    assert [row.last_name for table in page.context["tables"] for row in table.rows] == ["Berlioz"]


def test_the_columns_are_there_with_the_places_and_can_be_chosen(spread: Any, sign_in: Any) -> None:
    client, address = sign_in(spread.owner), reverse("rights:users", args=["900138"])
    page = client.get(address).content.decode()
    assert 'title="Nantes Entrepôt">Nantes Entrepôt</span></td>' in page
    assert page.count("01 Région Ouest</span>") == 2
    assert "Privilège</span>" not in page
    chosen = client.get(address + "?columns=contract&columns=none").content.decode()
    assert "Privilège</span></td>" in chosen
    assert "Nantes Entrepôt</span>" not in chosen
    filtered = client.get(address + "?site=nantes&columns=contract")
    [chip] = filtered.context["chips"]
    assert (str(chip.label), chip.value, chip.url) == ("Site", "nantes", "?columns=contract")


def test_another_account_is_found_by_its_number(spread: Any, sign_in: Any) -> None:
    client, address = sign_in(spread.owner), reverse("rights:users", args=["900138"])
    refused = client.get(address + "?account=850061&site=nantes")
    assert refused.status_code == 200
    assert "850061" in refused.content.decode()
    AccountLink.objects.filter(pk=spread.partner_south_link.pk).update(role="administrator")
    AccountLink.objects.filter(pk=spread.partner_link.pk).update(role="administrator")
    answer = sign_in(spread.partner).get(address + "?account=850 061&site=nantes")
    assert answer.headers["Location"] == reverse("rights:users", args=["850061"]) + "?site=nantes"


def test_an_attachment_names_exactly_one_place(west: SimpleNamespace) -> None:
    for sub_account, site in ((west.west, west.nantes), (None, None)):
        with pytest.raises(IntegrityError, match="attachment_is_to_one_place"), transaction.atomic():
            Attachment.objects.create(account=west.north, link=west.partner_link, sub_account=sub_account, site=site)
