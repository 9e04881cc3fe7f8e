"""Contacts that come in as a file: what leaves comes back unchanged, and nothing is written before it was seen."""

from __future__ import annotations

import html
import os
import re
import time
import zipfile
from functools import partial
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from accounts.actions import contacts as directory
from accounts.models import AuditEvent, Contact
from colibox.lib import sheets, tenancy
from imports import contacts as reading
from rights.contacts.directory import Asked, entries, matching
from rights.contacts.files import lines
from rights.models import AccountLink
from tests.conftest import make_account, make_link, make_person
from tests.together import together

URL = "/accounts/900138/contacts/import/"
FACTS: dict[str, Any] = {
    "last_name": "Garnier", "first_name": "Inès", "civility": "mme", "function": "=Comptable",
    "email": "ines@nord.example", "phone": "+33320123456", "mobile": "+32470123456", "roles": ["claims", "invoices"],
}  # fmt: skip


@pytest.fixture
def garnier(cast: SimpleNamespace) -> Contact:
    return directory.add_contact(account=cast.north, by=cast.owner, facts=FACTS)


def send(client: Client, content: str | bytes, name: str = "contacts.csv") -> str:
    raw = content.encode() if isinstance(content, str) else content
    return client.post(URL, {"file": SimpleUploadedFile(name, raw)}).content.decode()


def apply(client: Client, page: str) -> Any:
    """Press the button of the preview."""
    values = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("rows", "digest")}
    return client.post(URL, {name: html.unescape(found[1]) for name, found in values.items() if found}, follow=True)


