"""From when until when, in files: days read as they are written in France, as exports write them, and never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from accounts.models import AuditEvent
from colibox.lib.outbox.models import Mail
from imports.reading.asked import Asked
from rights.models import AccountLink
from tests.imports.test_places import send, start

HEAD = (
    "Nom;Prénom;Fonction;Email;Téléphone;Adresse postale;Code postal;Ville;Pays;WS suivi;"
    "Date de début;Date de fin;Action"
)
NEW = "Neuve;Ana;Chef;{email};0241742088;1 rue X;44000;Nantes;FR;oui;{starts};{ends};"
KNOWN = ";;;{email};;;;;;;{starts};{ends};modifier"
NEXT = timezone.localdate().year + 1


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2027-01-31", "2027-01-31"),
        ("31/01/2027", "2027-01-31"),
        ("31.1.27", "2027-01-31"),
        ("31-01-2027", "2027-01-31"),
        ("2027-01-31 00:00:00", "2027-01-31"),
        ("", ""),
        (" - ", "-"),
        ("aucun", "-"),
    ],
)
def test_a_day_is_understood_however_it_is_written(typed: str, day: str) -> None:
    assert Asked([]).day(typed) == (day, None)


@pytest.mark.parametrize("typed", ["01/31/2027", "2027-02-30", "demain", "46387", "31/01", "0001-01-01", "9999-12-31"])
def test_what_is_no_day_is_refused_with_what_to_write(typed: str) -> None:
    with translation.override("fr"):
        day, fault = Asked([]).day(typed)
    assert day == "" and fault and fault.value == typed
    assert fault.reason == "Ce n’est pas une date." and str(timezone.localdate()) in fault.fix


def test_a_file_says_from_when_until_when(cast: SimpleNamespace) -> None:
    row = NEW.format(email="ana@example.com", starts=f"01/02/{NEXT}", ends=f"{NEXT}-03-31")
    job = start(cast, send(cast, row, head=HEAD))
    assert job.tally == {"invite": 1}
    link = AccountLink.objects.get(email="ana@example.com")
    assert (link.starts_on, link.ends_on) == (date(NEXT, 2, 1), date(NEXT, 3, 31))
    told = AuditEvent.objects.get(subject=link.uuid, verb="person invited").after
    assert (told["starts_on"], told["ends_on"]) == (f"{NEXT}-02-01", f"{NEXT}-03-31")


def test_days_that_cannot_be_refuse_their_row_alone(cast: SimpleNamespace) -> None:
    past, before = timezone.localdate() - timedelta(days=1), f"01/01/{NEXT}"
    job = send(
        cast,
        NEW.format(email="past@example.com", starts="", ends=f"{past:%d/%m/%Y}"),
        NEW.format(email="turned@example.com", starts=f"02/01/{NEXT}", ends=before),
        NEW.format(email="no.day@example.com", starts="", ends="31/02/2027"),
        NEW.format(email="fine@example.com", starts="", ends=before),
        head=HEAD,
    )
    faults = {row.number: row.faults[0] for row in job.rows.filter(plan="refused")}
    assert [fault["reason"].split(".")[0] for _number, fault in sorted(faults.items())] == [
        "Ce jour est passé", "Le dernier jour est avant le premier", "Ce n’est pas une date",
    ]  # fmt: skip
    assert faults[4]["column"] == "Date de fin" and faults[4]["value"] == "31/02/2027"
    assert start(cast, job).tally == {"invite": 1, "refused": 3}


def test_who_is_there_gets_other_days_and_hears_of_it_once(cast: SimpleNamespace) -> None:
    row = KNOWN.format(email=cast.partner.email, starts="", ends=f"31/12/{NEXT}")
    assert start(cast, send(cast, row, head=HEAD)).tally == {"update": 1}
    cast.partner_link.refresh_from_db()
    assert (cast.partner_link.starts_on, cast.partner_link.ends_on) == (None, date(NEXT, 12, 31))
    event = AuditEvent.objects.get(subject=cast.partner_link.uuid, verb="dates changed")
    assert (event.before, event.after) == ({"ends_on": None}, {"ends_on": f"{NEXT}-12-31"})
    assert Mail.objects.filter(kind__endswith="dates_changed").count() == 1
    assert start(cast, send(cast, row, head=HEAD)).tally == {"unchanged": 1}
    row = KNOWN.format(email=cast.partner.email, starts="", ends="-")
    assert start(cast, send(cast, row, head=HEAD)).tally == {"update": 1}
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.ends_on is None


def test_an_end_that_is_past_comes_back_with_its_export_unchanged(cast: SimpleNamespace) -> None:
    past = timezone.localdate() - timedelta(days=9)
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(ends_on=past)
    row = KNOWN.format(email=cast.partner.email, starts="", ends=past.isoformat())
    assert start(cast, send(cast, row, head=HEAD)).tally == {"unchanged": 1}
