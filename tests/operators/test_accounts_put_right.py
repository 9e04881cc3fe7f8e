"""What staff put right: an account's data and state, and what the pages say before and who is told after."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.actions import accounts as actions
from accounts.emails import account_changed
from accounts.models import AuditEvent
from colibox.lib.outbox.models import Mail
from rights.actions import opening
from rights.models import AccountLink
from tests.conftest import PASSWORD, make_person
from tests.operators.calls import answer, call

REASON = "Ticket 48213, letter of the head"


@pytest.fixture
def staff(cast: SimpleNamespace, sign_in: Any) -> Client:
    client: Client = sign_in(make_person("operateur", kind="staff", language="en"))
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


def form(account: Any, **other: str) -> dict[str, str]:
    return {name: str(getattr(account, name)) for name in actions.FIELDS} | {"reason": REASON} | other


def test_an_account_is_put_right_with_a_reason_and_its_owner_told(cast: SimpleNamespace, staff: Client) -> None:
    cast.north.email = "old@nord.example"
    cast.north.save()
    url = reverse("admin:accounts_customeraccount_edit", args=[cast.north.pk])
    assert "Comptoir du Nord" in staff.get(url).content.decode()
    for wrong in ({"company": "   "}, {"email": "nope"}, {"contract": "gold"}, {"reason": "x"}, {"country": "ZZ"}):
        assert staff.post(url, form(cast.north, **wrong)).status_code == 200
        cast.north.refresh_from_db()
        assert cast.north.company == "Comptoir du Nord" and not AuditEvent.objects.filter(verb="account changed")
    staff.post(url, form(cast.north, company=" Comptoir  de l’Est ", email="new@est.example", town="Metz"))
    cast.north.refresh_from_db()
    assert (cast.north.company, cast.north.email, cast.north.town) == ("Comptoir de l’Est", "new@est.example", "Metz")
    event = AuditEvent.objects.get(verb="account changed")
    assert event.before["company"] == "Comptoir du Nord" and event.after["reason"] == REASON
    told = [mail.args for mail in Mail.objects.filter(kind=account_changed.name)]
    assert {args["to"] for args in told} == {cast.owner.email, "old@nord.example"}
    message = account_changed(**told[0])
    assert message is not None and REASON in message.body
    staff.post(url, form(cast.north))
    assert AuditEvent.objects.filter(verb="account changed").count() == 1


def test_an_account_is_closed_and_opened_again(cast: SimpleNamespace, staff: Client, client: Client) -> None:
    url = reverse("admin:accounts_customeraccount_state", args=[cast.north.pk])
    page = staff.get(url).content.decode()
    assert "no longer come in" in page and "Close the account" in page
    staff.post(url, {"reason": ""})
    assert AccountLink.objects.filter(account=cast.north).active().exists()
    staff.post(url, {"reason": REASON})
    assert not AccountLink.objects.filter(account=cast.north).active().exists()
    shown = staff.get(reverse("admin:accounts_customeraccount_change", args=[cast.north.pk])).content.decode()
    assert "Open the account again" in shown and "See the portal as its owner does" not in shown
    message = account_changed(**Mail.objects.get(kind=account_changed.name).args)
    assert message is not None and "clôturé" in str(message.subject)
    staff.post(url, {"reason": REASON})
    assert AccountLink.objects.filter(account=cast.north).active().exists()
    verbs = AuditEvent.objects.filter(verb__startswith="account ").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["account closed", "account opened again"]


def test_a_command_does_the_same(cast: SimpleNamespace) -> None:
    renamed = ("set_account", "900138", "--company", "Comptoir de l’Est")
    said = answer(*renamed, "--contract", "facilite", "--reason", REASON)
    assert said["done"] == "put right" and said["company"] == "Comptoir de l’Est"
    again = answer(*renamed, "--reason", REASON)
    assert again["done"] == "nothing: it is so"
    assert call("set_account", "900138", "--company", "   ", "--reason", REASON)[0] == 2
    assert call("set_account", "900138", "--email", "nope", "--reason", REASON)[0] == 2
    assert call("set_account", "900138", "--contract", "gold", "--reason", REASON)[0] != 0
    assert call("set_account", "900138", "--reason", REASON)[0] == 2
    assert call("set_account", "900138", "--company", "X")[0] == 2
    assert call("set_account", "123456", "--close", "--reason", REASON)[0] == 2
    assert answer("set_account", "900138", "--close", "--reason", REASON)["state"] == "closed"
    assert answer("set_account", "900138", "--close", "--reason", REASON)["done"] == "nothing: it is so"
    assert answer("set_account", "900138", "--open", "--reason", REASON)["state"] == "open"
    assert set(AuditEvent.objects.filter(verb__startswith="account ").values_list("channel", flat=True)) == {"command"}


def test_no_account_is_opened_without_a_company(db: None) -> None:
    with pytest.raises(ValidationError) as refusal:
        opening.open_account(number="900147", company="   ", email="x@y.example")
    assert "company" in refusal.value.message_dict


def test_an_owner_who_has_not_come_is_asked_again_not_looked_at(cast: SimpleNamespace, staff: Client) -> None:
    answer("create_account", "900140", "Atelier Lumen", "direction@lumen.example")
    link = AccountLink.objects.get(account__number="900140")
    page = reverse("admin:accounts_customeraccount_change", args=[link.account_id])
    shown = staff.get(page).content.decode()
    assert "has not come yet" in shown and "direction@lumen.example" in shown
    assert "See the portal as its owner does" not in shown and "Give it another owner" not in shown
    staff.post(reverse("admin:rights_accountlink_resend", args=[link.pk]))
    assert AuditEvent.objects.filter(verb="invitation resent", account_id=link.account_id).count() == 1
    other = reverse("admin:rights_accountlink_resend", args=[cast.partner_link.pk])
    assert staff.post(other).status_code == 404
