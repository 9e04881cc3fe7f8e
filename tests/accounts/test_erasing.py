"""What an erasure may change in the trace and what it may not, whoever makes it; and that the portal seals nothing."""

# ruff: noqa: S608 (the statements of whoever attacks)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import audit, digests, erasing, sealing
from accounts.models import AuditErasure, AuditEvent, AuditSeal, CustomerAccount
from colibox.lib import origin, telling, tenancy
from tests.accounts.seals import pass_over, seal, verify
from users.models import Identity

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)
CLAIRE, SOMEBODY = uuid4(), uuid4()


@pytest.fixture
def north() -> CustomerAccount:
    with transaction.atomic(), tenancy.everything():
        return CustomerAccount.objects.create(number="900138", company="Comptoir du Nord", email="a@b.example")


def tell(
    account: CustomerAccount, verb: str, *, subject: UUID = CLAIRE, name: str = "Claire Martin", **sides: Any
) -> int:
    """The key of an event that happened."""
    with transaction.atomic(), tenancy.everything(), origin.of(origin.Origin(channel="screen", ip="192.0.2.7")):
        audit.record(verb, by=None, account_id=account.pk, subject=subject, subject_name=name, **sides)
        return AuditEvent.objects.latest("pk").pk


def event(key: int) -> dict[str, Any]:
    with transaction.atomic(), tenancy.everything():
        return dict(AuditEvent.objects.filter(pk=key).values().get())


def erase(*people: UUID, accounts: tuple[CustomerAccount, ...] = (), words: tuple[str, ...] = ()) -> dict[int, int]:
    with transaction.atomic(), tenancy.everything():
        return erasing.erase(people=people, accounts=[each.pk for each in accounts], words=words)


def faults() -> set[str]:
    with transaction.atomic():
        return {fault.what for fault in sealing.verify().faults}


# What the portal's role is refused.

