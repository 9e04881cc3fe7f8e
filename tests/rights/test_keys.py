"""A person's connection keys: made, changed, rotated, ended; who may, what it opens, who is told, and when it ends."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import keys, tenancy
from colibox.lib.outbox import Mail
from rights import actions, tasks
from rights.actions.keys import due
from rights.keys import connection, keyring
from rights.keys.connection import Caller
from rights.keys.keyring import Range
from rights.models import AccountLink, ConnectionKey, Grant
from tests.conftest import PASSWORD, make_account, make_link, make_person
from tests.rights.facts import new_key
from tests.rights.test_connection import why
from tests.together import together
from users.models import User

KEYS = "/profile/keys/"
NEW = "/profile/keys/new/"

SignIn = Callable[[User], Client]
Arrived = Callable[[], list[EmailMessage]]


def page(key: ConnectionKey, act: str = "") -> str:
    return f"{KEYS}{key.uuid}/{act}"


def prove(client: Client) -> Client:
    """Give the password again, as the pages that matter ask."""
    client.post("/auth/reauthenticate/?next=/profile/keys/", {"password": PASSWORD})
    return client


def form(**fields: Any) -> dict[str, Any]:
    """The form of a new key, filled in."""
    usual = {"name": "Shop", "reach": "all", "services": "all", "networks": "", "expires": "90", "uuid": uuid.uuid4()}
    return {**usual, **fields}


def shown(response: Any) -> str:
    """The whole key that a page shows."""
    found = re.search(r"cpk_\w{8}_\w{38}", response.content.decode())
    assert found, response.content.decode()
    return found[0]


def fill(user: User, number: int = ConnectionKey.MOST) -> None:
    for _ in range(number):
        new_key(user)


# Making.


def test_making_a_key_asks_for_the_password_then_shows_it_once(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.partner)
    assert client.get(NEW).headers["Location"].startswith("/auth/reauthenticate/")
    assert client.post(NEW, form()).status_code == 302
    prove(client)
    assert client.get(NEW).status_code == 200
    assert not ConnectionKey.objects.exists(), "nothing is made by looking, nor without the password"
    response = client.post(NEW, form(name="  Ma  boutique ", networks="198.51.100.7/32, 2001:DB8::/64\n198.51.100.7"))
    assert "no-store" in response.headers["Cache-Control"]
    secret = shown(response)
    key = ConnectionKey.objects.get()
    assert (key.name, key.links, key.rights) == ("Ma boutique", None, None)
    assert key.networks == ["198.51.100.7", "2001:db8::/64"]
    assert key.expires_at and timedelta(days=89) < key.expires_at - timezone.now() <= timedelta(days=90)
    assert connection.by_key(secret, ip="198.51.100.7").key == key
    for later in (client.get(KEYS), client.get(page(key))):
        assert secret not in later.content.decode() and keys.fingerprint(secret) not in later.content.decode()
        assert f"cpk_{key.public}…{key.last_four}" in later.content.decode()


def test_a_key_is_made_for_some_accounts_and_some_web_services(cast: SimpleNamespace, sign_in: SignIn) -> None:
    chosen = {"reach": "some", "links": [str(cast.partner_link.uuid)], "services": "some", "rights": ["shipping_ws"]}
    secret = shown(prove(sign_in(cast.partner)).post(NEW, form(**chosen, expires="never")))
    key = ConnectionKey.objects.get()
    assert (key.links, key.rights, key.expires_at) == ([cast.partner_link.pk], ["shipping_ws"], None)
    assert connection.by_key(secret).link("shipping_ws", None) == cast.partner_link


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "Donnez-lui un nom"),
        ({"name": "x" * 61}, "60"),
        ({"name": "a\u202eb"}, "caractères"),
        ({"reach": "some"}, "Choisissez-en au moins un"),
        ({"reach": "some", "links": ["nonsense"]}, "n’est plus le vôtre"),
        ({"services": "some"}, "Choisissez-en au moins un"),
        ({"services": "some", "rights": ["invoices"]}, "invoices"),
        ({"networks": "nonsense"}, "n’est pas une adresse"),
        ({"networks": "0.0.0.0/0"}, "toutes les adresses"),
        ({"networks": "fe80::1%" + "a" * 60}, "n’est pas une adresse"),
        ({"networks": "\n".join(f"198.51.100.{n}" for n in range(21))}, "20"),
        ({"expires": "date"}, "Choisissez le dernier jour"),
        ({"expires": "date", "expires_on": "2020-01-01"}, "passé"),
        ({"expires": "date", "expires_on": "9999-12-31"}, "cinq"),
        ({"expires": "date", "expires_on": "demain"}, "Écrivez une date"),
        ({"expires": "36500"}, "36500"),
        ({"uuid": "nonsense"}, "UUID"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    cast: SimpleNamespace, sign_in: SignIn, fields: dict[str, Any], said: str
) -> None:
    response = prove(sign_in(cast.partner)).post(NEW, form(**fields))
    assert said in response.content.decode()
    assert not ConnectionKey.objects.exists()


def test_the_last_day_of_a_key_is_whole(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    prove(sign_in(cast.partner)).post(NEW, form(expires="date", expires_on=tomorrow.isoformat()))
    end = timezone.localtime(ConnectionKey.objects.get().expires_at)
    assert (end.date(), end.hour, end.minute) == (tomorrow, 23, 59)


def test_somebody_elses_account_cannot_be_chosen(cast: SimpleNamespace, sign_in: SignIn) -> None:
    prove(sign_in(cast.partner)).post(NEW, form(reach="some", links=[str(cast.owner_link.uuid)]))
    with pytest.raises(ValidationError):
        made(cast.partner, within=Range(links=frozenset({cast.owner_link.pk})))
    assert not ConnectionKey.objects.exists()


def made(user: User, **fields: Any) -> str:
    facts = {"uuid": uuid.uuid4(), "name": "Shop", "within": Range(), "expires_at": None, **fields}
    return actions.make_key(user=user, **facts)


def test_a_form_sent_twice_makes_one_key(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client, same = prove(sign_in(cast.partner)), form()
    shown(client.post(NEW, same))
    assert client.post(NEW, same).headers["Location"] == KEYS
    assert ConnectionKey.objects.count() == 1
    with pytest.raises(actions.SpentForm):
        made(cast.owner, uuid=same["uuid"])


def test_there_are_twenty_keys_at_most(cast: SimpleNamespace, sign_in: SignIn) -> None:
    fill(cast.partner)
    client = prove(sign_in(cast.partner))
    assert "20 clés" in client.post(NEW, form()).content.decode()
    assert "20 clés" in client.get(KEYS).content.decode()
    ConnectionKey.objects.filter(pk=ConnectionKey.objects.values("pk")[:1]).update(revoked_at=timezone.now())
    shown(client.post(NEW, form()))
    key = ConnectionKey.objects.live()[0]
    with pytest.raises(ValidationError):
        actions.rotate_key(user=cast.partner, key=key, overlap_days=7, expires_at=None)
    actions.rotate_key(user=cast.partner, key=key, overlap_days=0, expires_at=None)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_key_is_one_too_many() -> None:
    person = make_person("busy")
    fill(person, ConnectionKey.MOST - 2)

    def make() -> str:
        try:
            made(person)
        except ValidationError:
            return "refused"
        return "made"

    assert sorted(together(*[make] * 5)) == ["made"] * 2 + ["refused"] * 3


# Who may.


def test_those_who_hold_a_web_service_right_may_have_keys(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert keyring.may_have_keys(cast.partner) and keyring.may_have_keys(cast.owner)
    assert not keyring.may_have_keys(cast.colleague)
    client = prove(sign_in(cast.colleague))
    assert "Activer le Web Service Suivi" in client.get(KEYS).content.decode()
    assert client.get(NEW).status_code == client.post(NEW, form()).status_code == 403
    with pytest.raises(PermissionDenied):
        made(cast.colleague)
    Grant.objects.create(account=cast.north, link=cast.colleague_link, right="tracking_ws", given_by_name="X")
    response = client.post(NEW, form())
    assert connection.by_key(shown(response)).link("tracking_ws", None) == cast.colleague_link
    with tenancy.everything():
        Grant.objects.filter(link=cast.colleague_link, right="tracking_ws").delete()
    assert "Plus aucun web service" in client.get(KEYS).content.decode()
    assert client.post(page(ConnectionKey.objects.get(), "end/")).headers["Location"] == KEYS


def test_who_belongs_to_one_account_is_not_asked_which(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = prove(sign_in(cast.owner))
    assert 'name="reach"' not in client.get(NEW).content.decode()
    secret = shown(client.post(NEW, form(reach="some", links=[str(cast.owner_link.uuid)])))
    assert ConnectionKey.objects.get().links is None
    assert connection.by_key(secret).link("shipping_ws", None) == cast.owner_link


@pytest.mark.parametrize("act", ["", "rotate/", "end/"])
def test_the_key_of_somebody_else_is_as_absent_as_none(cast: SimpleNamespace, sign_in: SignIn, act: str) -> None:
    key, _secret = new_key(cast.partner)
    client = prove(sign_in(cast.stranger))
    for method in (client.get, client.post):
        answers = [method(f"{KEYS}{it}/{act}") for it in (key.uuid, uuid.uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert str(key) not in client.get(KEYS).content.decode()
    key.refresh_from_db()
    assert key.state == "active"


@pytest.mark.parametrize("path", [KEYS, NEW, f"{KEYS}{uuid.UUID(int=1)}/"])
def test_strangers_are_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/auth/login/?next={path}"
    assert client.post(path).headers["Location"] == "/auth/login/?next=/"


# Changing.


def test_a_key_is_renamed_and_narrowed_without_the_password(cast: SimpleNamespace, sign_in: SignIn) -> None:
    key, _secret = new_key(cast.partner)
    client = sign_in(cast.partner)
    narrow = form(name="Till", services="some", rights=["shipping_ws"], networks="198.51.100.0/24")
    assert client.post(page(key), narrow).headers["Location"] == page(key)
    key.refresh_from_db()
    assert (key.name, key.rights, key.networks) == ("Till", ["shipping_ws"], ["198.51.100.0/24"])
    told = client.get(page(key)).content.decode()
    assert "Shop → Till" in told and "tous → Web Service Affranchissement" in told
    assert "partout → 198.51.100.0/24" in told


def test_nothing_changed_leaves_no_trace(cast: SimpleNamespace, sign_in: SignIn) -> None:
    key, _secret = new_key(cast.partner, name="Shop")
    assert sign_in(cast.partner).post(page(key), form()).headers["Location"] == page(key)
    assert not AuditEvent.objects.filter(subject=key.uuid).exists() and not Mail.objects.exists()


def test_a_key_is_widened_once_the_password_is_given_again(cast: SimpleNamespace, sign_in: SignIn) -> None:
    key, _secret = new_key(cast.partner, rights=["shipping_ws"])
    client = sign_in(cast.partner)
    asked = client.post(page(key), form(name="Wide"))
    assert asked.headers["Location"].startswith("/auth/reauthenticate/")
    key.refresh_from_db()
    assert (key.name, key.rights) == ("Shop", ["shipping_ws"])
    answer = client.post(asked.headers["Location"], {"password": PASSWORD, "next": page(key)})
    assert answer.headers["Location"] == page(key), "what was typed is not typed again"
    key.refresh_from_db()
    assert (key.name, key.rights) == ("Wide", None)


subsets = st.none() | st.frozensets(st.integers(1, 3), max_size=3)
networks = st.lists(
    st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "10.1.0.1", "2001:db8::/32", "2001:db8::1"]), max_size=3, unique=True
).map(tuple)
PROBES = ("10.0.0.1", "10.1.0.1", "10.1.2.3", "192.0.2.1", "2001:db8::1", "2001:db8:1::1", "2001:dead::1")


@bounded(max_examples=50, deadline=None)
@given(before=st.tuples(subsets, networks), after=st.tuples(subsets, networks))
def test_a_range_that_opens_more_is_wider(before: tuple[Any, Any], after: tuple[Any, Any]) -> None:
    def opened(range_: tuple[Any, Any]) -> set[tuple[int, str]]:
        links, from_where = range_
        key = ConnectionKey(links=None if links is None else list(links), networks=list(from_where))
        covered = [n for n in range(1, 5) if key.covers(AccountLink(pk=n), "tracking_ws")]
        return {(n, ip) for n in covered for ip in PROBES if connection._comes_from(key.networks, ip)}

    if opened(after) - opened(before):
        assert Range(after[0], None, after[1]).wider_than(Range(before[0], None, before[1]))
    assert not Range(before[0], None, before[1]).wider_than(Range(before[0], None, before[1]))


def test_a_link_that_was_cut_leaves_the_range_at_the_next_save(cast: SimpleNamespace, sign_in: SignIn) -> None:
    both = [cast.partner_link.pk, cast.partner_south_link.pk]
    key, _secret = new_key(cast.partner, links=both)
    AccountLink.objects.filter(pk=cast.partner_south_link.pk).update(state="ended")
    client = sign_in(cast.partner)
    assert "850061" not in client.get(page(key)).content.decode()
    client.post(page(key), form(reach="some", links=[str(cast.partner_link.uuid)]))
    key.refresh_from_db()
    assert key.links == [cast.partner_link.pk]


# Rotating.


@pytest.mark.parametrize(("days", "state"), [(0, "ended"), (1, "ending"), (7, "ending"), (30, "ending")])
def test_a_rotated_key_works_on_for_the_days_chosen(
    cast: SimpleNamespace, sign_in: SignIn, days: int, state: str
) -> None:
    former, old = new_key(cast.partner, name="Shop", rights=["shipping_ws"], networks=["198.51.100.0/24"])
    client = sign_in(cast.partner)
    assert client.get(page(former, "rotate/")).headers["Location"].startswith("/auth/reauthenticate/")
    prove(client)
    assert str(former) in client.get(page(former, "rotate/")).content.decode()
    new = shown(client.post(page(former, "rotate/"), {"overlap": str(days), "expires": "365"}))
    former.refresh_from_db()
    key = ConnectionKey.objects.exclude(pk=former.pk).get()
    assert (former.state, former.replaced_by) == (state, key)
    assert (key.name, key.rights, key.networks) == ("Shop", ["shipping_ws"], ["198.51.100.0/24"])
    assert connection.by_key(new, ip="198.51.100.1").key == key
    if days:
        assert former.ends_at and abs(former.ends_at - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
        assert connection.by_key(old, ip="198.51.100.1").key == former
        assert "prend fin le" in client.get(KEYS).content.decode()
        ConnectionKey.objects.filter(pk=former.pk).update(revoked_at=timezone.now())
    assert why(lambda: connection.by_key(old, ip="198.51.100.1")) == "revoked"
    again = client.post(page(former, "rotate/"), {"overlap": "0", "expires": "never"})
    assert again.headers["Location"] == page(former), "a key is replaced once"


@pytest.mark.django_db(transaction=True)
def test_of_rotations_at_once_one_makes_a_key() -> None:
    person = make_person("busy")
    key, _secret = new_key(person)

    def rotate() -> str:
        try:
            actions.rotate_key(user=person, key=key, overlap_days=0, expires_at=None)
        except ValidationError:
            return "refused"
        return "rotated"

    assert sorted(together(*[rotate] * 4)) == ["refused"] * 3 + ["rotated"]
    assert ConnectionKey.objects.live().count() == 1


# Ending.


def test_ending_says_what_stops_and_needs_no_password(cast: SimpleNamespace, sign_in: SignIn) -> None:
    used = {"last_used_at": timezone.now(), "last_used_ip": "198.51.100.7", "last_used_service": "generateLabel"}
    key, secret = new_key(cast.partner, **used)
    client = sign_in(cast.partner)
    asked = client.get(page(key, "end/")).content.decode()
    assert "Ce qui s’arrête" in asked and "generateLabel" in asked and "198.51.100.7" in asked
    key.refresh_from_db()
    assert key.state == "active"
    assert client.post(page(key, "end/")).headers["Location"] == KEYS
    assert why(lambda: connection.by_key(secret)) == "revoked"
    assert client.post(page(key, "end/")).headers["Location"] == KEYS
    assert client.get(page(key, "end/")).headers["Location"] == page(key)
    assert '<form method="post" novalidate' not in client.get(page(key)).content.decode()
    assert AuditEvent.objects.filter(verb="connection key ended").count() == 1
    client.post(page(key), form(name="Changed"))
    key.refresh_from_db()
    assert key.name == "Shop", "what ended is not changed any more"
    with pytest.raises(ValidationError):
        actions.end_key(user=cast.partner, key=key)
    with pytest.raises(ValidationError):
        actions.change_key(user=cast.partner, key=key, name="x", within=Range())


def test_a_key_that_is_replaced_can_be_ended_before(cast: SimpleNamespace) -> None:
    key, secret = new_key(cast.partner, revoked_at=timezone.now() + timedelta(days=7))
    actions.end_key(user=cast.partner, key=key)
    assert why(lambda: connection.by_key(secret)) == "revoked"


# What is told.


def test_each_change_is_traced_and_mailed_to_the_owner(
    cast: SimpleNamespace, sign_in: SignIn, arrived: Arrived
) -> None:
    client = prove(sign_in(cast.partner))
    secret = shown(client.post(NEW, form(reach="some", links=[str(cast.partner_link.uuid)])))
    key = ConnectionKey.objects.get()
    client.post(page(key), form(name="Till", reach="some", links=[str(cast.partner_link.uuid)]))
    rotated = shown(client.post(page(key, "rotate/"), {"overlap": "7", "expires": "never"}))
    client.post(page(key, "end/"))
    new = ConnectionKey.objects.exclude(pk=key.pk).get()
    with tenancy.scope(user=cast.partner.pk):
        events = list(AuditEvent.objects.order_by("pk").values_list("verb", "subject", "actor", "account_id"))
    me = cast.partner.uuid
    assert events == [
        ("connection key issued", key.uuid, me, None), ("connection key changed", key.uuid, me, None),
        ("connection key rotated", key.uuid, me, None), ("connection key issued", new.uuid, me, None),
        ("connection key ended", key.uuid, me, None),
    ]  # fmt: skip
    letters = arrived()
    assert [letter.to for letter in letters] == [[cast.partner.email]] * 4
    assert [letter.subject for letter in letters] == [
        "Une nouvelle clé de connexion", "Une clé de connexion a été modifiée",
        "Une clé de connexion a été remplacée", "Une clé de connexion a été arrêtée",
    ]  # fmt: skip
    for letter in letters:
        text = str(letter.body) + str(letter.alternatives)  # type: ignore[attr-defined]
        assert "900138 Comptoir du Nord" in text and "Ce n’était pas vous" in text
        assert "http://testserver/profile/keys/" in text
        assert secret not in text and rotated not in text


def test_a_person_reads_the_history_of_their_own_keys_only(cast: SimpleNamespace) -> None:
    made(cast.partner)
    key = ConnectionKey.objects.get()
    for person, events in ((cast.partner, 1), (cast.stranger, 0)):
        with tenancy.scope(user=person.pk):
            assert AuditEvent.objects.filter(verb="connection key issued").count() == events
    with tenancy.scope(user=cast.partner.pk):
        assert [step.what for step in keyring.history(key)] == ["Créée"]
    assert [step.what for step in keyring.history(new_key(cast.owner)[0])] == ["Créée"], "older than its trace"


def test_the_pages_say_which_accounts_a_key_does_not_open_for_now_and_how_to_mend_it(
    cast: SimpleNamespace, sign_in: SignIn
) -> None:
    everywhere, _secret = new_key(cast.partner)
    south, _secret = new_key(cast.partner, links=[cast.partner_south_link.pk])
    client = sign_in(cast.partner)
    assert "refusés pour l’instant" not in client.get(KEYS).content.decode()
    CustomerAccount.objects.filter(pk=cast.north.pk).update(second_factor_from=timezone.localdate())
    for path in (KEYS, page(everywhere)):
        text = client.get(path).content.decode()
        assert "Pour le compte 900138 Comptoir du Nord, les appels sont refusés pour l’instant" in text
        assert reverse("mfa_index") in text
    assert "refusés pour l’instant" not in client.get(page(south)).content.decode()
    CustomerAccount.objects.filter(pk=cast.north.pk).update(second_factor_from=None)
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="suspended")
    assert "est suspendu" in client.get(page(everywhere)).content.decode()
    cast.partner_link.grants.all().delete()
    assert "est suspendu" not in client.get(KEYS).content.decode(), "no web service was open there"


def test_the_list_costs_the_same_for_one_key_and_for_twenty(
    cast: SimpleNamespace, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        make_link(make_account(f"7{n:05}", f"Company {n}", rights=[]), cast.partner)
    everything = list(AccountLink.objects.taken_by(cast.partner).values_list("pk", flat=True))
    for _ in range(ConnectionKey.MOST):
        new_key(cast.partner, links=everything)
    client = sign_in(cast.partner)
    client.get(KEYS)
    with django_assert_max_num_queries(14):
        text = client.get(KEYS).content.decode()
    assert "et 29 autres" in text


def test_the_pages_speak_english_too(cast: SimpleNamespace, sign_in: SignIn) -> None:
    key, _secret = new_key(cast.partner)
    User.objects.filter(pk=cast.partner.pk).update(language="en")
    client = prove(sign_in(cast.partner))
    assert "Connection keys to the web services" in client.get(KEYS).content.decode()
    for path in (NEW, page(key), page(key, "rotate/"), page(key, "end/")):
        assert "clé" not in client.get(path).content.decode()


# Ending by itself.


@pytest.mark.parametrize(
    ("left", "step"),
    [
        (timedelta(days=31), None), (timedelta(days=30), 30), (timedelta(days=11), 30), (timedelta(days=9), 10),
        (timedelta(days=1), 1), (timedelta(seconds=1), 1), (timedelta(0), 0), (timedelta(days=-9), 0),
    ],
)  # fmt: skip
def test_the_step_that_a_key_has_reached(left: timedelta, step: int | None) -> None:
    now = datetime(2027, 3, 1, tzinfo=timezone.get_current_timezone())
    assert due(now + left, now) == step


def test_the_owner_is_warned_of_each_step_once(cast: SimpleNamespace, arrived: Arrived) -> None:
    made(cast.partner, name="Short", expires_at=timezone.now() + timedelta(days=20))
    key, _secret = new_key(cast.partner, expires_at=timezone.now() + timedelta(days=40))
    subjects = []
    for days in (40, 29, 29, 12, 9, 0.5, -1, -40):
        ConnectionKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() + timedelta(days=days))
        tasks.warn_of_keys()
        tasks.warn_of_keys()
        subjects.append([letter.subject for letter in arrived() if "Short" not in letter.subject])
    told = [[line.replace("\u202f", " ") for line in lines] for lines in subjects]
    assert told == [
        ["Une nouvelle clé de connexion"], ["Votre clé de connexion « Shop » expire dans 30 jours"], [], [],
        ["Votre clé de connexion « Shop » expire dans 10 jours"],
        ["Votre clé de connexion « Shop » expire dans 1 jour"], ["Votre clé de connexion « Shop » a expiré"], [],
    ]  # fmt: skip
    with tenancy.scope(user=cast.partner.pk):
        assert [step.what for step in keyring.history(key)] == ["Expirée", "Créée"]


def test_nobody_is_warned_of_a_key_that_is_replaced_or_of_no_use_to_them(
    cast: SimpleNamespace, arrived: Arrived
) -> None:
    soon = timezone.now() + timedelta(days=5)
    new_key(cast.partner, expires_at=soon, revoked_at=timezone.now() + timedelta(days=1))
    new_key(cast.colleague, expires_at=soon)
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    late, _secret = new_key(cast.partner, expires_at=soon)
    tasks.warn_of_keys()
    actions.end_key(user=cast.partner, key=late)
    assert [letter.subject for letter in arrived()] == ["Une clé de connexion a été arrêtée"]


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_warn_once() -> None:
    person = make_person("busy")
    for _ in range(30):
        new_key(person, expires_at=timezone.now() + timedelta(days=5))
    together(*[tasks.warn_of_keys] * 4)
    tasks.warn_of_keys()
    with transaction.atomic(), tenancy.everything():
        assert Mail.objects.filter(kind="rights.emails.links.connection_key_ends").count() == 30
    assert not ConnectionKey.objects.exclude(warned_days=10).exists()


def test_the_first_key_has_a_name_and_opens_everything(cast: SimpleNamespace) -> None:
    secret = actions.keys.issue_first_key(cast.partner)
    key = ConnectionKey.objects.get()
    assert (key.name, key.links, key.rights, key.expires_at) == ("Première clé", None, None, None)
    assert Caller(cast.partner, key).link("shipping_ws", None) == cast.partner_link
    assert connection.by_key(secret).key == key
