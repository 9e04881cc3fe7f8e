"""What is looked for among many is found along its index, as PostgreSQL plans it for full tables that it knows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.admin import finding
from accounts.models import AuditEvent, CustomerAccount, Document
from colibox.lib import keys, origin
from colibox.lib.outbox.models import Mail
from rights.models import AccountLink
from rights.people.filters import Asked
from rights.people.matching import matching
from rights.people.search import INDEXED, ordering
from tests.conftest import make_link, make_person, new_link
from users.models import User

MANY = 500


@pytest.fixture
def full(cast: SimpleNamespace) -> SimpleNamespace:
    """Many companies, imported people, documents, mails that went; the few looked for; all analysed."""
    CustomerAccount.objects.bulk_create(
        CustomerAccount(number=f"{n:06}", company=f"Transports {n:04}", email=f"{n}@client.example")
        for n in range(100_000, 100_000 + MANY)
    )
    people = User.objects.bulk_create(
        User(kind="advanced", username=f"p{n:04}", email=f"p{n:04}@example.com", last_name=f"Personne {n:04}",
             first_name="Ada", user_key=keys.new_user_key())
        for n in range(MANY)
    )  # fmt: skip
    links = AccountLink.objects.bulk_create(new_link(cast.north, person) for person in people)
    for number in range(10):
        with origin.of(replace(origin.current(), reference=f"import:{number}")):
            brought = (audit.Event("person changed", link.uuid, str(link)) for link in links[number::10])
            audit.record_many(brought, by=cast.owner, account_id=cast.north.pk)
    Document.objects.bulk_create(
        Document(account=cast.north, kind="invoice", title=f"F-{n:04}", number=f"F-{n:04}", issued_on=date(2026, 11, 1),
                 filename="x.pdf", content_type="application/pdf", size=1, content=b"x")
        for n in range(MANY)
    )  # fmt: skip
    Mail.objects.bulk_create(
        Mail(kind="x", key=f"gone-{n}", state=Mail.State.SENT, sent_at=timezone.now()) for n in range(MANY)
    )
    make_person("operateur", kind="staff")
    make_person("partie", is_active=False)
    for role in set(AccountLink.Role.values) - {"member", "owner"}:
        make_link(cast.north, make_person(f"x.{role}"), role=role)
    with connection.cursor() as cursor:
        for model in (CustomerAccount, User, AccountLink, Document, Mail, AuditEvent):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
    return cast


def test_what_is_looked_for_among_many_is_found_along_its_index(full: SimpleNamespace) -> None:
    looked_for: list[tuple[str, QuerySet[Any]]] = [
        ("accounts_by_company", finding.called("comptoir")),
        ("documents_by_number", Document.objects.filter(finding.begins("number", "f-049"))),
        ("one_person_a_username", User.objects.filter(username__istartswith="a.ber")),
        ("people_by_email_prefix", User.objects.filter(email__istartswith="a.ber")),
        ("mails_due", Mail.objects.due()[:25]),
        *_few("people_who_are_staff", User.objects.filter(kind="staff")),
        *_few("people_who_left", User.objects.filter(is_active=False)),
    ]
    for index, order in zip(("people_by_name", "people_by_email", "people_by_state"), INDEXED, strict=True):
        looked_for.append((index, _people(full).order_by(*ordering(order, ()))[:25]))
    looked_for.append(("events_of_an_act", _people(full, imported=7).order_by()))
    for role in set(AccountLink.Role.values) - {"member"}:
        looked_for += _few("links_with_a_role", AccountLink.objects.filter(role=role))
    otherwise = [f"{index}: {plan}" for index, asked in looked_for if index not in (plan := asked.explain())]
    assert not otherwise, "\n\n".join(otherwise)
    person = _Explained()
    with connection.execute_wrapper(person):
        assert User.objects.beginning("Aline Berlioz", most=5) == [full.partner.pk]
    named = {"one_person_a_username", "people_by_email_prefix", "people_by_last_name"}
    assert "Seq Scan" not in person.plan and {index for index in named if index in person.plan} == named


def _people(full: SimpleNamespace, **asked: Any) -> QuerySet[AccountLink]:
    return matching(full.owner_link, Asked(kind="advanced", **asked), frozenset())


def _few(index: str, listed: QuerySet[Any]) -> list[tuple[str, QuerySet[Any]]]:
    """The page of those who are few, and how many there are."""
    return [(index, listed.order_by("-pk")[:51]), (index, listed.order_by()[:10_000])]


class _Explained:
    """Keeps the plans of what is read of people."""

    plan = ""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and "users_user" in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                self.plan += "\n".join(row[0] for row in cursor.fetchall())
        return execute(sql, params, many, context)
