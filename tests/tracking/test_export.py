"""The parcels as a file: what the screen shows, nothing else, no cell that acts, and a trace."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone, translation
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.reader.excel import load_workbook

from accounts.models import AuditEvent
from colibox.lib import sheets, throttle
from tests.tracking.conftest import make_parcel
from tests.tracking.test_pages import happen
from tracking import events, exports
from tracking.filters import Asked
from tracking.models import Parcel
from tracking.scopes import scopes_of
from tracking.views import export
from users.models import User

URL = "/tracking/export/"


def content(client: Any, query: str = "", kind: str = "csv") -> bytes:
    response = client.post(URL + query, {"format": kind})
    assert response.status_code == 200
    return b"".join(response)


def lines(client: Any, query: str = "") -> list[dict[str, str]]:
    text = content(client, query).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_page_says_what_the_file_will_hold(cast: SimpleNamespace, sign_in: Any) -> None:
    make_parcel(cast.north, postcode="44000")
    make_parcel(cast.north)
    html = sign_in(cast.owner).get(f"{URL}?postcode=44000").content.decode()
    assert "1 colis." in html and "44000" in html and "Télécharger" in html
    assert not AuditEvent.objects.filter(verb="parcels exported").exists()


def test_the_file_holds_what_the_screen_shows_with_the_dates(cast: SimpleNamespace, sign_in: Any) -> None:
    made = timezone.now() - timedelta(days=3)
    parcel = make_parcel(cast.south, reference="BC-1", is_pass=True, created_at=made, country="BE")
    delivery = happen(parcel, "DI1", 2, "LIEGE")
    make_parcel(cast.north, tag="PARIS")
    [line] = lines(sign_in(cast.partner))
    there = timezone.localtime(delivery.at).strftime("%Y-%m-%d %H:%M")
    assert line == {
        "N° compte client": "850061", "N° de colis": parcel.number, "PASS": "oui", "Réf. Client": "BC-1",
        "Destinataire": "Camille Durand", "Code postal": "69003", "Statut": "Colis livré au destinataire",
        "Localisation": "LIEGE", "Pays": "Belgique", "Créé le": timezone.localtime(made).strftime("%Y-%m-%d %H:%M"),
        "Dernier évènement le": there, "Livré le": there,
    } | {"Statut": line["Statut"]}  # fmt: skip
    assert line["Statut"] in sign_in(cast.partner).get("/tracking/").content.decode()


def test_it_holds_what_is_asked_for_and_nothing_that_is_not_seen(cast: SimpleNamespace, sign_in: Any) -> None:
    for addressee, account in (("Zoé Durand", cast.north), ("Marc Petit", cast.north), ("Zoé Foreign", cast.south)):
        make_parcel(account, addressee=addressee, tag="LYON")
    client = sign_in(cast.owner)
    assert [line["Destinataire"] for line in lines(client, "?addressee=zoe")] == ["Zoé Durand"]
    assert [line["Destinataire"] for line in lines(client, "?addressee=dur&inside=1")] == ["Zoé Durand"]
    assert {line["Destinataire"] for line in lines(client)} == {"Zoé Durand", "Marc Petit"}
    assert lines(client, "?account=850061") == []
    assert {line["N° compte client"] for line in lines(sign_in(cast.partner), "?account=850061")} == {"850061"}


def test_no_cell_acts(cast: SimpleNamespace, sign_in: Any) -> None:
    make_parcel(cast.north, addressee='=HYPERLINK("http://x")', reference="+33;1\n2", place="@SUM(A1)")
    [line] = lines(sign_in(cast.owner))
    assert all(not cell.startswith(("=", "+", "@", "-")) for cell in line.values())
    book = load_workbook(io.BytesIO(content(sign_in(cast.owner), kind="xlsx")))
    cell = book.active["E2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x")', "s")


def test_each_account_keeps_that_its_parcels_left(cast: SimpleNamespace, sign_in: Any) -> None:
    make_parcel(cast.north, tag="LYON")
    content(sign_in(cast.partner), "?tag=lyon")
    events = AuditEvent.objects.filter(verb="parcels exported").order_by("account_id")
    assert {event.account_id for event in events} == {cast.north.pk, cast.south.pk}
    assert {(event.actor, event.after["asked"], event.after["format"]) for event in events} == {
        (cast.partner.uuid, "tag=lyon", "csv")
    }


def test_a_list_too_long_for_a_workbook_leaves_as_csv(cast: SimpleNamespace, sign_in: Any, monkeypatch: Any) -> None:
    for _n in range(3):
        make_parcel(cast.north)
    monkeypatch.setattr(export, "MOST", 2)
    monkeypatch.setattr(sheets, "MOST_IN_WORKBOOK", 2)
    client = sign_in(cast.owner)
    assert "Plus de 2 colis" in client.get(URL).content.decode()
    response = client.post(URL, {"format": "xlsx"})
    assert response["Content-Type"].startswith("text/csv") and b"".join(response).count(b"\r\n") == 4


def test_one_person_has_two_files_under_way_at_most(cast: SimpleNamespace, sign_in: Any) -> None:
    make_parcel(cast.north)
    client = sign_in(cast.owner)
    slot: dict[str, Any] = {"key": f"parcels-export:{cast.owner.pk}", "seconds": export.LONGEST}
    assert throttle.allow(limit=2, **slot) and throttle.allow(limit=2, **slot)
    refused = client.post(URL, {"format": "csv"}, follow=True)
    assert "Deux fichiers sont déjà en préparation" in refused.content.decode()
    throttle.give_back(**slot)  # one of them is there
    assert lines(client) and content(client, kind="xlsx") and lines(client)


def test_an_english_reader_gets_english(cast: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=cast.owner.pk).update(language="en")
    make_parcel(cast.north, is_pass=True)
    [line] = lines(sign_in(cast.owner))
    assert (line["PASS"], line["Country"]) == ("yes", "France") and "Delivered on" in line


SIGNS = st.one_of(st.characters(codec="utf-8", exclude_characters="\0"), st.sampled_from("a1é=+-@＝;'\"\r\n \t\x1f()"))
TEXTS = st.text(SIGNS, max_size=12)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(addressee=TEXTS, reference=TEXTS, place=TEXTS, country=st.text(SIGNS, min_size=2, max_size=2))
@example(addressee="+33241742088", reference="(+33) 2", place='\'=1;"x"', country="=1")
@example(addressee="+٣٣٢٤١٧٤٢", reference="\x01aa", place="\\.", country=';"')
def test_the_database_writes_the_same_lines_as_we(cast: SimpleNamespace, **typed: str) -> None:
    Parcel.objects.filter(account=cast.north).delete()
    make_parcel(cast.north, is_pass=True, **typed)
    make_parcel(cast.north, cancelled_at=timezone.now(), created_at=timezone.now() - timedelta(days=1))
    given, words = (Asked(), scopes_of(cast.owner)), exports.Words()
    rows = list(exports.rows(*given, words))
    by_us, by_database = sheets.csv_parts(rows), exports.csv_parts(*given, words)
    assert len(rows) == 2
    assert "\ufeff".encode() + b"".join(by_database) == b"".join(by_us)


def test_our_own_words_need_no_care() -> None:
    for language in ("fr", "en"):
        with translation.override(language):
            words = exports.Words()
        ours = [*words.events.values(), *words.countries.values(), words.cancelled, words.yes]
        assert len(words.events) == len(events.KINDS) and [text for text in ours if sheets.inert(text) != text] == []
        assert not set(';"') & set("".join(ours))
