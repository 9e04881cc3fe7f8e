"""`manage.py erase_person`: nothing names the person any more, and the trace still verifies."""

from __future__ import annotations

from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from accounts import audit, sealing
from accounts.actions import contacts as directory
from accounts.models import AuditErasure, AuditEvent, Contact
from colibox.lib import outbox
from rights import actions, succession
from rights.actions import handovers
from rights.models import AccountLink, ConnectionKey
from tests.accounts.seals import seal
from tests.conftest import make_link, make_person
from tests.operators.calls import answer, call
from tests.rights.facts import new_key
from users import emails
from users.models import User


@pytest.fixture
def known(cast: SimpleNamespace) -> SimpleNamespace:
    """Aline Berlioz, who left traces everywhere."""
    actions.change(
        link=cast.partner_link, by=cast.owner_link, rights=["tool_consolidated"], tags=[], version=1
    )  # fmt: skip
    audit.record(
        "profile changed", by=cast.partner, subject=cast.partner.uuid, subject_name="Aline Berlioz",
        before={"last_name": "Durand", "town": ""}, after={"last_name": "Berlioz", "town": "Nantes"},
    )  # fmt: skip
    audit.record("account handed over", by=None, account_id=cast.north.pk, after={"successor": "Aline Berlioz"})
    audit.record("person invited", by=cast.owner, account_id=cast.north.pk, subject_name="Somebody Else")
    Contact.objects.create(account=cast.north, last_name="Berlioz", first_name="Aline", email=cast.partner.email)
    outbox.queue(emails.password_changed, user=cast.partner.pk)
    new_key(cast.partner, name="Berlioz shop")
    return cast


def texts() -> str:
    """Every text of every table of ours, as one."""
    kept = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT t::text FROM "{model._meta.db_table}" AS t')  # noqa: S608 (a table of ours)
            kept += [row for (row,) in cursor.fetchall()]
    return "\n".join(kept)


def test_nothing_names_them_any_more_and_the_trace_verifies(known: SimpleNamespace) -> None:
    seal()
    said = answer("erase_person", "a.berlioz", "--yes")
    assert said["done"] == "erased" and said["contacts"] == 1 and said["links"] == 2 and said["events"] >= 3
    everything = texts()
    for word in ("Berlioz", "a.berlioz", "BERLIOZ", "Durand", known.partner.user_key):
        assert word not in everything, word
    assert "Somebody Else" in everything and "Claire" in everything
    verdict = sealing.verify()
    assert (verdict.faults, verdict.seals) == ([], 2)
    seal()
    assert sealing.verify().faults == []
    call_command("audit_verify", verbosity=0)


def test_they_can_do_nothing_any_more(known: SimpleNamespace) -> None:
    answer("erase_person", "a.berlioz", "--yes")
    person = User.objects.get(pk=known.partner.pk)
    assert not person.is_active and not person.has_usable_password() and str(person) == "Personne effacée"
    assert set(AccountLink.objects.filter(user=person).values_list("state", flat=True)) == {"ended"}
    assert not ConnectionKey.objects.filter(user=person, revoked_at=None).exists()


def test_erasing_twice_is_erasing_once(known: SimpleNamespace) -> None:
    said = answer("erase_person", "a.berlioz", "--yes")
    events = AuditEvent.objects.count()
    assert answer("erase_person", said["person"], "--yes")["done"] == "nothing: they are erased"
    assert AuditEvent.objects.count() == events


def test_two_people_of_one_event_are_erased_one_after_the_other(known: SimpleNamespace) -> None:
    other = make_person("m.durand", first_name="Maud", last_name="Durand")
    link = make_link(known.north, other)
    audit.record(
        "person changed", by=known.partner, account_id=known.north.pk, subject=link.uuid, subject_name="Maud Durand"
    )
    seal()
    answer("erase_person", "a.berlioz", "--yes")
    answer("erase_person", "m.durand", "--yes")
    assert (
        AuditErasure.objects.filter(event=AuditEvent.objects.get(verb="person changed", subject=link.uuid).pk).count()
        == 2
    )
    assert sealing.verify().faults == []


def test_a_trial_erases_nothing(known: SimpleNamespace) -> None:
    assert answer("erase_person", "a.berlioz", "--dry-run")["done"] == "erased"
    assert User.objects.get(pk=known.partner.pk).username == "a.berlioz"
    assert not AuditErasure.objects.exists()


