"""Standard users by a file: created as the form does, known again by address and name, told what they lack."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from colibox.lib.outbox.models import Mail
from imports import actions, work
from imports.models import ImportJob
from rights.actions.links import end
from rights.actions.many import creating, deciding
from rights.models import AccountLink
from tests.conftest import make_person
from tests.imports.conftest import Send
from users.models import User


def again(job: ImportJob) -> ImportJob:
    job.refresh_from_db()
    return job


STANDARD = "Type;Civilité;NOM;PRENOM;FONCTION;EMAIL;TELEPHONE;ADRESSE;CODE POSTAL;VILLE;Dashboard;Profil;Date de fin"


def standard(count: int, *, first: int = 0, last_name: str = "", email: str = "", **cells: str) -> list[str]:
    """So many rows of STANDARD."""
    cells = {"title": "Mme", "town": "Nantes", "right": "oui", "profile": "", "end": "", **cells}
    return [
        f"utilisateur standard;{cells['title']};{last_name or f'Petit{n}'};Aline{n};Cariste;"
        f"{email or f'p{n}@agence.example'};0241742088;12 rue du Port;44000;{cells['town']};{cells['right']};"
        f"{cells['profile']};{cells['end']}"
        for n in range(first, first + count)
    ]


def test_standard_users_come_by_a_file_as_by_the_form(imported: Send, cast: SimpleNamespace) -> None:
    job = imported(standard(3, last_name="Petit", email="depot@agence.example", end="2099-12-31"), header=STANDARD)
    assert job.tally == {"invite": 3}
    links = AccountLink.objects.filter(email="depot@agence.example").select_related("user").order_by("username")
    assert [link.username for link in links] == ["a.petit", "a.petit2", "a.petit3"]
    assert {(link.kind, link.state, str(link.ends_on), link.civility) for link in links} == {
        ("standard", "invited", "2099-12-31", "mme")
    }
    assert {link.user.kind for link in links if link.user} == {"standard"}
    assert Mail.objects.filter(about__in=[link.uuid for link in links]).count() == 3
    again = imported(standard(3, last_name="Petit", email="depot@agence.example", title="", town=""), header=STANDARD)
    assert again.planned == {"unchanged": 3}  # they are here: an empty cell leaves all as it is
    end(link=links[1], by=cast.owner_link)
    imported(standard(3, last_name="Petit", email="depot@agence.example"), header=STANDARD)
    back = AccountLink.objects.exclude(state="ended").get(first_name=links[1].first_name)
    assert (back.username, back.user_id == links[1].user_id) == ("a.petit2", False)


def test_one_address_is_not_written_to_without_end_however_many_are_to_share_it(
    imported: Send, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "MOST_WAITING", 3)
    assert imported(standard(4, email="one@out.example"), header=STANDARD).tally == {"invite": 3, "refused": 1}
    late = send(standard(1, first=9, email="ONE@out.example"), header=STANDARD)
    work.work_on()
    assert again(late).planned == {"refused": 1}
    AccountLink.objects.filter(email="one@out.example").update(accepted_at=Now())
    assert imported(standard(1, first=9, email="one@out.example"), header=STANDARD).tally == {"invite": 1}


def test_nobody_uses_up_the_user_names_of_others(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name made of a name may be somebody's: then figures follow that nobody can use up."""
    monkeypatch.setattr(creating, "SPARES", (1, 2))
    for n in ("", "2", "3"):
        make_person(f"z.petit{n}")
    one, other = creating.propose([("Zoé", "Petit")] * 2)
    assert one != other and not User.objects.filter(username__in=[one, other]).exists()
    assert re.fullmatch(r"z\.petit\d{6,}", one)


def test_of_somebody_new_what_is_missing_is_said_beside_what_is_wrong(send: Send, cast: SimpleNamespace) -> None:
    job = send(
        [
            *standard(1, title="", right="peut-être"),
            *standard(1, first=1, town=""),
            *standard(1, email=cast.colleague.email, last_name=cast.colleague.last_name, right="peut-être"),
        ],
        header=STANDARD,
    )
    work.work_on()
    told = [
        [(fault["column"], fault["reason"][:13]) for fault in row.faults] for row in again(job).rows.order_by("number")
    ]
    assert told[0] == [("Dashboard", "This is neith"), ("Civilité", "This cell is ")]
    assert told[1] == [("VILLE", "This cell is ")]


def test_what_the_rules_say_names_its_cell(send: Send) -> None:
    rows = [
        *standard(1, end="2020-01-01"),
        standard(1, first=1, right="", profile="Accounting")[0].replace("standard", "avancé"),
        standard(1, first=2, right="")[0].replace("standard", "avancé"),
    ]
    job = send(rows, header=STANDARD)
    work.work_on()
    faults = [row.faults[0] for row in again(job).rows.order_by("number")]
    assert [(fault["column"], fault["value"]) for fault in faults] == [
        ("Date de fin", "2020-01-01"), ("Profil", "Accounting"), ("", ""),
    ]  # fmt: skip
    assert "Write yes" in faults[2]["fix"]


def test_standard_users_take_as_many_queries_however_many_they_are(send: Send, cast: SimpleNamespace) -> None:
    counts = []
    for first, size in ((0, 5), (100, work.LEAST)):
        job = send(standard(size, first=first, last_name=f"Petit{first}"), header=STANDARD)
        work.work_on()
        actions.start(job=again(job), by=cast.owner_link)
        with CaptureQueriesContext(connection) as captured:
            work.work_on()
        assert again(job).tally == {"invite": size}
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_preview_says_who_when_and_from_which_profile_to_which(
    send: Send, cast: SimpleNamespace, sign_in: Any
) -> None:
    colleague = cast.colleague
    header = "Type;EMAIL;Profil;Date de fin"
    row = f"utilisateur standard;{colleague.email};{{}};31/12/2099"
    for profile in ("Accounting", "Shipper"):
        job = send([row.format(profile)], header=header)
        work.work_on()
        page = sign_in(cast.owner).get(reverse("imports:job", args=["900138", job.uuid])).content.decode()
        actions.start(job=again(job), by=cast.owner_link)
        work.work_on()
    assert "Utilisateur standard".lower() in page.lower() and "jusqu’au 31/12/2099" in page
    assert "Ne suit plus le profil" in page and "Comptabilité" in page and "Expéditeur" in page
    assert again(job).tally == {"update": 1}
