"""The history of an account, of a person and of oneself: who reads what, in which words, page by page and as a file."""

from __future__ import annotations

import ast
import csv
import re
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts import audit
from accounts.models import AuditEvent
from colibox.lib import origin, telling, tenancy
from colibox.lib.telling import Family
from rights import actions
from rights.models import AccountLink
from tests.conftest import PASSWORD, make_link, make_person

ROOT = Path(__file__).resolve().parent.parent.parent
HISTORY = "/accounts/900138/history/"


def text_of(response: Any) -> str:
    """What a page says, on one line."""
    assert response.status_code == 200, response.status_code
    said = re.sub(r"</?a\b[^>]*>", "", response.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", said).split())


def opened(client: Client, person: Any, address: str) -> str:
    client.force_login(person)
    return text_of(client.get(address))


def prove(client: Client, person: Any) -> None:
    """Sign in and give the password that a file asks for."""
    client.force_login(person)
    client.post("/auth/reauthenticate/", {"password": PASSWORD})


def lines_of(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(content), delimiter=";"))


# The words.


WRITERS = {"record", "_record", "event", "_event", "Event", "_trace", "_move", "record_many", "end", "close"}
"""What is called to write an event."""
APPS = {"rights", "imports", "users", "tracking", "accounts"}


def modules() -> Iterator[ast.Module]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    for path in listed:
        if path.split("/")[0] in APPS and "/migrations/" not in path and (ROOT / path).exists():
            yield ast.parse((ROOT / path).read_text())


def texts(node: ast.AST) -> Iterator[str]:
    """The texts of a value that is one of some texts."""
    if isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z][a-z -]+ [a-z -]+", node.value)
    ):
        yield node.value


def verbs_in_the_code() -> set[str]:
    """The texts that stand where the code names a verb: in calls that write, in `verb=`, in _verb(), in a table."""
    found: set[str] = set()
    for tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                given = node.args if name in WRITERS else []
                given = [*given, *(keyword.value for keyword in node.keywords if keyword.arg == "verb")]
                found.update(text for value in given for text in texts(value))
            elif isinstance(node, ast.FunctionDef) and "verb" in node.name:
                returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
                found.update(text for value in returned for text in texts(value))
            elif (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Dict)
                and "VERB" in ast.unparse(node.targets[0])
            ):
                found.update(text for value in node.value.values for text in texts(value))
    return found


def test_every_verb_of_the_code_has_a_sentence() -> None:
    found = verbs_in_the_code()
    assert {"person suspended", "person reactivated", "import sent", "claim reopened", "signed in"} <= found
    assert sorted(found - set(telling.VERBS)) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_names_who_or_whom_and_leaves_nothing_open(language: str) -> None:
    after = {
        "import": 7, "file": "x.csv", "people": 3, "events": 3, "sessions": 2, "number": 4, "parcels": 2, "labels": 2,
        "decision": "keep", "company": "Nord", "what": "app", "left": 3, "from": "2027-01-01", "former": "Claire",
    }  # fmt: skip
    with translation.override(language):
        for verb in telling.VERBS:
            event = AuditEvent(verb=verb, actor_name="ADMIN", subject_name="Aline Berlioz", after=after)
            said = telling.sentence(event)
            assert "ADMIN" in said or "Aline Berlioz" in said, verb
            assert "%(" not in said and not said.startswith(("ADMIN:", "ADMIN\u202f:")), verb


def test_a_verb_nobody_registered_is_told_plainly_and_keeps_its_facts_to_itself() -> None:
    event = AuditEvent(verb="something new", actor_name="ADMIN", subject_name="Aline", after={"password": "secret"})
    with translation.override("fr"):
        assert telling.sentence(event) == "ADMIN\u202f: something new (Aline)."
    assert telling.changes(event) == []


def test_a_verb_has_one_sentence() -> None:
    with pytest.raises(ValueError, match="has a sentence already"):
        telling.register(Family.PEOPLE, {"signed in": "x"})


