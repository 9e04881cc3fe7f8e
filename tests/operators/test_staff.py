"""Members of the carrier's staff: made by a command, with a link and never a password, ended, listed."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from colibox.lib import tenancy
from tests.conftest import PASSWORD, make_person
from tests.operators.calls import answer, call
from tests.users.test_factors import give_app
from users import resetting
from users.models import User

MAX = ("m.deux", "Deux", "Max", "max.deux@carrier.example")


def traced() -> list[tuple[str, str]]:
    with tenancy.everything():
        events = AuditEvent.objects.filter(verb__startswith="staff ").order_by("pk")
        return list(events.values_list("verb", "channel"))


def test_a_member_of_staff_comes_by_the_link_of_a_mail(db: None, client: Client, arrived: Any) -> None:
    made = answer("create_staff", *MAX, "--language", "en")
    assert (made["done"], made["state"]) == ("invited", "invited")
    person = User.objects.get(username="m.deux")
    assert person.is_staff and not person.is_superuser and not person.has_usable_password()
    mail: EmailMessage = arrived()[0]
    assert mail.to == ["max.deux@carrier.example"] and "m.deux" in mail.body
    link = re.search(r"http\S+(/auth/\S+)", str(mail.body))
    assert link
    page = client.get(link[1], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "tulip-harbour-52-lamp"}, follow=True)
    client.logout()
    assert client.login(username="m.deux", password="tulip-harbour-52-lamp")
    assert client.get(reverse("admin:index")).status_code == 200
    assert answer("create_staff", *MAX)["done"] == "nothing: it is there as asked"
    assert call("create_staff", "m.deux", "--again")[0] == 1
    assert traced() == [("staff invited", "command")]


def test_who_is_ended_signs_in_no_more_and_may_be_asked_again(db: None, client: Client, arrived: Any) -> None:
    answer("create_staff", *MAX)
    User.objects.get(username="m.deux").set_password(PASSWORD)
    client.force_login(User.objects.get(username="m.deux"))
    assert client.get(reverse("admin:index")).status_code == 200
    assert answer("create_staff", "M.DEUX", "--end")["done"] == "ended"
    assert client.get(reverse("admin:index")).status_code == 302
    assert answer("create_staff", "m.deux", "--end")["done"] == "nothing: it is so"
    assert call("create_staff", *MAX)[0] == 1
    assert answer("create_staff", "m.deux", "--again")["state"] == "invited"
    assert len(arrived()) == 2
    assert [verb for verb, _channel in traced()] == ["staff invited", "staff ended", "staff invited"]


def test_nobody_else_is_made_staff(cast: SimpleNamespace) -> None:
    code, _said, complaint = call("create_staff", "c.martin", "Martin", "Claire", "c@x.example")
    assert code == 1 and "not staff" in complaint
    assert call("create_staff", "c.martin", "--end")[0] == 1
    assert User.objects.get(username="c.martin").is_active


def test_what_is_wrong_is_said(db: None) -> None:
    assert call("create_staff")[0] == 2 and call("create_staff", "x.y", "--end")[0] == 2
    assert "valid email" in call("create_staff", "m.deux", "Deux", "Max", "nope")[2]
    assert call("create_staff", "m.deux", "  ", "Max", "m@x.example")[0] == 2
    assert call("create_staff", "a b", "Deux", "Max", "m@x.example")[0] == 2
    answer("create_staff", *MAX)
    code, _said, complaint = call("create_staff", "m.deux", "Trois", "Max", MAX[3])
    assert code == 1 and "last name" in complaint
    assert answer("create_staff", "--list")["staff"][0]["username"] == "m.deux"
    assert call("createsuperuser", "--username", "x", "--email", "x@y.example", "--noinput")[0] == 2


def test_of_two_members_one_loses_a_device_and_a_third_made_for_it_confirms(
    db: None, client: Client, arrived: Any
) -> None:
    """The path of docs/administrators.md for a portal with two members of staff."""
    first, second = make_person("m.un", kind="staff"), make_person("m.deux", kind="staff")
    give_app(second)
    second.refresh_from_db()
    reset = resetting.ask(person=second, by=first, reason="Seen at the desk, with her card")
    for by in (first, second):
        with pytest.raises(ValidationError):
            resetting.confirm(reset=reset, by=by)
    answer("create_staff", "m.trois", "Trois", "Inès", "ines.trois@carrier.example")
    link = next(found for mail in arrived() if (found := re.search(r"http\S+(/auth/password/\S+)", str(mail.body))))
    page = client.get(link[1], follow=True).redirect_chain[-1][0]
    client.post(page, {"password1": "tulip-harbour-52-lamp"}, follow=True)
    client.post("/auth/login/", {"login": "m.trois", "password": "tulip-harbour-52-lamp"})
    client.post("/auth/reauthenticate/", {"password": "tulip-harbour-52-lamp"})
    client.post(reverse("admin:users_factorreset_decide", args=[reset.pk]), {"confirm": "1"})
    second.refresh_from_db()
    assert not second.second_factor
    assert answer("create_staff", "m.trois", "--end")["staff_left"] == 2
    with tenancy.everything():
        told = AuditEvent.objects.filter(verb="second factor reset").get()
    assert (told.actor_name, told.after["asked_by"]) == ("Inès Trois", str(first))
