"""What one member of staff does for a person's safety: sign them out, suspend them everywhere, let them in again."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.test import Client

from accounts.models import AuditEvent
from rights import actions
from rights.actions import answers, grants, handovers
from rights.actions.answers import DeadInvitation
from rights.actions.many import entering
from rights.actions.many.entries import Done, Entry
from rights.models import Handover
from tests.conftest import PASSWORD, make_link, make_person
from tests.users.test_factors import code_of, give_app
from users import suspending
from users.models import User

Posted = Callable[[], list[EmailMultiAlternatives]]
LOGIN, WHY = "/auth/login/", "Ticket 48213, mot de passe divulgué"


@pytest.fixture
def staff(cast: SimpleNamespace, client: Client) -> Client:
    client.force_login(make_person("operator", kind="staff", language="en"))
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


def page(person: User, name: str = "change") -> str:
    return f"/operator/users/user/{person.pk}/{name}/"


def signed_in(person: User) -> Client:
    browser = Client()
    browser.post(LOGIN, {"login": person.username, "password": PASSWORD})
    return browser


def is_open(browser: Client) -> bool:
    return browser.get("/profile/").status_code == 200


def test_staff_end_somebody_s_sessions_with_a_reason_that_they_read(
    cast: SimpleNamespace, staff: Client, posted: Posted
) -> None:
    assert "End their sessions" not in staff.get(page(cast.partner)).content.decode()
    here, there, stranger = signed_in(cast.partner), signed_in(cast.partner), signed_in(cast.stranger)
    assert "End their sessions" in staff.get(page(cast.partner)).content.decode()
    assert "2 open sessions end." in staff.get(page(cast.partner, "sessions")).content.decode()
    assert staff.post(page(cast.partner, "sessions"), {"reason": "x"}).status_code == 200 and is_open(here)
    staff.post(page(cast.partner, "sessions"), {"reason": WHY})
    assert [is_open(browser) for browser in (here, there, stranger)] == [False, False, True]
    assert is_open(signed_in(cast.partner)), "who is only signed out may sign in again"
    [letter] = posted()
    assert letter.to == [cast.partner.email] and WHY in str(letter.body)
    event = AuditEvent.objects.get(verb="signed out by the carrier")
    assert (event.subject, event.after["sessions"], event.after["reason"]) == (cast.partner.uuid, 2, WHY)


def test_who_is_suspended_signs_in_nowhere_until_they_are_resumed(
    cast: SimpleNamespace, staff: Client, posted: Posted
) -> None:
    browser, person = signed_in(cast.owner), cast.owner
    asked = staff.get(page(person, "access")).content.decode()
    assert "They own the account" in asked and "1 open session ends." in asked
    staff.post(page(person, "access"), {"reason": WHY})
    person.refresh_from_db()
    assert not person.is_active and person.suspended_at and not is_open(browser) and not is_open(signed_in(person))
    assert str(posted()[0].subject) == "Votre accès est suspendu"
    Client().post("/auth/password/reset/", {"username": person.username, "email": person.email})
    assert posted() == []
    cast.owner_link.refresh_from_db()
    assert cast.owner_link.state == "active", "what they have is kept"
    shown = staff.get(page(person)).content.decode()
    assert "Let them sign in again" in shown and "Suspended everywhere since" in shown
    staff.post(page(person, "access"), {"reason": WHY})
    person.refresh_from_db()
    assert person.suspended_at is None and is_open(signed_in(person))
    assert str(posted()[0].subject) == "Votre accès est rétabli"
    verbs = AuditEvent.objects.filter(subject=person.uuid, verb__endswith="everywhere").values_list("verb", flat=True)
    assert set(verbs) == {"suspended everywhere", "resumed everywhere"}


def test_what_somebody_began_before_they_were_suspended_goes_no_further(cast: SimpleNamespace) -> None:
    """Whoever has a stolen password in hand begins what is done later: files, invitations, a change of owner."""
    eve = {"last_name": "Roy", "first_name": "Ève", "email": "eve@out.example"}
    link = actions.invite_advanced(by=cast.owner_link, identity=eve, rights=["shipping_ws"], tags=[], language="fr")
    change = handovers.accept_account(change=handovers.offer(to=cast.partner_link, by=cast.owner_link), by=cast.partner)
    suspending.suspend(person=cast.owner, by=make_person("operator", kind="staff"), reason=WHY)
    entry = Entry("x@out.example", identity={"last_name": "X", "first_name": "Y"}, rights=frozenset({"shipping_ws"}))
    assert entering.apply(by=cast.owner_link, entries=[entry])[0].done == Done.REFUSED
    with pytest.raises(DeadInvitation):
        answers.accept_as_new_person(link=link, identity=eve, username="e.roy", password=PASSWORD, language="fr")
    manager = make_link(cast.north, make_person("manager"), role="manager")
    again = actions.resend(link=link, by=manager)
    assert grants.drop_above_ceiling(again, by=manager) == ["shipping_ws"], "their word is nobody's"
    Handover.objects.filter(pk=change.pk).update(due_at=Now())
    assert handovers.complete_due() == 1
    cast.owner_link.refresh_from_db()
    change.refresh_from_db()
    assert (cast.owner_link.role, change.state) == ("owner", "cancelled"), "nobody was there to call it off"


def test_who_is_between_the_two_steps_of_a_sign_in_does_not_get_in(cast: SimpleNamespace, staff: Client) -> None:
    secret, browser = give_app(cast.partner), signed_in(cast.partner)
    staff.post(page(cast.partner, "access"), {"reason": WHY})
    answer = browser.post("/auth/2fa/authenticate/", {"code": code_of(secret)}, follow=True)
    assert answer.status_code == 200 and not is_open(browser)


def test_nothing_is_done_to_colleagues_nor_without_proof(cast: SimpleNamespace, staff: Client) -> None:
    colleague, fresh = make_person("second", kind="staff"), Client()
    for name in ("sessions", "access"):
        assert staff.get(page(colleague, name)).status_code == 404
        fresh.force_login(colleague)
        answer = fresh.post(page(cast.partner, name), {"reason": WHY})
        assert answer.headers["Location"].startswith("/auth/reauthenticate/")
    shown = staff.get(page(colleague)).content.decode()
    assert "Suspend everywhere" not in shown and "End their sessions" not in shown
    for act in (suspending.sign_out, suspending.suspend, suspending.resume):
        for person, by in ((colleague, cast.stranger), (cast.partner, cast.stranger), (colleague, colleague)):
            with pytest.raises(ValidationError):
                act(person=person, by=by, reason=WHY)
    assert not AuditEvent.objects.filter(after__reason=WHY).exists()


def test_who_left_meanwhile_is_not_let_in_and_nobody_is_suspended_twice(cast: SimpleNamespace, staff: Client) -> None:
    by = make_person("second", kind="staff")
    with pytest.raises(ValidationError):
        suspending.resume(person=cast.colleague, by=by, reason=WHY)
    suspending.suspend(person=cast.colleague, by=by, reason=WHY)
    with pytest.raises(ValidationError):
        suspending.suspend(person=cast.colleague, by=by, reason=WHY)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cast.colleague.pk).update(is_active=True)
    actions.end(link=cast.colleague_link, by=cast.owner_link)
    suspending.resume(person=cast.colleague, by=by, reason=WHY)
    cast.colleague.refresh_from_db()
    assert not cast.colleague.is_active and cast.colleague.suspended_at is None
    assert staff.get(page(cast.colleague, "access")).status_code == 404, "who left is not suspended"
