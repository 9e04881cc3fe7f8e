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
from rights.forms.places import Picker
from rights.models import AccountLink, Attachment, Profile
from rights.people.columns import COOKIE
from rights.places import SITE, SUB_ACCOUNT, Places
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
    assert "01 Région Ouest</span>" not in page  # one column of places is enough until one asks for more
    assert client.get(address + "?columns=sub_account").content.decode().count("01 Région Ouest</span>") == 2
    assert "Privilège</span>" not in page
    chosen = client.get(address + "?columns=contract&columns=none").content.decode()
    assert "Privilège</span></td>" in chosen
    assert "Nantes Entrepôt</span>" not in chosen
    remembered = client.get(address).content.decode()
    assert "Privilège</span></td>" in remembered and "Nantes Entrepôt</span>" not in remembered
    [chip] = client.get(address + "?site=nantes&columns=role").context["chips"]
    assert (str(chip.label), chip.value, chip.url) == ("Site", "nantes", "?columns=role")


def test_columns_that_a_filter_brings_along_unchanged_are_not_chosen(spread: Any, sign_in: Any) -> None:
    client, address = sign_in(spread.owner), reverse("rights:users", args=["900138"])
    filtered = client.get(address + "?site=nantes&columns=none&columns=tags&columns=site")
    [chip] = filtered.context["chips"]
    assert "columns" not in chip.url and COOKIE not in filtered.cookies


def test_a_place_that_is_not_there_is_said_with_the_one_that_may_be_meant(spread: Any, sign_in: Any) -> None:
    client, address = sign_in(spread.owner), reverse("rights:users", args=["900138"])
    [told] = client.get(address + "?site=nante+entrepots&status=active").context["unfound"]
    assert (told.close, told.url) == ("Nantes Entrepôt", "?status=active&site=Nantes+Entrep%C3%B4t")
    page = client.get(address + "?subaccount=zzzz")
    assert [each.close for each in page.context["unfound"]] == [""]
    assert page.content.decode().count("Personne ne correspond") == 1
    assert not client.get(address + "?site=nantes&subaccount=01").context["unfound"]
    several = client.get(address + "?site=nante+entrepots&site=lyom").context["unfound"]
    assert [bool(each.close) for each in several] == [True, False], (
        "to look for one costs as much as all names there are"
    )


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


# Many people at once.

BULK = reverse("rights:bulk", args=["900138"])


def act(client: Any, name: str, **data: Any) -> Any:
    return client.post(BULK, {"act": name, "list": "kind=advanced", **data})


def do(client: Any, name: str, place: Any, links: list[AccountLink], **data: Any) -> str:
    """Preview an act about a place, then do it; the page that follows."""
    chosen = {"link": [str(link.uuid) for link in links], "places": str(place.uuid), **data}
    digest = act(client, name, **chosen).context["plan"].digest
    page = client.post(
        BULK, {"act": name, "list": "kind=advanced", **chosen, "apply": "1", "digest": digest}, follow=True
    )
    return str(page.content.decode())


def test_many_are_attached_and_detached_with_a_preview_and_a_way_back(spread: Any, sign_in: Any) -> None:
    client, links = sign_in(spread.owner), [spread.partner_link, make_link(spread.north, make_person("m.neuf"))]
    asks = act(client, "attach", link=[str(link.uuid) for link in links])
    assert "Région Ouest" in asks.content.decode()
    refused = act(client, "attach", link=[str(link.uuid) for link in links], chosen="1")
    assert refused.context["form"].errors
    preview = act(client, "attach", link=[str(link.uuid) for link in links], places=str(spread.nantes.uuid))
    assert [len(preview.context["plan"].changes), len(preview.context["plan"].refusals)] == [1, 1]
    page = do(client, "attach", spread.lille, links)
    assert "2 personnes sont désormais rattachées à Lille" in page
    assert spots(spread.partner_link) == {(SITE, spread.nantes.pk), (SITE, spread.lille.pk)}
    told = AuditEvent.objects.filter(verb="person attached", subject=spread.partner_link.uuid).latest("pk")
    assert (told.before, told.after) == ({"places": ["Nantes Entrepôt"]}, {"places": ["Lille", "Nantes Entrepôt"]})
    client.post(BULK, {"act": "undo", "reference": told.reference})
    assert [spots(link) for link in links] == [{(SITE, spread.nantes.pk)}, set()]
    do(client, "detach", spread.nantes, links)
    assert spots(spread.partner_link) == set()