REFUSED = {
    "a seal": (
        "INSERT INTO accounts_auditseal (account_id, number, after_id, until_id, events, previous, digest, marks)"
        " VALUES (1, 1, 0, 2 ^ 62, 0, '', '0', '')"
    ),
    "a changed seal": "UPDATE accounts_auditseal SET digest = '0'",
    "no seal any more": "DELETE FROM accounts_auditseal",
    "a horizon": "UPDATE accounts_audithorizon SET event = 2 ^ 62",
    "another horizon": "INSERT INTO accounts_audithorizon (id, event, transaction) VALUES (1, 1, 1)",
    "an erasure": "INSERT INTO accounts_auditerasure (erasure, event) VALUES (gen_random_uuid(), 1)",
    "a changed event": "SET LOCAL colibox.erasing = 'on'; UPDATE accounts_auditevent SET verb = 'other'",
    "no event any more": "DELETE FROM accounts_auditevent",
    "an event with a key of its own": (
        "INSERT INTO accounts_auditevent (id, actor_name, subject_name, verb, before, after, channel, reference,"
        " request_id) OVERRIDING SYSTEM VALUE VALUES (2 ^ 62, '', '', 'x', '{}', '{}', '', '', '')"
    ),
    "an event of another day": (
        "INSERT INTO accounts_auditevent (at, actor_name, subject_name, verb, before, after, channel, reference,"
        " request_id) VALUES ('2020-01-01', '', '', 'x', '{}', '{}', '', '', '')"
    ),
    "keys that nobody uses": "SELECT nextval(pg_get_serial_sequence('accounts_auditevent', 'id'))",
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_portals_role_is_refused(what: str, north: CustomerAccount) -> None:
    tell(north, "person invited")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        tenancy.reach(everything=True)
        connection.cursor().execute(REFUSED[what])


def test_nobody_puts_a_function_of_their_own_before_those_that_run_as_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(current_user, 'public', 'CREATE')")
        assert cursor.fetchone() == (False,)
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace AND NOT EXISTS ("
            " SELECT FROM unnest(proconfig) AS setting WHERE setting LIKE 'search_path=%%pg_temp')",
            [],
        )
        assert cursor.fetchall() == []


@committed
def test_nobody_keeps_passes_waiting_or_makes_them_blind(north: CustomerAccount) -> None:
    tell(north, "person invited")
    sealing.seal()
    with connection.copy().temporary_connection() as other:  # in the hands of whoever holds the portal's password
        other.execute("SELECT pg_advisory_lock(24225), pg_advisory_lock(24226)")
        with pytest.raises(DatabaseError, match="permission denied"):
            other.execute("SELECT FROM accounts_audithorizon FOR SHARE")
        with pytest.raises(DatabaseError, match="what others commit"):
            other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT accounts_seal()")
        other.execute("ROLLBACK")
        assert pass_over() == 1
        assert erase(CLAIRE) == {north.pk: 1}


def test_only_who_has_everything_in_reach_erases(north: CustomerAccount) -> None:
    with pytest.raises(DatabaseError, match="Only the carrier erases"), transaction.atomic():
        tenancy.reach(accounts=[north.pk])
        erasing.erase(people=[CLAIRE], accounts=[north.pk], words=[])


# What an erasure takes, and what it leaves.


def test_an_erasure_takes_names_and_leaves_what_happened(north: CustomerAccount) -> None:
    role = {"role": "administrator", "rights": ["coliship"], "state": "active", "email": "c@m.example", "phone": ""}
    about = tell(north, "role changed", before={"role": "member"}, after=role)
    named = tell(north, "account handed over", subject=SOMEBODY, name="Paul", after={"successor": "Claire Martin"})
    facts = {"last_name": "Martin", "role": "member"}
    other = tell(north, "person changed", subject=SOMEBODY, name="Paul", after=facts)
    before = event(about)
    seal()
    words = ("Claire Martin", "administrator", "member", "active", "coliship", "Paul")
    assert erase(CLAIRE, accounts=(north,), words=words) == {north.pk: 2}
    after = event(about)
    assert after == before | {
        "subject_name": "Personne effacée",
        "after": {**role, "email": "Personne effacée"},
    }
    assert event(named)["after"] == {"successor": "Personne effacée"} and event(named)["subject_name"] == "Paul"
    assert event(other)["after"] == facts
    assert erase(CLAIRE, accounts=(north,), words=words) == {}
    assert faults() == set() and seal() == 1 and faults() == set()
    with transaction.atomic():
        [told] = sealing.verify().erasures
    assert (told.account, told.events, told.at is not None) == (north.pk, 2, True)


def test_what_anybody_did_stays_theirs(north: CustomerAccount) -> None:
    with transaction.atomic(), tenancy.everything(), origin.of(origin.Origin(channel="screen", ip="192.0.2.7")):
        audit.record_many([audit.Event("role changed", SOMEBODY, "Paul", {}, {"role": "member"})], by=None)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_auditevent (actor, actor_name, ip, subject, subject_name, verb, before, after,"
                " channel, reference, request_id) SELECT %s, 'Claire Martin', ip, subject, subject_name, verb, before,"
                " after, channel, reference, request_id FROM accounts_auditevent",
                [str(CLAIRE)],
            )
        key = AuditEvent.objects.latest("pk").pk
    before = event(key)
    assert erase(CLAIRE) == {0: 1}
    assert event(key) == before | {"actor_name": "Personne effacée", "ip": None}
    seal()
    assert faults() == set()


def test_what_histories_know_as_personal_is_erased() -> None:
    shown = {name for told in telling.VERBS.values() for name, field in told.fields.items() if field.personal}
    assert {*shown, *Identity.IDENTITY, "mobile", "username"} <= set(digests.PERSONAL)


def test_audit_verify_says_what_was_erased_and_when(north: CustomerAccount) -> None:
    tell(north, "person invited")
    seal()
    erase(CLAIRE)
    code, said = verify()
    assert code == 0 and "Account 900138: a person was erased from 1 event(s), 20" in said
    code, facts = verify("--json", "--account", "900138")
    [erasure] = facts["erased"]["erasures"]
    assert (code, facts["erased"]["events"], erasure["account"], erasure["events"]) == (0, 1, "900138", 1)
    assert erasure["at"].startswith("20")


# What who owns the tables does is found.

DRESSED_UP = """
    INSERT INTO accounts_auditerasure (erasure, event, account_id, former, {part}, present)
    SELECT '{erasure}', e.id, e.account_id, {whole}, {digest}, {present} FROM accounts_auditevent e WHERE id = {key}
"""
TELLING = """
    INSERT INTO accounts_auditevent (account_id, actor_name, subject_name, verb, before, after, channel, reference,
        request_id)
    SELECT nullif(k.account, 0), 'Colibox', 'Personne effacée', 'person erased', '{{}}',
        jsonb_build_object('erasure', k.erasure, 'events', k.events, 'digest', k.digest), 'command', '', ''
    FROM ({by_account}) AS k
"""
SEALED, NAMED = "an event was changed after it was sealed", "an event says something where a person was erased"
CHANGES = (
    ("said", "verb = 'person suspended', at = at - interval '2 days'", SEALED),
    ("said", 'after = \'{"role": "member"}\'', SEALED),
    ("said", 'after = after || \'{"email": "x@y.example"}\'', NAMED),
    ("said", "after = after - 'email'", SEALED),
    ("said", 'after = after || \'{"phone": "Personne effacée"}\'', SEALED),
    ("subject", "subject_name = 'Paul'", NAMED),
    ("actor", "actor_name = 'Paul'", NAMED),
    ("actor", "actor_name = 'Personne effacée', ip = '192.0.2.9'", NAMED),
    ("actor", "actor_name = 'Personne effacée', ip = NULL, actor = subject", SEALED),
)


@committed
def test_a_change_that_is_dressed_up_as_an_erasure_is_found(north: CustomerAccount, owner: Any, tmp_path: Path) -> None:
    facts = {"role": "administrator", "email": "c@m.example", "phone": ""}
    keys = [tell(north, "role changed", after=facts) for _change in CHANGES]
    seal()
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(verify("--head")[1]))
    for key, (part, change, _says) in zip(keys, CHANGES, strict=True):
        kept = {"part": part, "digest": getattr(digests, part.upper()), "whole": digests.WHOLE, "present": "NULL"}
        owner(DRESSED_UP.format(erasure=uuid4(), key=key, **kept), table="accounts_auditerasure")
        owner(f"UPDATE accounts_auditevent SET {change} WHERE id = {key}")
    owner(TELLING.format(by_account=erasing.BY_ACCOUNT))
    code, said = verify("--json", "--heads", str(heads))
    found = {(fault["until"], fault["what"]) for fault in said["faults"]}
    assert code == 1
    assert {(key, says) for key, (_part, _change, says) in zip(keys, CHANGES, strict=True)} <= found


