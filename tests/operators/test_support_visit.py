"""Support visits: what staff see as somebody else, what they are refused, who is told, how a visit ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib import tenancy
from rights import middleware
from rights.actions import visits
from rights.models import SupportVisit
from tests.conftest import PASSWORD, make_person
from users.models import User

REASON = "Ticket 48213, a parcel is missing"
BEGIN = reverse("admin:rights_supportvisit_begin")
END = reverse("admin:rights_supportvisit_end")

Visit = Callable[[User], Client]


def prove(client: Client) -> None:
    """Give the password that the beginning asks for."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


@pytest.fixture
def staff(cast: SimpleNamespace) -> User:
    return make_person("operateur", kind="staff", first_name="Odile", last_name="Pérez", language="en")


@pytest.fixture
def visit(staff: User, sign_in: Any) -> Visit:
    """A browser of staff that has begun to look at the portal as this person sees it."""

    def begin(person: User) -> Client:
        client: Client = sign_in(staff)
        prove(client)
        response = client.post(f"{BEGIN}?person={person.pk}", {"reason": REASON})
        assert response.headers["Location"] == "/", response.content
        return client

    return begin


def test_staff_see_what_the_person_sees_under_a_banner(cast: SimpleNamespace, visit: Visit) -> None:
    page = visit(cast.colleague).get(reverse("rights:my_rights")).content.decode()
    assert "Martin" in page and "you see what Claire Martin (c.martin) sees" in page and REASON in page
    assert 'lang="en"' in page  # the staff's language, not the person's


def test_nothing_beyond_what_the_person_may_open(cast: SimpleNamespace, visit: Visit) -> None:
    client = visit(cast.colleague)
    assert client.get(reverse("accounts:account", args=["900138"])).status_code == 200
    assert client.get(reverse("rights:users", args=["900138"])).status_code == 403
    assert client.get(reverse("accounts:account", args=["850061"])).status_code == 404


def test_an_account_is_seen_as_its_owner_sees_it(cast: SimpleNamespace, staff: User, sign_in: Any) -> None:
    client = sign_in(staff)
    assert client.get(f"{BEGIN}?account=900138").headers["Location"].startswith("/auth/reauthenticate/")
    prove(client)
    assert "900138 ADMIN" in client.get(f"{BEGIN}?account=900138").content.decode()
    client.post(f"{BEGIN}?account=900138", {"reason": REASON})
    assert client.get(reverse("rights:users", args=["900138"])).status_code == 200
    assert SupportVisit.objects.get().account == cast.north


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("rights:person", True), ("rights:bulk", False), ("rights:add_advanced", False), ("users:language", None),
        ("rights:suspend", True), ("users:profile", None), ("account_change_password", None),
    ],
)  # fmt: skip
def test_nothing_is_sent(name: str, arguments: bool | None, cast: SimpleNamespace, visit: Visit) -> None:
    client = visit(cast.owner)
    number = [] if arguments is None else ["900138"]
    address = reverse(name, args=[*number, cast.colleague_link.uuid] if arguments else number)
    events = AuditEvent.objects.count()
    response = client.post(address, {"language": "fr", "last_name": "Changed"})
    assert response.status_code == 403 and "Not during a support visit" in response.content.decode()
    assert client.put(address).status_code == 403 and client.delete(address).status_code == 403
    assert AuditEvent.objects.count() == events


def test_staff_write_nothing_on_their_own_pages_either(cast: SimpleNamespace, visit: Visit) -> None:
    client = visit(cast.colleague)
    assert client.get(reverse("admin:index")).status_code == 200
    address = reverse("admin:rights_entitlement_of", args=["900138"])
    assert client.post(address, {"confirm": "1"}).status_code == 403