def test_who_changed_meanwhile_is_shown_again_and_a_place_that_went_is_asked_again(spread: Any, sign_in: Any) -> None:
    client, link = sign_in(spread.owner), spread.partner_link
    chosen = {"link": str(link.uuid), "places": str(spread.lille.uuid)}
    digest = act(client, "attach", **chosen).context["plan"].digest
    attach(link=link, by=spread.owner_link, spots={(SUB_ACCOUNT, spread.west.pk)})
    assert act(client, "attach", **chosen, apply="1", digest=digest).context["stale"]
    spread.lille.delete()
    gone = act(client, "attach", **chosen, chosen="1", apply="1", digest=digest)
    assert "Ce lieu n’existe plus" in gone.content.decode()


def test_a_local_administrator_attaches_many_within_their_reach(spread: Any, sign_in: Any) -> None:
    person = make_person("l.ocal")
    local = make_link(spread.north, person, role="local", rights=["coliship"])
    attach(link=local, by=spread.owner_link, spots={(SUB_ACCOUNT, spread.west.pk)})
    client = sign_in(person)
    foreign = act(client, "attach", link=str(spread.partner_link.uuid), places=str(spread.lille.uuid), chosen="1")
    assert foreign.context["form"].errors
    assert str(spread.lille.uuid) not in act(client, "attach", link=str(spread.partner_link.uuid)).content.decode()
    do(client, "attach", spread.west, [spread.partner_link])
    assert spots(spread.partner_link) == {(SITE, spread.nantes.pk), (SUB_ACCOUNT, spread.west.pk)}
    do(client, "detach", spread.west, [spread.partner_link])
    left = act(client, "detach", link=str(spread.partner_link.uuid), places=str(spread.nantes.uuid))
    assert (left.context["plan"].changes, len(left.context["plan"].refusals)) == ([], 1)
    outside = make_link(spread.north, make_person("d.ehors"))
    page = client.post(BULK, {"act": "attach", "list": "kind=advanced", "link": str(outside.uuid)}, follow=True)
    assert "Cochez d’abord" in page.content.decode()


def test_an_account_without_places_offers_no_act_about_them(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get(reverse("rights:users", args=["900138"]) + "?kind=advanced").content.decode()
    assert 'value="suspend"' in page
    assert 'value="attach"' not in page


# Where places are many.


@pytest.fixture
def crowded(west: SimpleNamespace) -> SimpleNamespace:
    """A thousand sites more, and three hundred sub-accounts."""
    Site.objects.bulk_create(Site(account=west.north, name=f"Boutique {n:04}") for n in range(1000))
    SubAccount.objects.bulk_create(
        SubAccount(account=west.north, number=f"{n:03}", name=f"Secteur {n}") for n in range(100, 400)
    )
    return west


def test_a_thousand_places_are_found_by_what_is_typed(crowded: SimpleNamespace, sign_in: Any) -> None:
    client, link = sign_in(crowded.owner), crowded.partner_link
    attach(link=link, by=crowded.owner_link, spots={(SITE, crowded.nantes.pk)})
    address = reverse("rights:person", args=["900138", link.uuid])
    page = client.get(address)
    assert page.content.decode().count('name="places"') == 1
    assert len(page.content) < 150_000
    typed = person_form(client, link)

    def save(words: str, places: list[Any]) -> Any:
        chosen = {"places": [str(place.uuid) for place in places], "place_words": words}
        return client.post(address, {**typed, "version": AccountLink.objects.get(pk=link.pk).version, **chosen})

    unclear = save("boutique 000", [crowded.nantes])
    assert "fait partie de plusieurs noms" in unclear.content.decode()
    assert unclear.content.decode().count('name="places"') == 11
    assert "Aucun sous-compte ni site ne s’appelle" in save("zzz", []).content.decode()
    assert save("BOUTIQUE 0007 | secteur 200", [crowded.nantes]).status_code == 302
    shop, sector = Site.objects.get(name="Boutique 0007"), SubAccount.objects.get(number="200")
    assert spots(link) == {(SITE, crowded.nantes.pk), (SITE, shop.pk), (SUB_ACCOUNT, sector.pk)}
    assert save("boutique 000", [shop]).status_code == 302
    assert spots(link) == {(SITE, shop.pk)}


def test_places_are_suggested_as_one_types(crowded: SimpleNamespace, sign_in: Any) -> None:
    client, address = sign_in(crowded.owner), reverse("rights:find_places", args=["900138"])
    html = client.post(address, {"place_words": "boutique", "places": str(crowded.lille.uuid)}).content.decode()
    assert html.count('type="checkbox"') == 21
    assert html.count(" checked") == 1
    assert "1000 lieux trouvés" in html.replace("\u202f", "")
    one = client.post(address, {"place_words": "nantes", "one": "1"}).content.decode()
    assert one.count('type="radio"') == 1
    assert "Nantes Entrepôt (01 Région Ouest)" in one


# Two at once.


def test_whoever_saves_second_sees_where_the_first_attached_the_person(west: SimpleNamespace, sign_in: Any) -> None:
    client, link = sign_in(west.owner), west.partner_link
    typed = person_form(client, link) | {"places": [str(west.lille.uuid)]}
    attach(link=link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    page = client.post(reverse("rights:person", args=["900138", link.uuid]), typed)
    assert page.status_code == 409
    assert ("Sous-comptes et sites", "Lille", "Nantes Entrepôt") in [
        tuple(map(str, row)) for row in page.context["rows"]
    ]
    assert spots(link) == {(SITE, west.nantes.pk)}


@pytest.mark.parametrize(
    "typed", ["Entrepôt de l’Étoile – Nord", "entrepot de l'etoile - nord", "ENTREPÔT DE L’ETOILE — NORD"]
)
def test_apostrophes_and_dashes_are_no_matter_where_places_and_profiles_are_named(
    west: SimpleNamespace, sign_in: Any, typed: str
) -> None:
    site = Site.objects.create(account=west.north, name="Entrepôt de l’Étoile – Nord")
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, site.pk)})
    profile = Profile.objects.create(account=west.north, name=site.name, rights=["coliship"])
    AccountLink.objects.filter(pk=west.partner_link.pk).update(profile=profile)
    client = sign_in(west.owner)
    for name in ("site", "profile"):
        page = client.get(reverse("rights:users", args=["900138"]), {name: typed})
        assert [row.last_name for table in page.context["tables"] for row in table.rows] == ["Berlioz"]
    assert site.name in client.get(reverse("accounts:sites", args=["900138"]), {"q": typed}).content.decode()
    assert Picker(Places.of(west.north.pk), frozenset({(SITE, site.pk)}), words=typed).found == [(SITE, site.pk)]


