"""A second factor that an account requires: who is kept out, told, let in again; whose may be reset, and by whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, Contact, CustomerAccount, Round
from colibox.lib import outbox, sealed
from rights import access, policy
from rights.actions import policy as actions
from rights.keys import connection as calls
from rights.keys.connection import Reason, Refused
from rights.models import AccountLink
from tests.conftest import PASSWORD, make_link, make_person
from tests.rights.facts import new_key
from users.models import User

PAGE = "/accounts/900138/security/"


def today(plus: int = 0) -> date:
    return timezone.localdate() + timedelta(days=plus)


def give_factor(person: User) -> None:
    Authenticator.objects.create(user=person, type="totp", data={"secret": sealed.seal("JBSWY3DPEHPK3PXP")})
    person.refresh_from_db()


def links(person: User) -> list[str]:
    """The accounts that a person can use now."""
    return [link.account.number for link in AccountLink.objects.of(person)]


def posted() -> dict[str, str]:
    """The subject of what left, by address."""
    mail.outbox.clear()
    outbox.deliver()
    return {letter.to[0]: str(letter.subject) for letter in mail.outbox}


def refused(act: Callable[[], Any]) -> Reason:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.reason


@pytest.fixture
def guarded(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast; the owner of north has a second factor."""
    give_factor(cast.owner)
    cast.owner_link.refresh_from_db()
    return cast


@pytest.fixture
def required(guarded: SimpleNamespace) -> SimpleNamespace:
    """North requires a second factor from today on."""
    actions.require_factor(by=guarded.owner_link, day=today())
    posted()
    return guarded


# Paused, and open again.


def test_who_has_no_second_factor_is_kept_out_of_that_account_alone(required: SimpleNamespace) -> None:
    assert links(required.owner) == ["900138"]
    assert links(required.partner) == ["850061"]
    assert not access.can(required.partner, "tool_tag", required.north)
    assert access.can(required.partner, "tool_service_consolidated", required.south)


def test_access_opens_again_with_the_second_factor_and_closes_with_it(required: SimpleNamespace) -> None:
    give_factor(required.partner)
    assert access.can(required.partner, "tool_tag", required.north)
    Authenticator.objects.filter(user=required.partner).delete()
    assert not access.can(required.partner, "tool_tag", required.north)


def test_nothing_closes_before_the_day(guarded: SimpleNamespace) -> None:
    actions.require_factor(by=guarded.owner_link, day=today(1))
    assert access.can(guarded.partner, "tool_tag", guarded.north)