@committed
def test_an_erasure_of_which_no_event_tells_is_found(north: CustomerAccount, owner: Any) -> None:
    tell(north, "person invited")
    erase(CLAIRE)
    owner("DELETE FROM accounts_auditevent WHERE verb = 'person erased'")
    assert {what.split(" of ")[0] for what in faults()} == {"no event tells"}
    assert "nobody says when" in verify()[1]


@committed
def test_a_seal_that_covers_the_future_is_found_and_stops_nothing(north: CustomerAccount, owner: Any) -> None:
    tell(north, "person invited")
    seal()
    owner(
        "INSERT INTO accounts_auditseal (version, account_id, number, after_id, until_id, events, previous, digest,"
        " marks) SELECT 2, account_id, number + 1, until_id, 2 ^ 62, 0, digest, '0', '' FROM accounts_auditseal"
    )
    tell(north, "person suspended")
    assert seal() == 1
    assert "a seal covers events that did not happen yet" in faults()


# What was sealed before the parts of an event had digests of their own.

SEALED_WHOLE = """
    INSERT INTO accounts_auditseal (version, account_id, number, after_id, until_id, events, previous, digest, marks)
    SELECT 1, account_id, {number}, {after}, max(id), count(*), '{previous}', encode(sha256(convert_to(concat_ws(' ',
        account_id, {number}, {after}, max(id), count(*), '{previous}', ''), 'UTF8')
        || string_agg({whole}, ''::bytea ORDER BY id)), 'hex'),
        string_agg(substr({whole}, 1, 8), ''::bytea ORDER BY id)
    FROM accounts_auditevent e WHERE id > {after} GROUP BY account_id
"""
ERASED_WHOLE = """
    INSERT INTO accounts_auditerasure (erasure, event, account_id, former, present)
    SELECT '{erasure}', e.id, e.account_id, '\\x{former}'::bytea, {whole} FROM accounts_auditevent e WHERE id = {key}
"""


