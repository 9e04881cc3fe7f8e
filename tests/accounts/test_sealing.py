"""The seals of the trace: made in time, and true; whoever rewrites the past is found, even as the tables' owner."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts import sealing
from accounts.models import AuditEvent, AuditSeal, CustomerAccount
from colibox.lib import tenancy
from tests.accounts.seals import happen, pass_over, seal, verify

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 20_000
MUCH = """
    INSERT INTO accounts_auditevent (account_id, actor_name, verb, subject_name, before, after, channel, reference,
        request_id)
    SELECT %s, 'ADMIN 900138', 'person changed', 'Aline Berlioz', '{"tags": ["LYON"], "rights": ["shipping_ws"]}',
        '{"tags": ["PARIS"], "rights": []}', 'screen', '', '' FROM generate_series(1, %s)
"""
"""So many events of an account."""


@pytest.fixture
def north() -> CustomerAccount:
    with transaction.atomic(), tenancy.everything():
        return CustomerAccount.objects.create(number="900138", company="Comptoir du Nord", email="a@b.example")


@pytest.fixture
def south() -> CustomerAccount:
    with transaction.atomic(), tenancy.everything():
        return CustomerAccount.objects.create(number="850061", company="Sud Expéditions", email="a@b.example")


def test_events_are_sealed_account_by_account_by_the_pass_after(north: CustomerAccount, south: CustomerAccount) -> None:
    happen(north, "person invited", "person changed")
    happen(south, "person invited")
    happen(None, "signed in")
    assert sealing.seal() == 0
    assert pass_over() == 4
    happen(north, "person suspended")
    assert seal() == 1
    with transaction.atomic(), tenancy.everything():
        seals = AuditSeal.objects.order_by("account_id", "number").values_list("account_id", "number", "events")
        assert list(seals) == [(0, 1, 1), (north.pk, 1, 2), (north.pk, 2, 1), (south.pk, 1, 1)]
    nothing = {"faults": [], "erased": {"events": 0, "erasures": []}, "seconds": 0}
    assert verify("--json")[1] | {"seconds": 0} == {"events": 5, "seals": 4, "unsealed": 0, **nothing}


def test_who_began_before_is_waited_for_and_nothing_is_sealed_twice(north: CustomerAccount) -> None:
    with connection.copy().temporary_connection() as other:  # a transaction that was dealt a key and has not ended
        other.execute("BEGIN")
        other.execute("SELECT set_config('colibox.everything', 'on', true)")
        other.execute(
            "INSERT INTO accounts_auditevent (account_id, actor_name, verb, subject_name, before, after, channel,"
            " reference, request_id) VALUES (%s, 'x', 'late', '', '{}', '{}', 'x', '', '')",
            [north.pk],
        )
        happen(north, "person invited")
        assert [sealing.seal() for _pass in range(3)] == [0, 0, 0]
        other.execute("COMMIT")
    assert pass_over() == 2
    assert [sealing.seal() for _pass in range(3)] == [0, 0, 0]
    assert verify()[0] == 0


def test_a_horizon_of_another_cluster_is_replaced(north: CustomerAccount, owner: Any) -> None:
    happen(north, "person invited")
    sealing.seal()
    owner("UPDATE accounts_audithorizon SET transaction = 2 ^ 60")
    assert [sealing.seal(), pass_over()] == [0, 1]


def test_long_backlogs_are_sealed_in_stretches(north: CustomerAccount, owner: Any) -> None:
    owner(MUCH, north.pk, 2_500)
    assert seal() == 2_500
    with transaction.atomic(), tenancy.everything():
        assert list(AuditSeal.objects.order_by("number").values_list("events", flat=True)) == [1000, 1000, 500]
    assert verify()[0] == 0


@pytest.mark.parametrize("table", ["auditevent", "auditseal", "auditerasure"])
def test_the_trace_is_never_emptied_not_even_by_who_owns_its_tables(
    table: str, north: CustomerAccount
) -> None:  # fmt: skip
    happen(north, "person invited")
    opened = psycopg2.connect(os.environ["DATABASE_OWNER_URL"], dbname=connection.settings_dict["NAME"])  # type: ignore[no-untyped-call]
    with pytest.raises(Exception, match="never changed"), opened, opened.cursor() as cursor:
        cursor.execute(f"ALTER TABLE accounts_{table} ENABLE TRIGGER never_emptied; TRUNCATE accounts_{table}")
    opened.close()
    with transaction.atomic(), tenancy.everything():
        assert AuditEvent.objects.exists()


ALTERED = {
    "one column": ("UPDATE accounts_auditevent SET actor_name = 'Y' WHERE id = {id}", "an event was changed"),
    "a name inside": (
        """UPDATE accounts_auditevent SET after = '{{"tags": ["PARIS"]}}' WHERE id = {id}""",
        "an event was changed",
    ),
    "the moment": (
        "UPDATE accounts_auditevent SET at = at - interval '1 microsecond' WHERE id = {id}",
        "an event was changed",
    ),
    "the account": (
        "UPDATE accounts_auditevent SET account_id = NULL WHERE id = {id}",
        "3 events were sealed, 2 are there",
    ),
    "a removed event": ("DELETE FROM accounts_auditevent WHERE id = {id}", "3 events were sealed, 2 are there"),
    "an added event": (
        "WITH free AS (DELETE FROM accounts_auditevent WHERE id = {id} - 1 RETURNING *) INSERT INTO accounts_auditevent"
        " SELECT * FROM free UNION ALL SELECT {id} - 1000, at, account_id, actor, actor_name, subject, subject_name,"
        " verb, before, after, channel, reference, ip, request_id FROM free",
        "events were sealed",
    ),
}


@pytest.mark.parametrize("what", ALTERED)
def test_whoever_rewrites_an_event_is_found(what: str, north: CustomerAccount, owner: Any) -> None:
    sql, says = ALTERED[what]
    happen(north, "person invited")
    seal()
    happen(north, "person changed", "person suspended", "person reactivated")
    seal()
    with transaction.atomic(), tenancy.everything():
        altered = AuditEvent.objects.order_by("pk")[2].pk
    owner(sql.format(id=altered))
    code, said = verify()
    assert code == 1
    assert says in said and "Account 900138, seal " in said


def test_whoever_rewrites_a_seal_is_found(north: CustomerAccount, owner: Any) -> None:
    for verb in ("person invited", "person changed", "person suspended"):
        happen(north, verb)
        seal()
    owner("UPDATE accounts_auditseal SET digest = repeat('0', 64) WHERE number = 2", table="accounts_auditseal")
    code, said = verify("--json", "--account", "900138")
    assert code == 1
    assert [(fault["seal"], fault["what"]) for fault in said["faults"]] == [
        (2, "an event was changed, or the seal was"),
        (3, "the chain of seals is broken before this one"),
    ]


def test_whoever_writes_the_whole_chain_anew_is_found_by_heads_kept_elsewhere(
    north: CustomerAccount, owner: Any, tmp_path: Path
) -> None:
    happen(north, "person invited", "person changed")
    seal()
    code, heads = verify("--head")
    assert (code, heads["900138"]["seal"]) == (0, 1)
    kept = tmp_path / "heads.json"
    kept.write_text(json.dumps(heads))
    happen(north, "person suspended")
    seal()
    assert verify("--heads", str(kept))[0] == 0
    owner("UPDATE accounts_auditevent SET actor_name = 'Y'")
    owner("DELETE FROM accounts_auditseal", table="accounts_auditseal")
    seal()
    assert verify()[0] == 0
    code, said = verify("--heads", str(kept))
    assert code == 1
    assert "the head that was kept is not in the chain" in said


def test_an_account_or_a_file_that_is_not_there_is_said(north: CustomerAccount, tmp_path: Path) -> None:
    for options in (["--account", "123456"], ["--heads", str(tmp_path / "none.json")]):
        with pytest.raises(CommandError) as refusal:
            call_command("audit_verify", *options)
        assert refusal.value.returncode == 2


def test_one_altered_row_is_found_among_many_thousands(north: CustomerAccount, owner: Any) -> None:
    owner(MUCH, north.pk, MANY)
    assert seal() == MANY
    code, said = verify("--json")
    assert (code, said["events"], said["faults"]) == (0, MANY, [])
    with transaction.atomic(), tenancy.everything():
        altered = AuditEvent.objects.order_by("pk")[11_234].pk
    owner(
        """UPDATE accounts_auditevent SET after = '{"tags": ["PARIS"], "rights": ["coliship"]}' WHERE id = %s""",
        altered,
    )
    code, said = verify("--json")
    [fault] = said["faults"]
    assert code == 1
    assert (fault["after"], fault["until"]) == (altered - 1, altered)
