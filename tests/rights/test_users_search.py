"""Searching and filtering the people of an account: what is found, what is asked back, what stays out."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import audit
from accounts.models import Site
from colibox.lib import origin, tenancy
from rights import actions
from rights.models import AccountLink, Attachment
from rights.people.filters import Asked
from rights.people.matching import matching
from tests.conftest import IDENTITY, make_link, make_person
from users.models import User

URL = "/accounts/900138/users/"


def found(client: Client, query: str) -> list[str]:
    """The last names of both tables."""
    html = client.get(URL + query).content.decode()
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', html)


@pytest.fixture
def client_of_owner(cast: SimpleNamespace, sign_in: Any) -> Client:
    people = (("e.dupre", "Élodie", "Duprè"), ("o.boeuf", "Œuvre", "Bœuf"), ("j.dup", "Jean-Luc", "Dupré 100%_ok"))
    for username, first_name, last_name in people:
        person = make_person(username, first_name=first_name, last_name=last_name)
        make_link(cast.north, person, tags=["PARIS SUD"] if username == "e.dupre" else [])
    client: Client = sign_in(cast.owner)
    return client


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("elodie", ["Duprè"]),
        ("ÉLODIE", ["Duprè"]),
        ("  dupre   élodie ", ["Duprè"]),
        ("dupre", ["Duprè", "Dupré 100%_ok"]),
        ("boeuf", ["Bœuf"]),
        ("oeuvre", ["Bœuf"]),
        ("e.dupre@example", ["Duprè"]),
        ("paris sud", ["Duprè"]),
        ("c.martin", ["Martin"]),
        ("du", ["Duprè", "Dupré 100%_ok"]),
        ("re", []),  # a word of two letters is looked up at the start of words
        ("%_ok", ["Dupré 100%_ok"]),
        ("%%%", []),
        ("\\", []),
        ("zzb", []),
        ("berlioz martin", []),
    ],
)
def test_words_are_found_whatever_their_accents_case_and_spaces(
    client_of_owner: Client, words: str, names: list[str]
) -> None:
    assert sorted(found(client_of_owner, "?q=" + _quoted(words))) == sorted(names)


def _quoted(words: str) -> str:
    query = QueryDict(mutable=True)
    query["q"] = words
    return query.urlencode()[2:]


def test_a_search_sorted_another_way_finds_the_same(client_of_owner: Client) -> None:
    assert found(client_of_owner, "?kind=advanced&q=dupre&sort=-first_name") == ["Dupré 100%_ok", "Duprè"]
    assert found(client_of_owner, "?kind=advanced&q=dupre&sort=-name") == ["Duprè", "Dupré 100%_ok"]


def test_people_are_counted_and_so_are_those_found(client_of_owner: Client) -> None:
    assert "4 personnes, 2 filtrées" in client_of_owner.get(URL + "?kind=advanced&q=dupre").content.decode()


def test_who_left_is_not_found(cast: SimpleNamespace, client_of_owner: Client) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="ended", ended_at=timezone.now())
    assert found(client_of_owner, "?q=berlioz") == []


def test_a_name_changed_is_found_by_the_new_one(cast: SimpleNamespace, client_of_owner: Client) -> None:
    User.objects.filter(pk=cast.partner.pk).update(last_name="Saint-Saëns")
    assert found(client_of_owner, "?q=saint-saens") == ["Saint-Saëns"]
    assert found(client_of_owner, "?q=saint-saens+berlioz") == ["Saint-Saëns"]  # by the user name
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(username="a.saint", email="a@example.com")
    assert found(client_of_owner, "?q=berlioz") == []


def test_the_rights_filter_tells_who_has_one_and_who_has_not(cast: SimpleNamespace, client_of_owner: Client) -> None:
    assert found(client_of_owner, "?right=shipping_ws") == ["ADMIN", "Berlioz"]
    assert found(client_of_owner, "?kind=advanced&without=shipping_ws") == ["Bœuf", "Dupré 100%_ok", "Duprè"]
    assert found(client_of_owner, "?kind=standard&right=coliship&right=invoices") == ["ADMIN", "Martin"]
    cast.north.entitlements.filter(right="shipping_ws").delete()
    assert found(client_of_owner, "?right=shipping_ws") == []


def test_filters_narrow_each_other(cast: SimpleNamespace, client_of_owner: Client) -> None:
    assert found(client_of_owner, "?tag=PARIS+SUD") == ["Duprè"]
    assert found(client_of_owner, "?tag=PARIS+SUD&right=shipping_ws") == []
    assert found(client_of_owner, "?status=suspended&status=active&kind=standard") == ["ADMIN", "Martin"]


def test_who_has_not_signed_in_for_long_is_found(cast: SimpleNamespace, client_of_owner: Client) -> None:
    User.objects.filter(pk=cast.partner.pk).update(last_login=timezone.now() - timedelta(days=100))
    User.objects.filter(pk=cast.colleague.pk).update(last_login=timezone.now() - timedelta(days=10))
    assert "Berlioz" in found(client_of_owner, "?idle=90")
    assert "Martin" not in found(client_of_owner, "?idle=90")


def test_who_is_attached_nowhere_is_found(cast: SimpleNamespace, client_of_owner: Client) -> None:
    site = Site.objects.create(account=cast.north, name="Lille")
    Attachment.objects.create(account=cast.north, link=cast.partner_link, site=site)
    assert found(client_of_owner, "?kind=advanced&place=none") == ["Bœuf", "Dupré 100%_ok", "Duprè"]
    assert found(client_of_owner, "?kind=advanced&place=none&tag=PARIS+SUD") == ["Duprè"]
    assert found(client_of_owner, "?kind=advanced&place=none&site=Lille") == []
    assert "Rattaché nulle part" in client_of_owner.get(URL).content.decode()


def test_whom_an_import_invited_or_changed_is_found_and_nobody_else_s_is(
    cast: SimpleNamespace, client_of_owner: Client
) -> None:
    with origin.of(replace(origin.current(), reference="import:7")):
        identity = {**IDENTITY, "email": "n@example.com", "last_name": "Nouveau"}
        facts = {"by": cast.owner_link, "rights": ["shipping_ws"], "tags": [], "language": "fr"}
        actions.invite_advanced(identity=identity, **facts)
        link = AccountLink.objects.get(account=cast.north, last_name="Duprè")
        actions.suspend(link=link, by=cast.owner_link)
    with origin.of(replace(origin.current(), reference="import:70")):
        actions.suspend(link=cast.partner_link, by=cast.owner_link)
    assert found(client_of_owner, "?kind=advanced&import=7") == ["Duprè", "Nouveau"]
    assert found(client_of_owner, "?import=7&status=suspended") == ["Duprè"]
    assert found(client_of_owner, "?import=8") == []
    assert len(found(client_of_owner, "?kind=advanced&import=x")) == 5
    html = client_of_owner.get(URL + "?import=7").content.decode()
    assert "Import</span> n° 7" in html and 'value="7"' in html
    with origin.of(replace(origin.current(), reference="import:9")):
        elsewhere = audit.Event("person changed", cast.partner_link.uuid, "")
        audit.record_many([elsewhere], by=None, account_id=cast.south.pk)
    assert found(client_of_owner, "?import=9") == []


def test_each_filter_is_a_chip_that_takes_it_away() -> None:
    asked = Asked.read(
        QueryDict(
            "kind=advanced&q=ann&status=invited&status=active&tag=LYON&right=coliship&idle=90&sort=-email"
            "&place=none&import=12"
        )
    )
    chips = asked.chips()
    assert len(chips) == 8
    for chip in chips:
        fewer = Asked.read(QueryDict(chip.url[1:]))
        assert fewer != asked and len(fewer.chips()) == 7
        assert (fewer.kind, fewer.sort) == ("advanced", "-email")


def test_a_question_survives_its_address() -> None:
    asked = Asked.read(
        QueryDict("kind=standard&q=a%26b%3Dc&status=active&tag=A%20%26%20B&without=chat&place=none&import=12&size=50")
    )
    assert Asked.read(QueryDict(asked.url()[1:])) == asked


def test_nobody_found_offers_to_ask_less(client_of_owner: Client) -> None:
    html = client_of_owner.get(URL + "?kind=advanced&q=personne+de+ce+nom").content.decode()
    assert "Personne ne correspond" in html
    assert "Retirer tous les filtres" in html


@pytest.mark.parametrize("function", ["rights_people(%s, 'standard', %s, NULL, NULL, false, 0, 50)",
                                      "rights_people_found(%s, 'standard', %s, false, 0, 50)",
                                      "rights_search(%s, %s, 50)"])  # fmt: skip
def test_the_search_functions_answer_for_accounts_in_reach_alone(cast: SimpleNamespace, function: str) -> None:
    def rows(account: int) -> list[Any]:
        with tenancy.scope(accounts=[cast.north.pk]), connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {function}", [account, ["a"]])  # noqa: S608
            return list(cursor.fetchall())

    assert rows(cast.north.pk)
    assert not rows(cast.south.pk)


def test_the_count_answers_for_accounts_in_reach_alone(cast: SimpleNamespace) -> None:
    with tenancy.scope(accounts=[cast.north.pk]), connection.cursor() as cursor:
        cursor.execute("SELECT rights_people_count(%s, 'standard', '{}', 50)", [cast.south.pk])
        assert cursor.fetchone() == (0,)


def test_filters_are_asked_along_indexes(cast: SimpleNamespace) -> None:
    """No filter reads what others have: their people, or the grants of their accounts."""

    def statement(**asked: Any) -> str:
        return str(matching(cast.owner_link, Asked(kind="advanced", **asked), frozenset({"tool_key"})).query)

    assert "rights_search" in statement(tags=("LYON",))
    assert "JOIN" not in statement(idle=90)
    assert f'U0."account_id" = {cast.north.pk}' in statement(held=("tool_key",)).replace("V0.", "U0.")
    assert "people_by_end" in {index.name for index in AccountLink._meta.indexes}


def test_people_of_an_import_attached_nowhere_cost_as_many_statements_however_many(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    client, query = sign_in(cast.owner), URL + "?kind=advanced&place=none&import=7"

    def statements(count: int) -> int:
        links = [make_link(cast.north, make_person(f"n{count}.{n}")) for n in range(count)]
        with origin.of(replace(origin.current(), reference="import:7")):
            events = [audit.Event("person changed", link.uuid, str(link)) for link in links]
            audit.record_many(events, by=cast.owner, account_id=cast.north.pk)
        client.get(query)
        with CaptureQueriesContext(connection) as asked:
            assert f"{count}" in client.get(query).content.decode()
        return len(asked)

    assert statements(2) == statements(24)
