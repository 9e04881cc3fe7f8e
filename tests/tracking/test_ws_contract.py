"""Each service against its own OpenAPI, with requests made from it: some as it says, some not, some from nowhere."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response

from tests.tracking.calls import Software, make_key
from tracking.api.docs import schema
from tracking.api.urls import api

SCHEMA = schemathesis.openapi.from_dict(json.loads(json.dumps(schema(api))))
OPERATIONS: dict[str, Any] = {
    found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)
}
CONTENT = ("application/json", "multipart/mixed")


def test_all_services_are_in_the_openapi() -> None:
    assert {label.rpartition("/")[2] for label in OPERATIONS} == {
        "generateLabel", "checkGenerateLabel", "getLabel", "timelineCompany", "{ids}",
        "findRDVPointRetraitAcheminement", "findPointRetraitAcheminementByID",
    }  # fmt: skip


def send(software: Software, case: Any) -> Any:
    """A generated request, sent as it is."""
    address = f"/ws{case.formatted_path}?{urlencode(case.query or {}, doseq=True)}"
    headers = {name: value for name, value in (case.headers or {}).items() if _may_travel(name, value)}
    if case.method == "GET":
        return software.get(address, **headers)
    body = case.body if isinstance(case.body, dict | list | str | int | float | bool | None) else None
    return software.post(address, json.dumps(body).encode(), **headers)


def _may_travel(name: str, value: str) -> bool:
    return name.lower() not in ("apikey", "x-okapi-key", "authorization", "cookie") and "\n" not in value


@pytest.mark.parametrize("label", OPERATIONS)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_the_openapi_has(label: str, mode: GenerationMode, cast: SimpleNamespace) -> None:
    operation = OPERATIONS[label]
    software = Software(make_key(cast.owner))

    @given(case=operation.as_strategy(mode))
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def answers(case: Any) -> None:
        with transaction.atomic():
            response = send(software, case)
            transaction.set_rollback(True)
        assert response.status_code < 500
        assert str(response.status_code) in operation.definition.raw["responses"] or _is_no_address(response)
        if not _is_no_address(response):
            assert response.headers["Content-Type"].startswith(CONTENT)
            operation.validate_response(seen(response))

    answers()


def _is_no_address(response: Any) -> bool:
    """A generated path with a slash in it leads elsewhere: to the page of what is not there, or nowhere."""
    return response.status_code in (404, 405) and "html" in response.headers.get("Content-Type", "html")


def seen(response: Any) -> Response:
    headers = {name: [value] for name, value in response.headers.items()}
    return Response(response.status_code, headers, response.content, None, 0.0, False)  # type: ignore[arg-type]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("label", [label for label in OPERATIONS if label.startswith("POST")])
def test_no_json_makes_a_service_fail(label: str, cast: SimpleNamespace) -> None:
    software, address = Software(make_key(cast.owner)), "/ws" + label.split(" ")[1].replace("{version}", "3.1")
    model = json.loads(json.dumps(SCHEMA.raw_schema["components"]["schemas"]))
    names = {name for each in model.values() for name in each.get("properties", {})}

    @given(body=ANYTHING | st.dictionaries(st.sampled_from(sorted(names)), ANYTHING, max_size=6))
    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def answers(body: Any) -> None:
        with transaction.atomic():
            response = software.post(address, json.dumps(body).encode())
            transaction.set_rollback(True)
        assert response.status_code < 500
        assert response.headers["Content-Type"].startswith(CONTENT)

    answers()
