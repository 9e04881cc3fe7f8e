"""Who may open what: every address × every kind of person × own, foreign and absent objects, in one table."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.models import Contact, CustomerAccount, Document, Site, SubAccount
from colibox.lib import tenancy
from imports.models import ImportJob, ImportRow
from rights.actions.profiles import create as make_profile
from rights.actions.reviews import open_review
from rights.models import AccountLink
from tests.conftest import make_link, make_person, played, with_tiers
from tests.rights.facts import new_key
from tests.tracking.conftest import make_parcel
from tests.tracking.test_franking import order
from tracking.actions.deposits import make_slip
from tracking.actions.franking import frank
from tracking.models import Claim, Parcel
from users.models import User

PUBLIC, SIGNED_IN, MEMBER, ADMINISTRATOR = "public", "signed in", "member", "administrator"
MANAGER, OWNER = "manager", "owner"
KEEPER = "keeper of contacts"
SERVICE = "web service"
TRACKER, CLAIMANT, ANALYST = "tracker", "claimant", "analyst"
HOLDER, FRANKER = "holder of coliship", "franker"
BILLED, PRICED = "holder of invoices", "holder of tariffs"
ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class Row:
    """One address: who may open it, how it is asked, and what the uuid (or parcel) in it stands for, if any."""

    rule: str
    method: str = "get"
    uuid: str = ""


TABLE: dict[str, Row] = {
    "home": Row(SIGNED_IN),
    "guide": Row(PUBLIC),
    "livez": Row(PUBLIC),
    "readyz": Row(PUBLIC),
    # sign-in
    "account_login": Row(PUBLIC),
    "account_logout": Row(PUBLIC, "post"),
    "account_reset_password": Row(PUBLIC),
    "account_reset_password_done": Row(PUBLIC),
    "account_reset_password_from_key": Row(PUBLIC),
    "account_reset_password_from_key_done": Row(PUBLIC),
    "account_reauthenticate": Row(SIGNED_IN),
    "account_change_password": Row(SIGNED_IN),
    "usersessions_list": Row(SIGNED_IN),
    "usersessions_end": Row(SIGNED_IN, "post"),
    "mfa_authenticate": Row(SIGNED_IN),  # the second step: who has not given a password yet is sent to do so
    "mfa_login_webauthn": Row(PUBLIC),
    "mfa_lost": Row(PUBLIC),
    "mfa_reauthenticate": Row(SIGNED_IN),
    "mfa_reauthenticate_webauthn": Row(SIGNED_IN),
    "mfa_index": Row(SIGNED_IN),
    "mfa_list_webauthn": Row(SIGNED_IN),
    # these ask for the password first, whoever it is, and lead to the list where there is nothing of the sort
    "mfa_activate_totp": Row(SIGNED_IN),
    "mfa_deactivate_totp": Row(SIGNED_IN),
    "mfa_add_webauthn": Row(SIGNED_IN),
    "mfa_edit_webauthn": Row(SIGNED_IN),
    "mfa_remove_webauthn": Row(SIGNED_IN),
    "mfa_view_recovery_codes": Row(SIGNED_IN),
    "mfa_generate_recovery_codes": Row(SIGNED_IN),
    "mfa_download_recovery_codes": Row(SIGNED_IN),
    # my own pages
    "users:profile": Row(SIGNED_IN),
    "users:email": Row(SIGNED_IN),
    "users:alive": Row(SIGNED_IN),
    "users:confirm_email": Row(SIGNED_IN),
    "users:shortcuts": Row(SIGNED_IN, "post"),
    "users:renew_user_key": Row(SIGNED_IN),  # asks for the password first, whoever it is
    "users:language": Row(PUBLIC, "post"),
    "users:stop_reset": Row(PUBLIC),  # the mail of a notice: its token is the key
    "rights:my_rights": Row(SIGNED_IN),
    "rights:my_history": Row(SIGNED_IN),
    "rights:export_my_history": Row(SIGNED_IN, "post"),
    "rights:sent_while_locked": Row(SIGNED_IN),
    "rights:keys": Row(SIGNED_IN),
    "rights:new_key": Row(SIGNED_IN),  # asks for the password first, whoever it is
    "rights:key": Row(SIGNED_IN, uuid="key"),
    "rights:rotate_key": Row(SIGNED_IN, uuid="key"),
    "rights:end_key": Row(SIGNED_IN, uuid="key"),
    "rights:leave": Row(SIGNED_IN, uuid="link"),
    "rights:request": Row(SIGNED_IN, uuid="request"),
    "rights:handover": Row(SIGNED_IN, uuid="handover"),
    "rights:accept": Row(SIGNED_IN, "post", uuid="request"),
    "rights:refuse": Row(SIGNED_IN, "post", uuid="request"),
    # an invitation: its secret is the key, whoever is signed in
    "rights:invitation": Row(PUBLIC),
    "rights:invitation_form": Row(PUBLIC),
    "rights:ask_again": Row(PUBLIC, "post"),
    "rights:object": Row(PUBLIC),  # the mail of a notice: its token is the key
    # an account
    "accounts:account": Row(MEMBER),
    "accounts:invoices": Row(BILLED),
    "accounts:invoice": Row(BILLED, "post", uuid="invoice"),
    "accounts:prices": Row(PRICED),
    "accounts:price": Row(PRICED, "post", uuid="price"),
    "accounts:terms": Row(MEMBER),
    "accounts:customer_service": Row(MEMBER),
    "accounts:history": Row(ADMINISTRATOR),
    "accounts:history_export": Row(ADMINISTRATOR),
    "accounts:sites": Row(ADMINISTRATOR),
    "accounts:add_site": Row(ADMINISTRATOR),
    "accounts:add_sub_account": Row(ADMINISTRATOR),
    "accounts:place": Row(ADMINISTRATOR, uuid="place"),
    "rights:remove_place": Row(ADMINISTRATOR, uuid="place"),
    "rights:administration": Row(MANAGER),
    "rights:export_group": Row(ADMINISTRATOR),
    "rights:group": Row(ADMINISTRATOR),  # who holds the right to it: here, the administrator alone
    "rights:contacts": Row(MEMBER),
    "rights:own_card": Row(MEMBER),
    "rights:add_contact": Row(KEEPER),
    "rights:contact_people": Row(KEEPER),
    "rights:export_contacts": Row(KEEPER),
    "imports:contacts": Row(KEEPER),
    "rights:contact": Row(KEEPER, uuid="contact"),
    "rights:delete_contact": Row(KEEPER, uuid="contact"),
    "rights:restore_contact": Row(KEEPER, "post", uuid="contact"),
    "rights:give_access": Row(KEEPER, uuid="contact"),
    "rights:give_standard_access": Row(KEEPER, uuid="contact"),
    "rights:renew_access": Row(KEEPER, "post", uuid="contact"),
    "rights:administrators": Row(MANAGER),
    "rights:role": Row(ADMINISTRATOR, uuid="link"),
    "rights:hand_over": Row(OWNER, uuid="link"),  # asks for the password first
    "rights:users": Row(MANAGER),
    "rights:find_places": Row(MANAGER, "post"),
    "rights:bulk": Row(MANAGER, "post"),
    "rights:matrix": Row(MANAGER),
    "rights:export": Row(MANAGER),
    "rights:add_standard": Row(MANAGER),
    "rights:add_advanced": Row(MANAGER),
    "rights:link_advanced": Row(MANAGER),
    "rights:person": Row(MANAGER, uuid="link"),
    "rights:dates": Row(MANAGER, uuid="link"),
    "rights:extend": Row(MANAGER, "post", uuid="link"),
    "rights:person_history": Row(MANAGER, uuid="link"),
    "rights:end_link": Row(MANAGER, uuid="link"),
    "rights:account_security": Row(ADMINISTRATOR),
    "rights:reset_factor": Row(ADMINISTRATOR, uuid="link"),  # asks for the password first
    "rights:suspend": Row(MANAGER, uuid="link"),
    "rights:reactivate": Row(MANAGER, "post", uuid="link"),
    "rights:resend": Row(MANAGER, "post", uuid="link"),
    "rights:profiles": Row(ADMINISTRATOR),
    "rights:new_profile": Row(ADMINISTRATOR),
    "rights:profile": Row(ADMINISTRATOR, uuid="profile"),
    "rights:remove_profile": Row(ADMINISTRATOR, uuid="profile"),
    "rights:profile_proposal": Row(ADMINISTRATOR, uuid="profile"),
    "rights:reviews": Row(ADMINISTRATOR),
    "rights:review": Row(ADMINISTRATOR, uuid="review"),
    "rights:review_decide": Row(ADMINISTRATOR, "post", uuid="review"),
    "rights:review_suggestions": Row(ADMINISTRATOR, uuid="review"),
    "rights:review_close": Row(ADMINISTRATOR, uuid="review"),
    "rights:review_statement": Row(ADMINISTRATOR, "post", uuid="review"),
    "imports:imports": Row(ADMINISTRATOR),
    "imports:template": Row(ADMINISTRATOR),
    "imports:paste": Row(ADMINISTRATOR),
    "imports:job": Row(ADMINISTRATOR, uuid="import"),
    "imports:start": Row(ADMINISTRATOR, "post", uuid="import"),
    "imports:cancel": Row(ADMINISTRATOR, "post", uuid="import"),
    "imports:result": Row(ADMINISTRATOR, "post", uuid="import"),
    # the parcels of all one's accounts
    "tracking:parcels": Row(TRACKER),
    "tracking:parcel": Row(TRACKER, uuid="parcel"),
    "tracking:dashboard": Row(ANALYST),
    "tracking:export": Row(TRACKER),
    "tracking:would_see": Row(ADMINISTRATOR),
    "tracking:claims": Row(CLAIMANT),
    "tracking:claim": Row(CLAIMANT, uuid="claim"),
    "tracking:close_claim": Row(CLAIMANT, "post", uuid="claim"),
    "tracking:file_claim": Row(CLAIMANT, uuid="parcel"),
    # franking in the name of an account
    "tracking:start_franking": Row(FRANKER),
    "tracking:shipping": Row(HOLDER),
    "tracking:frank": Row(HOLDER),
    "tracking:towns": Row(HOLDER),
    "tracking:labels": Row(HOLDER, "post"),
    "tracking:slips": Row(HOLDER),
    "tracking:slip": Row(HOLDER, uuid="slip"),
    "tracking:frank_file": Row(HOLDER),
    "tracking:file_template": Row(HOLDER),
    "tracking:in_my_name": Row(ADMINISTRATOR),
    "tracking:franked": Row(HOLDER, uuid="franked"),
    "tracking:label": Row(HOLDER, uuid="franked"),
    "tracking:cancel": Row(HOLDER, uuid="franked"),
    # web services: a key counts, whoever is signed in
    "ws:docs": Row(PUBLIC),
    "ws:openapi": Row(PUBLIC),
    "ws:generateLabel": Row(SERVICE, "post"),
    "ws:checkGenerateLabel": Row(SERVICE, "post"),
    "ws:getLabel": Row(SERVICE, "post"),
    "ws:idships": Row(SERVICE),
    "ws:timelineCompany": Row(SERVICE, "post"),
    "ws:findRDVPointRetraitAcheminement": Row(SERVICE, "post"),
    "ws:findPointRetraitAcheminementByID": Row(SERVICE, "post"),
}
"""An address without a row here fails."""

Objects = Callable[[str, str], uuid.UUID | str]
"""The identifier of an object of a sort (link, import …) that is one's own, foreign or absent."""
Ask = Callable[[User | None, Row, str], Any]
"""What somebody is answered at an address."""
NOWHERE = uuid.uuid4()

