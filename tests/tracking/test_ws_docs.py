"""What a developer reads: a page in two languages whose examples run, and the OpenAPI."""

from __future__ import annotations

from html import unescape
from types import SimpleNamespace

import pytest
from django.test import Client

from tests.tracking.calls import Software, make_key
from tracking.api.examples import Example, examples
from tracking.models import PickupPoint

STATUS = {"make": 200, "suivi": 404, "timeline": 200, "points": 200}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_is_for_everybody_and_has_every_example(client: Client, db: None, language: str) -> None:
    response = client.get("/ws/docs", headers={"Accept-Language": language})
    page = unescape(response.content.decode())
    assert response.status_code == 200
    assert "<script>" not in page and " style=" not in page
    for example in examples().values():
        assert example.curl("http://testserver/ws") in page
        assert example.answer in page


@pytest.mark.parametrize("name", STATUS)
def test_an_example_runs_as_it_stands(cast: SimpleNamespace, name: str) -> None:
    PickupPoint.objects.create(
        identifier="001234", name="TABAC", kind="A2P", address_1="1 RUE", postcode="69002", town="LYON",
        latitude=45.758, longitude=4.835,
    )  # fmt: skip
    example: Example = examples()[name]
    software = Software(make_key(cast.owner))
    address = f"/ws{example.path}"
    if example.body is None:
        response = software.get(address)
    else:
        response = software.post(address, example.body, **dict(example.headers))
    assert response.status_code == STATUS[name]
    begins = example.answer.partition("…")[0].replace("\n", "").replace("uuid:5b9c", "uuid:")
    told = response.content.decode(errors="replace").replace("\r\n", "").replace("\n", "")
    assert told.startswith(begins[:60].partition("…")[0])


def test_the_openapi_names_the_headers_of_a_key(client: Client, db: None) -> None:
    told = client.get("/ws/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert set(told["components"]["securitySchemes"]) == {"apiKey", "okapiKey", "bearer"}
    assert all(operation["summary"] for path in told["paths"].values() for operation in path.values())
