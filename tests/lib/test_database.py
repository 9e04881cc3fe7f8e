"""Many rows in one statement: what is given, what is left to its default, what a key forbids."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DataError, Error, IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from colibox.lib import tenancy
from colibox.lib.database import constraint_of, insert, reserve, update
from colibox.lib.outbox import Mail
from rights.models import AccountLink, Entitlement

ODD = "É \"quoted\", \\back\\slash, {brace}, \t tab,\nline, 'x', %s 🙂 <NULL> null"


def add(cast: SimpleNamespace, *emails: str, **same: Any) -> list[int]:
    rows = [
        (pk, email, ODD, [ODD[:40], ""]) for pk, email in zip(reserve(AccountLink, len(emails)), emails, strict=True)
    ]
    same = {"account_id": cast.north.pk, "kind": "advanced", "expires_at": Now(), "skip_conflicts": True, **same}
    return insert(AccountLink, ("id", "email", "last_name", "tags"), rows, returning=True, **same)


def test_rows_arrive_as_they_were_given(cast: SimpleNamespace) -> None:
    [pk, other] = add(cast, "a@x.example", "b@x.example", invited_by_id=cast.owner.pk)
    link = AccountLink.objects.get(pk=pk)
    assert (link.email, link.last_name, link.tags, link.invited_by) == ("a@x.example", ODD, [ODD[:40], ""], cast.owner)
    assert link.uuid != AccountLink.objects.get(pk=other).uuid


def test_columns_that_are_not_named_have_their_defaults(cast: SimpleNamespace) -> None:
    [pk] = add(cast, "a@x.example")
    made = AccountLink.objects.get(pk=pk)
    plain = AccountLink.objects.create(account=cast.north, kind="advanced", email="b@x.example", expires_at=Now())
    own = {
        "_state",
        "id",
        "uuid",
        "email",
        "last_name",
        "tags",
        "sort_key",
        "created_at",
        "expires_at",
        "_prefetched_objects_cache",
    }
    plain.refresh_from_db()
    assert {k: v for k, v in vars(made).items() if k not in own} == {
        k: v for k, v in vars(plain).items() if k not in own
    }
    assert made.created_at and made.sort_key


def test_json_stays_json_and_nothing_stays_null(cast: SimpleNamespace) -> None:
    facts = {"tags": [ODD], "none": None, "n": 1}
    insert(AuditEvent, ("verb", "before", "subject"), [("x", facts, None)], account_id=cast.north.pk, after={"a": [1]})
    event = AuditEvent.objects.get(verb="x")
    assert (event.before, event.after, event.subject, event.ip) == (facts, {"a": [1]}, None, None)


def test_what_a_key_forbids_is_left_out_or_refused(cast: SimpleNamespace) -> None:
    add(cast, "a@x.example")
    added = add(cast, "A@x.example", "b@x.example")
    assert len(added) == 1 and AccountLink.objects.get(pk=added[0]).email == "b@x.example"
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        add(cast, "A@x.example", skip_conflicts=False)
    assert constraint_of(refusal.value) == "one_invitation_an_email"


def test_rows_that_differ_are_changed_where_they_are_the_same_and_where_not(cast: SimpleNamespace) -> None:
    pks = add(cast, "a@x.example", "b@x.example")
    rows = [(pk, [f"T{n}"]) for n, pk in enumerate(pks)]
    update(AccountLink, ("id", "tags"), rows, version=F("version") + 1, state="expired")
    found = AccountLink.objects.filter(pk__in=pks).order_by("pk").values_list("tags", "version", "state")
    assert list(found) == [(["T0"], 2, "expired"), (["T1"], 2, "expired")]
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.version == 1


def test_no_rows_are_no_statement(cast: SimpleNamespace) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert insert(Mail, ("key",), [], kind="x") == []
        update(AccountLink, ("id", "tags"), [])
    assert len(queries) == 0


@pytest.mark.parametrize("email", ["x" * 255, "\0"])
def test_what_a_column_cannot_hold_is_refused(cast: SimpleNamespace, email: str) -> None:
    with pytest.raises((DataError, ValueError)), transaction.atomic():
        add(cast, email)


def test_another_accounts_rows_are_refused(cast: SimpleNamespace) -> None:
    with (
        tenancy.scope(accounts=[cast.north.pk]),
        pytest.raises(Error, match="row-level security"),
        transaction.atomic(),
    ):
        insert(Entitlement, ("right",), [("coliship",)], account_id=cast.south.pk)
    with tenancy.scope(accounts=[cast.north.pk]):
        update(AccountLink, ("id", "tags"), [(cast.partner_south_link.pk, ["X"])])
    cast.partner_south_link.refresh_from_db()
    assert cast.partner_south_link.tags == []
