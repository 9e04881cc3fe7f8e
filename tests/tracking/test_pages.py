"""The tracking tool: the list of parcels of all one's accounts, and one parcel."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rights.models import Grant
from tests.conftest import make_account, make_link
from tests.tracking.conftest import make_parcel
from tracking import events, numbers
from tracking.labels import Address, Label
from tracking.models import Parcel, TrackingEvent

URL = "/tracking/"
COLUMNS = ["N° compte client", "N° de colis", "PASS", "Réf. Client", "Destinataire", "Code postal", "Statut",
           "Localisation", "Pays"]  # fmt: skip


def happen(parcel: Parcel, code: str, hours_ago: float, place: str = "") -> TrackingEvent:
    at = timezone.now() - timedelta(hours=hours_ago)
    return TrackingEvent.objects.create(account_id=parcel.account_id, parcel=parcel, code=code, at=at, place=place)


def page(client: Any, url: str = URL, **headers: Any) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


def order(html: str, parcels: list[Parcel]) -> list[Parcel]:
    """Those of these parcels that a page links to, as they come."""
    places = {html.find(f'href="/tracking/{parcel.number}/"'): parcel for parcel in parcels}
    return [places[place] for place in sorted(places) if place >= 0]


def test_the_parcels_of_all_accounts_are_in_one_list_the_newest_first(cast: SimpleNamespace, sign_in: Any) -> None:
    now = timezone.now()
    first = make_parcel(cast.south, created_at=now - timedelta(hours=2), reference="BC-1", is_pass=True, country="BE")
    second = make_parcel(cast.north, created_at=now - timedelta(hours=1), tag="LYON")
    hidden = make_parcel(cast.north, tag="PARIS")
    html = page(sign_in(cast.partner))
    assert order(html, [first, second, hidden]) == [second, first]
    heads = html[html.index("<thead>") : html.index("</thead>")]
    positions = [heads.index(f">{column}<") for column in COLUMNS]
    assert positions == sorted(positions) and heads.count("<th ") == len(COLUMNS)
    assert all(word in html for word in ("900138", "850061", "Sud Expéditions", "BC-1", "Belgique", "2 colis"))
    assert numbers.show(first.number) in html


def test_each_page_leads_to_the_older_ones_and_keeps_the_filters(cast: SimpleNamespace, sign_in: Any) -> None:
    now = timezone.now()
    parcels = [make_parcel(cast.north, created_at=now - timedelta(minutes=n), postcode="44000") for n in range(53)]
    make_parcel(cast.north)
    client = sign_in(cast.owner)
    html = page(client, f"{URL}?postcode=44000")
    assert order(html, parcels) == parcels[:50]
    assert "50 colis les plus récents" in html
    assert 'rel="next"' not in page(client, f"{URL}?postcode=69003")
    older = html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    html = page(client, URL + older)
    assert order(html, parcels) == parcels[50:]
    assert 'href="?postcode=44000"' in html and 'rel="next"' not in html


def test_the_list_costs_the_same_whatever_it_shows(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.partner)

    def cost(url: str) -> int:
        page(client, url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, url)
        return len(queries)

    make_parcel(cast.south)
    before = cost(URL), cost(f"{URL}?addressee=camille&inside=1")
    for n in range(5):
        account = make_account(f"77000{n}", f"Client {n}")
        make_link(account, cast.partner, rights=["tool_service_consolidated", "tool_tag"], tags=["A", "B"])
        for _n in range(12):
            make_parcel(account)
    assert (cost(URL), cost(f"{URL}?addressee=camille&inside=1")) == before
    number = Parcel.objects.filter(account__number="770001").first().number  # type: ignore[union-attr]
    one = cost(f"{URL}{number}/")
    for hour in range(6):
        happen(Parcel.objects.get(number=number), "ET1", hour)
    assert cost(f"{URL}{number}/") == one


def test_nothing_there_yet_and_nothing_found_are_told_apart(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert "Aucun colis pour le moment" in page(client)
    make_parcel(cast.north)
    html = page(client, f"{URL}?reference=zzz&status=out")
    assert "Aucun colis ne correspond" in html and f'href="{URL}"' in html


def test_a_whole_number_leads_to_its_parcel_unless_it_is_being_typed(cast: SimpleNamespace, sign_in: Any) -> None:
    mine, foreign = make_parcel(cast.north), make_parcel(cast.south)
    client, typed = sign_in(cast.owner), numbers.show(mine.number).lower()
    assert client.get(URL, {"number": typed})["Location"] == f"{URL}{mine.number}/"
    assert order(page(client, f"{URL}?number={mine.number}", HX_Request="true"), [mine]) == [mine]
    assert order(page(client, f"{URL}?number={mine.number}&status=announced"), [mine]) == [mine]
    assert "Aucun colis ne correspond" in page(client, f"{URL}?number={foreign.number}")


def test_unknown_foreign_and_invisible_parcels_are_one_answer(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.colleague)
    assert client.get(URL).status_code == 403
    invisible, foreign = make_parcel(cast.north, tag="PARIS"), make_parcel(make_account("123456", "Autre"))
    client, answers = sign_in(cast.partner), set()
    for number in (invisible.number, foreign.number, numbers.national("6C", 9999999999), "x", "6C'\"<"):
        response = client.get(f"{URL}{number}/")
        answers.add((response.status_code, response.content))
    assert [status for status, _ in answers] == [404]


def test_a_parcel_shows_its_steps_and_all_that_happened(cast: SimpleNamespace, sign_in: Any) -> None:
    parcel = make_parcel(cast.north, reference="BC-7", tag="LYON", weight=1250, franked_by_name="Claire Martin")
    for code, hours, place in (("PC1", 40, "Nantes"), ("ET1", 20, "Orléans"), ("MD2", 3, "Lyon")):
        happen(parcel, code, hours, place)
    html = page(sign_in(cast.owner), f"{URL}{parcel.number}/")
    assert html.count("steps-line__step--done") == 3 and html.count("steps-line__step--next") == 1
    assert html.count('aria-current="step"') == 1
    happened = [html.index(word) for word in ("<time", "Lyon", "Orléans", "Nantes")]
    assert all(place > 0 for place in happened)
    assert all(word in html for word in ("BC-7", "LYON", "1,25 kg", "Claire Martin", "Camille Durand", "69003"))
    assert f'data-copy="{parcel.number}"' in html


@pytest.mark.parametrize(
    ("code", "state"), [("ND1", "stopped"), ("RE1", "stopped"), ("DI1", "done"), ("DI2", "stopped")]
)
def test_the_last_step_says_how_it_ends(cast: SimpleNamespace, sign_in: Any, code: str, state: str) -> None:
    parcel = make_parcel(cast.north)
    happen(parcel, code, 1)
    html = page(sign_in(cast.owner), f"{URL}{parcel.number}/")
    assert html.count(f"steps-line__step--{state}") == (5 if state == "done" else 1)
    assert str(events.label(code)) in html


def test_a_cancelled_parcel_says_so(cast: SimpleNamespace, sign_in: Any) -> None:
    parcel = make_parcel(cast.north, cancelled_at=timezone.now())
    html = page(sign_in(cast.owner), f"{URL}{parcel.number}/")
    assert "pill--cancelled" in html and "steps-line__step--stopped" in html


def test_each_parcel_says_by_which_right_one_sees_it(cast: SimpleNamespace, sign_in: Any) -> None:
    tagged, all_of = make_parcel(cast.north, tag="lyon"), make_parcel(cast.south)
    client = sign_in(cast.partner)
    Grant.objects.filter(link=cast.partner_link).update(given_by_name="ADMIN 900138")
    html = page(client, f"{URL}{tagged.number}/")
    assert "Suivi limité au tag utilisateur, attribué par ADMIN 900138" in html
    assert "Suivi consolidé" in page(client, f"{URL}{all_of.number}/")
    assert "l’administration du compte 900138" in page(sign_in(cast.owner), f"{URL}{tagged.number}/")
    Grant.objects.filter(link=cast.partner_link, right="tool_tag").update(right="tool_service_key")
    franked = make_parcel(cast.north, franked_by=cast.partner)
    assert "Suivi limité à la clé utilisateur" in page(sign_in(cast.partner), f"{URL}{franked.number}/")


def test_the_places_that_ones_rights_open_are_in_the_top_bar(cast: SimpleNamespace, sign_in: Any) -> None:
    def places(person: Any, url: str = "/") -> list[str]:
        html = sign_in(person).get(url).content.decode()
        bar = html.split('class="places"')[1].split("</nav>")[0]
        return [part.split("<")[0] for part in bar.split('">')[1:] if "<" in part and part.split("<")[0].strip()]

    assert places(cast.owner) == ["Accueil", "Suivi", "Affranchir", "Mon compte"]
    assert places(cast.colleague) == ["Accueil", "Affranchir", "Mon compte"]
    assert places(cast.partner, URL) == ["Accueil", "Suivi"]
    assert 'href="/tracking/" aria-current="true"' in page(sign_in(cast.partner))
    Grant.objects.filter(link__user=cast.partner).update(until=timezone.localdate() - timedelta(days=1))
    assert places(cast.partner) == ["Accueil"]
    assert "Vos outils" in page(sign_in(cast.owner), "/") and "Vos outils" not in page(sign_in(cast.partner), "/")


def test_what_may_be_done_with_a_parcel_follows_the_rights_on_its_account(cast: SimpleNamespace, sign_in: Any) -> None:
    tagged, all_of = make_parcel(cast.north, tag="LYON"), make_parcel(cast.south)
    for parcel in (tagged, all_of):
        label = Label(
            number=parcel.number, product="DOS", product_label="", account=parcel.account.number, sender=Address(),
            addressee=Address(), weight=100, reference="", created=timezone.localdate(),
        )  # fmt: skip
        Parcel.objects.filter(pk=parcel.pk).update(label=label.as_dict())
    client = sign_in(cast.partner)
    here, there = page(client, f"{URL}{tagged.number}/"), page(client, f"{URL}{all_of.number}/")
    assert (f"{URL}{tagged.number}/claim/" in here, f"{URL}{all_of.number}/claim/" in there) == (False, True)
    link = f"/accounts/900138/shipping/{tagged.number}/label/"
    assert link not in here and "/label/" not in there
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="coliship", given_by_name="ADMIN")
    assert link not in page(client, f"{URL}{tagged.number}/")  # franked by somebody else
    Parcel.objects.update(franked_by=cast.partner)
    assert link in page(client, f"{URL}{tagged.number}/")
    assert client.get(link).status_code == 200
    assert "/label/" not in page(client, f"{URL}{all_of.number}/")
