"""Calls that run as they stand, for the page about the web services; the tests make them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

KEY = "$COLIBOX_KEY"


@dataclass(frozen=True)
class Example:
    """One call, without the key that goes with it, and what comes back."""

    path: str
    body: dict[str, Any] | None
    answer: str
    headers: tuple[tuple[str, str], ...] = ()
    output: str = ""

    def curl(self, base: str) -> str:
        """The call as one types it."""
        lines = [f"curl '{base}{self.path}'", f'  -H "apiKey: {KEY}"']
        lines += [f"  -H '{name}: {value}'" for name, value in self.headers]
        if self.body is not None:
            told = _compact(self.body)
            lines += ["  -H 'Content-Type: application/json'", f"  -d '{told}'"]
        lines += [f"  -o {self.output}"] if self.output else []
        return " \\\n".join(lines)


def _compact(body: dict[str, Any]) -> str:
    """A body with a line for each of its parts, and of theirs."""
    lines = []
    for name, part in body.items():
        if name == "letter":
            inner = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in part.items())
            lines.append(f'  "letter": {{\n{inner}\n  }}')
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(part)}")
    return "{\n" + ",\n".join(lines) + "\n}"


def examples() -> dict[str, Example]:
    """Each service once."""
    today = timezone.localdate()
    label = {
        "outputFormat": {"outputPrintingType": "PDF_10x15_300dpi"},
        "letter": {
            "service": {"productCode": "DOM", "depositDate": today.isoformat()},
            "parcel": {"weight": 1.25},
            "sender": {"senderParcelRef": "CMD-42", "address": {
                "companyName": "Comptoir du Nord", "line2": "12 rue du Port",
                "zipCode": "44000", "city": "Nantes", "countryCode": "FR",
            }},
            "addressee": {"address": {
                "lastName": "Durand", "firstName": "Camille", "line2": "5 rue de la Barre",
                "zipCode": "69002", "city": "Lyon", "countryCode": "FR",
            }},
        },
        "fields": {"field": [{"key": "CUSER_INFO_TEXT", "value": "LYON"}]},
    }  # fmt: skip
    search = {
        "address": "5 rue de la Barre", "zipCode": "69002", "city": "Lyon", "countryCode": "FR",
        "weight": 1250, "shippingDate": f"{today:%d/%m/%Y}", "filterRelay": "1", "optionInter": "0",
    }  # fmt: skip
    sls = "/sls-ws/SlsServiceWSRest/3.1/"
    points = "/pointretrait-ws-cxf/rest/v2/pointretrait/"
    once = (("Idempotency-Key", "CMD-42"),)
    return {
        "make": Example(sls + "generateLabel", label, MADE, once, "label.mime"),
        "suivi": Example("/suivi/v2/idships/6A99999999999?lang=en_GB", None, UNKNOWN),
        "timeline": Example(
            "/tracking-timeline-ws/rest/tracking/timelineCompany", {"parcelNumber": "6A99999999999", "lang": "en_GB"},
            '{"status":[{"code":"105","message":"This parcel is unknown, or not tracked yet."}],"parcel":null}',
        ),
        "points": Example(points + "findRDVPointRetraitAcheminement", search, NEAR),
    }  # fmt: skip


MADE = """--uuid:5b9c…
Content-Type: application/json;charset=UTF-8
Content-ID: <jsonInfos>

{"messages":[{"id":"0","type":"INFOS",…}],"labelV31Response":{"parcelNumber":"6A00000000000",…}}
--uuid:5b9c…
Content-Type: application/octet-stream
Content-ID: <label>

%PDF-1.3 …"""
UNKNOWN = """{"lang":"en_GB","scope":"open","idShip":"6A99999999999","returnCode":104,
"returnMessage":"This parcel is unknown, or not tracked yet."}"""
NEAR = """{"errorCode":0,"errorMessage":"Code retour OK","qualiteReponse":2,"wsRequestId":"","rdv":false,
"listePointRetraitAcheminement":[{"identifiant":"001234","nom":"TABAC DES ARTS","distanceEnMetre":210,…}]}"""