def test_the_person_is_told_everywhere_how_to_mend_it(required: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(required.partner)
    for page in ("/", "/profile/rights/"):
        html = client.get(page).content.decode()
        assert "900138 Comptoir du Nord est en pause" in html and 'href="/auth/2fa/"' in html
    asked = client.get("/accounts/900138/")
    assert asked.status_code == 403 and 'href="/auth/2fa/"' in asked.content.decode()
    assert "en pause" not in sign_in(required.stranger).get("/").content.decode()
    assert sign_in(required.stranger).get("/accounts/900138/").status_code == 404


def test_a_pause_to_come_is_announced_at_home(guarded: SimpleNamespace, sign_in: Any) -> None:
    actions.require_factor(by=guarded.owner_link, day=today(9))
    html = sign_in(guarded.partner).get("/").content.decode()
    assert "double authentification à partir du" in html and "est en pause" not in html


# Deciding.


def test_an_administrator_who_has_none_cannot_require_one(cast: SimpleNamespace, sign_in: Any) -> None:
    with pytest.raises(ValidationError):
        actions.require_factor(by=cast.owner_link, day=today(14))
    client: Client = sign_in(cast.owner)
    html = client.post(PAGE, {"day": str(today(14))}).content.decode()
    assert "Vous n’avez pas vous-même de second facteur" in html
    cast.north.refresh_from_db()
    assert cast.north.second_factor_from is None


def test_who_would_be_kept_out_within_a_week_is_named_first(guarded: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(guarded.owner)
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    asked = client.post(PAGE, {"day": str(today())}).content.decode()
    assert str(guarded.colleague) in asked and 'name="sure"' in asked
    guarded.north.refresh_from_db()
    assert guarded.north.second_factor_from is None
    client.post(PAGE, {"day": str(today()), "sure": "1"})
    guarded.north.refresh_from_db()
    assert guarded.north.second_factor_from == today()
    again = client.post(PAGE, {"day": str(today())}, follow=True).content.decode()
    assert "Rien n’a changé" in again


def test_who_was_kept_out_is_told_that_the_account_is_open_again(guarded: SimpleNamespace) -> None:
    actions.require_factor(by=guarded.owner_link, day=today(14))
    posted()
    assert actions.stop_requiring_factor(by=guarded.owner_link) == 0
    assert posted() == {}
    actions.require_factor(by=guarded.owner_link, day=today())
    posted()
    assert actions.stop_requiring_factor(by=guarded.owner_link) == 2
    subject = "Le compte 900138 vous est à nouveau ouvert"
    assert posted() == dict.fromkeys((guarded.partner.email, guarded.colleague.email), subject)


def test_no_member_decides(guarded: SimpleNamespace) -> None:
    give_factor(guarded.colleague)
    guarded.colleague_link.refresh_from_db()
    with pytest.raises(ValidationError):
        actions.require_factor(by=guarded.colleague_link, day=today())


@pytest.mark.parametrize("days", [-1, 400])
def test_the_day_is_near_and_not_past(guarded: SimpleNamespace, days: int) -> None:
    with pytest.raises(ValidationError):
        actions.require_factor(by=guarded.owner_link, day=today(days))


def test_the_page_lists_who_would_fall_out_and_asks_for_proof(guarded: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=guarded.partner.pk).update(last_login=datetime(2026, 3, 9, 12, tzinfo=UTC))
    client: Client = sign_in(guarded.owner)
    html = client.get(PAGE).content.decode()
    assert "2 personnes sans second facteur" in html and "Berlioz" in html and "09/03/2026" in html
    asked = client.post(PAGE, {"day": str(today(14))})
    assert asked.headers["Location"].startswith("/auth/reauthenticate/")
    answer = client.post(asked.headers["Location"], {"password": PASSWORD})
    assert answer.headers["Location"] == PAGE
    assert "2 personnes sont prévenues" in client.get(PAGE).content.decode()
    guarded.north.refresh_from_db()
    assert guarded.north.second_factor_from == today(14)
    client.post(PAGE, {"stop": "1"})
    guarded.north.refresh_from_db()
    assert guarded.north.second_factor_from is None
    told = AuditEvent.objects.filter(account_id=guarded.north.pk).order_by("pk").values_list("verb", flat=True)
    assert list(told)[-2:] == ["second factor required", "second factor no longer required"]


# Telling.


def test_who_would_fall_out_is_listed_page_by_page_by_key(
    guarded: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_link(guarded.north, make_person(f"s{number}", kind="standard"), kind="standard")
        make_link(guarded.north, make_person(f"a{number}"))
    monkeypatch.setattr(policy, "PAGE", 3)
    client, seen, address, queries = sign_in(guarded.owner), list[str](), PAGE, set[int]()
    while address:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address).content.decode()
        queries.add(len(asked))
        listed = re.findall(r'users/([0-9a-f-]{36})/">', page)
        assert len(listed) <= 3
        seen += listed
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = PAGE + following[1] if following else ""
    assert seen == [str(link.uuid) for link in policy.without(guarded.north)] and len(seen) >= 8
    assert max(queries) - min(queries) <= 2


def test_many_are_told_so_many_by_a_statement(guarded: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_link(guarded.north, make_person(f"a{number}"))
    monkeypatch.setattr(actions, "AT_ONCE", 3)
    guarded.owner_link.user.refresh_from_db()
    told = actions.require_factor(by=guarded.owner_link, day=today(20))
    assert told == len(posted()) == policy.without(guarded.north).count()


def test_each_is_told_at_once_a_week_before_and_the_day_before(guarded: SimpleNamespace) -> None:
    assert actions.require_factor(by=guarded.owner_link, day=today(14)) == 2
    told = posted()
    assert set(told) == {guarded.partner.email, guarded.colleague.email}
    assert set(told.values()) == {"Le compte 900138 exige la double authentification"}
    actions.warn_of_required_factor()
    assert posted() == {}
    give_factor(guarded.colleague)
    for left in (7, 1):
        type(guarded.north).objects.filter(pk=guarded.north.pk).update(second_factor_from=today(left))
        for _ in range(2):
            actions.warn_of_required_factor()
        assert posted() == {guarded.partner.email: "Le compte 900138 exige la double authentification"}


@pytest.mark.parametrize(("left", "in_force"), [(5, False), (0, True), (-2, True)])
def test_after_days_without_a_clock_the_mail_that_is_due_leaves_once(
    left: int, in_force: bool, guarded: SimpleNamespace
) -> None:
    Round.objects.create(name="second factors", day=today(-4))
    type(guarded.north).objects.filter(pk=guarded.north.pk).update(second_factor_from=today(left))
    actions.warn_of_required_factor()
    assert len(posted()) == 2
    assert ("est en pause, vos" in mail.outbox[0].body) is in_force
    actions.warn_of_required_factor()
    assert posted() == {}


def test_who_is_told_of_a_near_day_is_not_told_twice(guarded: SimpleNamespace) -> None:
    actions.require_factor(by=guarded.owner_link, day=today(7))
    assert len(posted()) == 2
    actions.warn_of_required_factor()
    assert posted() == {}


def test_a_mail_that_is_no_longer_true_does_not_leave(guarded: SimpleNamespace) -> None:
    actions.require_factor(by=guarded.owner_link, day=today(14))
    actions.stop_requiring_factor(by=guarded.owner_link)
    assert posted() == {}


# Web services.


def test_a_key_is_refused_with_the_reason_on_that_account_alone(required: SimpleNamespace) -> None:
    _key, secret = new_key(required.partner)
    caller = calls.by_key(secret)
    assert refused(lambda: caller.link("shipping_ws", "900138")) == Reason.FACTOR
    give_factor(required.partner)
    assert calls.by_key(secret).link("shipping_ws", "900138").account == required.north


def test_a_password_alone_no_longer_calls_once_there_is_a_second_factor(cast: SimpleNamespace) -> None:
    def call() -> calls.Caller:
        return calls.by_password("a.berlioz", PASSWORD, ip="203.0.113.7")

    assert call().user == cast.partner
    give_factor(cast.partner)
    assert refused(call) == Reason.ALONE
    assert refused(lambda: calls.by_password("a.berlioz", "x", ip="203.0.113.7")) == Reason.PASSWORD


# Resetting.


def test_an_administrator_resets_a_standard_user_after_proof(cast: SimpleNamespace, sign_in: Any) -> None:
    give_factor(cast.colleague)
    elsewhere = Client()
    elsewhere.force_login(cast.colleague)
    address = f"/accounts/900138/users/{cast.colleague_link.uuid}/factor/"
    client: Client = sign_in(cast.owner)
    asked = client.get(address)
    assert asked.headers["Location"].startswith("/auth/reauthenticate/")
    assert client.post(address).headers["Location"].startswith("/auth/reauthenticate/")
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    assert "Ce qui s’arrête" in client.get(address).content.decode()
    client.post(address)
    assert not Authenticator.objects.exists()
    assert posted() == {cast.colleague.email: "Votre double authentification a été réinitialisée"}
    event = AuditEvent.objects.get(verb="second factor reset")
    assert (event.account_id, event.actor, event.subject) == (cast.north.pk, cast.owner.uuid, cast.colleague_link.uuid)


def test_no_administrator_resets_somebody_who_may_be_linked_elsewhere(cast: SimpleNamespace, sign_in: Any) -> None:
    give_factor(cast.partner)
    with pytest.raises(ValidationError):
        actions.reset_factor(link=cast.partner_link, by=cast.owner_link)
    client: Client = sign_in(cast.owner)
    address = f"/accounts/900138/users/{cast.partner_link.uuid}/factor/"
    assert client.post(address).headers["Location"] == f"/accounts/900138/users/{cast.partner_link.uuid}/"
    assert Authenticator.objects.count() == 1


def test_nobody_resets_a_peer_a_superior_or_a_foreigner(cast: SimpleNamespace) -> None:
    second = make_link(cast.north, make_person("second"), role="administrator")
    give_factor(cast.owner)
    give_factor(cast.stranger)
    for link, by in (
        (cast.owner_link, second),
        (cast.owner_link, cast.owner_link),
        (cast.stranger_link, cast.owner_link),
        (cast.owner_link, cast.colleague_link),
    ):
        link.refresh_from_db()
        with pytest.raises(ValidationError):
            actions.reset_factor(link=link, by=by)
    assert Authenticator.objects.count() == 2


def test_who_has_a_second_factor_is_asked_nothing(required: SimpleNamespace) -> None:
    assert policy.asked_of(required.owner) == policy.Asked([], [])
    assert [link.account.number for link in policy.asked_of(required.partner).paused] == ["900138"]


def test_the_page_of_a_person_says_that_they_are_kept_out(required: SimpleNamespace, sign_in: Any) -> None:
    client: Client = sign_in(required.owner)
    page = client.get(f"/accounts/900138/users/{required.partner_link.uuid}/").content.decode()
    assert "En pause" in page and "/factor/" not in page
    give_factor(required.colleague)
    page = client.get(f"/accounts/900138/users/{required.colleague_link.uuid}/").content.decode()
    assert "En pause" not in page and "/factor/" in page


def test_paused_is_said_in_one_word_wherever_somebody_is_shown(cast: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=cast.owner.pk).update(second_factor=True)
    person = cast.colleague_link
    contact = Contact.objects.create(account=cast.north, last_name="Martin", first_name="Claire")
    AccountLink.objects.filter(pk=person.pk).update(contact=contact)
    CustomerAccount.objects.filter(pk=cast.north.pk).update(second_factor_from=timezone.localdate())
    owner, pill = sign_in(cast.owner), "En pause"
    root = "/accounts/900138/"
    for path in ("users/?kind=standard", "users/matrix/?kind=standard", f"users/{person.uuid}/", "contacts/"):
        assert pill in owner.get(root + path).content.decode(), path
    page = owner.get(f"{root}users/{person.uuid}/").content.decode()
    assert "Suspendre" in page and "sans second facteur" in page
    mine = sign_in(cast.colleague).get("/profile/rights/").content.decode()
    assert mine.count("pill--paused") == 3 and "pill--active" not in mine and "pill--suspended" not in mine
