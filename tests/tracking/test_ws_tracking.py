"""Where parcels are, for software: the published shapes, and that what one may not see is as good as not there."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from rights.models import Grant
from tests.conftest import PASSWORD, make_link, make_person
from tests.tracking.calls import IDSHIPS, TIMELINE, Software, make_key
from tests.tracking.conftest import make_parcel
from tracking.models import Call, Parcel, TrackingEvent


def happen(parcel: Parcel, *happened: tuple[str, str, str]) -> None:
    for code, at, place in happened:
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        TrackingEvent.objects.create(
            account_id=parcel.account_id, parcel=parcel, code=code, at=moment, place=place, postcode="69007"
        )


@pytest.fixture
def parcel(cast: SimpleNamespace) -> Parcel:
    """On its way to be delivered."""
    created = datetime(2026, 11, 2, 8, tzinfo=UTC)
    parcel = make_parcel(cast.north, reference="CMD-42", created_at=created, event_at=created)
    happen(
        parcel, ("PC1", "2026-11-02T17:30", "NANTES"), ("ET1", "2026-11-03T02:10", "LYON"),
        ("MD2", "2026-11-03T07:45", "LYON 7"),
    )  # fmt: skip
    return parcel


@pytest.fixture
def software(cast: SimpleNamespace) -> Software:
    return Software(make_key(cast.owner), "X-Okapi-Key")


def test_one_parcel_comes_in_the_published_envelope(software: Software, parcel: Parcel) -> None:
    response = software.get(IDSHIPS + parcel.number)
    assert response.status_code == 200
    told = response.json()
    shipment = told.pop("shipment")
    assert told == {"lang": "fr_FR", "scope": "open", "idShip": parcel.number, "returnCode": 200}
    timeline, happened = shipment.pop("timeline"), shipment.pop("event")
    assert shipment == {
        "idShip": parcel.number, "holder": 4, "product": "Domicile avec signature", "isFinal": False,
        "entryDate": "2026-11-02T18:30:00+01:00", "url": f"http://testserver/tracking/{parcel.number}/",
        "contextData": {"deliveryChoice": {"deliveryChoice": 0}, "originCountry": "FR", "arrivalCountry": "FR"},
    }  # fmt: skip
    assert [(step["id"], step["status"], step["type"]) for step in timeline] == [
        (1, True, 1), (2, True, 1), (3, True, 1), (4, True, 1), (5, False, 1),
    ]  # fmt: skip
    assert timeline[3] == {
        "id": 4, "shortLabel": "Il est arrivé sur son site de livraison.", "longLabel": happened[0]["label"],
        "status": True, "type": 1, "date": "2026-11-03T08:45:00+01:00", "country": "FR",
    }  # fmt: skip
    assert [(each["code"], each["order"]) for each in happened] == [("MD2", 4), ("ET1", 3), ("PC1", 2), ("DR1", 1)]
    assert happened[1] == {
        "code": "ET1", "label": "En cours de traitement", "date": "2026-11-03T03:10:00+01:00", "order": 3,
    }  # fmt: skip


def test_several_come_as_207_each_with_its_code(software: Software, parcel: Parcel) -> None:
    response = software.get(f"{IDSHIPS}{parcel.number.lower()},6C99999999999,x?lang=en_GB")
    assert response.status_code == 207
    assert [each["returnCode"] for each in response.json()] == [200, 104, 101]
    assert response.json()[2] == {
        "lang": "en_GB", "scope": "open", "idShip": "X", "returnCode": 101,
        "returnMessage": "This number is not valid: check what you typed.",
    }  # fmt: skip
    single = {number: software.get(IDSHIPS + number).status_code for number in ("6C99999999999", "x")}
    assert single == {"6C99999999999": 404, "x": 400}
    eleven = software.get(IDSHIPS + ",".join(["6C99999999999"] * 11))
    assert (eleven.status_code, eleven.json()["code"]) == (400, "BAD_REQUEST")


def test_a_delivered_parcel_is_final_and_a_returned_one_is_a_failure(software: Software, parcel: Parcel) -> None:
    happen(parcel, ("DI1", "2026-11-03T11:00", "LYON"))
    shipment = software.get(IDSHIPS + parcel.number).json()["shipment"]
    assert (shipment["isFinal"], shipment["deliveryDate"]) == (True, "2026-11-03T12:00:00+01:00")
    happen(parcel, ("DI2", "2026-11-05T11:00", "NANTES"))
    assert software.get(IDSHIPS + parcel.number).json()["shipment"]["timeline"][4]["type"] == -1


def test_company_tracking_has_six_steps_and_its_own_codes(software: Software, parcel: Parcel) -> None:
    response = software.post(TIMELINE, {"parcelNumber": parcel.number, "lang": "fr_FR"})
    told = response.json()
    assert told["status"] == [{"code": "0", "message": "OK"}]
    found = told["parcel"]
    assert {name: found[name] for name in ("parcelNumber", "contractNumber", "customerParcelReference")} == {
        "parcelNumber": parcel.number, "contractNumber": "900138", "customerParcelReference": "CMD-42",
    }  # fmt: skip
    active = {step["stepId"]: step["status"] == "STEP_STATUS_ACTIVE" for step in found["step"]}
    assert active == {0: True, 1: True, 2: True, 3: True, 4: True, 5: False}
    assert [each["code"] for each in found["event"]] == ["PRELIV", "ET1", "PCHCFM", "COMCFM"]
    assert found["event"][0] == {
        "code": "PRELIV", "date": "2026-11-03T08:45:00+01:00", "labelShort": "Mis en distribution",
        "labelLong": "Mis en distribution", "siteCode": None, "siteName": "LYON 7", "siteZipCode": "69007",
    }  # fmt: skip
    unknown = software.post(TIMELINE, {"parcelNumber": "6C99999999999"})
    assert (unknown.status_code, unknown.json()["status"][0]["code"], unknown.json()["parcel"]) == (200, "105", None)
    assert software.post(TIMELINE, {"parcelNumber": "?"}).json()["status"][0]["code"] == "101"


@pytest.mark.parametrize("where", ["body", "login"])
def test_company_tracking_takes_a_key_or_a_password_in_its_body(
    cast: SimpleNamespace, parcel: Parcel, where: str
) -> None:
    who = {"login": "", "password": "", "apiKey": make_key(cast.owner)}
    if where == "login":
        who = {"login": "900138", "password": PASSWORD}
    response = Software().post(TIMELINE, {**who, "parcelNumber": parcel.number})
    assert response.json()["parcel"]["parcelNumber"] == parcel.number


# Who sees what.


def shown(software: Software, number: str) -> list[tuple[int, bytes]]:
    """What both services say of a parcel, its number aside."""
    answers = [software.get(IDSHIPS + number), software.post(TIMELINE, {"parcelNumber": number})]
    return [(each.status_code, each.content.replace(number.encode(), b"")) for each in answers]


def test_unknown_foreign_and_hidden_parcels_are_the_same(cast: SimpleNamespace) -> None:
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="tracking_ws", given_by_name="ADMIN")
    software = Software(make_key(cast.partner))
    mine = make_parcel(cast.north, tag="lyon")
    hidden, foreign = make_parcel(cast.north), make_parcel(cast.south)  # on south the partner has only the tool
    assert shown(software, mine.number)[0][0] == 200
    unknown = shown(software, "6C99999999999")
    assert shown(software, hidden.number) == shown(software, foreign.number) == unknown
    assert (unknown[0][0], unknown[1][0]) == (404, 200)
    told = set(Call.objects.values_list("account_id", "number", "error"))  # of what was not shown, nobody learns
    assert told == {(cast.north.pk, mine.number, ""), (None, "", "104"), (None, "", "105")}


@pytest.mark.parametrize(
    ("rights", "sees"), [(["tracking_ws"], "all"), (["tracking_ws", "tool_key"], "key"), (["tool_consolidated"], "")]
)
def test_a_scope_of_the_tool_narrows_the_service(cast: SimpleNamespace, rights: list[str], sees: str) -> None:
    person = make_person("dana")
    make_link(cast.north, person, rights=rights)
    mine, other = make_parcel(cast.north, user_key=person.user_key), make_parcel(cast.north)
    software = Software(make_key(person))
    answers = {software.get(IDSHIPS + each.number).status_code for each in (mine, other)}
    assert answers == {"all": {200}, "key": {200, 404}, "": {403}}[sees]


def test_a_key_may_be_kept_from_tracking(cast: SimpleNamespace, parcel: Parcel) -> None:
    response = Software(make_key(cast.owner, rights=["shipping_ws"])).get(IDSHIPS + parcel.number)
    assert (response.status_code, response.json()["code"]) == (403, "FORBIDDEN")


def test_a_page_of_ten_costs_as_many_queries_as_one(
    software: Software, cast: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    parcels = [make_parcel(cast.north) for _ in range(10)]
    for each in parcels:
        happen(each, ("PC1", "2026-11-02T17:30", "NANTES"))
    with django_assert_max_num_queries(18):
        response = software.get(IDSHIPS + ",".join(each.number for each in parcels))
    assert [each["returnCode"] for each in response.json()] == [200] * 10
