"""How the tests call the web services: keys of the cast, the bodies of calls, the parts of an answer."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast

from django.db import connection
from django.test import Client

from colibox.lib import keys, tenancy
from rights.models import ConnectionKey
from users.models import User

SLS = "/ws/sls-ws/SlsServiceWSRest/3.1/"
TIMELINE = "/ws/tracking-timeline-ws/rest/tracking/timelineCompany"
IDSHIPS = "/ws/suivi/v2/idships/"
POINTS = "/ws/pointretrait-ws-cxf/rest/v2/pointretrait/"
SEARCH, POINT = POINTS + "findRDVPointRetraitAcheminement", POINTS + "findPointRetraitAcheminementByID"


def make_key(user: User, **fields: Any) -> str:
    """A connection key of this person, as their software knows it."""
    public, secret = keys.new_connection_key()
    fields = {"name": "entrepôt", **fields}
    ConnectionKey.objects.create(
        user=user, public=public, last_four=secret[-4:], fingerprint=keys.fingerprint(secret), **fields
    )
    return secret


@dataclass
class Software:
    """A program that calls with this key, in this header."""

    key: str = ""
    header: str = "apiKey"
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    @property
    def headers(self) -> dict[str, str]:
        return {self.header: self.key} if self.key else {}

    def post(self, address: str, body: Any, **headers: str) -> Any:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.nothing_in_reach():
            return self.client.post(
                address, content, content_type="application/json", headers={**self.headers, **headers}
            )

    def get(self, address: str, **headers: str) -> Any:
        with self.nothing_in_reach():
            return self.client.get(address, headers={**self.headers, **headers})

    @staticmethod
    def nothing_in_reach() -> AbstractContextManager[None]:
        """As a request begins, though the test around it has every account in reach."""
        return tenancy.scope() if connection.in_atomic_block else nullcontext()


def letter(**changes: Any) -> dict[str, Any]:
    """A call that makes a label; a change is named by its path: `letter__parcel__weight=31`."""
    body: dict[str, Any] = {
        "outputFormat": {"x": 0, "y": 0, "outputPrintingType": "PDF_10x15_300dpi"},
        "letter": {
            "service": {"productCode": "DOS", "depositDate": date.today().isoformat(), "orderNumber": "CMD-42"},
            "parcel": {"weight": 1.25},
            "sender": {"address": {
                "companyName": "Comptoir du Nord", "line2": "12 rue du Port", "countryCode": "FR", "city": "Nantes",
                "zipCode": "44000",
            }},
            "addressee": {"address": {
                "lastName": "Durand", "firstName": "Camille", "line2": "5 rue de la Barre", "countryCode": "FR",
                "city": "Lyon", "zipCode": "69002",
            }},
        },
    }  # fmt: skip
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = body
        for name in above:
            inside = inside.setdefault(name, {})
        inside[last] = value
    return body


def fields(**values: str) -> dict[str, Any]:
    """Further fields by their published keys."""
    return {"field": [{"key": key, "value": value} for key, value in values.items()]}


def parts(response: Any) -> dict[str, bytes]:
    """The parts of an answer in several, by name, as any reader of MIME sees them."""
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + response.content)
    return {str(part["Content-ID"]): bytes(cast(Any, part.get_payload(decode=True))) for part in message.iter_parts()}


def infos(response: Any) -> dict[str, Any]:
    """The part jsonInfos."""
    return dict(json.loads(parts(response)["<jsonInfos>"]))


def errors(response: Any) -> list[str]:
    """The ids of what a label was refused for."""
    return [message["id"] for message in response.json()["messages"]]