def test_a_change_tells_what_came_and_what_went_by_label(cast: SimpleNamespace) -> None:
    actions.change(link=cast.partner_link, by=cast.owner_link, rights={"tool_tag"}, tags=["LYON", "PARIS"], version=1)
    event = AuditEvent.objects.get(verb="person changed")
    with translation.override("en"):
        rights, tags = telling.changes(event)
        assert (rights.gained, rights.lost) == ([], ["Franking web service"])
        assert (tags.gained, tags.lost, str(tags)) == (["PARIS"], [], "Tags + PARIS")


# The history of an account.


@pytest.fixture
def happened(cast: SimpleNamespace) -> SimpleNamespace:
    """A day on two accounts."""
    with origin.of(origin.Origin(channel="screen", ip="192.0.2.7")):
        actions.suspend(link=cast.colleague_link, by=cast.owner_link)
    audit.record("signed in", by=cast.partner, subject=cast.partner.uuid, subject_name=str(cast.partner))
    audit.record("parcel franked", by=cast.partner, account_id=cast.north.pk, subject_name="6A123")
    audit.record("people exported", by=cast.stranger, account_id=cast.south.pk, after={"people": 41})
    with origin.of(origin.Origin(channel="import", reference="import:7")):
        actions.suspend(link=cast.partner_link, by=cast.owner_link)
    return cast


def test_an_account_reads_its_own_history_and_no_other(happened: SimpleNamespace, client: Client) -> None:
    said = opened(client, happened.owner, HISTORY)
    assert "900138 ADMIN a suspendu Claire Martin." in said
    assert "192.0.2.7" in said
    assert "41 personnes" not in said and "a ouvert une session" not in said
    client.force_login(happened.stranger)
    assert client.get(HISTORY).status_code == 404


def test_filters_are_in_the_address_and_combine(happened: SimpleNamespace, client: Client) -> None:
    said = opened(client, happened.owner, f"{HISTORY}?about=martin")
    assert "a suspendu Claire Martin" in said and "a suspendu Aline Berlioz" not in said
    assert "Sur qui" in said and "martin" in said
    said = opened(client, happened.owner, f"{HISTORY}?channel=import&family=people")
    assert "a suspendu Aline Berlioz" in said and "a suspendu Claire Martin" not in said
    assert "Rien de tel" in opened(client, happened.owner, f"{HISTORY}?who=martin")
    assert "a suspendu" not in opened(client, happened.owner, f"{HISTORY}?to=2001-01-01")
    assert "a suspendu" in opened(client, happened.owner, f"{HISTORY}?from=2001-01-01&to=tomorrow&person=x&import=y")
    assert "a suspendu Aline" in opened(client, happened.owner, f"{HISTORY}?import=7")


def test_parcels_are_told_when_they_are_asked_for(happened: SimpleNamespace, client: Client) -> None:
    assert "6A123" not in opened(client, happened.owner, HISTORY)
    assert "6A123" in opened(client, happened.owner, f"{HISTORY}?family=parcels")