@pytest.fixture
def old(north: CustomerAccount, owner: Any) -> list[int]:
    """Events that were sealed whole, one of them erased as a whole."""
    keys = [
        tell(north, verb, after={"last_name": "Martin"}) for verb in ("person invited", "person changed", "signed in")
    ]
    owner(SEALED_WHOLE.format(number=1, after=0, previous="", whole=digests.WHOLE))
    with transaction.atomic(), tenancy.everything(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {digests.WHOLE} FROM accounts_auditevent e WHERE id = {keys[0]}")
        former = bytes(cursor.fetchone()[0]).hex()
    owner(f"UPDATE accounts_auditevent SET subject_name = 'Personne effacée' WHERE id = {keys[0]}")
    owner(ERASED_WHOLE.format(erasure=uuid4(), former=former, key=keys[0], whole=digests.WHOLE))
    owner(TELLING.format(by_account=erasing.BY_ACCOUNT))
    return keys


@committed
def test_what_was_sealed_whole_still_verifies_is_sealed_anew_and_can_be_erased(
    old: list[int], north: CustomerAccount, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(verify("--head")[1]))
    assert verify("--json")[1]["unsealed"] == 4
    assert seal() == 4
    for _again in range(2):
        code, said = verify("--heads", str(heads))
        assert code == 0, said
        assert "4 events, 2 seals, 0 not sealed yet" in said or "5 events, 3 seals, 0 not sealed yet" in said
        erase(CLAIRE)
        seal()
    with transaction.atomic(), tenancy.everything():
        assert AuditSeal.objects.values_list("version", flat=True).order_by("number")[0] == 1
        assert AuditErasure.objects.exclude(former=None).count() == 4


@committed
def test_what_was_sealed_whole_is_held_to_its_parts_once_it_was_sealed_anew(
    old: list[int], north: CustomerAccount, owner: Any
) -> None:
    seal()
    erase(CLAIRE)
    for key, change in zip(old, ("verb = 'other'", "at = at - interval '1 day'", "subject_name = 'Paul'"), strict=True):
        owner(f"UPDATE accounts_auditevent SET {change} WHERE id = {key}")
    with transaction.atomic():
        assert set(old) <= {fault.until for fault in sealing.verify().faults}


@committed
def test_nobody_goes_back_to_sealing_whole(old: list[int], north: CustomerAccount, owner: Any) -> None:
    seal()
    tell(north, "person suspended")
    with transaction.atomic(), tenancy.everything():
        last = AuditSeal.objects.filter(account_id=north.pk).latest("number")
    owner(
        SEALED_WHOLE.format(number=last.number + 1, after=last.until_id, previous=last.digest, whole=digests.WHOLE)
    )  # fmt: skip
    assert "the chain of seals is broken before this one" in faults()