LIBRARIES = ("admin:",)
"""Addresses of a library with rules of its own, swept apart."""


def names(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address, by name with its namespace."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from names(entry.url_patterns, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif isinstance(entry, URLPattern):
            yield f"{prefix}{entry.name}", entry


ADDRESSES = {name: pattern for name, pattern in names() if not name.startswith(LIBRARIES)}


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(TABLE) == sorted(ADDRESSES)


@dataclass
class World:
    """The cast with its tiers, every kind of person seen from north, and what the addresses name."""

    cast: SimpleNamespace
    everybody: dict[str, User | None]
    objects: Objects
    sessions: dict[int, str]
    """The key of a session of each of them."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once for all the addresses: each test goes back to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with played() as people:
            cast = with_tiers(people)
            everybody = make_everybody(cast)
            objects = make_objects(cast)
            sessions = {person.pk: session_of(person) for person in everybody.values() if person}
            yield World(cast, everybody, objects, sessions)
        transaction.set_rollback(True)


def session_of(person: User) -> str:
    """The key of a session that this person has begun."""
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def cast(world: World, db: None) -> SimpleNamespace:
    return world.cast


@pytest.fixture
def everybody(world: World, db: None) -> dict[str, User | None]:
    return world.everybody


@pytest.fixture
def objects(world: World, db: None) -> Objects:
    return world.objects


@pytest.fixture
def ask(world: World, db: None) -> Ask:
    """Ask as this person would, in a browser of their own."""

    def ask(person: User | None, row: Row, address: str) -> Any:
        client = Client(raise_request_exception=False)
        if person:
            client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[person.pk]
        response = getattr(client, row.method)(address)
        if response.streaming:
            list(response)  # a file is closed once it is read
        return response

    return ask


def make_everybody(cast: SimpleNamespace) -> dict[str, User | None]:
    """Every kind of person, seen from north."""
    former, paused = make_person("former"), make_person("paused")
    make_link(cast.north, former, state="ended", rights=["shipping_ws"])
    make_link(cast.north, paused, state="suspended", rights=["shipping_ws"])
    return {
        ANONYMOUS: None, "colleague": cast.colleague, "partner": cast.partner, "former": former, "paused": paused,
        "administrator": cast.owner, "stranger": cast.stranger, "operator": make_person("operator", kind="staff"),
        "second": cast.administrator, "local": cast.local, "manager": cast.manager,
    }  # fmt: skip


ADMINISTRATORS = {"administrator", "second"}
MANAGERS = {*ADMINISTRATORS, "local", "manager"}
INSIDE = {"colleague", "partner", *MANAGERS}
TRACKERS = {"partner", "stranger", *ADMINISTRATORS}
"""Those who follow the parcels of some account."""
FRANKERS = {"colleague", "stranger", *ADMINISTRATORS}
"""Those who frank for some account."""


def expected(row: Row, who: str) -> str:
    """What this person gets at an address of north: `open`, `sign in`, `forbidden` or `absent`."""
    if row.rule == PUBLIC:
        return "open"
    if who == ANONYMOUS:
        return "sign in"
    if row.rule == SIGNED_IN:
        return "open"
    if row.rule == CLAIMANT and row.uuid and who == "partner":  # sees the parcel, without access to customer service
        return "forbidden" if row.uuid == "parcel" else "absent"
    if row.rule in (TRACKER, CLAIMANT, ANALYST):
        elsewhere = row.uuid and who not in INSIDE
        return ("absent" if elsewhere else "open") if who in TRACKERS else "forbidden"
    if row.rule == FRANKER:
        return "open" if who in FRANKERS else "forbidden"
    if who not in INSIDE:
        return "absent"
    if (row.rule == HOLDER and who in FRANKERS) or (row.rule == BILLED and who in {"colleague", "local"}):
        return "open"
    if row.rule == MANAGER and who in MANAGERS:
        return "open"
    if row.rule == KEEPER and who == "manager":
        return "open"
    if row.rule == OWNER:
        return "open" if who == "administrator" else "forbidden"
    return "open" if row.rule == MEMBER or who in ADMINISTRATORS else "forbidden"


def answer_of(response: Any) -> str:
    if response.status_code == 302 and response.headers["Location"].startswith(reverse("account_login")):
        return "sign in"
    return {403: "forbidden", 404: "absent"}.get(
        response.status_code, "open" if response.status_code < 500 else "broken"
    )


def arguments(pattern: URLPattern, **given: Any) -> dict[str, Any]:
    """The parameters that this address takes, with believable values for those not given."""
    values = {
        "token": "x" * 64,
        "uidb36": "1",
        "key": "x-y",
        "pk": 1,
        "version": "3.1",
        "ids": "6C03323769975",
        "parcel_number": given["uuid"],
        **given,
    }
    return {name: values[name] for name in pattern.pattern.regex.groupindex}


def address_of(name: str, objects: Objects, which: str = "own", number: str = "900138") -> str:
    """An address with the object that it names, if it names one."""
    uuid = objects(TABLE[name].uuid, which)
    return reverse(name, kwargs=arguments(ADDRESSES[name], number=number, uuid=uuid))


def make_objects(cast: SimpleNamespace) -> Objects:
    """What a uuid of each sort may name, on north and on south, and nowhere."""
    member = make_link(cast.north, make_person("member"), rights=["tool_key"], tags=["LYON"])
    sent, foreign = make_import(cast.owner_link), make_import(cast.stranger_link)
    own, their = make_parcel(cast.north, tag="LYON"), make_parcel(cast.south)
    franked, elsewhere = (
        frank(link=link, by=link.user, order=order()) for link in (cast.owner_link, cast.stranger_link)
    )  # fmt: skip
    slip, other = (
        make_slip(link=link, by=link.user, parcels=[parcel])
        for link, parcel in ((cast.owner_link, franked), (cast.stranger_link, elsewhere))
    )
    contact, theirs = (make_contact(account) for account in (cast.north, cast.south))
    named: dict[str, dict[str, uuid.UUID | str]] = {
        "import": {"own": sent.uuid, "foreign": foreign.uuid},
        "contact": {"own": contact.uuid, "foreign": theirs.uuid},
        "link": {"own": member.uuid, "foreign": cast.partner_south_link.uuid},
        "parcel": {"own": own.number, "foreign": their.number},
        "franked": {"own": franked.number, "foreign": elsewhere.number},
        "slip": {"own": slip.uuid, "foreign": other.uuid},
        "key": {"own": new_key(cast.partner)[0].uuid, "foreign": new_key(cast.stranger)[0].uuid},
        "place": {
            "own": SubAccount.objects.create(account=cast.north, number="01", name="Ouest").uuid,
            "foreign": Site.objects.create(account=cast.south, name="Lyon").uuid,
        },
        "claim": {"own": make_claim(own).uuid, "foreign": make_claim(their).uuid},
    }
    owners = cast.owner_link, cast.stranger_link
    reviews = (make_review(link) for link in owners)
    named["review"] = dict(zip(("own", "foreign"), reviews, strict=True))
    profiles = (make_profile(name="Agence", rights=["coliship"], description="", by=link) for link in owners)
    named["profile"] = {which: profile.uuid for which, profile in zip(("own", "foreign"), profiles, strict=True)}
    for sort, kind in (("invoice", "invoice"), ("price", "prices")):
        named[sort] = {"own": make_document(cast.north, kind), "foreign": make_document(cast.south, kind)}
    return lambda sort, which: named.get(sort, named["link"]).get(which, NOWHERE)


def make_import(by: AccountLink) -> ImportJob:
    """An import of one row that could be started."""
    facts = {"number": 1, "by": by, "source": "file", "language": "fr", "state": "ready", "total": 1}
    job = ImportJob.objects.create(account=by.account, keep_until=timezone.now() + timedelta(days=7), **facts)
    row = {"number": 2, "cells": ["x"], "plan": "refused", "status": "identity"}
    ImportRow.objects.create(job=job, account_id=job.account_id, **row)
    return job


def make_document(account: CustomerAccount, kind: str) -> uuid.UUID:
    """A document of this kind."""
    facts = {"kind": kind, "title": "x", "issued_on": timezone.localdate(), "filename": "x.pdf", "size": 5}
    content = {"content": b"%PDF-", "content_type": "application/pdf"}
    return Document.objects.create(account=account, **facts, **content).uuid


def make_review(by: AccountLink) -> uuid.UUID:
    """A review of access that is open."""
    return open_review(by=by, name="Revue", deadline=timezone.localdate() + timedelta(days=30)).uuid


def make_contact(account: CustomerAccount) -> Contact:
    """A contact without web access."""
    return Contact.objects.create(account=account, last_name="Garnier")


def make_claim(parcel: Parcel) -> Claim:
    """An open claim on a parcel."""
    return Claim.objects.create(account=parcel.account, number=1, parcel=parcel, reason="late", by_name="ADMIN")


ACCOUNT_ROWS = [
    name
    for name, row in TABLE.items()
    if row.rule in (MEMBER, MANAGER, KEEPER, OWNER, ADMINISTRATOR, HOLDER, BILLED, PRICED)
]
PERSONAL_OBJECTS = [name for name, row in TABLE.items() if row.rule == SIGNED_IN and row.uuid]
PARCELS = [name for name, row in TABLE.items() if row.rule in (TRACKER, CLAIMANT) and row.uuid]


SERVICES = [name for name, row in TABLE.items() if row.rule == SERVICE]
APART = [*PERSONAL_OBJECTS, *SERVICES, "account_logout"]


@pytest.mark.parametrize("name", [name for name in TABLE if name not in APART])
def test_each_person_gets_what_the_table_says_and_nothing_is_written_by_the_others_or_by_a_get(
    name: str, cast: SimpleNamespace, everybody: dict[str, User | None], objects: Objects, ask: Ask
) -> None:
    row, address, before = TABLE[name], address_of(name, objects), checksum(cast.north.pk)
    wanted = {who: expected(row, who) for who in everybody}
    answers = {}
    refused = [who for who, answer in wanted.items() if answer != "open"]
    for who in refused:
        responses = {method: ask(everybody[who], Row(row.rule, method), address) for method in ("get", "post")}
        answers[who] = answer_of(responses[row.method])
    assert checksum(cast.north.pk) == before, "who may not open it changes nothing, whatever they send"
    for who in wanted.keys() - refused:
        answers[who] = answer_of(ask(everybody[who], row, address))
    assert row.method == "post" or checksum(cast.north.pk) == before, "a get never writes"
    for who in MANAGERS if row.uuid and row.method == "post" else ():
        answers.pop(who)  # the first of them to act leaves another object to the next
        wanted.pop(who)
    # a secret in the address may be unknown to whoever may open the page
    if "token" in ADDRESSES[name].pattern.regex.groupindex:
        answers = {
            who: "open" if answer == "absent" and wanted[who] == "open" else answer for who, answer in answers.items()
        }
    assert answers == wanted


@pytest.mark.parametrize("name", ACCOUNT_ROWS)
def test_a_foreign_account_is_an_absent_account(name: str, cast: SimpleNamespace, objects: Objects, ask: Ask) -> None:
    answers = []
    for number in ("850061", "123456"):
        address = address_of(name, objects, "foreign", number)
        response = ask(cast.owner, TABLE[name], address)
        answers.append((response.status_code, response.content.replace(number.encode(), b"")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


@pytest.mark.parametrize("name", [name for name in ACCOUNT_ROWS if TABLE[name].uuid] + PERSONAL_OBJECTS + PARCELS)
def test_a_foreign_object_is_an_absent_object(name: str, cast: SimpleNamespace, objects: Objects, ask: Ask) -> None:
    person = cast.colleague if TABLE[name].rule == SIGNED_IN else cast.owner
    answers = []
    for which in ("foreign", "absent"):
        address = address_of(name, objects, which)
        bearing = str(objects(TABLE[name].uuid, which)).encode()
        for method in ("get", "post"):
            response = ask(person, Row(TABLE[name].rule, method), address)
            answers.append((method, response.status_code, response.content.replace(bearing, b"")))
    assert answers[:2] == answers[2:]
    assert (answers[0][1] in (404, 405) and answers[1][1] == 404) or answers[1][1] == 405


@pytest.mark.parametrize("name", [name for name in ACCOUNT_ROWS if TABLE[name].rule == MANAGER and TABLE[name].uuid])
def test_whom_a_local_administrator_does_not_manage_is_absent(name: str, cast: SimpleNamespace, ask: Ask) -> None:
    answers = []
    for named in (cast.colleague_link.uuid, cast.owner_link.uuid, NOWHERE):
        address = reverse(name, kwargs={"number": "900138", "uuid": named})
        for method in ("get", "post"):
            response = ask(cast.local, Row(MANAGER, method), address)
            answers.append((method, response.status_code, response.content.replace(str(named).encode(), b"")))
    assert answers[:2] == answers[2:4] == answers[4:]
    assert answers[1][1] == 404


@pytest.mark.parametrize("name", SERVICES)
def test_a_web_service_answers_whoever_is_signed_in_as_it_answers_nobody(
    name: str, everybody: dict[str, User | None], objects: Objects, ask: Ask
) -> None:
    answers = set()
    for person in everybody.values():
        response = ask(person, TABLE[name], address_of(name, objects))
        headers = {key: value for key, value in response.headers.items() if key != "X-Request-Id"}
        answers.add((response.status_code, response.content, str(headers), bool(response.cookies)))
    assert len(answers) == 1
    assert answers.pop()[0] in (400, 401, 403, 422)


def checksum(account: int) -> str:
    """The state of everything an account has."""
    queries = {
        "rights_accountlink": "account_id", "rights_grant": "account_id", "rights_entitlement": "account_id",
        "accounts_customeraccount": "id", "accounts_auditevent": "account_id", "imports_importjob": "account_id",
        "accounts_subaccount": "account_id", "accounts_site": "account_id",
    }  # fmt: skip
    sums = []
    with tenancy.everything(), connection.cursor() as cursor:
        for table, column in queries.items():
            cursor.execute(
                f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {table} t WHERE {column} = %s",  # noqa: S608
                [account],
            )
            sums.append(cursor.fetchone()[0])
    return str(sums)


@pytest.mark.parametrize("name", [name for name in APART if TABLE[name].method == "get"])
def test_a_get_of_what_is_ones_own_never_writes(name: str, cast: SimpleNamespace, objects: Objects, ask: Ask) -> None:
    before = checksum(cast.north.pk)
    for person in (cast.owner, cast.partner):
        ask(person, TABLE[name], address_of(name, objects))
    assert checksum(cast.north.pk) == before


def test_the_operators_pages_are_for_the_carriers_staff(everybody: dict[str, User | None], ask: Ask) -> None:
    address = reverse("admin:index")
    answers = {who: ask(person, Row(PUBLIC), address).status_code for who, person in everybody.items()}
    assert answers.pop("operator") == 200
    assert set(answers.values()) <= {302, 403}