def test_pages_follow_each_other_by_key(cast: SimpleNamespace, client: Client) -> None:
    for number in range(120):
        audit.record("site added", by=cast.owner, account_id=cast.north.pk, subject_name=f"Site-{number:03}")
    client.force_login(cast.owner)
    seen, address = [], HISTORY
    for _page in range(3):
        page = client.get(address).content.decode()
        seen += re.findall(r"Site-(\d+)", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = HISTORY + (older[1].replace("&amp;", "&") if older else "")
    assert seen == [f"{number:03}" for number in reversed(range(120))]
    newer = re.search(r'rel="prev" href="([^"]+)"', page)
    assert newer
    back = re.findall(r"Site-(\d+)", client.get(HISTORY + newer[1]).content.decode())
    assert back == [f"{number:03}" for number in range(69, 19, -1)]


def test_a_file_holds_what_is_asked_and_is_itself_traced(happened: SimpleNamespace, client: Client) -> None:
    prove(client, happened.owner)
    assert "1 événement" in text_of(client.get(f"{HISTORY}export/?about=martin"))
    response = client.post(f"{HISTORY}export/?about=martin", {"format": "csv"})
    header, *lines = lines_of(response)
    assert header[:3] == ["Quand", "Ce qui s’est passé", "Par qui"]
    assert [line[1] for line in lines] == ["900138 ADMIN a suspendu Claire Martin."]
    assert lines[0][7] == "192.0.2.7"
    assert AuditEvent.objects.filter(verb="history exported").get().after["events"] == 1


def test_a_sentence_acts_in_no_spreadsheet(cast: SimpleNamespace, client: Client) -> None:
    audit.record("site added", by=cast.owner, account_id=cast.north.pk, subject_name='=cmd|"/c calc"!A1')
    prove(client, cast.owner)
    _header, *lines = lines_of(client.post(f"{HISTORY}export/", {"format": "csv"}))
    assert lines[-1][3].startswith("'=")


# Of one person.


def test_a_person_s_tab_tells_what_was_done_to_them_and_by_them_here(happened: SimpleNamespace, client: Client) -> None:
    audit.record("site added", by=happened.partner, account_id=happened.north.pk, subject_name="Lyon 2")
    audit.record("site added", by=happened.partner, account_id=happened.south.pk, subject_name="Elsewhere")
    said = opened(client, happened.owner, f"/accounts/900138/users/{happened.partner_link.uuid}/history/")
    assert "a suspendu Aline Berlioz" in said and "Lyon 2" in said
    assert "Elsewhere" not in said and "Claire Martin" not in said and "a ouvert une session" not in said


def test_from_where_others_act_is_told_to_who_administers_alone(tiers: SimpleNamespace, client: Client) -> None:
    address = f"/accounts/900138/users/{tiers.partner_link.uuid}/history/"
    for number, by in enumerate((tiers.owner, tiers.manager, tiers.local), 1):
        with origin.of(origin.Origin(channel="screen", ip=f"192.0.2.{number}")):
            audit.record(
                "person suspended",
                by=by,
                account_id=tiers.north.pk,
                subject=tiers.partner_link.uuid,
                subject_name="Aline",
            )
    for reader, seen in ((tiers.owner, "123"), (tiers.administrator, "123"), (tiers.manager, "2"), (tiers.local, "3")):
        assert re.findall(r"192\.0\.2\.(\d)", opened(client, reader, address)) == list(reversed(seen))


def test_the_export_of_a_foreign_person_is_that_of_nobody(happened: SimpleNamespace, client: Client) -> None:
    prove(client, happened.owner)
    address = f"{HISTORY}export/?person={happened.partner_south_link.uuid}"
    _header, *lines = lines_of(client.post(address, {"format": "csv"}))
    assert not any("41 personnes" in line[1] for line in lines)


# Of oneself.


def test_everybody_reads_what_was_done_to_them_and_what_they_did(happened: SimpleNamespace, client: Client) -> None:
    said = opened(client, happened.partner, "/profile/history/")
    assert "Aline Berlioz a ouvert une session" in said and "900138 ADMIN a suspendu Aline Berlioz" in said
    assert "Claire Martin" not in said and "41 personnes" not in said
    said = opened(client, happened.partner, "/profile/history/?family=parcels")
    assert "6A123" not in said  # they did it on an account that is closed to them now


def test_what_others_did_is_told_without_what_is_not_mine_to_know(cast: SimpleNamespace, client: Client) -> None:
    with origin.of(origin.Origin(channel="screen", ip="192.0.2.7")):
        audit.record(
            "person changed", by=cast.owner, account_id=cast.north.pk, subject=cast.partner_link.uuid,
            subject_name="Aline Berlioz", before={"email": "typo@elsewhere.example", "tags": []},
            after={"email": "a@example.com", "tags": ["LYON"]},
        )  # fmt: skip
    said = opened(client, cast.partner, "/profile/history/")
    assert "E-mail" in said and "LYON" in said
    assert "typo@elsewhere.example" not in said and "192.0.2.7" not in said


def test_from_where_one_s_name_was_tried_is_told_to_oneself_alone(cast: SimpleNamespace, client: Client) -> None:
    for password in ("wrong", PASSWORD):
        Client(REMOTE_ADDR="198.51.100.7").post("/auth/login/", {"login": "c.martin", "password": password})
    own = opened(client, cast.colleague, "/profile/history/")
    assert "Une connexion" in own and own.count("198.51.100.7") == 2, "the one that came in, and the one that did not"
    client.logout()
    link = f"/accounts/900138/users/{cast.colleague_link.uuid}/history/"
    assert "198.51.100.7" not in opened(client, cast.owner, link)


def test_a_former_colleague_keeps_their_own_story_and_nobody_else_s(cast: SimpleNamespace, client: Client) -> None:
    audit.record("site added", by=cast.partner, account_id=cast.north.pk, subject_name="Secret place")
    assert "Secret place" in opened(client, cast.partner, "/profile/history/")
    actions.end(link=cast.partner_link, by=cast.owner_link)
    said = opened(client, cast.partner, "/profile/history/")
    assert "a retiré le lien avec Aline Berlioz" in said
    assert "Secret place" not in said


def test_the_database_itself_shows_nobody_else_s_events(happened: SimpleNamespace) -> None:
    with tenancy.scope(user=happened.colleague.pk):
        told = AuditEvent.objects.values_list("verb", "subject_name")
        assert list(told) == [("person suspended", "Claire Martin")]
    with tenancy.scope():
        assert not AuditEvent.objects.exists()


def test_one_s_own_file_is_streamed_with_one_s_own_reach(happened: SimpleNamespace, client: Client) -> None:
    client.force_login(happened.partner)
    _header, *lines = lines_of(client.post("/profile/history/export/"))
    assert lines[0][1] == "900138 ADMIN a suspendu Aline Berlioz."
    assert not any("Martin" in line[1] for line in lines)


def test_a_local_administrator_reads_what_was_done_to_their_people(cast: SimpleNamespace, client: Client) -> None:
    audit.record("site added", by=cast.partner, account_id=cast.north.pk, subject_name="Lyon 2")
    actions.suspend(link=cast.partner_link, by=cast.owner_link)
    manager = make_person("manager")
    make_link(cast.north, manager, role=AccountLink.Role.MANAGER)
    said = opened(client, manager, f"/accounts/900138/users/{cast.partner_link.uuid}/history/")
    assert "a suspendu Aline Berlioz" in said and "Lyon 2" not in said
    assert client.get(HISTORY).status_code == 403


def test_many_events_of_one_act_are_told_as_one_and_names_lead_to_their_pages(
    cast: SimpleNamespace, client: Client
) -> None:
    people = [make_link(cast.north, make_person(f"p{n}", last_name=f"Nom{n}")) for n in range(4)]
    with origin.of(origin.Origin(channel="screen", reference=f"bulk:{uuid4()}")):
        events = [audit.Event("person changed", link.uuid, str(link), {}, {"tags": ["LYON"]}) for link in people]
        audit.record_many(events, by=cast.owner, account_id=cast.north.pk)
    audit.record("person suspended", by=cast.owner, account_id=cast.north.pk, subject=people[0].uuid,
                 subject_name="<b>Nom0</b>")  # fmt: skip
    audit.record("history exported", by=cast.owner, account_id=cast.north.pk, after={"events": 2})  # about nobody
    AccountLink.objects.filter(pk=people[1].pk).update(state="ended")
    client.force_login(cast.owner)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/accounts/900138/history/").content.decode()
    assert "et 3 autres, par le même acte" in page
    assert f'<a href="/accounts/900138/users/{people[3].uuid}/">{people[3]}</a>' in page
    assert f'<a href="/accounts/900138/users/{people[0].uuid}/">&lt;b&gt;Nom0&lt;/b&gt;</a>' in page
    assert f"/users/{people[1].uuid}/" not in page and str(people[1]) in page
    assert len(queries) <= 20


def test_a_profile_followed_or_copied_is_named(cast: SimpleNamespace) -> None:
    for follows, said in ((True, "le profil « Suivi » à suivre"), (False, "une copie du profil « Suivi »")):
        after = {"profile": "Suivi", "follows_profile": follows}
        event = AuditEvent(verb="person changed", actor_name="ADMIN", subject_name="Aline", before={}, after=after)
        with translation.override("fr"):
            assert said.replace(" ", "") in telling.sentence(event).replace("\u202f", "").replace(" ", "")
