"""Access from a day until a day: typed, warned of, ended, extended; and whoever comes back with what they had."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, Round
from colibox.lib.outbox.models import Mail
from rights import access, actions
from rights.actions import dates
from rights.actions.dates import later
from rights.actions.spans import Span
from rights.emails import dates as date_emails
from rights.emails.links import invitation
from rights.models import AccountLink
from tests.conftest import IDENTITY, make_link, make_person
from tests.rights.facts import ADVANCED_FORM, STANDARD_FORM, rights_of, verbs


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def until(link: AccountLink, days: int) -> None:
    """Let an access end so many days from now, without a word."""
    AccountLink.objects.filter(pk=link.pk).update(ends_on=day(days), invited_by=None)


def change(cast: SimpleNamespace, span: Span, rights: dict[str, Span] | None = None, **facts: Any) -> bool:
    link = cast.partner_link
    link.refresh_from_db()
    facts = {"link": link, "by": cast.owner_link, "version": link.version, **facts}
    return dates.change_dates(span=span, rights=rights or {}, **facts)


def told() -> list[tuple[str, str, bool]]:
    """The mails about ends: to whom, until when, and whether it is over."""
    mails = Mail.objects.filter(kind__endswith="access_ends").order_by("pk")
    return [(mail.args["reader"], mail.args["until"], mail.args["over"]) for mail in mails]


def read(mail: Mail) -> str:
    """What a mail says when it leaves."""
    message = date_emails.access_ends(**mail.args)
    assert message is not None
    return f"{message.to[0]} {message.subject} {message.body}"


# The days themselves.


def test_a_link_opens_on_its_first_day_and_closes_after_its_last(cast: SimpleNamespace) -> None:
    for span, opens in (
        (Span(day(0), day(0)), True),
        (Span(day(1), day(9)), False),
        (Span(None, day(3)), True),
        (Span(), True),
    ):
        change(cast, span)
        assert access.can(cast.partner, "shipping_ws", cast.north) is opens, span


def test_a_right_has_days_of_its_own(cast: SimpleNamespace) -> None:
    change(cast, Span(), {"shipping_ws": Span(day(2), day(9))})
    assert not access.can(cast.partner, "shipping_ws", cast.north)
    assert access.can(cast.partner, "tool_tag", cast.north)
    event = AuditEvent.objects.get(verb="dates changed")
    assert event.after == {"since": {"shipping_ws": str(day(2))}, "until": {"shipping_ws": str(day(9))}}


def test_what_changes_is_traced_and_mailed_once_and_nothing_else(cast: SimpleNamespace) -> None:
    assert change(cast, Span(None, day(40)))
    assert not change(cast, Span(None, day(40)))
    assert verbs(cast.partner_link) == ["dates changed"]
    [mail] = Mail.objects.filter(kind__endswith="dates_changed")
    message = date_emails.dates_changed(**mail.args)
    assert message and f"{day(40):%d/%m/%Y} inclus" in message.body


@pytest.mark.parametrize(("span", "says"), [
    (Span(day(5), day(4)), "avant le premier"),
    (Span(None, day(-1)), "passé"),
])  # fmt: skip
def test_days_that_cannot_be_are_refused(cast: SimpleNamespace, span: Span, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        change(cast, span)
    with pytest.raises(ValidationError, match=says):
        change(cast, Span(), {"shipping_ws": span})


def test_nobody_dates_their_own_access_the_owner_s_or_that_of_another_account(cast: SimpleNamespace) -> None:
    for link, by in (
        (cast.owner_link, cast.owner_link),
        (cast.partner_south_link, cast.owner_link),
        (cast.partner_link, cast.colleague_link),
    ):
        with pytest.raises(ValidationError):
            dates.change_dates(link=link, by=by, version=link.version, span=Span(None, day(9)), rights={})


def test_a_right_one_may_not_give_is_not_made_to_last(cast: SimpleNamespace) -> None:
    cast.north.entitlements.filter(right="shipping_ws").update(delegable=False)
    cast.partner_link.grants.filter(right="shipping_ws").update(until=day(9))
    with pytest.raises(ValidationError, match="délégu"):
        change(cast, Span(), {"shipping_ws": Span(None, day(20))})
    with pytest.raises(ValidationError, match="délégu"):
        dates.extend(link=cast.partner_link, by=cast.owner_link, months=3, right="shipping_ws")
    assert change(cast, Span(), {"shipping_ws": Span(None, day(5))})


def test_to_let_an_access_last_longer_is_to_give_its_rights_again(tiers: SimpleNamespace) -> None:
    until(tiers.partner_link, 9)
    for by in (tiers.manager_link, tiers.local_link):
        for span in (Span(), Span(None, day(20))):
            with pytest.raises(ValidationError, match="redonner ses droits"):
                change(tiers, span, by=by)
        with pytest.raises(ValidationError, match="redonner ses droits"):
            dates.extend(link=tiers.partner_link, by=by, months=3)
    assert change(tiers, Span(None, day(5)), by=tiers.manager_link)
    assert change(tiers, Span(None, day(20)), by=tiers.administrator_link)


def test_whoever_saved_in_between_is_not_overwritten(cast: SimpleNamespace) -> None:
    change(cast, Span(None, day(9)))
    with pytest.raises(actions.Conflict):
        change(cast, Span(None, day(20)), version=1)


# Warnings and ends.


def test_the_person_and_the_giver_are_warned_14_and_3_days_before_once_each(cast: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(ends_on=day(15), invited_by=cast.owner)
    assert dates.warn_of_dates() == 0
    for left, mails in ((14, 2), (13, 2), (5, 2), (3, 4), (1, 4)):
        last = day(left)
        Mail.objects.update()
        AccountLink.objects.filter(pk=cast.partner_link.pk).update(ends_on=last)
        Mail.objects.filter(kind__endswith="access_ends").update(key=_moved(last))
        dates.warn_of_dates()
        assert len(told()) == mails, left
    assert [reader for reader, _until, _over in told()] == ["person", "giver"] * 2


def test_after_days_without_a_clock_the_warning_that_is_due_leaves_once(cast: SimpleNamespace) -> None:
    for left, mails in ((9, 2), (2, 2), (16, 0)):
        Round.objects.update_or_create(name="date warnings", defaults={"day": day(-6)})
        Mail.objects.all().delete()
        AccountLink.objects.filter(pk=cast.partner_link.pk).update(ends_on=day(left), invited_by=cast.owner)
        for _ in range(2):
            dates.warn_of_dates()
        assert len(told()) == mails, left
    Round.objects.update_or_create(name="date warnings", defaults={"day": day(-20)})
    until(cast.partner_link, 1)
    dates.warn_of_dates()
    assert {mail.key.split(":")[4] for mail in Mail.objects.filter(kind__endswith="access_ends")} == {"3"}
    Round.objects.update_or_create(name="rights ended", defaults={"day": day(-6)})
    cast.partner_link.grants.filter(right="shipping_ws").update(until=day(-5))
    assert [dates.end_rights(), dates.end_rights()] == [1, 0]


def _moved(last: date) -> Any:
    """As days go by the end stays the same: here today stays, so that the keys of the mails move instead."""
    from django.db.models import F, Func, Value

    return Func(F("key"), Value(r"\d{4}-\d{2}-\d{2}"), Value(str(last)), function="regexp_replace")


def test_a_warning_says_how_to_extend_and_is_dropped_once_it_was(cast: SimpleNamespace) -> None:
    until(cast.partner_link, 3)
    dates.warn_of_dates()
    person, giver = Mail.objects.filter(kind__endswith="access_ends").order_by("pk")
    assert read(person).startswith("a.berlioz@example.com Votre accès au compte 900138 prend fin dans 3 jours")
    said = read(giver)
    assert said.startswith("900138@example.com Fin d’accès dans 3 jours") and "Aline Berlioz" in said
    assert f"/accounts/900138/users/{cast.partner_link.uuid}/dates/" in said
    until(cast.partner_link, 0)
    for mail, words in ((person, "prend fin aujourd’hui"), (giver, "Fin d’accès aujourd’hui")):
        mail.args["until"] = str(day(0))
        assert words in read(mail)
    dates.extend(link=cast.partner_link, by=cast.owner_link, months=3)
    assert date_emails.access_ends(**person.args) is None


def test_a_link_is_suspended_the_day_after_its_last_and_both_are_told(cast: SimpleNamespace) -> None:
    until(cast.partner_link, 0)
    assert dates.suspend_due() == 0
    until(cast.partner_link, -1)
    assert [dates.suspend_due(), dates.suspend_due()] == [1, 0]
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.state == "suspended"
    event = AuditEvent.objects.get(verb="access ended by its date")
    assert (event.actor, event.actor_name, event.after) == (None, "Colibox", {"state": "suspended"})
    assert told() == [("person", str(day(-1)), True), ("giver", str(day(-1)), True)]
    assert "a pris fin" in read(Mail.objects.get(args__reader="person"))
    assert rights_of(cast.partner_link) == ["shipping_ws", "tool_tag"]
    assert AccountLink.objects.get(pk=cast.partner_south_link.pk).state == "active"


def test_rights_that_end_are_told_once_with_their_names(cast: SimpleNamespace) -> None:
    cast.partner_link.grants.filter(right="shipping_ws").update(until=day(-1))
    assert [dates.end_rights(), dates.end_rights()] == [1, 0]
    assert verbs(cast.partner_link) == ["rights ended by their date"]
    said = read(Mail.objects.get(args__reader="person"))
    assert "Des droits que vous aviez" in said and "affranchissement" in said.lower()
    cast.partner_link.grants.filter(right="shipping_ws").update(until=day(3))
    dates.warn_of_dates()
    assert len(told()) == 4


# Extension.


@pytest.mark.parametrize(("start", "months", "end"), [
    (date(2026, 11, 30), 3, date(2027, 2, 28)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2026, 12, 15), 3, date(2027, 3, 15)),
])  # fmt: skip
def test_months_later_is_the_same_day_or_the_last_of_the_month(start: date, months: int, end: date) -> None:
    assert later(start, months) == end


def test_one_click_extends_and_opens_again_what_only_the_date_closed(cast: SimpleNamespace) -> None:
    until(cast.partner_link, -1)
    dates.suspend_due()
    with pytest.raises(ValidationError, match="prolongez"):
        actions.reactivate(link=cast.partner_link, by=cast.owner_link)
    assert dates.extend(link=cast.partner_link, by=cast.owner_link, months=3) == later(day(0), 3)
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.state == "active"
    assert verbs(cast.partner_link) == ["access ended by its date", "person reactivated", "access extended"]


def test_extending_does_not_open_what_somebody_suspended(cast: SimpleNamespace) -> None:
    until(cast.partner_link, 5)
    actions.suspend(link=cast.partner_link, by=cast.owner_link)
    dates.extend(link=cast.partner_link, by=cast.owner_link, months=12)
    cast.partner_link.refresh_from_db()
    assert (cast.partner_link.state, cast.partner_link.ends_on) == ("suspended", later(day(5), 12))


def test_there_is_nothing_to_extend_without_an_end(cast: SimpleNamespace) -> None:
    for facts in ({"months": 3}, {"months": 3, "right": "shipping_ws"}, {"months": 3, "right": "chat"}, {"months": 7}):
        with pytest.raises(ValidationError):
            dates.extend(link=cast.partner_link, by=cast.owner_link, **facts)


# The pages.


@pytest.fixture
def admin(cast: SimpleNamespace, client: Client) -> Iterator[Client]:
    client.force_login(cast.owner)
    yield client


def test_the_page_of_dates_saves_and_extends(cast: SimpleNamespace, admin: Client) -> None:
    page = f"/accounts/900138/users/{cast.partner_link.uuid}/dates/"
    typed = {"version": 1, "starts_on": "", "ends_on": str(day(30)), "until_shipping_ws": str(day(10))}
    assert admin.post(page, typed).status_code == 302
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.ends_on == day(30)
    assert cast.partner_link.grants.get(right="shipping_ws").until == day(10)
    said = admin.get(page).content.decode()
    assert "3 mois" in said and "1 an" in said
    admin.post(page.replace("dates", "extend"), {"months": "3"})
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.ends_on == later(day(30), 3)
    assert (
        "ce jour est passé"
        in admin.post(page, {**typed, "version": 3, "ends_on": str(day(-4))}).content.decode().lower()
    )


def test_on_the_page_of_a_person_the_end_is_shown_with_its_extension(cast: SimpleNamespace, admin: Client) -> None:
    until(cast.partner_link, 30)
    said = admin.get(f"/accounts/900138/users/{cast.partner_link.uuid}/").content.decode()
    assert f"{day(30):%d/%m/%Y}" in said and "/extend/" in said


# Who comes back.


@pytest.fixture
def gone(cast: SimpleNamespace) -> AccountLink:
    """Nadia, who was on the account with two rights and a tag."""
    nadia = make_person("n.benali", email=ADVANCED_FORM["email"], last_name="Benali", first_name="Nadia")
    link = make_link(cast.north, nadia, rights=["tracking_ws", "tool_tag"], tags=["LYON"])
    actions.end(link=link, by=cast.owner_link)
    return link


def test_the_page_of_an_access_that_is_over_says_so(cast: SimpleNamespace, admin: Client) -> None:
    page = f"/accounts/900138/users/{cast.partner_link.uuid}/dates/"
    until(cast.partner_link, 0)
    assert "Cet accès est ouvert jusqu’au" in admin.get(page).content.decode()
    until(cast.partner_link, -1)
    said = admin.get(page).content.decode()
    assert "Cet accès a pris fin" in said and "Cet accès est ouvert jusqu’au" not in said


NEW = "/accounts/900138/users/advanced/new/"
BARE = {**ADVANCED_FORM, "rights": [], "tool": "", "tags": ""}


def test_former_rights_are_offered_and_taken_only_when_asked(gone: AccountLink, admin: Client) -> None:
    said = admin.post(NEW, BARE).content.decode()
    assert "Reprendre ces droits" in said and "Suivi limité au tag utilisateur" in said
    assert not AccountLink.objects.filter(state="invited").exists()
    said = admin.post(NEW, {**BARE, "former": "take"}).content.decode()
    assert re.search(r'value="tracking_ws"[^>]*checked', said) and re.search(r'value="tool_tag"[^>]*checked', said)
    assert 'value="LYON"' in said
    assert not AccountLink.objects.filter(state="invited").exists()
    admin.post(NEW, {**BARE, "former": "seen", "rights": ["tracking_ws"], "tool": "tool_tag", "tags": "LYON"})
    assert rights_of(AccountLink.objects.get(state="invited")) == ["tool_tag", "tracking_ws"]


def test_a_standard_user_who_comes_back_is_offered_their_rights_too(cast: SimpleNamespace, admin: Client) -> None:
    person = make_person("t.moiret", kind="standard", email="t@example.com", last_name="Moiret", first_name="Teddy")
    link = make_link(cast.north, person, kind="standard", rights=["invoices", "coliship"])
    actions.end(link=link, by=cast.owner_link)
    address = "/accounts/900138/users/standard/new/"
    form = {**STANDARD_FORM, "email": "t@example.com", "username": "", "rights": []}
    said = admin.post(address, form).content.decode()
    assert "Reprendre ces droits" in said and "ColiShip" in said
    said = admin.post(address, {**form, "former": "take"}).content.decode()
    assert re.search(r'value="invoices"[^>]*checked', said)
    admin.post(address, {**form, "former": "seen", "rights": ["invoices", "coliship"]})
    assert rights_of(AccountLink.objects.get(kind="standard", state="invited")) == ["coliship", "invoices"]


def test_the_offer_can_be_declined(gone: AccountLink, admin: Client) -> None:
    admin.post(NEW, {**ADVANCED_FORM, "former": "leave"})
    assert rights_of(AccountLink.objects.get(state="invited")) == ["shipping_ws", "tool_consolidated"]


def test_former_rights_stay_under_the_ceiling(cast: SimpleNamespace, gone: AccountLink, admin: Client) -> None:
    cast.north.entitlements.filter(right="tracking_ws").delete()
    said = admin.post(NEW, BARE).content.decode()
    assert "Suivi limité au tag utilisateur" in said
    offered = said.split("Reprendre ces droits")[0].split("Avec ces droits")[1]
    assert "Web service" not in offered
    cast.north.entitlements.filter(right="tool_tag").delete()
    assert "Reprendre ces droits" not in admin.post(NEW, BARE).content.decode()


LINK = "/accounts/900138/users/advanced/link/"


def test_former_rights_are_offered_to_who_is_found_by_key_too(gone: AccountLink, admin: Client) -> None:
    assert gone.user is not None
    gone.user.email = "new@benali.example"
    gone.user.save()
    said = admin.post(LINK, {"user_key": gone.user.shown_user_key}).content.decode()
    assert "Reprendre ces droits" in said and "Suivi limité au tag utilisateur" in said
    found = {"found": re.findall(r'name="found" value="([^"]+)"', said)[0]}
    said = admin.post(LINK, {**found, "former": "take", "ends_on": str(day(30))}).content.decode()
    assert re.search(r'value="tracking_ws"[^>]*checked', said) and re.search(r'value="tool_tag"[^>]*checked', said)
    assert not AccountLink.objects.filter(state="invited").exists()
    admin.post(LINK, {**found, "former": "seen", "rights": ["tracking_ws"], "ends_on": str(day(30))})
    link = AccountLink.objects.get(state="invited")
    assert (rights_of(link), link.ends_on) == (["tracking_ws"], day(30))


def test_a_key_tells_another_account_nothing_of_former_rights(
    cast: SimpleNamespace, gone: AccountLink, client: Client
) -> None:
    assert gone.user is not None
    client.force_login(cast.stranger)
    said = client.post(LINK.replace("900138", "850061"), {"user_key": gone.user.shown_user_key}).content.decode()
    assert 'name="found"' in said and "Reprendre ces droits" not in said


@pytest.mark.parametrize("page", ["advanced", "standard"])
def test_who_is_added_may_have_a_first_and_a_last_day(page: str, cast: SimpleNamespace, admin: Client) -> None:
    url = f"/accounts/900138/users/{page}/new/"
    form = {**(ADVANCED_FORM if page == "advanced" else STANDARD_FORM), "starts_on": str(day(3))}
    said = admin.post(url, {**form, "ends_on": str(day(2))}).content.decode()
    assert "avant le premier" in said and not AccountLink.objects.filter(state="invited").exists()
    admin.post(url, {**form, "ends_on": str(day(30))})
    link = AccountLink.objects.get(state="invited")
    assert (link.starts_on, link.ends_on) == (day(3), day(30))
    message = invitation(**Mail.objects.get(kind__endswith=".invitation").args)
    assert message is not None and f"{day(30):%d/%m/%Y} inclus" in str(message.body)


def test_the_list_says_when_an_access_ends_and_finds_what_ends_soon(cast: SimpleNamespace, admin: Client) -> None:
    until(cast.partner_link, 9)
    page = admin.get("/accounts/900138/users/").content.decode()
    assert f"jusqu’au {day(9):%d/%m/%Y}" in page
    found = admin.get("/accounts/900138/users/?ends=14").content.decode()
    assert "Berlioz" in found and "d’ici 14 jours" in found
    assert "Berlioz" not in admin.get("/accounts/900138/users/?ends=5").content.decode()
    columns = admin.get("/accounts/900138/users/?columns=ends_on&columns=starts_on").content.decode()
    assert 'data-label="Date de fin"' in columns and 'data-label="Date de début"' in columns


def test_what_another_account_knows_is_never_offered(cast: SimpleNamespace, gone: AccountLink, client: Client) -> None:
    client.force_login(cast.stranger)
    said = client.post(NEW.replace("900138", "850061"), BARE).content.decode()
    assert "Reprendre ces droits" not in said and "Nadia Benali" not in said.split("<form")[0]


def test_an_address_taken_since_is_not_told(gone: AccountLink, admin: Client) -> None:
    assert gone.user is not None
    gone.user.email = "new@benali.example"
    gone.user.save()
    assert "Reprendre ces droits" not in admin.post(NEW, {**BARE, "email": "new@benali.example"}).content.decode()
    assert IDENTITY["email"] != BARE["email"]


def test_what_the_clock_does_to_many_takes_as_many_statements_as_to_few(cast: SimpleNamespace) -> None:
    def statements(act: Callable[[], int], expected: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert act() == expected
        return len(queries)

    def ending(names: str, **fields: Any) -> None:
        for name in names:
            make_link(cast.north, make_person(f"{name}.{fields.get('state')}"), **fields)

    late = {"state": "invited", "accepted_at": None, "expires_at": timezone.now() - timedelta(hours=1)}
    counts = []
    for names in ("a", "bcdefg"):
        ending(names, ends_on=timezone.localdate() - timedelta(days=1))
        suspended = statements(dates.suspend_due, len(names))
        ending(names, **late)
        counts.append((suspended, statements(actions.expire_due, len(names))))
    assert counts[0] == counts[1]