def counts(page: str) -> list[int]:
    """To add, to change, as they are, refused."""
    return [int(found) for found in re.findall(r"<dd>(\d+)</dd>", page)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_export_sent_again_changes_nothing(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any, kind: str, language: str
) -> None:
    cast.owner.language = language
    cast.owner.save()
    client = sign_in(cast.owner)
    for facts in ({"last_name": "Sans"}, {**FACTS, "function": "-1"}, {"last_name": "’Étoile", "roles": ["technical"]}):
        directory.add_contact(account=cast.north, by=cast.owner, facts=facts)
    client.post("/auth/reauthenticate/", {"password": "lune-bleue-sur-la-colline"})
    exported = b"".join(client.post("/accounts/900138/contacts/export/", {"format": kind}))
    page = send(client, exported, f"contacts.{kind}")
    assert counts(page) == [0, 0, 4, 0]
    assert '<button class="btn btn-primary" type="submit">' not in page.split('name="digest"')[1]


def test_a_file_is_shown_first_then_adds_and_changes(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    file = (
        "Fonction;Nom;Prénom;E-mail;Téléphone;Rôles;Civilité\n"
        "Directrice;Garnier;Inès;ines@nord.example;;-;\n"
        "Quai;Petit;Paul;paul@nord.example;03 20 00 00 01;Logistique, Technique;M.\n"
    )
    page = send(client, file)
    assert counts(page) == [1, 1, 0, 0] and "Directrice" in page and "=Comptable" in page
    assert Contact.objects.count() == 1
    said = apply(client, page).content.decode()
    assert "1 contact est ajouté" in said and "1 contact est modifié" in said
    garnier.refresh_from_db()
    assert (garnier.function, garnier.roles, str(garnier.phone)) == ("Directrice", [], "+33320123456")
    petit = Contact.objects.get(last_name="Petit")
    assert (str(petit.phone), petit.roles, petit.civility) == ("+33320000001", ["logistics", "technical"], "m")
    told = AuditEvent.objects.filter(account_id=cast.north.pk).order_by("pk").values_list("verb", flat=True)
    assert list(told) == ["contact added", "contact changed", "contact added"]
    assert not AccountLink.objects.filter(email="paul@nord.example").exists(), "a file invites nobody"


def test_a_row_that_cannot_be_is_refused_with_why_and_the_others_are_written(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    client = sign_in(cast.owner)
    file = (
        "last name,e-mail,telephone,roles,identifier\n"
        "Twin,INES@nord.example,,,\n"
        "Wrong,not an address,12,,\n"
        "Odd,,,king,\n"
        ",nobody@nord.example,,,\n"
        f"Renamed,,,,{garnier.uuid}\n"
        f"Again,,,,{garnier.uuid}\n"
        "Ghost,,,,7a1c0a52-0000-4000-8000-000000000000\n"
        "One,one@nord.example,,,\n"
        "Two,one@nord.example,,,\n"
    )
    page = html.unescape(send(client, file))
    assert counts(page) == [1, 1, 0, 7]
    for why in ("Inès Garnier a déjà cette adresse", "king", "Ligne 6", "identifiant", "Ligne 9"):
        assert why.casefold() in page.casefold(), why
    apply(client, send(client, file))
    garnier.refresh_from_db()
    assert garnier.last_name == "Renamed" and set(Contact.objects.values_list("last_name", flat=True)) == {
        "Renamed",
        "One",
    }


def test_who_may_not_see_invoices_calls_nobody_for_them_by_a_file(
    cast: SimpleNamespace, garnier: Contact, sign_in: Any
) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(role="manager")
    client = sign_in(cast.partner)
    file = f"Nom;E-mail;Rôles;Identifiant\nSpy;spy@out.example;Factures;\nGarnier;spy@out.example;;{garnier.uuid}\n"
    page = send(client, file)
    assert counts(page) == [0, 0, 0, 2]
    apply(client, page)
    assert not Contact.objects.filter(email="spy@out.example").exists()


def test_what_changed_since_the_preview_is_shown_again(cast: SimpleNamespace, garnier: Contact, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    page = send(client, f"Nom;Fonction;Identifiant\nGarnier;Chef;{garnier.uuid}\n")
    directory.change_contact(contact=garnier, by=cast.owner, version=1, facts={"function": "Présidente"})
    again = apply(client, page).content.decode()
    assert "Présidente" in again and "modifiés entre-temps" in again
    garnier.refresh_from_db()
    assert garnier.function == "Présidente"
    apply(client, again)
    garnier.refresh_from_db()
    assert garnier.function == "Chef"


@pytest.mark.parametrize(
    "content, why",
    [
        (b"", "vide"), (b"%PDF-1.4", "PDF"), ("Foo;Bar\n1;2\n", "Aucune colonne"),
        ("Nom;Fonction\n;\n", "aucun contact"),
        ("Nom\n" + "x\n" * (reading.MOST_ROWS + 1), "2\u202f000"),
    ],
    ids=["empty", "pdf", "other columns", "nobody", "too many"],
)  # fmt: skip
def test_a_file_that_is_no_list_of_contacts_is_refused(
    cast: SimpleNamespace, sign_in: Any, content: str | bytes, why: str
) -> None:
    assert why in html.unescape(send(sign_in(cast.owner), content))


def test_rows_that_nobody_was_shown_write_nothing(tiers: SimpleNamespace, sign_in: Any) -> None:
    """Rows serve as they were read, to whom they were shown: whatever else is sent costs nothing and writes nothing."""
    shown = re.findall(r'name="rows" value="([^"]*)"', send(sign_in(tiers.manager), "Nom\nGarnier\n"))
    client = sign_in(tiers.owner)
    for rows in ("nonsense", "[[1, {}]]", "[" * 200_000, "1" * 5000, *shown):
        answer = client.post(URL, {"rows": html.unescape(rows), "digest": "x"}, follow=True)
        assert "trop ancienne" in answer.content.decode()
    assert not Contact.objects.exists()


def test_a_file_costs_little_whatever_is_in_it_and_in_the_directory(
    cast: SimpleNamespace, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    """It is read while somebody waits: no row is compared with a whole directory, no workbook is unpacked for long."""
    client, rows = sign_in(cast.owner), [(n, {"last_name": f"Nom {n}"}) for n in range(2000)]
    Contact.objects.bulk_create([Contact(account=cast.north, last_name=f"Nom {n % 500}") for n in range(1000)])
    began = time.process_time()
    with django_assert_max_num_queries(10):
        assert len(reading.compare(rows, cast.owner_link)) == 2000
    assert time.process_time() - began < 5
    assert "1 Mo" in html.unescape(send(client, "Nom\n" + "x" * reading.LARGEST))
    book = BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", os.urandom(120_000) + b"<a/>" * 2_600_000)
    assert "une fois décompressé" in html.unescape(send(client, book.getvalue(), "contacts.xlsx"))


def test_what_leaves_is_what_comes_in(cast: SimpleNamespace, garnier: Contact) -> None:
    told = list(lines(entries(list(matching(cast.north, Asked())), cast.owner_link)))
    file = BytesIO(b"".join(sheets.csv_parts(told)))
    [(number, cells)] = reading.read(file)
    assert number == 2 and cells["function"] == "=Comptable" and cells["identifier"] == str(garnier.uuid)


@pytest.mark.django_db(transaction=True)
def test_what_is_sent_twice_at_once_is_written_once() -> None:
    """A double click: by the file as by the form, whoever comes second sees what the first wrote."""
    owner, clients = make_person("900138", kind="advanced"), [Client() for _ in range(3)]
    with transaction.atomic(), tenancy.everything():
        make_link(make_account("900138", "Comptoir du Nord"), owner, role="owner")
    for client in clients:
        client.force_login(owner)
    page = send(clients[0], "Nom;E-mail\nSeule;seule@nord.example\n")
    together(*(partial(apply, client, page) for client in clients))
    typed = {"last_name": "Autre", "email": "autre@nord.example"}
    together(*(partial(client.post, "/accounts/900138/contacts/new/", typed) for client in clients))
    with transaction.atomic(), tenancy.everything():
        assert sorted(Contact.objects.values_list("last_name", flat=True)) == ["Autre", "Seule"]
