"""Who calls a web service and for which account: keys, passwords, what each opens, and when it no longer does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import CustomerAccount
from colibox.lib import keys, origin, tenancy, throttle
from rights import access
from rights.keys import connection
from rights.keys.connection import Caller, Reason, Refused
from rights.models import AccountLink, ConnectionKey, Entitlement, Grant
from tests.conftest import PASSWORD, make_account, make_link, make_person
from tests.rights.facts import new_key
from users.models import User

HERE = "192.0.2.7"


def why(ask: Callable[[], object]) -> Reason:
    """The reason of a refusal, whose sentence is not empty."""
    with pytest.raises(Refused) as refusal:
        ask()
    assert str(refusal.value)
    return refusal.value.reason


def numbers(links: list[AccountLink]) -> list[str]:
    return [link.account.number for link in links]


# Who it is, by key.


def test_a_key_names_its_owner(cast: SimpleNamespace) -> None:
    key, secret = new_key(cast.partner)
    caller = connection.by_key(f" {secret} ")
    assert (caller.user, caller.key) == (cast.partner, key)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("", Reason.MISSING), ("  ", Reason.MISSING), ("cpk_\x00", Reason.MALFORMED), ("é" * 51, Reason.MALFORMED)],
)
def test_what_is_no_key_is_refused_without_asking_the_database(
    typed: str, reason: Reason, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert why(lambda: connection.by_key(typed)) == reason


@bounded(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 50), symbol=st.sampled_from(keys.BASE62))
def test_a_mistyped_symbol_is_refused_without_asking_the_database(
    db: None, django_assert_num_queries: DjangoAssertNumQueries, place: int, symbol: str
) -> None:
    _public, secret = keys.new_connection_key()
    if secret[place] != symbol:
        with django_assert_num_queries(0):
            assert why(lambda: connection.by_key(secret[:place] + symbol + secret[place + 1 :])) == Reason.MALFORMED


def test_a_key_that_nobody_has_and_a_wrong_secret_of_one_that_exists_are_the_same(cast: SimpleNamespace) -> None:
    key, _secret = new_key(cast.partner, revoked_at=timezone.now())
    body = f"cpk_{key.public}_{'0' * 32}"
    assert why(partial(connection.by_key, keys.new_connection_key()[1])) == Reason.UNKNOWN
    assert why(partial(connection.by_key, body + keys._checksum(body))) == Reason.UNKNOWN


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"revoked_at": timedelta(seconds=-1)}, Reason.REVOKED),
        ({"expires_at": timedelta(seconds=-1)}, Reason.EXPIRED),
        ({"expires_at": timedelta(seconds=-1), "revoked_at": timedelta(seconds=-1)}, Reason.REVOKED),
        ({"expires_at": timedelta(seconds=-1), "revoked_at": timedelta(days=1)}, Reason.EXPIRED),
        ({"expires_at": timedelta(hours=1), "revoked_at": timedelta(days=1)}, None),
    ],
)
def test_a_key_says_whether_it_expired_or_was_ended(
    cast: SimpleNamespace, fields: dict[str, timedelta], reason: Reason | None
) -> None:
    _key, secret = new_key(cast.partner, **{name: timezone.now() + delta for name, delta in fields.items()})
    if reason:
        assert why(lambda: connection.by_key(secret)) == reason
    else:
        assert connection.by_key(secret).user == cast.partner


def test_a_key_dies_with_the_access_of_its_owner(cast: SimpleNamespace) -> None:
    _key, secret = new_key(cast.partner)
    User.objects.filter(pk=cast.partner.pk).update(is_active=False)
    assert why(lambda: connection.by_key(secret)) == Reason.REVOKED


@pytest.mark.parametrize(
    ("ip", "opens"),
    [("198.51.100.9", True), ("::ffff:198.51.100.9", True), ("2001:db8::1", True), (HERE, False), ("x", False)],
)
def test_a_key_may_be_bound_to_networks(cast: SimpleNamespace, ip: str, opens: bool) -> None:
    _key, secret = new_key(cast.partner, networks=["198.51.100.0/24", "2001:db8::1"])
    with origin.of(origin.Origin(ip=ip)):
        for ask in (partial(connection.by_key, secret), partial(connection.by_key, secret, ip=ip)):
            assert bool(ask()) if opens else why(ask) == Reason.ADDRESS
    assert why(partial(connection.by_key, secret)) == Reason.ADDRESS  # nothing is known of where it comes from


# For which account.


def test_a_right_is_open_on_the_accounts_that_gave_it(cast: SimpleNamespace) -> None:
    caller = Caller(cast.partner)
    assert numbers(caller.links("shipping_ws")) == ["900138"]
    assert numbers(caller.links("pickup_ws")) == []
    assert numbers(Caller(cast.owner).links("pickup_ws")) == ["900138"]


def test_the_account_that_acts_is_named_or_is_the_only_one(cast: SimpleNamespace) -> None:
    caller = Caller(cast.partner)
    for number in ("900138", " 900138 ", None, ""):
        assert caller.link("shipping_ws", number) == cast.partner_link
    with tenancy.everything():
        Grant.objects.create(account=cast.south, link=cast.partner_south_link, right="shipping_ws", given_by_name="X")
    assert caller.link("shipping_ws", "850061") == cast.partner_south_link
    assert why(lambda: caller.link("shipping_ws", None)) == Reason.FORBIDDEN


def test_the_account_that_acts_is_in_reach_afterwards_and_no_other(cast: SimpleNamespace) -> None:
    with tenancy.scope():
        Caller(cast.partner).link("shipping_ws", "900138")
        assert set(Grant.objects.values_list("account__number", flat=True)) == {"900138", "850061"}  # one's own
        assert AccountLink.objects.filter(account=cast.north).exclude(user=cast.partner).exists()
        assert not AccountLink.objects.filter(account=cast.south).exclude(user=cast.partner).exists()


@pytest.mark.parametrize("number", ["123456", "850061", "90013", "900138\x00", "９００１３８", "nord", "-1"])
def test_foreign_absent_and_impossible_accounts_get_one_answer(cast: SimpleNamespace, number: str) -> None:
    with pytest.raises(Refused) as refusal:
        Caller(cast.owner).link("shipping_ws", number)
    assert (refusal.value.reason, str(refusal.value)) == (
        Reason.FORBIDDEN, str(connection.SENTENCES[Reason.FORBIDDEN]),
    )  # fmt: skip


def test_a_key_opens_what_was_chosen_for_it_and_no_more(cast: SimpleNamespace) -> None:
    Grant.objects.create(account=cast.south, link=cast.partner_south_link, right="shipping_ws", given_by_name="X")
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="tracking_ws", given_by_name="X")
    whole, _ = new_key(cast.partner)
    narrow, _ = new_key(cast.partner, links=[cast.partner_link.pk], rights=["shipping_ws"])
    foreign, _ = new_key(cast.partner, links=[cast.owner_link.pk])
    nothing, _ = new_key(cast.partner, links=[], rights=[])
    opened = {
        key: [numbers(Caller(cast.partner, key).links(right)) for right in ("shipping_ws", "tracking_ws")]
        for key in (whole, narrow, foreign, nothing)
    }
    assert opened[whole] == [["850061", "900138"], ["900138"]]
    assert opened[narrow] == [["900138"], []]
    assert opened[foreign] == opened[nothing] == [[], []]
    caller = Caller(cast.partner, narrow)
    assert caller.link("shipping_ws", None) == cast.partner_link, "the only one that the key is for"
    assert why(lambda: caller.link("shipping_ws", "850061")) == Reason.FORBIDDEN
    assert why(lambda: caller.link("tracking_ws", "900138")) == Reason.FORBIDDEN


def suspend(cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="suspended")


def come_later(cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(starts_on=date(2099, 1, 1))


def lose_the_right(cast: SimpleNamespace) -> None:
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").delete()


def close_the_account(cast: SimpleNamespace) -> None:
    CustomerAccount.objects.filter(pk=cast.north.pk).update(state="closed")


def end(cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="ended")


def withdraw(cast: SimpleNamespace) -> None:
    Grant.objects.filter(link=cast.partner_link, right="shipping_ws").delete()


def run_out(cast: SimpleNamespace) -> None:
    Grant.objects.filter(link=cast.partner_link).update(until=date(2020, 1, 1))


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (suspend, Reason.SUSPENDED), (come_later, Reason.SUSPENDED), (lose_the_right, Reason.SUSPENDED),
        (close_the_account, Reason.SUSPENDED),
        (end, Reason.FORBIDDEN), (withdraw, Reason.FORBIDDEN), (run_out, Reason.FORBIDDEN),
    ],
)  # fmt: skip
def test_a_key_that_opened_an_account_is_refused_at_the_next_call(
    cast: SimpleNamespace, happens: Callable[[SimpleNamespace], None], reason: Reason
) -> None:
    _key, secret = new_key(cast.partner, links=[cast.partner_link.pk])
    assert connection.by_key(secret).link("shipping_ws", "900138") == cast.partner_link
    happens(cast)
    caller = connection.by_key(secret)
    assert caller.links("shipping_ws") == []
    assert [why(partial(caller.link, "shipping_ws", n)) for n in ("900138", None)] == [reason, reason]


def test_a_key_of_a_link_that_was_cut_does_not_open_the_next_one(cast: SimpleNamespace) -> None:
    _key, secret = new_key(cast.partner, links=[cast.partner_link.pk])
    end(cast)
    make_link(cast.north, cast.partner, rights=["shipping_ws"])
    assert why(lambda: connection.by_key(secret).link("shipping_ws", "900138")) == Reason.FORBIDDEN


@pytest.mark.parametrize("accounts", [1, 30])
def test_a_call_asks_the_database_five_times_however_many_accounts(
    cast: SimpleNamespace, django_assert_max_num_queries: Any, accounts: int
) -> None:
    for n in range(accounts):
        make_link(
            make_account(f"7{n:05}", f"Company {n}", rights=["tracking_ws"]), cast.partner, rights=["tracking_ws"]
        )
    _key, secret = new_key(cast.partner)
    with django_assert_max_num_queries(5):
        link = connection.by_key(secret).link("tracking_ws", "700000")
        assert link.account.company == "Company 0"
    with django_assert_max_num_queries(3):
        assert len(connection.by_key(secret).links("tracking_ws")) == accounts


@bounded(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    role=st.sampled_from(["member", "administrator"]),
    state=st.sampled_from(["active", "suspended"]),
    right=st.sampled_from(ConnectionKey.RIGHTS),
    days=st.tuples(st.integers(-1, 1), st.integers(-1, 1), st.integers(-1, 1)),
    entitled=st.booleans(),
    closed=st.booleans(),
)
def test_one_right_of_many_links_is_what_all_rights_of_one_link_say(
    cast: SimpleNamespace, role: str, state: str, right: str, days: tuple[int, ...], entitled: bool, closed: bool
) -> None:
    starts, lasts, until = (timezone.localdate() + timedelta(days=n) for n in days)
    with transaction.atomic():
        AccountLink.objects.filter(pk=cast.partner_link.pk).update(
            role=role, state=state, starts_on=min(starts, lasts), ends_on=lasts
        )
        Grant.objects.filter(link=cast.partner_link).update(until=until)
        CustomerAccount.objects.filter(pk=cast.north.pk).update(state="closed" if closed else "open")
        if not entitled:
            Entitlement.objects.filter(account=cast.north, right=right).delete()
        [link] = AccountLink.objects.filter(pk=cast.partner_link.pk).standing(right)
        assert link.in_force == (right in access.rights_of([link])[link.pk])
        assert link.granted or not link.in_force
        transaction.set_rollback(True)


# When, from where and for what.


def test_the_use_of_a_key_is_written_once_a_minute(
    cast: SimpleNamespace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key, secret = new_key(cast.partner)
    caller = connection.by_key(secret)
    connection.used(caller, service="Label creation", ip=HERE)
    connection.used(caller, service="Tracking", ip="nonsense")  # the same call to the database finds it written
    key.refresh_from_db()
    assert (key.last_used_service, key.last_used_ip) == ("Label creation", HERE)
    assert key.last_used_at and timezone.now() - key.last_used_at < timedelta(minutes=1)
    again = connection.by_key(secret)
    with django_assert_num_queries(0):
        connection.used(again, service="Tracking", ip=HERE)
        connection.used(Caller(cast.partner), service="Tracking", ip=HERE)
    ConnectionKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    connection.used(connection.by_key(secret), service="Tracking", ip="nonsense")
    key.refresh_from_db()
    assert (key.last_used_service, key.last_used_ip) == ("Tracking", None)


@pytest.mark.django_db(transaction=True)
def test_writing_a_use_waits_for_nobody() -> None:
    key, secret = new_key(make_person("busy"))
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            ConnectionKey.objects.select_for_update(no_key=True).get(pk=key.pk)
            held.set()
            done.wait(10)
        database.close()

    other = threading.Thread(target=hold)
    other.start()
    assert held.wait(10)
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        connection.used(connection.by_key(secret), service="Tracking", ip=HERE)
    done.set()
    other.join(10)
    key.refresh_from_db()
    assert key.last_used_at is None


def test_calls_are_counted_by_key_and_by_account(cast: SimpleNamespace, settings: Any) -> None:
    settings.WS_CALLS_PER_MINUTE, settings.WS_CALLS_PER_MINUTE_ACCOUNT = 2, 3
    one, two = (Caller(cast.partner, new_key(cast.partner)[0]) for _ in range(2))
    first = [connection.allow(one, cast.north) for _ in range(3)]
    assert first[:2] == [None, None] and first[2] and 1 <= first[2] <= 60
    assert connection.allow(two, cast.north) is None, "what the first key was refused does not count for the account"
    assert connection.allow(two, cast.north)
    assert connection.allow(Caller(cast.partner), cast.south) is None
    settings.WS_CALLS_PER_MINUTE = settings.WS_CALLS_PER_MINUTE_ACCOUNT = 0
    assert connection.allow(one, cast.north) is None, "0 is no limit"


def test_the_next_minute_begins_anew(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_047.0
    monkeypatch.setattr("colibox.lib.throttle.time.time", lambda: now)
    assert [throttle.wait("k", limit=1) for _ in range(3)] == [None, 13, 13]
    now += 13
    assert throttle.wait("k", limit=1) is None


# Who it is, by user name and password.


@pytest.mark.parametrize("name", ["900138", " 900138 "])
def test_the_owner_of_an_account_is_its_number_and_its_password(cast: SimpleNamespace, name: str) -> None:
    caller = connection.by_password(name, PASSWORD, ip=HERE)
    assert (caller.user, caller.key) == (cast.owner, None)
    assert caller.link("shipping_ws", "900138") == cast.owner_link


def test_whoever_it_is_not_gets_one_answer(cast: SimpleNamespace) -> None:
    make_person("operator", kind="staff")
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    cast.stranger.set_unusable_password()
    cast.stranger.save()
    tries = [("900138", "wrong"), ("999999", PASSWORD), ("c.martin", PASSWORD), ("operator", PASSWORD),
             ("850061", PASSWORD), ("x\x00y", PASSWORD), ("n" * 10_000, PASSWORD)]  # fmt: skip
    for name, password in tries:
        assert why(partial(connection.by_password, name, password, ip=HERE)) == Reason.PASSWORD
    for name, password in [("", PASSWORD), ("900138", "")]:
        assert why(partial(connection.by_password, name, password, ip=HERE)) == Reason.MISSING


@pytest.mark.parametrize("name", ["900138", "999999"])
def test_wrong_passwords_close_the_name_for_their_address_whether_it_exists_or_not(
    cast: SimpleNamespace, name: str
) -> None:
    limit = connection.WRONG_FOR_A_NAME_AND_ADDRESS
    reasons = [why(lambda: connection.by_password(name, "wrong", ip=HERE)) for _ in range(limit + 1)]
    assert reasons == [Reason.PASSWORD] * limit + [Reason.LOCKED]
    assert why(lambda: connection.by_password(name, PASSWORD, ip=HERE)) == Reason.LOCKED
    elsewhere = connection.by_password("900138", PASSWORD, ip="198.51.100.1")
    assert elsewhere.user == cast.owner, "the address of somebody else is not closed with it"


def test_wrong_passwords_are_bounded_for_a_name_and_for_an_address(cast: SimpleNamespace) -> None:
    for n in range(connection.WRONG_FOR_A_NAME):
        why(partial(connection.by_password, "900138", "wrong", ip=f"198.51.100.{n}"))
    assert why(lambda: connection.by_password("900138", PASSWORD, ip=HERE)) == Reason.LOCKED
    for n in range(connection.WRONG_FROM_AN_ADDRESS):
        why(partial(connection.by_password, f"name{n}", "wrong", ip=HERE))
    assert why(lambda: connection.by_password("850061", PASSWORD, ip=HERE)) == Reason.LOCKED


def test_right_passwords_count_for_nothing_and_are_hashed_once(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def check(password: str, encoded: str) -> bool:
        hashed.append(encoded)
        return check_password(password, encoded)

    monkeypatch.setattr(connection, "check_password", check)
    for _ in range(connection.WRONG_FROM_AN_ADDRESS + 5):
        connection.by_password("900138", PASSWORD, ip=HERE)
    assert len(hashed) == 1
    cast.owner.set_password("another-long-password")
    cast.owner.save()
    assert why(lambda: connection.by_password("900138", PASSWORD, ip=HERE)) == Reason.PASSWORD
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert why(lambda: connection.by_password("900138", "another-long-password", ip=HERE)) == Reason.PASSWORD


def test_nothing_of_a_password_that_was_right_can_be_read_in_the_cache(cast: SimpleNamespace, settings: Any) -> None:
    before = connection._proof(cast.owner, PASSWORD)
    settings.SECRET_KEY = "another secret key, of which nobody knows"
    assert connection._proof(cast.owner, PASSWORD) != before
    assert PASSWORD not in before
