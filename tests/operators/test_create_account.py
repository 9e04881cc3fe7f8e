"""`manage.py create_account`, as an operator types it."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import tenancy
from colibox.lib.outbox.models import Mail
from rights import catalogue
from rights.models import AccountLink, Entitlement
from tests.operators.calls import answer, call
from tests.rights.facts import NEW_PASSWORD, token_of
from users.models import User

LUMEN = ("900140", "Atelier Lumen", "direction@lumen.example")


@pytest.fixture(autouse=True)
def everything(db: None) -> Any:
    with tenancy.everything():
        yield


def test_an_account_has_its_rights_and_an_owner_who_is_invited() -> None:
    said = answer("create_account", *LUMEN)
    assert said == {
        "account": "900140", "company": "Atelier Lumen", "done": "created", "owner": "900140",
        "invited": "direction@lumen.example",
    }  # fmt: skip
    link = AccountLink.objects.get(account__number="900140")
    assert (link.role, link.state, link.kind) == ("owner", "invited", "standard")
    assert Entitlement.objects.filter(account=link.account).count() == len(catalogue.RIGHTS)
    assert Mail.objects.get().about == link.uuid
    events = AuditEvent.objects.filter(account_id=link.account_id).order_by("pk")
    assert [event.verb for event in events] == ["account opened", "account rights changed", "person invited"]
    assert {event.channel for event in events} == {"command"}


def test_the_owner_comes_by_the_link_and_administers_the_account(client: Client, mailoutbox: Any, arrived: Any) -> None:
    answer("create_account", *LUMEN)
    [mail] = arrived()
    assert mail.to == ["direction@lumen.example"] and "Colibox" in mail.body and "None" not in mail.body
    link = AccountLink.objects.get(account__number="900140")
    client.get(reverse("rights:invitation", args=[token_of(link)]))
    form = {
        "civility": "mme",
        "function": "Directrice",
        "last_name": "Blin",
        "first_name": "Maud",
        "phone": "0241742088",
    }
    form |= {
        "address_1": "3 place Sainte-Croix",
        "postcode": "45000",
        "town": "Orléans",
        "country": "FR",
        "password": NEW_PASSWORD,
        "language": "fr",
    }
    page = client.post(reverse("rights:invitation_form"), form)
    assert page.status_code in (200, 302), page.content
    with tenancy.everything():
        link.refresh_from_db()
        assert link.state == "active"
    [welcome] = arrived()
    assert welcome.to == ["direction@lumen.example"] and "900140" in welcome.body
    assert client.get(reverse("rights:users", args=["900140"])).status_code == 200


def test_the_same_call_twice_changes_nothing_and_says_so() -> None:
    answer("create_account", *LUMEN)
    events, mails = AuditEvent.objects.count(), Mail.objects.count()
    assert answer("create_account", *LUMEN)["done"] == "nothing: it is there as asked"
    assert (AuditEvent.objects.count(), Mail.objects.count()) == (events, mails)


def test_a_trial_does_nothing() -> None:
    said = answer("create_account", *LUMEN, "--dry-run")
    assert said["dry_run"] is True and said["done"] == "created"
    assert not CustomerAccount.objects.exists() and not Mail.objects.exists() and not User.objects.exists()


@pytest.mark.parametrize(("asked", "held"), [("none", set()), ("coliship, invoices", {"coliship", "invoices"})])
def test_the_rights_are_those_asked(asked: str, held: set[str]) -> None:
    answer("create_account", *LUMEN, "--rights", asked)
    assert set(Entitlement.objects.values_list("right", flat=True)) == held


def test_an_account_that_is_other_than_asked_is_refused_with_every_difference() -> None:
    answer("create_account", *LUMEN, "--rights", "none")
    code, said, complaint = call("create_account", "900140", "Lumen SA", "x@y.example", "--rights", "all", "--json")
    assert code == 1
    assert json.loads(said) == {"refused": complaint}
    assert "its company is Atelier Lumen; its e-mail is direction@lumen.example; it lacks " in complaint


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("90014", "Lumen", "a@b.example"), 2),
        (("900140", "Lumen", "nowhere"), 2),
        (("900140", "", "a@b.example"), 2),
        (("900140", "Lumen", "a@b.example", "--rights", "everything"), 2),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_left(arguments: tuple[str, ...], code: int) -> None:
    assert call("create_account", *arguments)[0] == code
    assert not CustomerAccount.objects.exists() and not AuditEvent.objects.exists()


def test_a_user_name_that_is_taken_is_not_taken_twice(cast: SimpleNamespace) -> None:
    User.objects.filter(pk=cast.partner.pk).update(username="900140")
    assert answer("create_account", *LUMEN)["owner"] == "900140-2"
