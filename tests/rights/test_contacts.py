"""The directory of contacts: who sees it, rows that change in place, web access, deletion and undo."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import contacts as directory
from accounts.models import AuditEvent, Contact
from accounts.tasks import purge_contacts
from colibox.lib import tenancy
from rights import actions
from rights.actions.contacts import add, change, check_calls, list_people, take_in
from rights.actions.profiles import create as make_profile
from rights.catalogue import BY_CODE
from rights.contacts.directory import Asked, matching
from rights.models import AccountLink, Grant
from tests.conftest import PASSWORD, make_link, make_person
from tests.rights.facts import rights_of, verbs

URL = "/accounts/900138/contacts/"
HTMX = {"HX-Request": "true"}
FORM: dict[str, Any] = {
    "last_name": "Garnier", "first_name": "Inès", "civility": "mme", "function": "Comptable",
    "email": "ines@nord.example", "phone": "03 20 12 34 56", "mobile": "06 12 34 56 78",
    "roles": ["invoices", "claims"],
}  # fmt: skip


@pytest.fixture
def garnier(cast: SimpleNamespace) -> Contact:
    """A contact of north without web access."""
    return directory.add_contact(
        account=cast.north, by=cast.owner, facts={**FORM, "phone": "+33320123456", "mobile": "+33612345678"}
    )


def get(client: Client, query: str = "", **kwargs: Any) -> str:
    response = client.get(URL + query, **kwargs)
    assert response.status_code == 200
    return response.content.decode()


def names(html: str) -> list[str]:
    return [" ".join(name.split()) for name in re.findall(r'<th scope="row">([^<]*)', html)]


def events(contact: Contact) -> list[str]:
    return list(AuditEvent.objects.filter(subject=contact.uuid).order_by("pk").values_list("verb", flat=True))


# Who sees what.


def test_a_member_sees_their_own_data_and_whom_to_ask_and_nobody_else(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    for person in (cast.colleague, cast.partner):
        html = get(sign_in(person))
        assert person.full_name in html and person.email in html
        assert "900138 ADMIN" in html and cast.owner.email in html
        assert "Garnier" not in html and "ines@nord.example" not in html
        others = {cast.colleague, cast.partner} - {person}
        assert all(other.email not in html for other in others)


def test_the_administrator_is_named_only_once_they_took_the_account(cast: SimpleNamespace, sign_in: Any) -> None:
    AccountLink.objects.filter(pk=cast.owner_link.pk).update(
        accepted_at=None, state="expired", expires_at=timezone.now()
    )
    html = get(sign_in(cast.colleague))
    assert cast.owner.email not in html and "service client" in html.lower()


def test_the_directory_shows_its_contacts_with_profile_and_roles_apart(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    list_people(by=cast.owner_link, links=[cast.colleague_link])
    html = get(sign_in(cast.owner))
    assert names(html) == ["Inès Garnier", "Claire Martin"]
    assert "ines@nord.example" in html and "03 20 12 34 56" in html
    assert 'class="tag">Factures' in html and "2 droits" in html
    assert "Pas d’accès web" in html


def test_a_membership_manager_keeps_the_directory_and_a_local_administrator_does_not(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="manager")
    assert "Garnier" in get(sign_in(cast.partner))
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="local")
    client = sign_in(cast.partner)
    assert "Garnier" not in get(client)
    assert client.get(f"{URL}{garnier.uuid}/").status_code == 403
    assert client.post(f"{URL}new/", FORM).status_code == 403


@pytest.mark.parametrize("act", ["", "delete/", "restore/", "access/", "renew/"])
def test_a_contact_of_another_account_does_not_exist(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any, act: str
) -> None:
    client = sign_in(cast.stranger)
    for uuid in (garnier.uuid, uuid4()):
        assert client.post(f"/accounts/850061/contacts/{uuid}/{act}", FORM).status_code == 404
        assert client.post(f"{URL}{uuid}/{act}", FORM).status_code == 404
    assert events(garnier) == ["contact added"]


def test_a_contact_of_another_account_is_no_row_for_the_database(cast: SimpleNamespace, garnier: Contact) -> None:
    with tenancy.scope(accounts=[cast.south.pk]):
        assert list(Contact.objects.all()) == []


# Found.


@pytest.mark.parametrize(
    "q",
    [
        *(
            "garnier",
            "INES gar",
            "inès",
            "ines@nord",
            "comptable",
            "0320",
            "03 20 12",
            "+33 3 20 12 34 56",
            "0612345678",
        ),
        *("gar comptable nord.example", "Inès 0320123456"),
    ],
)
def test_a_contact_is_found(cast: SimpleNamespace, garnier: Contact, sign_in: Any, q: str) -> None:
    directory.add_contact(account=cast.north, by=cast.owner, facts={"last_name": "Autre"})
    response = sign_in(cast.owner).get(URL, {"q": q})
    assert names(response.content.decode()) == ["Inès Garnier"]


def test_a_search_says_in_what_it_looks_and_reads_the_words_that_are_kept(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    assert 'placeholder="Nom, fonction, e-mail, téléphone"' in get(sign_in(cast.owner))
    garnier.refresh_from_db()
    assert garnier.words == "garnier ines comptable ines@nord.example +33320123456 +33612345678"
    assert "colibox_fold" not in str(matching(cast.north, Asked(q="comptable 0320")).query)


def test_people_to_add_are_found_by_name_e_mail_and_user_name(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    for q in ("berlioz", "a.berlioz@example", "A.BERL"):
        html = get(client, f"people/?q={q}")
        assert "Berlioz" in html and "Martin" not in html
    assert "Personne ne correspond" in get(client, "people/?q=nobody")


def test_contacts_are_narrowed_by_role(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert names(get(client, "?role=claims")) == ["Inès Garnier"]
    assert names(get(client, "?role=technical")) == []
    assert names(get(client, "?role=nonsense&at=x&before=%00&q=%00%25")) == []


def test_contacts_are_narrowed_by_their_web_access(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    list_people(by=cast.owner_link, links=[cast.partner_link, cast.colleague_link])
    actions.suspend(link=cast.colleague_link, by=cast.owner_link)
    assert names(get(client, "?access=without")) == ["Inès Garnier"]
    assert names(get(client, "?access=with")) == ["Aline Berlioz", "Claire Martin"]
    assert names(get(client, "?access=suspended&role=")) == ["Claire Martin"]
    assert names(get(client, "?access=invited")) == [] and len(names(get(client, "?access=nonsense"))) == 3


@pytest.mark.parametrize("sort", ["name", "-name", "function", "-function", "email", "-email"])
def test_contacts_are_sorted_and_paged_in_any_order(cast: SimpleNamespace, sign_in: Any, sort: str) -> None:
    client, functions = sign_in(cast.owner), ["Élu", "etui", "Zoo", ""]
    Contact.objects.bulk_create(
        Contact(account=cast.north, last_name=f"N{n % 7}", function=functions[n % 4], email=f"{n % 9}@nord.example")
        for n in range(120)
    )
    seen: list[str] = []
    html = get(client, f"?sort={sort}")
    assert 'aria-sort="descending"' in html if sort.startswith("-") else 'aria-sort="ascending"' in html
    for _page in range(2):
        seen += re.findall(r'<tr id="c-([^"]+)', html)
        following = re.search(r'rel="next" href="([^"]*)"', html)
        assert following
        html = get(client, following[1].replace("&amp;", "&"))
    seen += re.findall(r'<tr id="c-([^"]+)', html)
    assert [str(contact.uuid) for contact in matching(cast.north, Asked(sort=sort))] == seen and len(set(seen)) == 120
    back = re.search(r'rel="prev" href="([^"]*)"', html)
    assert back
    assert re.findall(r'<tr id="c-([^"]+)', get(client, back[1].replace("&amp;", "&"))) == seen[50:100]


def crowd(account: Any, count: int) -> None:
    Contact.objects.bulk_create(Contact(account=account, last_name=f"Nom {n:04}") for n in range(count))


def test_five_thousand_contacts_go_page_by_page_with_as_many_statements(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    crowd(cast.north, 60)
    get(client)
    with CaptureQueriesContext(connection) as few:
        get(client)
    crowd(cast.north, 4940)
    with CaptureQueriesContext(connection) as many:
        html = get(client)
    assert len(many) == len(few) <= 16
    assert "5\u202f000 contacts" in html or "5 000 contacts" in html
    second = get(client, re.search(r'rel="next" href="([^"]*)"', html)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert len(names(second)) == 50 and not set(names(html)) & set(names(second))
    back = get(client, re.search(r'rel="prev" href="([^"]*)"', second)[1].replace("&amp;", "&"))  # type: ignore[index]
    assert names(back) == names(html)


def test_rows_with_web_access_cost_as_many_statements_however_many(cast: SimpleNamespace, sign_in: Any) -> None:
    client, counts = sign_in(cast.owner), []
    profile = make_profile(by=cast.owner_link, name="Agence", description="", rights=["coliship"])
    for first, last in ((0, 2), (2, 30)):
        links = [make_link(cast.north, make_person(f"p{n:02}")) for n in range(first, last)]
        AccountLink.objects.filter(pk__in=[link.pk for link in links]).update(profile=profile, follows_profile=True)
        list_people(by=cast.owner_link, links=links)
        html = get(client)
        assert html.count("Agence") >= last
        with CaptureQueriesContext(connection) as asked:
            get(client)
        counts.append(len(asked))
    assert counts[0] == counts[1]


# In place.


def test_a_row_becomes_a_form_and_a_row_again(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    form = get(client, f"{garnier.uuid}/", headers=HTMX)
    assert form.lstrip().startswith("<tr") and 'value="Inès"' in form and "autofocus" in form
    row = get(client, f"{garnier.uuid}/?shown=1", headers=HTMX)
    assert names(row) == ["Inès Garnier"]
    changed = {**FORM, "last_name": "Garnier-Petit", "roles": ["contract"], "version": 1}
    saved = client.post(f"{URL}{garnier.uuid}/", changed, headers=HTMX).content.decode()
    assert names(saved) == ["Inès Garnier-Petit"] and 'hx-swap-oob="innerHTML:#messages"' in saved
    garnier.refresh_from_db()
    assert (garnier.last_name, garnier.roles, garnier.version) == ("Garnier-Petit", ["contract"], 2)
    event = AuditEvent.objects.get(verb="contact changed")
    assert event.before == {"last_name": "Garnier", "roles": ["invoices", "claims"]}
    assert event.after == {"last_name": "Garnier-Petit", "roles": ["contract"]}


def test_without_javascript_a_page_holds_the_same_form(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert "<h1>Modifier Inès Garnier</h1>" in get(client, f"{garnier.uuid}/?next={URL}")
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert f'href="{elsewhere}"' not in get(client, f"{garnier.uuid}/?next={elsewhere}")
    typed = {**FORM, "first_name": "Inès-Marie", "version": 1, "next": f"{URL}?q=gar"}
    response = client.post(f"{URL}{garnier.uuid}/", typed)
    assert response.headers["Location"] == f"{URL}?q=gar#c-{garnier.uuid}"
    away = {**typed, "version": 2, "next": "https://elsewhere.example/"}
    assert client.post(f"{URL}{garnier.uuid}/", away).headers["Location"] == f"{URL}#c-{garnier.uuid}"


def test_a_mistake_keeps_the_form_with_what_is_wrong(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    wrong = {**FORM, "last_name": "", "phone": "12", "roles": ["nonsense"], "version": 1}
    html = sign_in(cast.owner).post(f"{URL}{garnier.uuid}/", wrong, headers=HTMX).content.decode()
    assert html.count('aria-invalid="true"') >= 2 and 'class="row-form"' in html
    garnier.refresh_from_db()
    assert garnier.version == 1


@pytest.mark.parametrize("headers, status", [(HTMX, 200), ({}, 409)])
def test_who_saves_second_sees_both_versions_and_chooses(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any, headers: dict[str, str], status: int
) -> None:
    client, url = sign_in(cast.owner), f"{URL}{garnier.uuid}/"
    directory.change_contact(contact=garnier, by=cast.owner, version=1, facts={"function": "Directrice"})
    mine = {**FORM, "function": "Trésorière", "version": 1}
    response = client.post(url, mine, headers=headers)
    html = response.content.decode()
    assert response.status_code == status
    assert "Directrice" in html and "Trésorière" in html
    garnier.refresh_from_db()
    assert garnier.function == "Directrice"
    version = re.search(r'name="version" value="(\d+)"', html)
    assert version
    client.post(url, {**mine, "version": version[1]}, headers=headers)
    garnier.refresh_from_db()
    assert garnier.function == "Trésorière"


def test_what_was_removed_meanwhile_is_not_saved_and_can_be_put_back(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    directory.remove_contact(contact=garnier, by=cast.owner)
    client = sign_in(cast.owner)
    response = client.post(f"{URL}{garnier.uuid}/", {**FORM, "last_name": "X", "version": 1}, headers=HTMX)
    assert response.headers["HX-Redirect"] == URL
    html = get(client)
    assert "supprimé entre-temps" in html and f"{garnier.uuid}/restore/" in html
    garnier.refresh_from_db()
    assert garnier.last_name == "Garnier"


# One's own card.


def test_anybody_changes_their_own_details_at_once(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.partner)
    assert 'value="Aline"' in get(client, "me/", headers=HTMX)
    typed = {"last_name": "Berlioz", "first_name": "Aline", "function": "Directrice", "phone": "06 11 22 33 44"}
    assert client.post(f"{URL}me/", {**typed, "email": "other@example.com"}).status_code == 302
    cast.partner.refresh_from_db()
    assert (cast.partner.function, cast.partner.email) == ("Directrice", "a.berlioz@example.com")
    assert cast.partner.town == "Nantes"
    cast.partner_south_link.refresh_from_db()
    assert cast.partner_south_link.function == "Directrice"


def test_a_contact_follows_its_person_but_where_the_account_wrote_something_else(cast: SimpleNamespace) -> None:
    list_people(by=cast.owner_link, links=[cast.partner_link])
    contact = Contact.objects.get(last_name="Berlioz")
    contact = directory.change_contact(contact=contact, by=cast.owner, version=1, facts={"function": "Agence OCT"})
    cast.partner.function, cast.partner.phone = "Directrice", "+33611223344"
    cast.partner.save()
    contact.refresh_from_db()
    assert (contact.function, str(contact.phone), contact.version) == ("Agence OCT", "+33611223344", 3)


# Add, remove, undo.


def test_a_contact_is_added_with_web_access_unless_it_is_not_wanted(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    client = sign_in(cast.owner)
    assert "checked" not in get(client, "new/")
    unsaid = client.post(f"{URL}new/", {**FORM, "access": "on"}).content.decode()
    assert "Choisissez ce qui lui est permis" in unsaid and arrived() == []
    client.post(f"{URL}new/", {**FORM, "access": "on", "profile": "none"})
    link = AccountLink.objects.get(email="ines@nord.example")
    assert link.contact is not None
    assert (link.state, link.kind, link.contact.last_name, link.function) == (
        "invited",
        "advanced",
        "Garnier",
        "Comptable",
    )
    assert {mail.to[0] for mail in arrived()} == {"ines@nord.example", cast.owner.email}
    client.post(f"{URL}new/", {"last_name": "Sans"})
    assert Contact.objects.filter(last_name="Sans").count() == 1 and arrived() == []


def test_web_access_needs_an_address_that_serves_nobody_else_of_the_directory(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    client = sign_in(cast.owner)
    html = client.post(f"{URL}new/", {"last_name": "Sans", "access": "on"}).content.decode()
    assert "Une invitation a besoin d’une adresse e-mail" in html
    list_people(by=cast.owner_link, links=[cast.partner_link])
    taken = {"last_name": "Double", "email": "a.berlioz@example.com", "access": "on", "profile": "none"}
    refused = client.post(f"{URL}new/", {**taken, "same_address": "on"}).content.decode()
    assert "est l’adresse de Aline Berlioz" in refused or "est celle de Aline Berlioz" in refused
    assert not Contact.objects.filter(last_name__in=["Sans", "Double"]).exists()


def test_removing_is_undone_from_the_message_and_from_the_list(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    client = sign_in(cast.owner)
    html = client.post(f"{URL}{garnier.uuid}/delete/", follow=True).content.decode()
    assert names(html) == [] and html.count(f"{garnier.uuid}/restore/") == 2 and "Supprimés récemment" in html
    client.post(f"{URL}{garnier.uuid}/restore/")
    assert names(get(client)) == ["Inès Garnier"]
    assert events(garnier) == ["contact added", "contact removed", "contact put back"]


def test_after_three_days_a_removed_contact_is_forgotten(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    list_people(by=cast.owner_link, links=[cast.partner_link])
    listed = Contact.objects.get(last_name="Berlioz")
    for contact in (garnier, listed):
        directory.remove_contact(contact=contact, by=cast.owner)
    Contact.objects.filter(pk=listed.pk).update(deleted_at=timezone.now() - timedelta(days=3, seconds=1))
    client = sign_in(cast.owner)
    client.post(f"{URL}{listed.uuid}/restore/")
    assert names(get(client)) == []
    assert purge_contacts() == 1
    assert list(Contact.objects.all()) == [garnier]
    cast.partner_link.refresh_from_db()
    assert (cast.partner_link.contact_id, cast.partner_link.state) == (None, "active")


def test_removing_a_contact_says_what_becomes_of_their_web_access(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    list_people(by=cast.owner_link, links=[cast.partner_link, cast.owner_link])
    berlioz, own = Contact.objects.get(last_name="Berlioz"), Contact.objects.get(last_name="ADMIN")
    assert 'name="access"' in get(client, f"{berlioz.uuid}/delete/")
    assert 'name="access"' not in get(client, f"{own.uuid}/delete/")
    client.post(f"{URL}{berlioz.uuid}/delete/")
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.state == "active"
    client.post(f"{URL}{berlioz.uuid}/restore/")
    client.post(f"{URL}{berlioz.uuid}/delete/", {"access": "1"})
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.state == "ended"
    client.post(f"{URL}{own.uuid}/delete/", {"access": "1"})
    own.refresh_from_db()
    cast.owner_link.refresh_from_db()
    assert (own.deleted_at, cast.owner_link.state) == (None, "active")


# Web access.


def test_the_envelope_invites_and_keeps_the_address_that_was_missing(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    contact = directory.add_contact(account=cast.north, by=cast.owner, facts={"last_name": "Petit"})
    client = sign_in(cast.owner)
    assert 'name="email"' in get(client, f"{contact.uuid}/access/", headers=HTMX)
    row = client.post(f"{URL}{contact.uuid}/access/", {"email": "petit@nord.example"}, headers=HTMX).content.decode()
    assert names(row) == ["Petit"] and "Invité" in row
    contact.refresh_from_db()
    assert contact.email == "petit@nord.example"
    assert [mail.to for mail in arrived()] == [["petit@nord.example"]]
    link = AccountLink.objects.get(contact=contact)
    assert verbs(link) == ["person invited", "contact tied"]


def test_who_has_access_with_that_address_already_is_tied_to_the_contact(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    contact = directory.add_contact(
        account=cast.north, by=cast.owner, facts={"last_name": "Berlioz", "email": "A.Berlioz@example.com"}
    )
    html = sign_in(cast.owner).post(f"{URL}{contact.uuid}/access/", follow=True).content.decode()
    assert "déjà un accès" in html and arrived() == []
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.contact_id == contact.pk


def test_the_arrows_send_the_invitation_again_or_a_link_to_choose_a_password(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any, arrived: Any
) -> None:
    client = sign_in(cast.owner)
    client.post(f"{URL}{garnier.uuid}/access/")
    list_people(by=cast.owner_link, links=[cast.partner_link])
    arrived()
    client.post(f"{URL}{garnier.uuid}/renew/")
    [invitation] = arrived()
    assert "/invitations/" in invitation.body
    former = cast.partner.password
    berlioz = Contact.objects.get(last_name="Berlioz")
    assert "a.berlioz@example.com" in client.post(f"{URL}{berlioz.uuid}/renew/", headers=HTMX).content.decode()
    [reset] = arrived()
    assert reset.to == ["a.berlioz@example.com"] and "/auth/password/reset/" in reset.body
    assert reset.subject == f"{cast.north.company} : votre lien pour choisir un autre mot de passe"
    assert "900138 ADMIN" in reset.body and "Quelqu’un a donné" not in reset.body
    cast.partner.language = "en"
    cast.partner.save()
    client.post(f"{URL}{Contact.objects.get(last_name='Berlioz').uuid}/renew/")
    [reset] = arrived()
    assert "900138 ADMIN, who manages access to the account 900138" in reset.body
    cast.partner.refresh_from_db()
    assert cast.partner.password == former
    assert "password link sent" in verbs(cast.partner_link)


def test_the_arrows_refuse_oneself_the_suspended_and_too_many(
    cast: SimpleNamespace, sign_in: Any, arrived: Any
) -> None:
    client = sign_in(cast.owner)
    list_people(by=cast.owner_link, links=[cast.partner_link, cast.owner_link])
    berlioz, own = Contact.objects.get(last_name="Berlioz"), Contact.objects.get(last_name="ADMIN")
    client.post(f"{URL}{own.uuid}/renew/")
    assert arrived() == []
    for _again in range(7):
        client.post(f"{URL}{berlioz.uuid}/renew/")
    assert len(arrived()) == 5
    actions.suspend(link=cast.partner_link, by=cast.owner_link)
    arrived()
    assert "suspendu" in client.post(f"{URL}{berlioz.uuid}/renew/", follow=True).content.decode()
    assert arrived() == []


def test_two_contacts_have_one_address_only_where_that_is_meant(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any, arrived: Any
) -> None:
    client = sign_in(cast.owner)
    twin = {"last_name": "Jumeau", "email": "INES@nord.example"}
    html = client.post(f"{URL}new/", twin).content.decode()
    assert "Inès Garnier a déjà cette adresse" in html and f"?at={garnier.uuid}" in html
    assert not Contact.objects.filter(last_name="Jumeau").exists()
    client.post(f"{URL}new/", {**twin, "same_address": "on"})
    jumeau = Contact.objects.get(last_name="Jumeau")
    kept = {**twin, "first_name": "Jo", "version": jumeau.version}
    client.post(f"{URL}{jumeau.uuid}/", kept)
    jumeau.refresh_from_db()
    assert jumeau.first_name == "Jo", "an address kept asks nothing again"
    client.post(f"{URL}{garnier.uuid}/access/")
    arrived()
    row = get(client, f"{jumeau.uuid}/access/", headers=HTMX)
    assert "Inès Garnier" in row and "Envoyer l’invitation" not in row
    client.post(f"{URL}{jumeau.uuid}/access/")
    assert arrived() == [] and AccountLink.objects.filter(contact=jumeau).count() == 0


def test_a_standard_user_is_created_for_a_contact(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any, arrived: Any
) -> None:
    client, address = sign_in(cast.owner), f"{garnier.uuid}/access/standard/"
    assert address in get(client, f"{garnier.uuid}/access/", headers=HTMX)
    assert 'value="Garnier"' in get(client, address)
    typed = {
        **{name: value for name, value in FORM.items() if name != "roles"},
        "address_1": "1 rue Nationale",
        "postcode": "59000",
        "town": "Lille",
        "country": "FR",
        "language": "fr",
        "active": "1",
        "way": "linked",
        "profile": "accounting",
        "phone": "03 20 12 34 56",
    }
    answer = client.post(URL + address, typed)
    assert answer.headers["Location"].endswith(f"#c-{garnier.uuid}")
    link = AccountLink.objects.get(contact=garnier)
    assert (link.kind, link.state, str(link.profile)) == ("standard", "invited", "Comptabilité")
    assert "invoices" in rights_of(link) and [mail.to for mail in arrived()] == [["ines@nord.example"]]
    assert verbs(link) == ["person invited", "contact tied"]
    assert "déjà un accès" in client.post(URL + address, {**typed, "username": "other"}).content.decode()


def test_one_address_is_not_invited_without_end(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    client = sign_in(cast.owner)
    typed = {"last_name": "Cible", "email": "cible@example.com", "access": "on", "profile": "none"}
    invited = []
    for _again in range(7):
        client.post(f"{URL}new/", typed)
        invited += arrived()
        for contact in Contact.objects.filter(last_name="Cible", deleted_at=None):
            client.post(f"{URL}{contact.uuid}/delete/", {"access": "1"})
        arrived()
    assert len(invited) == 5
    assert "attendez une heure" in client.post(f"{URL}new/", typed).content.decode()


# Who is told of invoices.


@pytest.fixture
def manager(cast: SimpleNamespace, sign_in: Any) -> Client:
    """Who has people in hand, and not the invoices."""
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="manager")
    client: Client = sign_in(cast.partner)
    return client


def test_who_may_not_see_invoices_leads_no_e_mail_about_them_elsewhere(
    cast: SimpleNamespace, garnier: Contact, manager: Client
) -> None:
    assert 'value="invoices"' not in get(manager, "new/")
    manager.post(f"{URL}new/", {**FORM, "email": "spy@outside.example"})
    assert not Contact.objects.filter(email="spy@outside.example").exists()
    typed = {**FORM, "email": "spy@outside.example", "roles": ["claims"], "function": "Cheffe", "version": 1}
    manager.post(f"{URL}{garnier.uuid}/", typed)
    garnier.refresh_from_db()
    assert (garnier.email, garnier.roles, garnier.function) == ("ines@nord.example", ["invoices", "claims"], "Cheffe")
    partner = AccountLink.objects.get(pk=cast.partner_link.pk)
    for facts, field in (({"roles": ["invoices"]}, "roles"), ({"email": "spy@outside.example"}, "email")):
        before = garnier if field == "email" else None
        with pytest.raises(ValidationError) as refusal:
            check_calls(partner, facts, before)
        assert list(refusal.value.message_dict) == [field]


def test_an_address_that_is_missing_is_not_given_to_who_is_called_for_invoices(
    cast: SimpleNamespace, manager: Client
) -> None:
    contact = directory.add_contact(
        account=cast.north, by=cast.owner, facts={"last_name": "Petit", "roles": ["invoices"]}
    )
    manager.post(f"{URL}{contact.uuid}/access/", {"email": "spy@outside.example"})
    contact.refresh_from_db()
    assert contact.email == "" and not AccountLink.objects.filter(contact=contact).exists()


def test_who_may_see_both_says_who_is_called_for_them_and_the_owner_is_told(
    cast: SimpleNamespace, manager: Client, arrived: Any
) -> None:
    for right in ("invoices", "tariffs"):
        facts = {"right": right, "choice": BY_CODE[right].choice, "given_by_name": "ADMIN"}
        Grant.objects.create(account=cast.north, link=cast.partner_link, **facts)
    manager.post(f"{URL}new/", FORM)
    garnier = Contact.objects.get(email="ines@nord.example")
    assert garnier.roles == ["invoices", "claims"]
    [told] = arrived()
    assert told.to == [cast.owner.email]
    assert "Compte 900138" in told.subject
    assert "Aline Berlioz" in told.body and "Inès Garnier – ines@nord.example" in told.body
    partner = AccountLink.objects.get(pk=cast.partner_link.pk)
    calm: dict[str, Any] = {
        "facts": {"function": "Cheffe", "roles": ["invoices"], "email": "INES@nord.example"},
        "version": 1,
    }
    change(contact=garnier, by=partner, **calm)
    add(by=partner, facts={"last_name": "Sans", "roles": ["invoices"]})  # no address: nothing goes anywhere
    assert arrived() == []


def test_a_file_that_calls_many_for_invoices_is_one_e_mail(
    cast: SimpleNamespace, garnier: Contact, arrived: Any
) -> None:
    owner = AccountLink.objects.get(pk=cast.owner_link.pk)
    new = [{"last_name": f"N{n:02}", "email": f"n{n:02}@nord.example", "roles": ["invoices"]} for n in range(24)]
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(language="en")
    take_in(by=owner, new=new, changed=[(garnier, {"email": "elsewhere@nord.example"})])
    [told] = arrived()
    assert told.subject == "Account 900138: who is told of invoices has changed"
    assert "Inès Garnier – elsewhere@nord.example" in told.body and "- 5 more" in told.body
    take_in(by=owner, new=[{"last_name": "Calme", "email": "calme@nord.example", "roles": []}], changed=[])
    assert arrived() == []


# Web profile.


def test_web_access_begins_with_the_profile_chosen(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    row = client.post(f"{URL}{garnier.uuid}/access/", {"profile": "integrator"}, headers=HTMX).content.decode()
    assert names(row) == ["Inès Garnier"] and "Intégrateur" in row
    petit = {"last_name": "Petit", "email": "petit@nord.example", "access": "on", "profile": "none"}
    client.post(f"{URL}new/", petit)
    for email, profile in (("ines@nord.example", "integrator"), ("petit@nord.example", None)):
        link = AccountLink.objects.get(email=email)
        assert (link.profile.shipped if link.profile else None) == profile
        assert link.follows_profile is bool(profile) and bool(rights_of(link)) is bool(profile)


def test_a_row_changes_the_web_profile_and_tells_the_person(cast: SimpleNamespace, sign_in: Any, arrived: Any) -> None:
    list_people(by=cast.owner_link, links=[cast.partner_link])
    contact, client = Contact.objects.get(last_name="Berlioz"), sign_in(cast.owner)
    typed = {"last_name": "Berlioz", "first_name": "Aline", "version": 1, "profile": "integrator"}
    assert "Intégrateur" in client.post(f"{URL}{contact.uuid}/", typed, headers=HTMX).content.decode()
    assert rights_of(cast.partner_link) == ["pickup_ws", "shipping_ws", "tracking_ws"]
    assert [mail.to for mail in arrived()] == [["a.berlioz@example.com"]]
    contact.refresh_from_db()
    client.post(f"{URL}{contact.uuid}/", {**typed, "version": contact.version, "profile": ""}, headers=HTMX)
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.profile is None and len(rights_of(cast.partner_link)) == 3


def test_who_does_not_give_rights_chooses_no_profile(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="manager")
    list_people(by=cast.owner_link, links=[cast.colleague_link, cast.owner_link])
    colleague, owner = Contact.objects.get(last_name="Martin"), Contact.objects.get(last_name="ADMIN")
    client = sign_in(cast.partner)
    assert 'name="profile"' not in get(client, f"{colleague.uuid}/") + get(client, "new/")
    client.post(f"{URL}{garnier.uuid}/access/", {"profile": "accounting"})
    assert rights_of(AccountLink.objects.get(contact=garnier)) == []
    assert 'name="profile"' not in get(sign_in(cast.owner), f"{owner.uuid}/")


def test_a_row_tells_profile_or_rights_and_the_role_apart(cast: SimpleNamespace, sign_in: Any) -> None:
    profile = make_profile(by=cast.owner_link, name="Agence", description="", rights=["coliship"])
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="manager", profile=profile, follows_profile=True)
    links = [cast.owner_link, cast.partner_link, cast.colleague_link]
    list_people(by=cast.owner_link, links=links)
    cast.colleague_link.grants.all().delete()
    html = get(sign_in(cast.owner))
    shown = [" ".join(cell.split()) for cell in re.findall(r'data-label="Profil web">(.*?)</td>', html, re.DOTALL)]
    said = [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in shown]
    assert said == [
        "Tous les droits du compte – 900138 ADMIN Propriétaire Actif",
        "Agence – Aline Berlioz Gestionnaire des membres Actif",
        f"Aucun droit – {cast.colleague_link} Actif",
    ]


def test_who_does_not_give_rights_leaves_the_web_profile_as_it_is(cast: SimpleNamespace, sign_in: Any) -> None:
    list_people(by=cast.owner_link, links=[cast.colleague_link])
    colleague = Contact.objects.get(last_name="Martin")
    typed = {"last_name": "Martin", "version": 1, "profile": "shipper"}
    sign_in(cast.owner).post(f"{URL}{colleague.uuid}/", typed)
    before = rights_of(cast.colleague_link)
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="manager")
    version = Contact.objects.get(pk=colleague.pk).version
    sign_in(cast.partner).post(f"{URL}{colleague.uuid}/", {"last_name": "Martin-Roy", "version": version})
    colleague.refresh_from_db()
    cast.colleague_link.refresh_from_db()
    assert colleague.last_name == "Martin-Roy" and rights_of(cast.colleague_link) == before
    assert cast.colleague_link.follows_profile and str(cast.colleague_link.profile) == "Expéditeur"


def test_only_profiles_that_give_something_to_this_kind_of_user_are_offered(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    list_people(by=cast.owner_link, links=[cast.colleague_link])
    colleague, client = Contact.objects.get(last_name="Martin"), sign_in(cast.owner)
    assert ">Comptabilité</option>" in get(client, f"{colleague.uuid}/", headers=HTMX)
    invitation = get(client, f"{garnier.uuid}/access/", headers=HTMX)
    assert ">Comptabilité</option>" not in invitation and "n’est pas proposé" in invitation


# People of the account.


def test_people_who_are_ticked_become_contacts_at_once_or_all_that_were_searched_for(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(cast.owner)
    assert "Cochez au moins une personne" in client.post(f"{URL}people/", {}, follow=True).content.decode()
    client.post(f"{URL}people/", {"person": [cast.colleague_link.uuid, cast.owner_link.uuid, "x"]})
    assert names(get(client)) == ["900138 ADMIN", "Claire Martin"]
    make_link(cast.north, make_person("a.autre", last_name="Autre"))
    client.post(f"{URL}people/?q=berl", {"all": "1"})
    assert names(get(client)) == ["900138 ADMIN", "Aline Berlioz", "Claire Martin"]


def test_people_of_the_account_become_contacts_in_one_click(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert names(get(client, "people/")) == ["900138 ADMIN", "Aline Berlioz", "Claire Martin"]
    assert names(get(client, "people/?q=clair")) == ["Claire Martin"]
    client.post(f"{URL}people/", {"person": cast.colleague_link.uuid})
    assert names(get(client)) == ["Claire Martin"]
    client.post(f"{URL}people/", {"person": cast.partner_south_link.uuid})
    client.post(f"{URL}people/", {"person": cast.colleague_link.uuid})
    assert Contact.objects.count() == 1
    client.post(f"{URL}people/", {"all": "1"})
    assert names(get(client)) == ["900138 ADMIN", "Aline Berlioz", "Claire Martin"]
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.contact is not None and cast.partner_link.contact.email == cast.partner.email
    assert AuditEvent.objects.filter(verb="contact added", account_id=cast.north.pk).count() == 3


def test_the_address_of_who_has_not_accepted_is_not_shown(cast: SimpleNamespace, sign_in: Any) -> None:
    secret = make_person("n.secret")
    actions.request_link(by=cast.owner_link, person=secret, rights=["shipping_ws"], tags=[])
    client = sign_in(cast.owner)
    client.post(f"{URL}people/", {"all": "1"})
    assert "n.secret@example.com" not in get(client) + get(client, "people/")


# Files.


def test_the_contacts_leave_as_a_file_that_acts_on_nothing(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    directory.add_contact(account=cast.north, by=cast.owner, facts={"last_name": "=cmd()"})
    list_people(by=cast.owner_link, links=[cast.partner_link])
    client = sign_in(cast.owner)
    for answer in (client.get(f"{URL}export/"), client.post(f"{URL}export/", {"format": "csv"})):
        assert answer.headers["Location"].startswith("/auth/reauthenticate/?next=")
    assert not AuditEvent.objects.filter(verb="contacts exported").exists()
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    page = get(client, "export/?q=ga&role=claims")
    assert "1 contact." in page and "Rôle" in page and "Réclamations" in page
    response = client.post(f"{URL}export/", {"format": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Nom"] for row in rows] == ["'=cmd()", "Berlioz", "Garnier"]
    assert (rows[2]["Téléphone"], rows[2]["Rôles"], rows[2]["Accès web"]) == (
        "(+33) 320123456", "Factures, Réclamations", "Pas d’accès web"
    )  # fmt: skip
    assert rows[1]["Accès web"] == "Actif" and rows[1]["Profil web"] == "2 droits"
    facts = {"contacts": 3, "asked": "", "format": "csv"}
    assert AuditEvent.objects.get(verb="contacts exported").after == facts
    assert b"".join(client.post(f"{URL}export/", {"format": "xlsx"})).startswith(b"PK")


def test_two_contacts_are_never_made_of_one_person_at_once(cast: SimpleNamespace) -> None:
    links = [cast.partner_link, make_link(cast.north, make_person("third"))]
    with transaction.atomic():
        assert list_people(by=cast.owner_link, links=links) == 2
        assert list_people(by=cast.owner_link, links=links) == 0
