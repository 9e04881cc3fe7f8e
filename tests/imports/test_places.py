"""Where people belong, in files: read whatever the capitals and accents, written again, and never guessed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEvent, Site, SubAccount
from imports import actions, work
from imports.models import ImportJob
from rights.actions.attaching import attach, attached
from rights.models import AccountLink
from rights.people.resources import PeopleResource
from rights.places import SITE, SUB_ACCOUNT

HEAD = "Nom;Prénom;Fonction;Email;Téléphone;Adresse postale;Code postal;Ville;Pays;WS suivi;N° sous-compte;Site"
NEW = "Neuve;Ana;Chef;{email};0241742088;1 rue X;44000;Nantes;FR;oui;{sub_account};{site}"


@pytest.fixture
def west(cast: SimpleNamespace) -> SimpleNamespace:
    cast.west = SubAccount.objects.create(account=cast.north, number="01", name="Région Ouest")
    cast.nantes = Site.objects.create(account=cast.north, name="Nantes Entrepôt", sub_account=cast.west)
    cast.lille = Site.objects.create(account=cast.north, name="Lille")
    Site.objects.create(account=cast.south, name="Marseille")
    return cast


def send(cast: SimpleNamespace, *rows: str, head: str = HEAD) -> ImportJob:
    data = "\n".join([head, *rows]).encode()
    job = actions.upload(by=cast.owner_link, file=ContentFile(data, name="x.csv"), token=uuid4(), language="fr")
    work.work_on()
    job.refresh_from_db()
    return job


def start(cast: SimpleNamespace, job: ImportJob) -> ImportJob:
    actions.start(job=job, by=cast.owner_link)
    work.work_on()
    job.refresh_from_db()
    return job


def where(email: str) -> set[tuple[str, int]]:
    link = AccountLink.objects.get(account__number="900138", email=email)
    return attached([link.pk])[link.pk]


@pytest.mark.parametrize(
    ("sub_account", "site", "expected"),
    [
        ("01", "nantes entrepot", {"west", "nantes"}),
        ("1", "LILLE | Nantes  Entrepôt", {"west", "nantes", "lille"}),
        ("région OUEST", "", {"west"}),
        ("", "-", set()),
        ("", "lille, Nantes Entrepôt", {"nantes", "lille"}),
        ("", '"Lille; nantes entrepot ;"', {"nantes", "lille"}),
    ],
)
def test_a_file_attaches_whom_it_invites(
    west: SimpleNamespace, sub_account: str, site: str, expected: set[str]
) -> None:  # fmt: skip
    job = start(west, send(west, NEW.format(email="ana@example.com", sub_account=sub_account, site=site)))
    assert job.tally == {"invite": 1}
    spots = {"west": (SUB_ACCOUNT, west.west.pk), "nantes": (SITE, west.nantes.pk), "lille": (SITE, west.lille.pk)}
    assert where("ana@example.com") == {spots[name] for name in expected}


@pytest.mark.parametrize(
    ("site", "fix"),
    [
        ("Nante Entrepot", "Nantes Entrepôt"),
        ("Marseille", "Écrivez un site"),
        ("Lile", "Lille"),
        ("Nantes", "Nantes Entrepôt"),
    ],
)
def test_a_name_that_is_not_there_is_refused_and_what_may_be_meant_is_said(
    west: SimpleNamespace, site: str, fix: str
) -> None:  # fmt: skip
    job = send(west, NEW.format(email="ana@example.com", sub_account="", site=site))
    [row] = job.rows.all()
    [fault] = row.faults
    assert (row.plan, fault["column"], fault["value"]) == ("refused", "Site", site)
    assert fix in fault["fix"]


def test_of_several_names_the_one_that_is_not_there_is_said(west: SimpleNamespace) -> None:
    [row] = send(west, NEW.format(email="ana@example.com", sub_account="", site="Lille, Nantes Entrepo")).rows.all()
    [fault] = row.faults
    assert fault["value"] == "Nantes Entrepo" and "Nantes Entrepôt" in fault["fix"]


def test_a_name_that_holds_a_comma_is_one_name(west: SimpleNamespace) -> None:
    quay = Site.objects.create(account=west.north, name="Lille, quai 4")
    start(west, send(west, NEW.format(email="ana@example.com", sub_account="", site="lille, quai 4")))
    assert where("ana@example.com") == {(SITE, quay.pk)}


def test_people_who_are_there_are_moved_once_and_the_preview_says_so(west: SimpleNamespace, sign_in: Any) -> None:
    attach(link=west.partner_link, by=west.owner_link, spots={(SITE, west.lille.pk)})
    row = f"Berlioz;Aline;{west.partner_link.email};01;-"
    head = "Nom;Prénom;Email;Sous-compte;Sites"
    job = send(west, row + ";update", head=head + ";Action")
    assert job.planned == {"update": 1}
    page = sign_in(west.owner).get(reverse("imports:job", args=["900138", job.uuid])).content.decode()
    assert "01 Région Ouest" in page
    assert "Lille" in page
    assert start(west, job).tally == {"update": 1}
    assert where(west.partner_link.email) == {(SUB_ACCOUNT, west.west.pk)}
    told = AuditEvent.objects.filter(verb="person attached").latest("pk")
    assert (told.before, told.after) == ({"places": ["Lille"]}, {"places": ["01 Région Ouest"]})
    assert send(west, row + ";update", head=head + ";Action").planned == {"unchanged": 1}


def test_a_place_that_went_meanwhile_refuses_the_row_and_holds_up_no_other(west: SimpleNamespace) -> None:
    job = send(
        west,
        NEW.format(email="ana@example.com", sub_account="", site="Lille"),
        NEW.format(email="bea@example.com", sub_account="", site=""),
    )
    west.lille.delete()
    assert start(west, job).tally == {"refused": 1, "invite": 1}
    assert not AccountLink.objects.filter(email="ana@example.com").exists()


def test_who_may_not_be_changed_is_not_moved_either(west: SimpleNamespace) -> None:
    head = "Email;Type;Action;Site"
    job = send(west, f"{west.owner_link.email};utilisateur standard;modifier;Lille", head=head)
    assert job.planned == {"refused": 1}
    assert attached([west.owner_link.pk])[west.owner_link.pk] == set()


def test_only_an_account_with_places_has_columns_for_them() -> None:
    with translation.override("fr"):
        assert {"Nom du contrat", "Sous-compte", "Site"} & set(PeopleResource([]).headers) == set()
        headers = PeopleResource([], "Privilège").headers
    assert headers[-3:] == ["Nom du contrat", "Sous-compte", "Site"]


def test_the_template_asks_where_people_belong_on_an_account_with_places(west: SimpleNamespace, sign_in: Any) -> None:
    address = reverse("imports:template", args=["900138"]) + "?format=csv&lang=fr"
    text = b"".join(sign_in(west.owner).get(address).streaming_content).decode("utf-8-sig")
    head, advanced, standard = text.splitlines()
    assert "Sous-compte;Site" in head
    assert "Nom du contrat" not in head
    assert "Lille | Nantes Entrepôt" in advanced and "utilisateur avancé" in advanced
    assert "01 Région Ouest" in standard and "utilisateur standard" in standard