def test_who_owns_an_account_or_works_for_the_carrier_stays(known: SimpleNamespace) -> None:
    code, _said, complaint = call("erase_person", "900138", "--yes")
    assert code == 1 and "900138" in complaint
    make_person("operateur", kind="staff")
    assert call("erase_person", "operateur", "--yes")[0] == 1
    assert call("erase_person", "nobody", "--yes")[0] == 2


def test_nobody_is_asked_where_nobody_is(known: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    code, _said, complaint = call("erase_person", "a.berlioz")
    assert code == 2 and "--yes" in complaint
    assert User.objects.get(pk=known.partner.pk).username == "a.berlioz"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditevent SET verb = 'other'",
        "SET LOCAL colibox.erasing = 'on'; UPDATE accounts_auditevent SET verb = 'other'",
        "DELETE FROM accounts_auditerasure",
        "UPDATE accounts_auditerasure SET said = ''",
        "INSERT INTO accounts_auditerasure (erasure, event) VALUES (gen_random_uuid(), 1)",
        "SET LOCAL colibox.everything = ''; SELECT accounts_erase_person('{}', '{}', '{}')",
    ],
)
def test_the_portals_role_changes_nothing_else(statement: str, known: SimpleNamespace) -> None:
    answer("erase_person", "a.berlioz", "--yes")
    before = list(AuditEvent.objects.order_by("pk").values()), AuditErasure.objects.count()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        if not cursor.rowcount:  # no policy lets it see a row
            raise DatabaseError
    assert (list(AuditEvent.objects.order_by("pk").values()), AuditErasure.objects.count()) == before


def test_their_cards_go_with_all_that_was_written_of_them(known: SimpleNamespace) -> None:
    card = Contact.objects.get(account=known.north, last_name="Berlioz")
    for facts in ({"last_name": "Berlioz-Nguyen", "mobile": "+33612345678"}, {"last_name": "Berlioz"}):
        card.refresh_from_db()
        directory.change_contact(contact=card, by=known.owner, version=card.version, facts=facts)
    gone = directory.add_contact(
        account=known.north, by=known.owner, facts={"last_name": "Berliose", "email": known.partner.email.upper()}
    )
    gone.delete()
    audit.record("person changed", by=None, account_id=known.north.pk, after={"name": "Aline Berlioz-Nguyen"})
    seal()
    answer("erase_person", "a.berlioz", "--yes")
    everything = texts()
    for word in ("Berlioz", "Berliose", "612345678", "BERLIOZ"):
        assert word not in everything, word
    assert sealing.verify().faults == []


def test_a_card_of_somebody_else_stays_theirs(known: SimpleNamespace) -> None:
    other = directory.add_contact(
        account=known.north, by=known.owner, facts={"last_name": "Durieux", "email": known.partner.email}
    )
    directory.change_contact(contact=other, by=known.owner, version=1, facts={"email": "d@client.example"})
    answer("erase_person", "a.berlioz", "--yes")
    assert AuditEvent.objects.get(verb="contact changed").subject_name == "Durieux"
    assert known.partner.email not in texts() and "d@client.example" in texts()


@pytest.mark.parametrize("accepted", [False, True])
def test_an_account_that_was_offered_to_them_can_be_offered_anew(accepted: bool, known: SimpleNamespace) -> None:
    change = handovers.offer(to=known.partner_link, by=known.owner_link)
    if accepted:
        handovers.accept_account(change=change, by=known.partner)
    outbox.Mail.objects.all().delete()
    answer("erase_person", "a.berlioz", "--yes")
    change.refresh_from_db()
    assert change.state == "cancelled" and change.ended_at
    assert [mail.args["link"] for mail in outbox.Mail.objects.filter(kind__contains="cancelled")] == [
        known.owner_link.pk
    ]
    assert "Berlioz" not in texts()
    handovers.offer(to=known.colleague_link, by=known.owner_link)


def test_a_successor_who_was_named_is_forgotten(known: SimpleNamespace) -> None:
    handovers.name_successor(to=known.partner_link, by=known.owner_link)
    answer("erase_person", "a.berlioz", "--yes")
    assert succession.named(known.north) is None
