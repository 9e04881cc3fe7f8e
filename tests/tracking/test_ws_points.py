"""Pickup points for software: the published shapes and error numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from rights.models import Grant
from tests.conftest import PASSWORD
from tests.tracking.calls import POINT, SEARCH, Software, make_key
from tracking.models import PickupPoint

ASKED = {
    "zipCode": "69003", "city": "Lyon", "countryCode": "FR", "weight": "1000", "shippingDate": "24/11/2026",
    "filterRelay": "1", "optionInter": "0",
}  # fmt: skip


@pytest.fixture
def software(cast: SimpleNamespace) -> Software:
    return Software(make_key(cast.owner))


@pytest.fixture
def points() -> list[PickupPoint]:
    """A shop and a post office in Lyon, the shop a little nearer the middle of it."""
    common = {
        "postcode": "69003",
        "town": "LYON",
        "hours": ["10:00-12:00 14:00-19:00"] * 6 + ["00:00-00:00 00:00-00:00"],
    }
    return [
        PickupPoint.objects.create(
            identifier="001234", name="TABAC DES ARTS", kind="A2P", address_1="3 RUE DE LA PART DIEU",
            latitude=45.758, longitude=4.835, heaviest=20_000, sorting="69R01", lot="LYO0", plan_version="3", **common
        ),
        PickupPoint.objects.create(
            identifier="005678", name="LYON PREFECTURE", kind="BPR", address_1="5 RUE MOLIERE",
            latitude=45.765, longitude=4.90, heaviest=30_000, closed=[["2026-12-24", "2027-01-03"]], **common
        ),
    ]  # fmt: skip


def test_the_nearest_points_come_in_the_published_shape(software: Software, points: list[PickupPoint]) -> None:
    response = software.post(SEARCH, {**ASKED, "requestId": "r-1"})
    assert response.status_code == 200
    told = response.json()
    listed = told.pop("listePointRetraitAcheminement")
    assert told == {
        "errorCode": 0, "errorMessage": "Code retour OK", "qualiteReponse": 2, "wsRequestId": "r-1", "rdv": False,
    }  # fmt: skip
    assert [each["identifiant"] for each in listed] == ["001234", "005678"]
    first = listed[0]
    assert isinstance(first.pop("distanceEnMetre"), int)
    days = [first.pop(f"horairesOuverture{day}") for day in (
        "Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche",
    )]  # fmt: skip
    assert days == points[0].hours
    assert first == {
        "identifiant": "001234", "nom": "TABAC DES ARTS", "adresse1": "3 RUE DE LA PART DIEU", "adresse2": "",
        "adresse3": "", "codePostal": "69003", "localite": "LYON", "codePays": "FR", "libellePays": "FRANCE",
        "langue": "FR", "indiceDeLocalisation": "", "coordGeolocalisationLatitude": "45.758",
        "coordGeolocalisationLongitude": "4.835", "accesPersonneMobiliteReduite": False, "parking": False,
        "loanOfHandlingTool": False, "typeDePoint": "A2P", "poidsMaxi": 20000, "reseau": "R03",
        "distributionSort": "69R01", "lotAcheminement": "LYO0", "versionPlanTri": "3",
        "periodeActiviteHoraireDeb": "01/01", "periodeActiviteHoraireFin": "31/12", "congesPartiel": False,
        "congesTotal": False, "listeConges": [],
    }  # fmt: skip
    assert listed[1]["listeConges"][0]["calendarDeDebut"] == "2026-12-24T00:00:00+01:00"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"filterRelay": "0"}, ["005678"]), ({"weight": 25_000}, ["005678"]),
        ({"shippingDate": "26/12/2026"}, ["001234"]),
        ({"filterRelay": "0", "shippingDate": "26/12/2026"}, 300), ({"weight": 31_000}, 300),
        ({"zipCode": "29200", "city": "Brest"}, 301),
        ({"zipCode": ""}, 104), ({"city": None}, 105), ({"shippingDate": ""}, 106), ({"countryCode": ""}, 117),
        ({"weight": 0}, 121), ({"weight": -1}, 121), ({"weight": "NaN"}, 121), ({"weight": 100_000}, 121),
        ({"shippingDate": "2026-11-24"}, 122), ({"shippingDate": "31/02/2026"}, 122), ({"filterRelay": "2"}, 123),
        ({"zipCode": "97400"}, 125), ({"zipCode": "69003'"}, 125), ({"countryCode": "DE"}, 146),
        ({"optionInter": "1"}, 203),
    ],
)  # fmt: skip
def test_filters_and_published_error_numbers(
    software: Software, points: list[PickupPoint], changes: dict[str, Any], found: list[str] | int
) -> None:
    response = software.post(SEARCH, {**ASKED, **changes})
    told = response.json()
    if isinstance(found, int):
        assert told["errorCode"] == found
        assert (response.status_code, told["listePointRetraitAcheminement"]) == (200 if found >= 300 else 400, None)
    else:
        assert [each["identifiant"] for each in told["listePointRetraitAcheminement"]] == found


def test_one_point_by_its_identifier(software: Software, points: list[PickupPoint]) -> None:
    def ask(**asked: str) -> Any:
        return software.post(POINT, {"id": "005678", "date": "26/12/2026", **asked}).json()

    assert ask()["pointRetraitAcheminement"]["nom"] == "LYON PREFECTURE"
    assert ask()["pointRetraitAcheminement"]["congesTotal"] is True
    assert [ask(id="")["errorCode"], ask(id="999999")["errorCode"], ask(id="0' OR 1=1")["errorCode"]] == [107, 124, 124]
    assert [ask(date="")["errorCode"], ask(date="26-12-2026")["errorCode"]] == [106, 122]
    PickupPoint.objects.update(active=False)
    assert ask()["errorCode"] == 124


def test_who_may_ask(cast: SimpleNamespace, points: list[PickupPoint]) -> None:
    def code(software: Software, **asked: str) -> int:
        response = software.post(SEARCH, {**ASKED, **asked})
        assert response.status_code == (200 if response.json()["errorCode"] == 0 else 400)
        return int(response.json()["errorCode"])

    nobody, owner, partner = Software(), make_key(cast.owner), Software(make_key(cast.partner))
    assert [code(nobody), code(nobody, accountNumber="900138")] == [101, 102]
    assert code(nobody, accountNumber="900138", password="no") == 201
    assert code(nobody, accountNumber="900138", password=PASSWORD) == 0
    assert [code(nobody, apikey=owner), code(nobody, apiKey=owner)] == [0, 0]
    assert [code(Software(owner), accountNumber=number) for number in ("900138", "850061", "123456")] == [0, 202, 202]
    assert code(partner, accountNumber="900138") == 202
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="pickup_ws", given_by_name="ADMIN")
    assert code(partner, accountNumber="111111", codTiersPourPartenaire="900138") == 0
