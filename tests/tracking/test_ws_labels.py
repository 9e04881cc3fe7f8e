"""Labels made by software: the published answers, in whose name, what is refused, and that nothing is made twice."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib import tenancy
from rights.models import AccountLink, Grant
from tests.conftest import PASSWORD
from tests.tracking.calls import SLS, Software, errors, fields, infos, letter, make_key, parts
from tests.tracking.conftest import make_parcel
from tracking import numbers
from tracking.labels import Label, Paper, render
from tracking.models import Call, KeptAnswer, Parcel

MAKE, CHECK, PRINT = SLS + "generateLabel", SLS + "checkGenerateLabel", SLS + "getLabel"


@pytest.fixture
def software(cast: SimpleNamespace) -> Software:
    """Of the partner, who may frank for north by web service."""
    return Software(make_key(cast.partner))


def test_an_answer_has_the_published_parts(software: Software, cast: SimpleNamespace) -> None:
    sent = letter(letter__sender__senderParcelRef="R-7", fields=fields(CUSER_INFO_TEXT="lyon", EORI="FR1"))
    response = software.post(MAKE, sent)
    assert response.status_code == 200
    assert response.content.startswith(b"--uuid:")
    assert response.headers["Content-Type"].startswith('multipart/mixed; boundary="uuid:')
    assert list(parts(response)) == ["<jsonInfos>", "<label>"]
    told = infos(response)
    made = told.pop("labelV31Response")
    assert told == {
        "messages": [
            {
                "id": "0",
                "type": "INFOS",
                "messageContent": "La requête a été traitée avec succès",
                "replacementValues": [],
            }
        ],
        "labelXmlV2Reponse": None,
    }
    assert numbers.is_valid(made["parcelNumber"])
    assert len(made["parcelNumberPartner"]) == 28
    assert (made["pdfUrl"], made["fields"]) == (None, None)
    parcel = Parcel.objects.get(number=made["parcelNumber"])
    assert (parcel.account, parcel.weight, parcel.reference, parcel.tag) == (cast.north, 1250, "R-7", "LYON")
    assert (parcel.franked_by, parcel.franked_with) == (cast.partner, software.key[4:12])
    label = Label.from_dict(parcel.label or {})
    assert parts(response)["<label>"] == render([label], Paper.PDF_10x15_300dpi)
    assert AuditEvent.objects.filter(subject=parcel.uuid, actor=cast.partner.uuid).count() == 1
    call = Call.objects.get()
    assert (call.user, call.key, call.account_id) == (cast.partner.uuid, software.key[4:12], cast.north.pk)
    assert (call.service, call.status, call.number) == ("generateLabel", 200, parcel.number)


def test_version_2_names_its_answer_otherwise_and_others_do_not_exist(software: Software) -> None:
    assert infos(software.post(MAKE.replace("3.1", "2.0"), letter()))["labelV2Response"]["parcelNumber"]
    assert software.post(MAKE.replace("3.1", "3.2"), letter()).status_code == 404


@pytest.mark.parametrize("paper", ["PDF_A4_300dpi", "ZPL_10x15_203dpi", "DPL_10x12_300dpi", "PDF_10x15_300dpi_UL"])
def test_a_label_comes_in_the_format_that_was_asked_for(software: Software, paper: str) -> None:
    response = software.post(MAKE, letter(outputFormat__outputPrintingType=paper))
    begins = {"PDF": b"%PDF", "ZPL": b"^XA", "DPL": b"\x02"}[paper[:3]]
    assert parts(response)["<label>"].lstrip().startswith(begins)


def test_checking_makes_nothing(software: Software) -> None:
    response = software.post(CHECK, letter())
    assert response.headers["Content-Type"].startswith("application/json")
    assert (response.status_code, response.json()["messages"][0]["id"]) == (200, "0")
    assert errors(software.post(CHECK, letter(letter__parcel__weight=0))) == ["30301"]
    assert not Parcel.objects.exists()


REFUSALS: dict[str, tuple[int, list[str], dict[str, Any]]] = {
    "no product": (400, ["30014"], {"letter__service__productCode": ""}),
    "unknown product": (400, ["30015"], {"letter__service__productCode": "XYZ"}),
    "no day": (400, ["30010"], {"letter__service__depositDate": None}),
    "no such day": (400, ["30010"], {"letter__service__depositDate": "2026-02-31"}),
    "a day that is over": (400, ["30002"], {"letter__service__depositDate": "2020-01-01"}),
    "no weight": (400, ["30300"], {"letter__parcel__weight": None}),
    "nothing": (400, ["30301"], {"letter__parcel__weight": 0}),
    "less than nothing": (400, ["30301"], {"letter__parcel__weight": -1}),
    "too heavy": (400, ["30301"], {"letter__parcel__weight": 31}),
    "far too heavy": (400, ["30301"], {"letter__parcel__weight": "1e999999"}),
    "a weight that is none": (400, ["30301"], {"letter__parcel__weight": "NaN"}),
    "no street": (400, ["30204"], {"letter__addressee__address__line2": ""}),
    "no address": (400, ["30200", "30204", "30206"], {"letter__addressee": None}),
    "a town of another postcode": (400, ["30211"], {"letter__addressee__address__city": "Brest"}),
    "an emoji": (400, ["30600"], {"letter__addressee__address__lastName": "Zoé 🎁"}),
    "a direction override": (400, ["30600"], {"letter__addressee__address__lastName": "Du\u202erand"}),
    "a zero byte": (400, ["30600"], {"letter__addressee__address__lastName": "Du\0rand"}),
    "a line too long": (400, ["30600"], {"letter__addressee__address__line1": "x" * 36}),
    "a pickup point without one": (400, ["30401"], {"letter__parcel__pickupLocationId": "123456"}),
    "no format": (400, ["30025"], {"outputFormat": None}),
    "unknown format": (400, ["30026"], {"outputFormat__outputPrintingType": "GIF_1x1"}),
    "no letter": (400, ["50005"], {"letter": None}),
    "a list for an object": (422, ["422"], {"letter": [1]}),
    "an object for a text": (422, ["422"], {"letter__service__productCode": {"a": 1}}),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSALS)
def test_what_is_wrong_gets_its_published_id_and_makes_nothing(software: Software, why: str) -> None:
    status, ids, changes = REFUSALS[why]
    response = software.post(MAKE, letter(**changes))
    assert (response.status_code, errors(response)) == (status, ids)
    assert not Parcel.objects.exists()
    assert Call.objects.get().error == ids[0]


@pytest.mark.parametrize("name", ["דנה כהן", "=1+1", "^XZ~JA", "<script>", "'; DROP TABLE x; --", "Ça & Là"])
def test_odd_names_are_printed_as_they_are(software: Software, name: str) -> None:
    for paper in ("PDF_10x15_300dpi", "ZPL_10x15_300dpi"):
        sent = letter(letter__addressee__address__lastName=name, outputFormat__outputPrintingType=paper)
        response = software.post(MAKE, sent)
        assert response.status_code == 200
        assert Parcel.objects.latest("pk").addressee == f"Camille {name}"
        assert b"^XZ~JA" not in parts(response)["<label>"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"nul", b'{"a":NaN}', b"[" * 10_000, b'{"a":' * 10_000, b"\xff\xfe{}"]
)
def test_bodies_that_are_no_json_are_refused_as_published(software: Software, body: bytes) -> None:
    response = software.post(MAKE, body)
    assert (response.status_code, errors(response)) == (422, ["422"])


def test_a_body_of_ten_megabytes_is_not_read(software: Software) -> None:
    assert software.post(MAKE, b'"' + b"x" * 10_000_000 + b'"').status_code == 413


def test_a_body_in_chunks_is_read_as_far_as_it_may_go(software: Software) -> None:
    def send(body: bytes) -> Any:
        chunks: dict[str, Any] = {"CONTENT_LENGTH": "", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
        with software.nothing_in_reach():
            return software.client.generic("POST", CHECK, headers=software.headers, **chunks)

    assert send(json.dumps(letter()).encode()).status_code == 200
    assert send(b"x" * 10_000_000).status_code == 413


# In whose name.


def test_the_account_acted_for_needs_the_right_there(software: Software, cast: SimpleNamespace) -> None:
    def ask(number: str) -> Any:
        return software.post(CHECK, letter(fields=fields(ACCOUNT_NUMBER=number)))

    assert ask("900138").status_code == 200
    foreign, absent = ask("850061"), ask("123456")  # on south the partner only tracks
    assert (foreign.status_code, errors(foreign)) == (403, ["30008"])
    assert foreign.content == absent.content
    Grant.objects.create(account=cast.south, link=cast.partner_south_link, right="shipping_ws", given_by_name="ADMIN")
    assert errors(software.post(CHECK, letter())) == ["30008"]  # which of the two?
    assert software.post(CHECK, letter(contractNumber="850061")).status_code == 200
    parcel = infos(software.post(MAKE, letter(fields=fields(ACCOUNT_NUMBER="850061"))))["labelV31Response"]
    assert Parcel.objects.get(number=parcel["parcelNumber"]).account == cast.south


def test_a_user_name_and_a_password_in_the_body_do(cast: SimpleNamespace) -> None:
    software = Software()
    assert software.post(CHECK, letter(contractNumber="900138", password=PASSWORD)).status_code == 200
    made = software.post(MAKE, letter(contractNumber="a.berlioz", password=PASSWORD))
    assert Parcel.objects.get(number=infos(made)["labelV31Response"]["parcelNumber"]).franked_with == ""
    wrong = software.post(CHECK, letter(contractNumber="900138", password="no"))
    assert (wrong.status_code, errors(wrong)) == (403, ["30000"])
    assert wrong.content == software.post(CHECK, letter(contractNumber="999999", password="no")).content


def test_a_suspended_link_is_told_apart(software: Software, cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="suspended")
    response = software.post(CHECK, letter())
    assert (response.status_code, errors(response)) == (403, ["30007"])


# Printed once more.


def test_a_label_is_printed_again_for_who_franked_it_and_for_administrators(
    software: Software, cast: SimpleNamespace
) -> None:
    made = software.post(MAKE, letter())
    number = infos(made)["labelV31Response"]["parcelNumber"]
    asked = {"parcelNumber": number, "outputPrintingType": "PDF_10x15_300dpi"}
    for caller in (software, Software(make_key(cast.owner))):
        assert parts(caller.post(PRINT, asked))["<label>"] == parts(made)["<label>"]
    by_password = Software().post(PRINT, asked, login="900138", password=PASSWORD, accountNumber="900138")
    assert by_password.status_code == 200
    theirs = make_parcel(cast.north, label=Parcel.objects.get(number=number).label)
    foreign = [software.post(PRINT, {**asked, "parcelNumber": n}) for n in (theirs.number, "6C99999999999", "?")]
    assert {(each.status_code, each.content) for each in foreign} == {(400, foreign[0].content)}
    assert errors(foreign[0]) == ["30321"]
    assert Software(make_key(cast.stranger)).post(PRINT, asked).content == foreign[0].content


# Once.


def test_the_same_call_under_one_key_gets_the_same_bytes(software: Software, cast: SimpleNamespace) -> None:
    body = letter()
    first, again = (software.post(MAKE, body, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert (first.content, first.headers["Content-Type"]) == (again.content, again.headers["Content-Type"])
    other = software.post(MAKE, letter(letter__parcel__weight=2), **{"Idempotency-Key": "k-1"})
    assert (other.status_code, errors(other)) == (422, ["422"])
    theirs = Software(make_key(cast.partner)).post(MAKE, body, **{"Idempotency-Key": "k-1"})
    assert infos(theirs)["labelV31Response"] != infos(first)["labelV31Response"]
    assert Parcel.objects.count() == 2


def test_nobody_tries_passwords_on_what_is_kept_of_a_call(software: Software) -> None:
    body = letter()
    software.post(MAKE, body, **{"Idempotency-Key": "k-1"})
    sent = b"3.1\n" + json.dumps(body).encode()
    assert KeptAnswer.objects.get().body_digest != sha256(sent).hexdigest()


def test_a_refused_call_keeps_nothing_and_may_be_corrected_under_its_key(software: Software) -> None:
    key = {"Idempotency-Key": "k-2"}
    assert software.post(MAKE, letter(letter__parcel__weight=31), **key).status_code == 400
    assert not KeptAnswer.objects.exists()
    assert software.post(MAKE, letter(), **key).status_code == 200


def test_a_key_is_free_again_after_a_day(software: Software) -> None:
    key = {"Idempotency-Key": "k-3"}
    first = software.post(MAKE, letter(), **key)
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))
    assert infos(software.post(MAKE, letter(), **key)) != infos(first)


def test_a_key_that_another_account_used_is_not_given_away(software: Software, cast: SimpleNamespace) -> None:
    key = {"Idempotency-Key": "k-4"}
    assert software.post(MAKE, letter(), **key).status_code == 200
    with tenancy.everything():
        KeptAnswer.objects.update(account_id=cast.south.pk)
    assert software.post(MAKE, letter(), **key).status_code == 422
    assert Parcel.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_a_key_is_visible_and_short(software: Software, key: str) -> None:
    assert software.post(MAKE, letter(), **{"Idempotency-Key": key}).status_code == 400