SECRETS = [
    "rights:keys", "rights:new_key", "users:renew_user_key", "users:email", "usersessions_list",
    "account_change_password", "account_reauthenticate", "rights:invitation_form",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_the_pages_of_secrets_stay_shut(name: str, cast: SimpleNamespace, visit: Visit) -> None:
    assert visit(cast.partner).get(reverse(name)).status_code == 403


def test_the_user_key_is_not_on_the_page_of_the_persons_data(cast: SimpleNamespace, visit: Visit) -> None:
    assert cast.partner.shown_user_key not in visit(cast.partner).get(reverse("users:profile")).content.decode()


def test_a_page_that_would_write_is_stopped_by_the_database(
    cast: SimpleNamespace, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit(cast.colleague)
    seen: list[str] = []

    def shown(person: User) -> User:
        with connection.cursor() as cursor:
            cursor.execute("SHOW default_transaction_read_only")
            seen.append(cursor.fetchone()[0])
        return person

    monkeypatch.setattr(middleware, "render", lambda *args, **kwargs: HttpResponse("refused", status=403))
    with middleware._nothing_written():
        shown(cast.colleague)
    shown(cast.colleague)
    assert seen == ["on", "off"]
    assert client.get("/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_transaction_of_a_visit_reads_only() -> None:
    person = make_person("reader")

    def page(request: HttpRequest) -> HttpResponse:
        User.objects.filter(pk=person.pk).update(first_name="Written")
        return HttpResponse()

    with middleware._nothing_written(), pytest.raises(Exception, match="read-only") as stopped:
        page(HttpRequest())
    assert getattr(stopped.value.__cause__, "pgcode", "") == middleware.READ_ONLY
    page(HttpRequest())
    person.refresh_from_db()
    assert person.first_name == "Written"


def test_everybody_concerned_is_told(
    cast: SimpleNamespace, visit: Visit, arrived: Callable[[], list[EmailMessage]]
) -> None:
    visit(cast.partner)
    mails = {mail.to[0]: mail for mail in arrived()}
    assert set(mails) == {cast.partner.email, cast.owner.email, cast.stranger.email}
    own, other = mails[cast.partner.email].body, mails[cast.owner.email].body
    assert "Odile Pérez" in own and REASON in own and "a.berlioz" not in own
    assert "Aline Berlioz (a.berlioz)" in other and REASON in other


def test_a_visit_is_in_the_history_of_each_account(cast: SimpleNamespace, visit: Visit) -> None:
    client = visit(cast.partner)
    client.post(END)
    events = AuditEvent.objects.filter(verb__startswith="support visit").order_by("pk")
    assert [event.verb.split()[-1] for event in events] == ["began", "began", "ended", "ended"]
    assert {event.account_id for event in events} == {cast.north.pk, cast.south.pk}
    assert {event.actor_name for event in events} == {"Odile Pérez"}
    assert events[0].after == {"reason": REASON, "minutes": 30}


def test_it_ends_when_staff_say_so(cast: SimpleNamespace, visit: Visit, staff: User) -> None:
    client = visit(cast.colleague)
    assert client.get("/").context["request"].user == cast.colleague
    assert client.post(END, follow=True).status_code == 200
    assert client.get("/").context["request"].user == staff
    assert SupportVisit.objects.get().ended_at is not None


def test_it_ends_after_half_an_hour(cast: SimpleNamespace, visit: Visit, staff: User) -> None:
    client = visit(cast.colleague)
    late = timezone.now() - timedelta(seconds=1)
    with tenancy.everything():
        SupportVisit.objects.update(began_at=late - timedelta(minutes=30), ends_at=late)
    response = client.get(reverse("rights:my_rights"), follow=True)
    assert "signed in as yourself again" in response.content.decode()
    assert response.context["request"].user == staff
    over = SupportVisit.objects.get()
    assert over.ended_at == over.ends_at


def test_it_ends_with_the_sign_out(cast: SimpleNamespace, visit: Visit) -> None:
    client = visit(cast.colleague)
    client.post(reverse("account_logout"))
    assert SupportVisit.objects.get().ended_at is not None
    assert AuditEvent.objects.filter(verb="support visit ended").exists()


def test_a_second_visit_ends_the_first(cast: SimpleNamespace, staff: User) -> None:
    first = visits.begin_visit(staff=staff, person=cast.colleague, reason=REASON)
    visits.begin_visit(staff=staff, person=cast.partner, reason=REASON)
    first.refresh_from_db()
    assert first.ended_at is not None


def test_a_session_cannot_take_the_visit_of_somebody_else(cast: SimpleNamespace, staff: User, sign_in: Any) -> None:
    begun = visits.begin_visit(staff=staff, person=cast.owner, reason=REASON)
    for person in (make_person("other.staff", kind="staff"), cast.colleague):
        client = sign_in(person)
        session = client.session
        session[middleware.KEY] = str(begun.uuid)
        session.save()
        assert client.get(reverse("rights:users", args=["900138"])).status_code in (302, 403, 404)


def test_nobody_looks_as_staff_nor_as_who_cannot_sign_in(cast: SimpleNamespace, staff: User) -> None:
    other = make_person("chief", kind="staff")
    User.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    cast.colleague.refresh_from_db()
    for person in (other, staff, cast.colleague):
        with pytest.raises(ValidationError):
            visits.begin_visit(staff=staff, person=person, reason=REASON)
    with pytest.raises(ValidationError):
        visits.begin_visit(staff=cast.owner, person=cast.partner, reason=REASON)
    assert not SupportVisit.objects.exists()


@pytest.mark.parametrize("reason", ["", "because"])
def test_a_reason_is_asked_for(reason: str, cast: SimpleNamespace, staff: User, sign_in: Any) -> None:
    client = sign_in(staff)
    prove(client)
    assert client.post(f"{BEGIN}?person={cast.partner.pk}", {"reason": reason}).status_code == 200
    assert not SupportVisit.objects.exists()


def test_nobody_else_can_begin_one(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert client.post(f"{BEGIN}?person={cast.partner.pk}", {"reason": REASON}, follow=True).status_code == 403
    assert client.get(f"{BEGIN}?account=900138", follow=True).status_code == 403
