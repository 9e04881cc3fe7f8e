"""Each e-mail about a link: what it says, to whom, in which language; its addresses; when it no longer leaves."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.formats import date_format, time_format
from django.utils.timezone import localtime

from rights import actions
from rights.emails import links as emails
from rights.models import AccountLink
from tests.conftest import IDENTITY
from tests.rights.facts import ADVANCED_FORM, token_of
from users.models import User


def html_of(message: Any) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


@pytest.fixture
def invited(cast: SimpleNamespace) -> AccountLink:
    identity = {**IDENTITY, "email": "nadia.benali@benali.example"}
    return actions.invite_advanced(
        by=cast.owner_link, identity=identity, rights=["tool_consolidated", "shipping_ws"], tags=[], language="fr"
    )


def test_the_invitation_says_who_asks_for_which_account_and_until_when(
    cast: SimpleNamespace, invited: AccountLink
) -> None:
    message = emails.invitation(link=invited.pk, generation=1)
    assert message is not None
    assert message.subject == "Comptoir du Nord vous invite sur Colibox"
    assert message.to == ["nadia.benali@benali.example"]
    invited.refresh_from_db()
    until = localtime(invited.expires_at)
    deadline = f"jusqu’au {date_format(until, 'd/m/Y')} à {time_format(until, 'TIME_FORMAT')}"
    for body in (message.body, html_of(message)):
        for text in (
            "900138", "Comptoir du Nord", "Pour des raisons de sécurité, ce lien restera valide", deadline,
            "Web Service Affranchissement", "Suivi consolidé", f"http://testserver/invitations/{token_of(invited)}/",
            "Vous n’attendiez pas cet e-mail",
        ):  # fmt: skip
            assert text in body


def test_many_invitations_read_like_one_and_cost_two_queries(
    cast: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    people = [("Aline", "fr"), ("L'Ami & <b>", "fr"), ("Claire", "en"), ("Éric", "fr")]
    links = [
        actions.invite_advanced(
            by=cast.owner_link,
            identity={**IDENTITY, "first_name": name, "email": f"p{number}@example.com"},
            rights=["shipping_ws", "tool_consolidated"][: 1 + number % 2],
            tags=[],
            language=language,
        )
        for number, (name, language) in enumerate(people)
    ]
    facts = [{"link": link.pk, "generation": 1} for link in links]
    with django_assert_num_queries(2):
        together = emails.invitation.many(facts)
    for message, alone in zip(together, (emails.invitation(**each) for each in facts), strict=True):
        assert message is not None and alone is not None
        assert (message.to, message.subject, message.body) == (alone.to, alone.subject, alone.body)
        assert html_of(message) == html_of(alone)
    assert len({message.body for message in together if message}) == len(people)


def test_the_request_to_somebody_who_exists_carries_no_secret(cast: SimpleNamespace) -> None:
    link = actions.request_link(by=cast.stranger_link, person=_other(cast), rights=["tool_key"], tags=[])
    message = emails.invitation(link=link.pk, generation=1)
    assert message is not None
    assert f"http://testserver/profile/requests/{link.uuid}/" in message.body
    assert "/invitations/" not in message.body + html_of(message)
    assert "Rien ne s’ouvre avant votre accord" in message.body


def _other(cast: SimpleNamespace) -> User:
    AccountLink.objects.filter(pk=cast.partner_south_link.pk).update(state="ended")
    partner: User = cast.partner
    return partner


def test_an_invitation_that_is_over_or_replaced_does_not_leave(cast: SimpleNamespace, invited: AccountLink) -> None:
    actions.resend(link=invited, by=cast.owner_link)
    assert emails.invitation(link=invited.pk, generation=1) is None
    assert emails.invitation(link=invited.pk, generation=2) is not None
    actions.end(link=invited, by=cast.owner_link)
    assert emails.invitation(link=invited.pk, generation=2) is None
    assert emails.rights_changed(link=invited.pk, gained=["coliship"], lost=[], by="x") is None
    assert emails.suspended(link=0, by="x") is None


def test_a_change_of_rights_says_what_is_gained_and_lost_by_whom_and_where(cast: SimpleNamespace) -> None:
    message = emails.rights_changed(
        link=cast.partner_link.pk, gained=["coliship", "tool_service_key"], lost=["shipping_ws"], by="Jean Petit"
    )
    assert message is not None
    assert "900138" in message.subject
    for body in (message.body, html_of(message)):
        gained, lost = (
            body.index("De nouveaux droits vous ont été attribués"),
            body.index("Ces droits vous ont été retirés"),
        )
        assert gained < body.index("ColiShip") < lost < body.index("Web Service Affranchissement")
        for text in ("Jean Petit", "Comptoir du Nord", "clé utilisateur", "http://testserver/profile/rights/"):
            assert text in body


ABOUT_ACCESS = [emails.suspended, emails.reactivated, emails.link_ended]
TO_INVITER = [emails.refused, emails.left, emails.asked_again]


@pytest.mark.parametrize("email", ABOUT_ACCESS)
def test_each_change_of_access_is_told_to_the_person(cast: SimpleNamespace, email: Any) -> None:
    message = email(link=cast.partner_link.pk, by="Jean Petit")
    assert message.to == [cast.partner.email]
    assert "900138" in message.subject
    assert "Jean Petit" in message.body


@pytest.mark.parametrize("email", TO_INVITER)
def test_each_answer_is_told_to_who_invited_or_else_to_the_owner(cast: SimpleNamespace, email: Any) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(invited_by=cast.owner)
    message = email(link=cast.partner_link.pk)
    assert message.to == [cast.owner.email]
    assert "Aline Berlioz" in message.subject
    assert cast.partner.email in message.body
    for inviter in (None, cast.colleague):
        AccountLink.objects.filter(pk=cast.partner_link.pk).update(invited_by=inviter)
        assert email(link=cast.partner_link.pk).to == [cast.owner.email]


def test_the_mail_after_a_sign_up_says_that_the_account_is_ready_and_what_it_opens(cast: SimpleNamespace) -> None:
    message = emails.ready(link=cast.partner_link.pk, new=True)
    assert message is not None and message.subject == "Votre compte Colibox est prêt"
    for body in (message.body, html_of(message)):
        for text in ("a.berlioz", "900138", "Comptoir du Nord", "Web Service Affranchissement", "clé utilisateur"):
            assert text in body
    linked = emails.ready(link=cast.partner_link.pk, new=False)
    assert linked is not None and linked.subject == "Votre accès au compte 900138 est ouvert"
    owner = emails.ready(link=cast.owner_link.pk, new=True)
    assert owner is not None and "Vous l’administrez" in owner.body


def test_every_mail_speaks_the_readers_language(cast: SimpleNamespace, invited: AccountLink) -> None:
    User.objects.update(language="en")
    AccountLink.objects.update(language="en", invited_by=cast.owner)
    link = cast.partner_link.pk
    messages: list[Any] = [
        emails.invitation(link=invited.pk, generation=1),
        emails.rights_changed(link=link, gained=["coliship"], lost=["shipping_ws"], by="x"),
        *(email(link=link, by="x") for email in ABOUT_ACCESS),
        *(email(link=link) for email in TO_INVITER),
        *(emails.ready(link=link, new=new) for new in (True, False)),
    ]
    for message in messages:
        page = html_of(message)
        assert '<html lang="en"' in page
        assert not re.search(r"\b(vous|droits|compte|bonjour)\b", message.subject + message.body + page, re.IGNORECASE)
    assert "Franking web service" in messages[1].body


def test_no_mail_takes_its_address_from_the_request(cast: SimpleNamespace, arrived: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
    client.force_login(cast.owner)
    client.post("/accounts/900138/users/advanced/new/", ADVANCED_FORM)
    [mail] = arrived()
    assert "evil.example" not in mail.body + html_of(mail)
    assert "http://testserver/invitations/" in mail.body


def test_what_people_type_is_inert_in_a_mail(cast: SimpleNamespace) -> None:
    identity = {**IDENTITY, "first_name": '"><svg onload=alert(1)>', "email": "x@x.example"}
    link = actions.invite_advanced(by=cast.owner_link, identity=identity, rights=["coliship"], tags=[], language="fr")
    message = emails.invitation(link=link.pk, generation=1)
    assert message is not None
    assert "<svg onload" not in html_of(message)
    assert "<svg onload" in message.body
    type(cast.north).objects.filter(pk=cast.north.pk).update(company="Nord\r\nBcc: evil@evil.example")
    message = emails.invitation(link=link.pk, generation=1)
    assert message is not None
    assert "\n" not in message.subject
