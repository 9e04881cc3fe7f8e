"""Sub-accounts and sites: made, renamed, removed by administrators, whose names nobody else may take."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.actions import places
from accounts.models import AuditEvent, Site, SubAccount
from rights.actions.attaching import attach, attached
from rights.models import AccountLink
from rights.places import SITE, SUB_ACCOUNT
from tests.conftest import make_link, make_person

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
    removal(client, site, into="")
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


def removal(client: Any, place: Any, **posted: Any) -> Any:
    """The page of a removal; what was said on it is confirmed where something is posted."""
    address = reverse("rights:remove_place", args=["900138", place.uuid])
    page = client.get(address)
    return client.post(address, {"digest": page.context["leaving"].digest, **posted}) if posted else page


def where(link: AccountLink) -> set[tuple[str, int]]:
    return attached([link.pk])[link.pk]


def test_a_site_goes_and_its_people_move_in_one_act(west: SimpleNamespace, sign_in: Any) -> None:
    client, lille = sign_in(west.owner), Site.objects.create(account=west.north, name="Lille")
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    attach(link=west.colleague_link, by=west.owner_link, spots={(SITE, west.nantes.pk), (SITE, lille.pk)})
    page = removal(client, west.nantes).content.decode()
    assert "2 personnes y sont rattachées" in page
    assert "Berlioz" in page and "Martin" in page
    assert removal(client, west.nantes, into=str(lille.uuid)).status_code == 302
    assert not Site.objects.filter(pk=west.nantes.pk).exists()
    assert where(west.partner_link) == where(west.colleague_link) == {(SITE, lille.pk)}
    removed = AuditEvent.objects.get(verb="site removed")
    moved = AuditEvent.objects.filter(verb="person attached", reference=removed.reference).order_by("subject_name")
    assert [event.after for event in moved] == [{"places": ["Lille"]}] * 2
    removal(client, lille, into="")
    assert where(west.partner_link) == set()


def test_a_sub_account_goes_and_its_sites_stay(west: SimpleNamespace, sign_in: Any) -> None:
    client, east = sign_in(west.owner), SubAccount.objects.create(account=west.north, number="02", name="Est")
    attach(link=west.partner_link, by=west.owner_link, spots={(SUB_ACCOUNT, west.west.pk)})
    local = make_link(west.north, make_person("l.ocal", last_name="Local"), role="local")
    attach(link=local, by=west.owner_link, spots={(SUB_ACCOUNT, west.west.pk), (SITE, west.nantes.pk)})
    page = removal(client, west.west)
    assert "Il y a 1 site en dessous" in page.content.decode()
    assert page.context["leaving"].locals == [local]
    assert [str(target) for _uuid, target, _chosen in page.context["targets"]] == ["02 Est"]
    removal(client, west.west, into=str(east.uuid))
    west.nantes.refresh_from_db()
    assert west.nantes.sub_account == east
    assert where(west.partner_link) == {(SUB_ACCOUNT, east.pk)}
    assert where(local) == {(SUB_ACCOUNT, east.pk), (SITE, west.nantes.pk)}
    assert AuditEvent.objects.get(verb="site changed").after["sub_account"] == "02 Est"
    removal(client, east, into="")
    west.nantes.refresh_from_db()
    assert west.nantes.sub_account is None
    assert where(west.partner_link) == set()


def test_what_changed_since_it_was_shown_is_shown_again(west: SimpleNamespace, sign_in: Any) -> None:
    client, address = sign_in(west.owner), reverse("rights:remove_place", args=["900138", west.nantes.uuid])
    shown = client.get(address).context["leaving"].digest
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    for posted in ({"digest": shown}, {}):
        again = client.post(address, posted)
        assert "Rien n’a été fait" in again.content.decode()
    foreign = Site.objects.create(account=west.south, name="Marseille")
    assert removal(client, west.nantes, into=str(foreign.uuid)).status_code == 200
    assert Site.objects.filter(pk=west.nantes.pk).exists()


def test_more_people_than_one_act_moves_are_not_moved(
    west: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(west.owner)
    for link in (west.partner_link, west.colleague_link):
        attach(link=link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    monkeypatch.setattr("rights.actions.removal.MOST", 1)
    assert "Voir ces personnes" in removal(client, west.nantes).content.decode()
    assert removal(client, west.nantes, into="").status_code == 200
    assert Site.objects.filter(pk=west.nantes.pk).exists()


def test_who_left_the_account_keeps_no_place_from_going(west: SimpleNamespace, sign_in: Any) -> None:
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    AccountLink.objects.filter(pk=west.partner_link.pk).update(state="ended")
    assert "Personne n’y est rattaché" in removal(sign_in(west.owner), west.nantes).content.decode()
    removal(sign_in(west.owner), west.nantes, into="")
    assert not Site.objects.filter(pk=west.nantes.pk).exists()


def test_the_people_of_a_sub_account_are_counted_with_those_of_its_sites(west: SimpleNamespace, sign_in: Any) -> None:
    attach(
        link=west.partner_link, by=west.owner_link, spots={(SUB_ACCOUNT, west.west.pk), (SITE, west.nantes.pk)}
    )  # fmt: skip
    attach(link=west.colleague_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    client = sign_in(west.owner)
    [counted] = client.get(LIST).context["sub_accounts"]
    found = client.get(reverse("rights:users", args=["900138"]) + "?subaccount=01").context["tables"]
    assert counted["people"] == sum(table.listing.count for table in found) == 2


def test_many_sub_accounts_are_shown_page_by_page(west: SimpleNamespace, sign_in: Any) -> None:
    SubAccount.objects.bulk_create(
        SubAccount(account=west.north, number=f"{n:03}", name=f"Secteur {n}") for n in range(100, 200)
    )
    client = sign_in(west.owner)
    first, last = client.get(LIST), client.get(LIST + "?part=3")
    assert [len(page.context["sub_accounts"]) for page in (first, last)] == [50, 1]
    assert "part=2" in first.content.decode()


def test_a_place_of_another_account_is_no_place(west: SimpleNamespace, sign_in: Any) -> None:
    foreign = SubAccount.objects.create(account=west.south, number="09", name="Marseille")
    page = sign_in(west.owner).post(NEW_SITE, {"name": "Brest", "sub_account": str(foreign.uuid), "country": "FR"})
    assert page.status_code == 200
    assert not Site.objects.filter(name="Brest").exists()


def test_places_are_searched(west: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(west.owner).get(LIST + "?q=ENTREPOT")
    assert [site.name for site in page.context["page"]] == ["Nantes Entrepôt"]
    assert page.context["sub_accounts"] == []


def test_the_page_of_a_place_leads_to_the_people_to_attach_and_remembers_it(
    west: SimpleNamespace, sign_in: Any
) -> None:
    client, site = sign_in(west.owner), west.nantes
    users = reverse("rights:users", args=["900138"])
    assert (
        f"{users}?attach={site.uuid}"
        in client.get(reverse("accounts:place", args=["900138", site.uuid])).content.decode()
    )
    page = client.get(users, {"attach": str(site.uuid), "kind": "advanced", "q": "berlioz"})
    assert "travaillent à Nantes Entrepôt" in page.content.decode()
    [table] = page.context["tables"]
    assert f"attach={site.uuid}" in table.asked.query and f"attach={site.uuid}" in page.context["clear_url"]
    chosen = {"act": "attach", "list": table.asked.query, "link": [str(west.partner_link.uuid)]}
    preview = client.post(reverse("rights:bulk", args=["900138"]), chosen).content.decode()
    assert "1 personne sera rattachée à Nantes Entrepôt" in preview and f'name="places" value="{site.uuid}"' in preview


def test_places_are_added_one_after_the_other(west: SimpleNamespace, sign_in: Any) -> None:
    client, typed = sign_in(west.owner), {"country": "FR", "another": "1"}
    added = client.post(NEW_SITE, {**typed, "name": "Lyon <b>"})
    assert (added.status_code, added.url) == (302, NEW_SITE)
    page = client.get(NEW_SITE).content.decode()
    assert f"attach={Site.objects.get(name='Lyon <b>').uuid}" in page and "Lyon &lt;b&gt;" in page
