"""The link of the invitation: what it opens, once, for whom, until when; and the one page of all dead links."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import keys, outbox, tenancy
from rights import access, actions
from rights.forms import people as forms
from rights.models import AccountLink, ConnectionKey, Entitlement
from tests.conftest import IDENTITY, make_account, make_link, make_person
from tests.rights.facts import ANSWER, NEW_PASSWORD, rights_of, token_of, verbs
from tests.together import together
from users.models import User

FORM = "/invitations/current/"
Arrived = Callable[[], list[EmailMessage]]


def invite(by: AccountLink, **changed: Any) -> AccountLink:
    identity = {**IDENTITY, "email": "nadia.benali@benali.example", "last_name": "Benali", "first_name": "Nadia"}
    facts: dict[str, Any] = {"rights": ["tool_tag", "shipping_ws"], "tags": ["LYON"], "language": "fr"}
    return actions.invite_advanced(by=by, identity=identity, **{**facts, **changed})


@pytest.fixture
def link(cast: SimpleNamespace) -> AccountLink:
    return invite(cast.owner_link)


def open_link(client: Client, token: str) -> Any:
    return client.get(f"/invitations/{token}/", follow=True)


def without_csrf(page: bytes) -> bytes:
    return re.sub(rb'(name="csrfmiddlewaretoken" value=)"[^"]*"', rb"\1", page)


def test_the_person_invited_finds_their_data_and_becomes_an_advanced_user(
    cast: SimpleNamespace, link: AccountLink, client: Client, arrived: Arrived
) -> None:
    arrived()
    page = open_link(client, token_of(link)).content.decode()
    for text in ('value="Benali"', 'value="nadia.benali@benali.example"', "Comptoir du Nord", "LYON"):
        assert text in page
    response = client.post(FORM, {**ANSWER, "function": "Directrice"})
    person = User.objects.get(username="n.benali")
    assert (person.kind, person.email, person.function) == ("advanced", "nadia.benali@benali.example", "Directrice")
    assert person.check_password(NEW_PASSWORD)
    link.refresh_from_db()
    assert (link.state, link.user, link.function, link.token_digest) == ("active", person, "Directrice", None)
    assert access.can(person, "shipping_ws", cast.north)
    assert verbs(link) == ["person invited", "invitation accepted"]
    [mail] = arrived()
    assert "Web Service Affranchissement" in mail.body
    page = response.content.decode()
    assert person.shown_user_key in page
    assert client.get("/").status_code == 200


def test_the_connection_key_is_shown_this_once_and_stored_nowhere(link: AccountLink, client: Client) -> None:
    open_link(client, token_of(link))
    page = client.post(FORM, ANSWER).content.decode()
    match = re.search(r"cpk_\w{47}", page)
    assert match
    key = ConnectionKey.objects.get()
    assert key.fingerprint == keys.fingerprint(match[0])
    assert match[0] not in client.get("/profile/keys/").content.decode()


def test_a_standard_user_keeps_the_user_name_that_was_proposed(cast: SimpleNamespace, client: Client) -> None:
    identity = {**IDENTITY, "civility": "mme", "email": "elise@nord.example"}
    link = actions.create_standard(
        by=cast.owner_link, identity=identity, username="e.dubreuil", rights=["coliship"], language="fr"
    )
    open_link(client, token_of(link))
    response = client.post(FORM, {**ANSWER, "civility": "mme", "username": "root"})
    assert response.status_code == 200
    person = User.objects.get(username="e.dubreuil")
    assert person.check_password(NEW_PASSWORD)
    assert "cpk_" not in response.content.decode()
    assert access.can(person, "coliship", cast.north)


def test_opening_the_link_consumes_nothing_and_leaves_the_address_bar(link: AccountLink, client: Client) -> None:
    for _ in range(3):
        Client().get(f"/invitations/{token_of(link)}/", follow=True)
        Client().head(f"/invitations/{token_of(link)}/")
    before = Session.objects.count()
    response = client.get(f"/invitations/{token_of(link)}/")
    assert (response.status_code, response["Location"]) == (302, FORM)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "no-store" in client.get(FORM)["Cache-Control"]
    assert Session.objects.count() == before
    assert client.cookies["invitation"]["httponly"]
    client.post(FORM, ANSWER)
    assert User.objects.filter(username="n.benali").exists()


def test_the_token_is_stored_nowhere(link: AccountLink, client: Client, arrived: Arrived) -> None:
    token = token_of(link)
    open_link(client, token)
    with connection.cursor() as cursor:
        for model in (AccountLink, outbox.Mail, AuditEvent, Session):
            cursor.execute(f"SELECT string_agg(t::text, '') FROM {model._meta.db_table} t")  # noqa: S608
            assert token not in str(cursor.fetchone())
    assert token not in client.cookies["invitation"].value


def test_the_address_and_what_is_not_in_the_form_cannot_be_chosen(link: AccountLink, client: Client) -> None:
    open_link(client, token_of(link))
    forged = {
        "email": "evil@evil.example", "kind": "staff", "is_staff": "1", "is_superuser": "1", "role": "owner",
        "user_key": "0000000000000", "state": "active", "rights": ["coliship"], "tags": "PARIS",
    }  # fmt: skip
    client.post(FORM, {**ANSWER, **forged})
    person = User.objects.get(username="n.benali")
    assert (person.email, person.kind, person.is_staff) == ("nadia.benali@benali.example", "advanced", False)
    link.refresh_from_db()
    assert (link.role, link.tags, rights_of(link)) == ("member", ["LYON"], ["shipping_ws", "tool_tag"])


@pytest.mark.parametrize("password", ["azerty", "motdepasse", "password1234", "nadia.benali@benali.example"])
def test_a_weak_password_is_told_beside_its_field(link: AccountLink, client: Client, password: str) -> None:
    open_link(client, token_of(link))
    response = client.post(FORM, {**ANSWER, "password": password})
    assert "password" in response.context["form"].errors
    assert password not in response.content.decode().replace('value="nadia.benali@benali.example"', "")


def test_a_user_name_that_is_taken_is_told_beside_its_field(link: AccountLink, client: Client) -> None:
    open_link(client, token_of(link))
    response = client.post(FORM, {**ANSWER, "username": "C.Martin"})
    assert "username" in response.context["form"].errors
    link.refresh_from_db()
    assert link.state == "invited"


def test_the_session_changes_with_the_person(link: AccountLink, client: Client) -> None:
    session = client.session
    session["before"] = "1"
    session.save()
    before = client.session.session_key
    open_link(client, token_of(link))
    client.post(FORM, ANSWER)
    assert client.session.session_key not in (None, before)


def _unknown(link: AccountLink) -> str:
    return "f" * 64


def _garbage(link: AccountLink) -> str:
    return "%00'\"<script>"


def _used(link: AccountLink) -> str:
    token = token_of(link)
    actions.accept_as_new_person(
        link=link, identity=IDENTITY, username="n.benali", password=NEW_PASSWORD, language="fr"
    )
    return token


def _expired(link: AccountLink) -> str:
    AccountLink.objects.filter(pk=link.pk).update(expires_at=Now() - timedelta(seconds=1))
    return token_of(link)


def _swept(link: AccountLink) -> str:
    _expired(link)
    actions.expire_due()
    return token_of(link)


def _revoked(link: AccountLink) -> str:
    actions.end(link=link, by=link.account.links.get(role="owner"))
    return token_of(link)


def _replaced(link: AccountLink) -> str:
    token = token_of(link)
    actions.resend(link=link, by=link.account.links.get(role="owner"))
    return token


def _closed(link: AccountLink) -> str:
    CustomerAccount.objects.filter(pk=link.account_id).update(state="closed")
    return token_of(link)


DEATHS = [_unknown, _garbage, _used, _expired, _swept, _revoked, _replaced, _closed]


@pytest.mark.parametrize("death", DEATHS)
def test_all_dead_links_are_one_page_and_one_answer(
    link: AccountLink, client: Client, death: Callable[[AccountLink], str]
) -> None:
    neutral = Client().get(FORM)
    asked = Client().post("/invitations/again/")
    page = open_link(client, death(link))
    assert (page.status_code, without_csrf(page.content)) == (410, without_csrf(neutral.content))
    posted = client.post(FORM, ANSWER)
    assert (posted.status_code, without_csrf(posted.content)) == (410, without_csrf(neutral.content))
    again = client.post("/invitations/again/")
    assert (again.status_code, without_csrf(again.content)) == (asked.status_code, without_csrf(asked.content))


@pytest.mark.parametrize("death", [_expired, _swept])
def test_an_expired_invitation_can_be_asked_for_again_once_a_day(
    cast: SimpleNamespace, link: AccountLink, client: Client, arrived: Arrived, death: Callable[[AccountLink], str]
) -> None:
    arrived()
    open_link(client, death(link))
    for _ in range(3):
        client.post("/invitations/again/")
    [mail] = arrived()
    assert mail.to == [cast.owner.email]
    assert f"http://testserver/accounts/900138/users/{link.uuid}/" in mail.body
    assert verbs(link).count("new invitation asked") == 1
    link.refresh_from_db()
    assert link.asked_again_at is not None


@pytest.mark.parametrize("death", [_unknown, _garbage, _used, _revoked, _replaced])
def test_asking_again_for_any_other_dead_link_tells_nobody(
    link: AccountLink, client: Client, arrived: Arrived, death: Callable[[AccountLink], str]
) -> None:
    open_link(client, death(link))
    arrived()
    client.post("/invitations/again/")
    assert arrived() == []


def test_the_48_hours_are_those_of_the_databases_clock(
    link: AccountLink, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for skew in (-3, 3, 60):
        later = timezone.now() + timedelta(hours=skew)
        monkeypatch.setattr("django.utils.timezone.now", lambda later=later: later)
        assert open_link(client, token_of(link)).status_code == 200
    AccountLink.objects.filter(pk=link.pk).update(expires_at=Now() + timedelta(seconds=1))
    assert open_link(client, token_of(link)).status_code == 200
    AccountLink.objects.filter(pk=link.pk).update(expires_at=Now())
    assert open_link(client, token_of(link)).status_code == 410


def test_who_is_signed_in_as_somebody_else_is_offered_to_sign_out(
    cast: SimpleNamespace, link: AccountLink, sign_in: Any
) -> None:
    client: Client = sign_in(cast.partner)
    page = open_link(client, token_of(link)).content.decode()
    assert "Aline Berlioz" in page
    assert 'action="/auth/logout/"' in page
    client.post(FORM, ANSWER)
    assert not User.objects.filter(username="n.benali").exists()
    client.logout()
    client.post("/auth/logout/", {"next": FORM})
    open_link(client, token_of(link))
    client.post(FORM, ANSWER)
    assert User.objects.filter(username="n.benali").exists()


def test_who_exists_by_now_is_asked_to_sign_in_and_then_finds_the_request(
    cast: SimpleNamespace, link: AccountLink, client: Client
) -> None:
    person = make_person("n.benali", email="Nadia.Benali@benali.example")
    page = open_link(client, token_of(link)).content.decode()
    assert f"/auth/login/?next=/profile/requests/{link.uuid}/" in page
    client.post(FORM, {**ANSWER, "username": "other"})
    assert not User.objects.filter(username="other").exists()
    client.force_login(person)
    response = client.get(FORM)
    assert response["Location"] == f"/profile/requests/{link.uuid}/"
    client.post(f"/profile/requests/{link.uuid}/accept/")
    assert access.can(person, "shipping_ws", cast.north)


def test_signing_up_for_one_account_turns_the_other_invitations_into_requests(
    cast: SimpleNamespace, link: AccountLink, client: Client
) -> None:
    other = invite(cast.stranger_link)
    open_link(client, token_of(link))
    client.post(FORM, ANSWER)
    other.refresh_from_db()
    assert (other.state, other.invitee) == ("invited", User.objects.get(username="n.benali"))
    assert other.invitee
    assert not access.can(other.invitee, "shipping_ws", cast.south)


def test_rights_are_checked_again_when_the_invitation_is_accepted(
    cast: SimpleNamespace, link: AccountLink, client: Client
) -> None:
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").update(delegable=False)
    open_link(client, token_of(link))
    client.post(FORM, ANSWER)
    assert rights_of(link) == ["tool_tag"]
    event = AuditEvent.objects.get(subject=link.uuid, verb="invitation accepted")
    assert event.after["dropped"] == ["shipping_ws"]


def test_an_invitation_dies_with_the_powers_of_who_sent_it(cast: SimpleNamespace, client: Client) -> None:
    deputy = make_link(cast.north, make_person("d.adjoint"), role="administrator")
    link = invite(deputy)
    actions.suspend(link=deputy, by=cast.owner_link)
    open_link(client, token_of(link))
    assert client.post(FORM, ANSWER).status_code == 410
    assert not User.objects.filter(username="n.benali").exists()
    actions.resend(link=link, by=cast.owner_link)
    link.refresh_from_db()
    open_link(client, token_of(link))
    assert client.post(FORM, ANSWER).status_code == 200


def test_the_page_speaks_english_to_who_asks_for_it(link: AccountLink) -> None:
    page = open_link(Client(headers={"accept-language": "en"}), token_of(link)).content.decode()
    assert "Finish your sign-up" in page
    assert "Franking web service" in page
    assert '<option value="en" selected' in page, "they read on as they began"


def test_a_first_password_holds_nothing_of_the_person_or_of_who_invites(link: AccountLink) -> None:
    client = Client()
    open_link(client, token_of(link))
    for weak in ("nadia-benali-1987", "Comptoir-du-Nord!", "nord900138nord"):
        page = client.post(FORM, {**ANSWER, "password": weak})
        assert "reprend surtout le nom" in page.content.decode(), weak
    assert not User.objects.filter(username="n.benali").exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_simultaneous_answers_make_one_person_one_link_and_one_mail() -> None:
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        owner = make_link(north, make_person("900138", kind="advanced"), role="owner")
        link = invite(owner)
    clients = [Client() for _ in range(20)]
    for client in clients:
        open_link(client, token_of(link))

    def answer(number: int, client: Client) -> int:
        return client.post(FORM, {**ANSWER, "username": f"n.benali{number}"}).status_code

    statuses = together(*(partial(answer, *pair) for pair in enumerate(clients)))
    assert sorted(statuses) == [200] + [410] * 19
    with transaction.atomic(), tenancy.everything():
        assert User.objects.filter(username__startswith="n.benali").count() == 1
        assert AccountLink.objects.filter(email="nadia.benali@benali.example").count() == 1
        assert AuditEvent.objects.filter(verb="invitation accepted").count() == 1
        assert outbox.Mail.objects.filter(kind="rights.emails.links.ready").count() == 1


def test_the_administrator_of_an_account_signs_up_under_its_number() -> None:
    account = CustomerAccount(number="770512", company="Maison Garance")
    link = AccountLink(account=account, kind="standard", username="770512", email="770512@client.example")
    answered = forms.answer_form(link, {**IDENTITY, "civility": "mme", "language": "fr", "password": NEW_PASSWORD})
    assert answered.is_valid(), answered.errors
    assert answered.facts()["username"] == "770512"
