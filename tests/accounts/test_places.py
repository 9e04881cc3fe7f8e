"""Sub-accounts and sites: made, renamed, removed by administrators, whose names nobody else may take."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.actions import places
from accounts.models import AuditEvent, Site, SubAccount
from rights.actions.attaching import attach
from rights.places import SITE

LIST = reverse("accounts:sites", args=["900138"])
NEW_SITE = reverse("accounts:add_site", args=["900138"])


@pytest.fixture
def west(cast: SimpleNamespace) -> SimpleNamespace:
    cast.west = SubAccount.objects.create(account=cast.north, number="01", name="Région Ouest")
    cast.nantes = Site.objects.create(account=cast.north, name="Nantes Entrepôt", sub_account=cast.west)
    return cast


def test_an_account_without_places_says_what_they_are_for(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get(LIST).content.decode()
    assert "Aucun sous-compte ni site" in page
    assert NEW_SITE in page


def test_a_site_is_added_changed_and_removed_with_a_trace(west: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(west.owner)
    typed = {"name": "  Lyon   Confluence", "sub_account": "", "postcode": "69 002", "town": "Lyon", "country": "FR"}
    assert client.post(NEW_SITE, typed).status_code == 302
    site = Site.objects.get(name="Lyon Confluence")
    assert (site.account, site.sub_account, site.postcode) == (west.north, None, "69002")
    address = reverse("accounts:place", args=["900138", site.uuid])
    changed = {**typed, "name": "Lyon", "sub_account": str(west.west.uuid), "version": "1"}
    assert client.post(address, changed).status_code == 302
    told = AuditEvent.objects.get(verb="site changed")
    assert (told.subject_name, told.before["name"], told.after["name"]) == ("Lyon", "Lyon Confluence", "Lyon")
    assert told.after["sub_account"] == "01 Région Ouest"
    assert client.post(address, changed).status_code == 302  # somebody who still looks at the first version
    assert AuditEvent.objects.filter(verb="site changed").count() == 1
    client.post(reverse("accounts:remove_place", args=["900138", site.uuid]))
    assert not Site.objects.filter(pk=site.pk).exists()
    assert AuditEvent.objects.filter(verb="site removed", subject=site.uuid).exists()


@pytest.mark.parametrize("name", ["nantes entrepot", "NANTES ENTREPÔT"])
def test_a_name_is_taken_whatever_its_case_and_accents(west: SimpleNamespace, sign_in: Any, name: str) -> None:
    page = sign_in(west.owner).post(NEW_SITE, {"name": name, "country": "FR"})
    assert "déjà ce nom" in page.content.decode()
    assert "Nantes Entrepôt" in page.content.decode()
    assert Site.objects.for_account(west.north).count() == 1


def test_a_number_and_a_name_of_a_sub_account_are_taken_too(west: SimpleNamespace) -> None:
    for number, name, field in (("01", "Autre", "number"), ("02", "region ouest", "name")):
        with pytest.raises(ValidationError) as refusal:
            places.add(place=SubAccount(account=west.north, number=number, name=name), by=west.owner)
        assert list(refusal.value.message_dict) == [field]
    places.add(place=SubAccount(account=west.south, number="01", name="Région Ouest"), by=west.stranger)


def test_what_separates_names_in_files_is_in_none(west: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(west.owner).post(NEW_SITE, {"name": "Nantes | Lyon", "country": "FR"})
    assert "barre verticale" in page.content.decode()


def test_a_place_with_people_or_sites_stays_and_says_how_many(west: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(west.owner)
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    for place, reason in ((west.nantes, "1 personne y est rattachée"), (west.west, "Il a 1 site")):
        address = reverse("accounts:remove_place", args=["900138", place.uuid])
        assert reason in client.get(address).content.decode()
        assert client.post(address).status_code == 302
        place.refresh_from_db()
    page = client.get(LIST).content.decode()
    assert "?site=Nantes%20Entrep%C3%B4t" in page
    west.partner_link.state = "ended"
    west.partner_link.save()
    client.post(reverse("accounts:remove_place", args=["900138", west.nantes.uuid]))
    assert not Site.objects.filter(pk=west.nantes.pk).exists()


def test_a_place_of_another_account_is_no_place(west: SimpleNamespace, sign_in: Any) -> None:
    foreign = SubAccount.objects.create(account=west.south, number="09", name="Marseille")
    page = sign_in(west.owner).post(NEW_SITE, {"name": "Brest", "sub_account": str(foreign.uuid), "country": "FR"})
    assert page.status_code == 200
    assert not Site.objects.filter(name="Brest").exists()


def test_places_are_searched(west: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(west.owner).get(LIST + "?q=ENTREPOT")
    assert [site.name for site in page.context["page"]] == ["Nantes Entrepôt"]
    assert list(page.context["sub_accounts"]) == []
