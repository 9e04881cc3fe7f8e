"""What is true of every call: how one shows a key, each way it is refused, limits, and the trace."""

from __future__ import annotations

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from colibox.lib import keys, tenancy
from rights.models import AccountLink, ConnectionKey
from tests.tracking.calls import IDSHIPS, POINT, SEARCH, SLS, TIMELINE, Software, letter, make_key
from tracking.actions import calls
from tracking.api import calling
from tracking.models import Call, KeptAnswer

ADDRESSES = {
    SLS + "generateLabel": letter, SLS + "checkGenerateLabel": letter, SLS + "getLabel": dict, TIMELINE: dict,
    SEARCH: dict, POINT: dict, IDSHIPS + "6C99999999999": None,
}  # fmt: skip


def call(software: Software, address: str, **headers: str) -> Any:
    """Call a service as well as it needs to be called to ask for a key."""
    make = ADDRESSES[address]
    return software.get(address, **headers) if make is None else software.post(address, make(), **headers)


def reason(response: Any) -> str:
    """Why a call was refused, for programs."""
    return str(response.headers.get("WWW-Authenticate", "")).rpartition('error_description="')[2].rstrip('"')


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_key_may_stand_in_each_published_header_of_each_service(cast: SimpleNamespace, address: str) -> None:
    key = make_key(cast.owner)
    headers = [{"apiKey": key}, {"X-Okapi-Key": key}, {"Authorization": f"Bearer {key}"}]
    answers = [call(Software(), address, **header) for header in headers]
    assert {reason(answer) for answer in answers} == {""}
    assert len({answer.status_code for answer in answers}) == 1
    assert {key for (key,) in Call.objects.values_list("key")} == {key[4:12]} or Call.objects.count() == 0


def test_each_way_a_key_fails_is_told_apart(cast: SimpleNamespace) -> None:
    now = timezone.now()
    link = AccountLink.objects.filter(pk=cast.partner_link.pk)
    given = {
        "missing": "", "malformed": "cpk_nonsense", "unknown": keys.new_connection_key()[1],
        "expired": make_key(cast.partner, expires_at=now), "revoked": make_key(cast.partner, revoked_at=now),
        "address": make_key(cast.partner, networks=["192.0.2.0/24"]), "forbidden": make_key(cast.partner, rights=[]),
    }  # fmt: skip
    for address in (SLS + "generateLabel", SLS + "getLabel"):
        assert {why: reason(call(Software(key), address)) for why, key in given.items()} == {why: why for why in given}
    link.update(state="suspended")
    assert reason(call(Software(make_key(cast.partner)), SLS + "generateLabel")) == "suspended"


def test_the_statuses_and_ids_of_a_refused_key(cast: SimpleNamespace) -> None:
    expired = Software(make_key(cast.owner, expires_at=timezone.now()))
    answers = {address: call(expired, address) for address in ADDRESSES}
    assert {address: answer.status_code for address, answer in answers.items()} == {
        **dict.fromkeys([SLS + "generateLabel", SLS + "checkGenerateLabel", SLS + "getLabel"], 403),
        TIMELINE: 401, SEARCH: 400, POINT: 400, IDSHIPS + "6C99999999999": 401,
    }  # fmt: skip
    assert answers[SLS + "getLabel"].json()["messages"][0]["id"] == "30000"
    assert answers[TIMELINE].json() == {
        "status": [{"code": "201", "message": "Cette clé de connexion a expiré."}],
        "parcel": None,
    }
    assert answers[SEARCH].json()["errorCode"] == 201
    assert answers[IDSHIPS + "6C99999999999"].json()["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_key_in_an_address_is_refused_and_not_logged(
    cast: SimpleNamespace, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = make_key(cast.owner)
    with caplog.at_level(logging.DEBUG):
        for query in (
            f"apiKey={key}",
            f"x={key}",
            f"x={key}&x=",
            "password=s",
            f"X-Okapi-Key={key}",
            f"access_token={key}",
        ):
            software = Software(key)
            make, target = ADDRESSES[address], f"{address}?{query}"
            answer = software.get(target) if make is None else software.post(target, make())
            assert answer.status_code == 400
    assert key not in caplog.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_without_end_is_too_large(cast: SimpleNamespace, address: str) -> None:
    make, target = ADDRESSES[address], f"{address}?{'a&' * 1001}"
    answer = Software().get(target) if make is None else Software().post(target, make())
    assert answer.status_code == 413


def test_limits_of_a_key_and_of_an_account(cast: SimpleNamespace, settings: Any) -> None:
    settings.WS_CALLS_PER_MINUTE, settings.WS_CALLS_PER_MINUTE_ACCOUNT = 3, 5

    def answers() -> list[int]:
        software = Software(make_key(cast.owner))
        return [call(software, SLS + "checkGenerateLabel").status_code for _ in range(4)]

    assert answers() == [200, 200, 200, 429]
    assert answers()[2:] == [429, 429]  # another key, the same account
    limited = call(Software(make_key(cast.owner)), IDSHIPS + "6C99999999999")
    assert limited.status_code == 404
    for _ in range(3):
        limited = call(Software(make_key(cast.owner)), SLS + "getLabel")
    assert (limited.status_code, limited.json()["messages"][0]["id"]) == (429, "40015")
    assert 1 <= int(limited.headers["Retry-After"]) <= 60


def test_who_has_no_key_is_slowed_down_and_fills_no_table(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "REFUSED_A_MINUTE", 3)
    statuses = [call(Software("cpk_nonsense"), TIMELINE).status_code for _ in range(5)]
    assert statuses == [401, 401, 401, 429, 429]
    with tenancy.everything():
        assert list(Call.objects.values_list("status", "account_id")) == [(401, None)] * 3
    assert call(Software(make_key(cast.owner)), TIMELINE).status_code == 200


def test_a_trace_says_who_and_how_it_ended_and_nothing_of_what_was_sent(cast: SimpleNamespace) -> None:
    key = make_key(cast.partner)
    call(Software(key), SLS + "generateLabel")
    Software(key).post(SLS + "generateLabel", letter(letter__parcel__weight=31))
    traces = list(Call.objects.order_by("pk"))
    assert [(each.status, each.error, bool(each.number)) for each in traces] == [(200, "", True), (400, "30301", False)]
    for each in traces:
        assert (each.user, each.user_name, each.key, each.ip) == (
            cast.partner.uuid,
            "Aline Berlioz",
            key[4:12],
            "127.0.0.1",
        )
        assert "Durand" not in str(vars(each))
    used = ConnectionKey.objects.get(public=key[4:12])
    assert (used.last_used_service, used.last_used_ip) == ("generateLabel", "127.0.0.1")


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("ours"), 500), (OperationalError("gone"), 503)])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_fault_of_ours_is_told_in_the_words_of_the_service(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, address: str, error: Exception, status: int
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr("tracking.api.calling.connection.by_key", fail)
    response = call(Software(make_key(cast.owner)), address)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/json")


def test_what_is_old_is_forgotten(cast: SimpleNamespace) -> None:
    software = Software(make_key(cast.partner))
    for name in ("old", "new"):
        software.post(SLS + "generateLabel", letter(), **{"Idempotency-Key": name})
    KeptAnswer.objects.filter(key="old").update(created_at=timezone.now() - timedelta(days=1))
    Call.objects.filter(pk=Call.objects.earliest("pk").pk).update(at=timezone.now() - timedelta(days=401))
    assert calls.forget() == 2
    assert (KeptAnswer.objects.get().key, Call.objects.count()) == ("new", 1)
