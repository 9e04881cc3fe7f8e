"""An account passes from one owner to another: offered and accepted, or forced by the carrier, always one owner."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.files import PDF, File
from accounts.models import AuditEvent
from colibox.lib import objecting, tenancy
from rights import succession, tasks
from rights.actions import handovers, invitations, links
from rights.models import AccountLink, Handover
from tests.conftest import IDENTITY, PASSWORD, make_account, make_link, make_person
from users.models import User

Role, State = AccountLink.Role, Handover.State
Arrived = Callable[[], list[EmailMessage]]


@contextmanager
def refusing(words: str) -> Iterator[None]:
    """What is within is refused in these words."""
    with translation.override("en"), pytest.raises(ValidationError) as caught:
        yield
    with translation.override("en"):
        assert words in " ".join(map(str, caught.value.messages))


def role_of(link: AccountLink) -> str:
    return AccountLink.objects.get(pk=link.pk).role


def later(change: Handover, **by: int) -> None:
    """Let time pass for a change."""
    Handover.objects.filter(pk=change.pk).update(due_at=F("due_at") - timedelta(**by))


def verbs() -> list[str]:
    about = AuditEvent.objects.exclude(verb__in=("sessions ended", "signed in"))
    return list(about.order_by("pk").values_list("verb", flat=True))


def accepted(cast: SimpleNamespace) -> Handover:
    change = handovers.offer(to=cast.partner_link, by=cast.owner_link)
    return handovers.accept_account(change=change, by=cast.partner)


# Offered and accepted.


def test_an_account_passes_a_day_after_the_successor_accepted(cast: SimpleNamespace) -> None:
    change = accepted(cast)
    assert tasks.hand_over() == 0
    later(change, hours=23)
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (0, Role.OWNER)
    later(change, hours=2)
    assert (tasks.hand_over(), role_of(cast.owner_link), role_of(cast.partner_link)) == (1, Role.MEMBER, Role.OWNER)
    change.refresh_from_db()
    assert change.state == State.DONE and change.ended_at
    assert verbs() == ["account offered", "account accepted", "account handed over"]


def test_everybody_concerned_is_told_each_in_their_own_words(tiers: SimpleNamespace, arrived: Arrived) -> None:
    User.objects.filter(pk=tiers.partner.pk).update(language="en")
    change = handovers.offer(to=tiers.partner_link, by=tiers.owner_link)
    offer = {mail.to[0]: mail for mail in arrived()}
    assert offer[tiers.partner.email].subject == "900138 ADMIN offers you the account 900138"
    assert "Vous avez proposé le compte 900138" in offer[tiers.owner.email].subject
    assert reverse("rights:handover", args=[change.uuid]) in offer[tiers.partner.email].body
    handovers.accept_account(change=change, by=tiers.partner)
    told = {mail.to[0]: mail.body for mail in arrived()}
    assert set(told) == {tiers.owner.email, tiers.partner.email, tiers.administrator.email}
    assert reverse("rights:administrators", args=["900138"]) in told[tiers.administrator.email]
    later(change, days=2)
    tasks.hand_over()
    done = {mail.to[0]: mail.body for mail in arrived()}
    people = (tiers.owner, tiers.partner, tiers.administrator, tiers.local, tiers.manager)
    assert set(done) == {person.email for person in people}
    assert "vos sessions ont été fermées" in done[tiers.owner.email]
    assert "You are now the owner" in done[tiers.partner.email]


def test_the_sessions_of_the_former_owner_end_and_nobody_elses(cast: SimpleNamespace) -> None:
    clients = {}
    for person in (cast.owner, cast.partner):
        clients[person] = Client()
        clients[person].post(reverse("account_login"), {"login": person.username, "password": PASSWORD})
        assert clients[person].get(reverse("users:profile")).status_code == 200
    change = accepted(cast)
    later(change, days=2)
    tasks.hand_over()
    assert clients[cast.owner].get(reverse("users:profile")).status_code == 302
    assert clients[cast.partner].get(reverse("rights:administrators", args=["900138"])).status_code == 200


def test_the_former_owner_signs_in_again_and_administers_nothing(cast: SimpleNamespace, client: Client) -> None:
    later(accepted(cast), days=2)
    tasks.hand_over()
    client.post(reverse("account_login"), {"login": "900138", "password": PASSWORD})
    assert client.get(reverse("accounts:account", args=["900138"])).status_code == 200
    assert client.get(reverse("rights:users", args=["900138"])).status_code == 403


def test_invitations_that_wait_are_vouched_for_by_the_new_owner(cast: SimpleNamespace) -> None:
    identity = {**IDENTITY, "email": "neuf@example.com"}
    link = invitations.invite_advanced(
        by=cast.owner_link, identity=identity, rights=["tracking_ws"], tags=[], language="fr"
    )
    later(accepted(cast), days=2)
    tasks.hand_over()
    link.refresh_from_db()
    assert link.invited_by == cast.partner


def test_the_owner_cancels_until_it_is_done(cast: SimpleNamespace, arrived: Arrived) -> None:
    change = accepted(cast)
    arrived()
    handovers.cancel(change=change, by=cast.owner)
    assert {mail.to[0] for mail in arrived()} == {cast.owner.email, cast.partner.email}
    later(change, days=2)
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (0, Role.OWNER)
    with refusing("nothing left"):
        handovers.cancel(change=change, by=cast.owner)


def test_the_successor_declines(cast: SimpleNamespace, arrived: Arrived) -> None:
    change = handovers.offer(to=cast.partner_link, by=cast.owner_link)
    arrived()
    handovers.refuse_account(change=change, by=cast.partner)
    [mail] = arrived()
    assert mail.to == [cast.owner.email]
    with refusing("no longer open"):
        handovers.accept_account(change=change, by=cast.partner)
    handovers.offer(to=cast.colleague_link, by=cast.owner_link)


def test_an_offer_lapses_after_seven_days(cast: SimpleNamespace, arrived: Arrived) -> None:
    change = handovers.offer(to=cast.partner_link, by=cast.owner_link)
    arrived()
    later(change, days=8)
    with refusing("no longer open"):
        handovers.accept_account(change=change, by=cast.partner)
    assert tasks.hand_over() == 1
    change.refresh_from_db()
    assert change.state == State.LAPSED
    assert [mail.to[0] for mail in arrived()] == [cast.owner.email]


def test_only_the_owner_offers_and_only_the_two_answer(tiers: SimpleNamespace) -> None:
    for by in (tiers.administrator_link, tiers.local_link, tiers.colleague_link):
        with refusing("Only the account's own administrator"):
            handovers.offer(to=tiers.partner_link, by=by)
    with refusing("cannot take over"):
        handovers.offer(to=tiers.partner_link, by=tiers.stranger_link)
    change = handovers.offer(to=tiers.partner_link, by=tiers.owner_link)
    for person in (tiers.owner, tiers.colleague, tiers.stranger):
        with refusing("no longer open"):
            handovers.accept_account(change=change, by=person)
    for person in (tiers.partner, tiers.administrator, tiers.stranger):
        with refusing("nothing left"):
            handovers.cancel(change=change, by=person)


@pytest.mark.parametrize("fields", [{"state": "suspended"}, {"ends_on": "2099-01-01"}, {"starts_on": "2099-01-01"}])
def test_who_has_no_lasting_access_cannot_take_over(fields: dict[str, str], cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(**fields)
    with refusing("cannot take over"):
        handovers.offer(to=cast.partner_link, by=cast.owner_link)


def test_a_successor_suspended_meanwhile_does_not_take_over(cast: SimpleNamespace, arrived: Arrived) -> None:
    change = accepted(cast)
    links.suspend(link=cast.partner_link, by=cast.owner_link)
    later(change, days=2)
    arrived()
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (1, Role.OWNER)
    assert [mail.to[0] for mail in arrived()] == [cast.owner.email]
    assert verbs()[-1] == "change of owner failed"


def test_one_change_of_owner_at_a_time(cast: SimpleNamespace) -> None:
    handovers.offer(to=cast.partner_link, by=cast.owner_link)
    with refusing("under way"):
        handovers.offer(to=cast.colleague_link, by=cast.owner_link)


def test_a_successor_is_named_ahead_and_forgotten_once_the_account_has_passed(cast: SimpleNamespace) -> None:
    handovers.name_successor(to=cast.colleague_link, by=cast.owner_link)
    named = handovers.name_successor(to=cast.partner_link, by=cast.owner_link)
    assert handovers.name_successor(to=cast.partner_link, by=cast.owner_link) == named, "who is named already stays so"
    assert succession.named(cast.north) == named
    later(accepted(cast), days=2)
    tasks.hand_over()
    assert succession.named(cast.north) is None


# Forced by the carrier.


@pytest.fixture
def staff(cast: SimpleNamespace) -> tuple[User, User]:
    return make_person("agent.a", kind="staff"), make_person("agent.b", kind="staff")


def asked(cast: SimpleNamespace, staff: User) -> Handover:
    reason = "M. Martin est parti, courrier joint."
    return handovers.ask_forced(
        to=cast.partner_link, staff=staff, reason=reason, proof=File(b"%PDF-1.7", PDF, "courrier.pdf")
    )


def test_two_members_of_staff_and_72_hours_make_another_owner(
    cast: SimpleNamespace, staff: tuple[User, User], arrived: Arrived
) -> None:
    change = asked(cast, staff[0])
    with refusing("another member of staff"):
        handovers.confirm_forced(change=change, staff=staff[0])
    with refusing("Only the carrier's staff"):
        handovers.confirm_forced(change=change, staff=cast.partner)
    assert arrived() == []
    handovers.confirm_forced(change=change, staff=staff[1])
    notice = {mail.to[0]: mail.body for mail in arrived()}
    assert "courrier joint" in notice[cast.owner.email] and cast.partner.email in notice
    later(change, hours=71)
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (0, Role.OWNER)
    later(change, hours=2)
    assert (tasks.hand_over(), role_of(cast.partner_link)) == (1, Role.OWNER)
    told = AuditEvent.objects.filter(account_id=cast.north.pk, verb__startswith="change of owner").order_by("pk")
    assert [event.actor_name for event in told] == [str(staff[0]), str(staff[1])]
    assert told[0].after["proof"] == "courrier.pdf" and len(told[0].after["sha256"]) == 64


def test_the_owner_objects_and_staff_must_ask_again(
    cast: SimpleNamespace, staff: tuple[User, User], arrived: Arrived, sign_in: Any
) -> None:
    change = handovers.confirm_forced(change=asked(cast, staff[0]), staff=staff[1])
    arrived()
    address = reverse("rights:handover", args=[change.uuid])
    client = sign_in(cast.owner)
    assert "Je m’oppose" in client.get(address).content.decode()
    client.post(address, {"act": "cancel"})
    assert {mail.to[0] for mail in arrived()} >= {staff[0].email, staff[1].email, cast.partner.email}
    later(change, days=4)
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (0, Role.OWNER)
    with refusing("no longer waits"):
        handovers.confirm_forced(change=change, staff=staff[1])
    assert "change of owner objected to" in verbs()
    asked(cast, staff[0])


def test_whom_the_carrier_makes_the_owner_may_decline(
    cast: SimpleNamespace, staff: tuple[User, User], arrived: Arrived, sign_in: Any
) -> None:
    change = handovers.confirm_forced(change=asked(cast, staff[0]), staff=staff[1])
    arrived()
    sign_in(cast.partner).post(reverse("rights:handover", args=[change.uuid]), {"act": "refuse"})
    assert {mail.to[0] for mail in arrived()} == {staff[0].email, staff[1].email, cast.owner.email}
    later(change, days=4)
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (0, Role.OWNER)


def test_an_owner_who_cannot_sign_in_objects_by_the_link_of_the_notice(
    cast: SimpleNamespace, staff: tuple[User, User], arrived: Arrived, client: Client
) -> None:
    change = handovers.confirm_forced(change=asked(cast, staff[0]), staff=staff[1])
    notices = {mail.to[0]: str(mail.body) for mail in arrived()}
    [address] = re.findall(r"/objections/handover/\S+", notices[cast.owner.email])
    assert "/objections/" not in notices[cast.partner.email]
    for read in (client.get, client.head, client.get):  # scanners of mails open links
        assert read(address).status_code == 200
    assert (State.ACCEPTED, arrived()) == (Handover.objects.get(pk=change.pk).state, [])
    assert "Je m’oppose" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    told = {mail.to[0]: mail.body for mail in arrived()}
    assert set(told) == {cast.owner.email, cast.partner.email, staff[0].email, staff[1].email}
    assert "sans connexion" in told[staff[0].email]
    event = AuditEvent.objects.get(verb="change of owner objected to by e-mail")
    assert (event.account_id, event.actor) == (cast.north.pk, None)
    client.post(address)
    assert "rien n’a changé" in client.get(address).content.decode()
    assert arrived() == []
    later(change, days=4)
    assert (tasks.hand_over(), role_of(cast.owner_link)) == (0, Role.OWNER)


def test_no_other_link_objects(cast: SimpleNamespace, staff: tuple[User, User], client: Client) -> None:
    change = handovers.confirm_forced(change=asked(cast, staff[0]), staff=staff[1])
    forged = (
        "x",
        objecting.make("reset", change.pk, cast.north.pk),
        objecting.make("handover", change.pk, cast.north.pk)[:-1] + "!",
    )
    for token in forged:
        assert client.post(reverse("rights:object", args=[token])).status_code == 410
    elsewhere = objecting.make("handover", change.pk, cast.south.pk)
    client.post(reverse("rights:object", args=[elsewhere]))
    change.refresh_from_db()
    assert change.state == State.ACCEPTED
    offered = handovers.offer(to=cast.partner_south_link, by=cast.stranger_link)
    client.post(reverse("rights:object", args=[objecting.make("handover", offered.pk, cast.south.pk)]))
    assert Handover.objects.get(pk=offered.pk).state == State.OFFERED


def test_an_offer_that_waits_gives_way_to_the_carrier_and_what_nobody_confirms_lapses(
    cast: SimpleNamespace, staff: tuple[User, User]
) -> None:
    offered = handovers.offer(to=cast.colleague_link, by=cast.owner_link)
    change = asked(cast, staff[0])
    offered.refresh_from_db()
    assert offered.state == State.CANCELLED
    later(change, days=8)
    assert tasks.hand_over() == 1
    change.refresh_from_db()
    assert change.state == State.LAPSED


def test_without_a_reason_nothing_is_asked(cast: SimpleNamespace, staff: tuple[User, User]) -> None:
    with pytest.raises(ValidationError):
        handovers.ask_forced(to=cast.partner_link, staff=staff[0], reason="parti", proof=File(b"%PDF", PDF, "x.pdf"))
    assert not Handover.objects.exists()


def test_staff_ask_confirm_and_withdraw_on_their_pages(
    cast: SimpleNamespace, staff: tuple[User, User], sign_in: Any
) -> None:
    first, second = Client(), Client()
    first.force_login(staff[0])
    second.force_login(staff[1])
    ask = reverse("admin:rights_handover_ask") + "?number=900138"
    assert first.get(ask).headers["Location"].startswith("/auth/reauthenticate/")
    first.post("/auth/reauthenticate/", {"password": PASSWORD})
    assert "ADMIN" in first.get(ask).content.decode()
    posted = {"to": cast.partner_link.uuid, "reason": "M. Martin est parti en juin."}
    for wrong, why in (
        (b"<html><script>alert(1)</script>", "ni un PDF ni une image"),
        (b"%PDF-1.7 and the rest never came", "ni un PDF ni une image"),
        (b"GIF89a", "ni un PDF ni une image"),
        (b"", "Ce fichier est vide"),
        (b"%PDF-" + b"x" * 10_000_000, "trop gros"),
    ):
        answer = first.post(ask, {**posted, "proof": SimpleUploadedFile("courrier.pdf", wrong, "application/pdf")})
        assert why in answer.content.decode()
    assert not Handover.objects.exists()
    picture = b"\x89PNG\r\n\x1a\n..."
    posted["proof"] = SimpleUploadedFile("../courrier.pdf", picture, "text/html")
    change = Handover.objects.get(uuid=_made(first.post(ask, posted)))
    page = reverse("admin:rights_handover_change", args=[change.pk])
    decide = reverse("admin:rights_handover_decide", args=[change.pk])
    assert 'name="confirm"' not in first.get(page).content.decode()
    first.post(decide, {"confirm": "1"})
    change.refresh_from_db()
    assert change.state == State.ASKED
    assert 'name="confirm"' in second.get(page).content.decode()
    downloaded = second.get(reverse("admin:rights_handover_proof", args=[change.pk]))
    assert downloaded.content == picture
    assert downloaded.headers["Content-Disposition"] == 'attachment; filename="courrier.png"'
    assert downloaded.headers["Content-Type"] == "application/octet-stream"
    assert downloaded.headers["X-Content-Type-Options"] == "nosniff"
    assert second.post(decide, {"confirm": "1"}).headers["Location"].startswith("/auth/reauthenticate/")
    second.post("/auth/reauthenticate/", {"password": PASSWORD})
    second.post(decide, {"confirm": "1"})
    change.refresh_from_db()
    assert change.state == State.ACCEPTED
    first.post(decide, {"withdraw": "1"})
    change.refresh_from_db()
    assert change.state == State.CANCELLED
    for name in ("rights_handover_proof", "rights_handover_decide"):
        assert sign_in(cast.owner).post(reverse(f"admin:{name}", args=[change.pk])).status_code in (302, 403)


def _made(response: Any) -> Any:
    assert response.status_code == 302, response.content.decode()
    return Handover.objects.latest("pk").uuid


# On screen.


def test_offering_asks_for_the_password_first(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    address = reverse("rights:hand_over", args=["900138", cast.partner_link.uuid])
    for response in (client.get(address), client.post(address, {"act": "offer"})):
        assert response.headers["Location"].startswith("/auth/reauthenticate/")
    assert not Handover.objects.exists()
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    assert "reste le vôtre" in client.get(address).content.decode()
    client.post(address, {"act": "name"})
    client.post(address, {"act": "offer"})
    assert sorted(Handover.objects.values_list("state", flat=True)) == [State.NAMED, State.OFFERED]
    page = client.get(reverse("rights:administrators", args=["900138"])).content.decode()
    assert "Aline Berlioz" in page and "Désigné comme votre successeur" in page
    client.post(address, {"act": "forget"})
    assert succession.named(cast.north) is None


def test_the_successor_answers_on_a_page_of_their_own_that_nobody_else_sees(tiers: SimpleNamespace) -> None:
    change = handovers.offer(to=tiers.partner_link, by=tiers.owner_link)
    address = reverse("rights:handover", args=[change.uuid])
    for person in (tiers.administrator, tiers.colleague, tiers.stranger):
        other = Client()
        other.force_login(person)
        assert other.get(address).status_code == other.post(address, {"act": "cancel"}).status_code == 404
    client = Client()
    client.force_login(tiers.partner)
    assert "Accepter" in client.get(address).content.decode()
    assert address in client.get("/").content.decode()
    owner = Client()
    owner.force_login(tiers.owner)
    assert address in owner.get("/").content.decode()
    assert client.post(address, {"act": "accept"}).headers["Location"].startswith("/auth/reauthenticate/")
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    client.post(address, {"act": "accept"})
    change.refresh_from_db()
    assert change.state == State.ACCEPTED
    assert "Prend effet le" in client.get(address).content.decode()
    assert "Ce compte est à vous" in client.get("/").content.decode()
    assert address in owner.get("/").content.decode()


def test_whoever_accepted_withdraws_until_it_takes_effect(
    tiers: SimpleNamespace, arrived: Arrived, sign_in: Any
) -> None:
    change = accepted(tiers)
    arrived()
    address = reverse("rights:handover", args=[change.uuid])
    client = sign_in(tiers.partner)
    assert "Retirer mon acceptation" in client.get(address).content.decode()
    client.post(address, {"act": "refuse"})
    assert "Retirer mon acceptation" not in client.get(address).content.decode()
    mails = {mail.to[0]: mail.body for mail in arrived()}
    assert set(mails) == {tiers.owner.email, tiers.administrator.email}
    assert "annulez le changement" not in mails[tiers.owner.email]  # there is nothing left to cancel
    later(change, days=2)
    assert (tasks.hand_over(), role_of(tiers.owner_link)) == (0, Role.OWNER)
    with refusing("no longer open"):
        handovers.refuse_account(change=change, by=tiers.partner)


def test_administrators_read_on_all_pages_that_the_owner_changes(tiers: SimpleNamespace, sign_in: Any) -> None:
    accepted(tiers)
    pages = [
        sign_in(person).get(reverse("rights:users", args=["900138"])) for person in (tiers.administrator, tiers.manager)
    ]
    assert ["a un autre propriétaire" in page.content.decode() for page in pages] == [True, False]


def test_no_other_change_is_offered_while_one_is_under_way(cast: SimpleNamespace, sign_in: Any) -> None:
    client, page = sign_in(cast.owner), reverse("rights:administrators", args=["900138"])
    address = reverse("rights:hand_over", args=["900138", cast.partner_link.uuid])
    search = {"q": "Berlioz"}
    assert address in client.get(page, search).content.decode()
    handovers.offer(to=cast.colleague_link, by=cast.owner_link)
    assert address not in client.get(page, search).content.decode()
    assert client.get(address).headers["Location"] == page


# One owner, always.


def test_an_account_has_one_owner_under_fifty_hand_overs_at_once(transactional_db: None) -> None:
    with transaction.atomic(), tenancy.everything():
        account = make_account("900139", "Cinquante à la fois")
        people = [make_link(account, make_person("900139", kind="standard"), role="owner")]
        people += [make_link(account, make_person(f"p{n}")) for n in range(50)]
    together, counted, passed, stop = threading.Barrier(51), set(), [], threading.Event()

    def owners() -> int:
        with transaction.atomic(), tenancy.everything():
            return AccountLink.objects.filter(account=account, role=Role.OWNER, state="active").count()

    def watch() -> None:
        try:
            together.wait(30)
            while not stop.is_set():
                counted.add(owners())
        finally:
            connection.close()

    def hand_over(to: AccountLink) -> None:
        """Whoever owns the account offers it; who gets the offer accepts; a day passes; the clock rings."""
        try:
            together.wait(30)
            if _passes(account, to):
                passed.append(to.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_over, args=[link]) for link in people[1:]]
    watcher = threading.Thread(target=watch)
    for thread in (*threads, watcher):
        thread.start()
    for thread in threads:
        thread.join(60)
    stop.set()
    watcher.join(10)
    assert not any(thread.is_alive() for thread in (*threads, watcher))
    assert counted == {1}
    assert owners() == 1
    with transaction.atomic(), tenancy.everything():
        assert Handover.objects.filter(account=account, state=State.DONE).count() == len(passed) > 0
        assert not Handover.objects.filter(account=account).under_way().exists()


def _passes(account: Any, to: AccountLink) -> bool:
    """One hand-over from the offer to the end, among others at the same moment; whether it was not another's turn."""
    try:
        with transaction.atomic(), tenancy.everything():
            by = succession.owner_of(account)
            assert by is not None and to.user is not None
            change = handovers.offer(to=to, by=by)
        with transaction.atomic(), tenancy.everything():
            handovers.accept_account(change=change, by=to.user)
            later(change, days=2)
    except ValidationError:
        return False
    tasks.hand_over()
    return True