def test_who_also_works_elsewhere_is_not_ended_by_who_manages_one_place(west: SimpleNamespace, sign_in: Any) -> None:
    local, person = make_person("l.ocal"), west.colleague_link
    its = make_link(west.north, local, role="local", rights=["coliship"])
    attach(link=its, by=west.owner_link, spots={(SITE, west.lille.pk)})
    attach(link=person, by=west.owner_link, spots={(SITE, west.lille.pk), (SUB_ACCOUNT, west.west.pk)})
    client, args = sign_in(local), ["900138", person.uuid]
    page = client.get(reverse("rights:person", args=args)).content.decode()
    assert ("01 Région Ouest" in page, reverse("rights:end_link", args=args) in page) == (True, False)
    assert client.get(reverse("rights:end_link", args=args)).status_code == 302
    client.post(reverse("rights:end_link", args=args))
    person.refresh_from_db()
    assert person.state == "active"
    assert "01 Région Ouest" in client.get(reverse("rights:suspend", args=args)).content.decode()
    attach(link=its, by=west.owner_link, spots={(SITE, west.lille.pk), (SUB_ACCOUNT, west.west.pk)})
    assert client.post(reverse("rights:end_link", args=args)).status_code == 302
    person.refresh_from_db()
    assert person.state == "ended"
    assert (
        sign_in(west.owner).get(reverse("rights:end_link", args=["900138", west.partner_link.uuid])).status_code == 200
    )


def test_one_reads_where_one_is_attached_and_who_manages_there(west: SimpleNamespace, sign_in: Any) -> None:
    local = make_link(west.north, make_person("l.ocal", last_name="Tanguy"), role="local", rights=["coliship"])
    far = make_link(west.north, make_person("l.oin", last_name="Loin"), role="local", rights=["coliship"])
    attach(link=local, by=west.owner_link, spots={(SUB_ACCOUNT, west.west.pk)})
    attach(link=far, by=west.owner_link, spots={(SITE, west.lille.pk)})
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.nantes.pk)})
    page = sign_in(west.partner).get(reverse("rights:my_rights")).content.decode()
    assert ("Nantes Entrepôt" in page, "Tanguy" in page, "Loin" in page) == (True, True, False)
    assert "Où vous travaillez" not in sign_in(west.colleague).get(reverse("rights:my_rights")).content.decode()


def test_accents_do_not_put_a_place_last(west: SimpleNamespace) -> None:
    for name in ("Évry", "Angers", "Zuydcoote", "épinal"):
        Site.objects.create(account=west.north, name=name)
    places = Places.of(west.north.pk)
    own = [str(places.by_spot[spot]) for spot in places.ordered if places.parent_of(spot) is None and spot[0] == SITE]
    assert own == ["Angers", "épinal", "Évry", "Lille", "Zuydcoote"]
