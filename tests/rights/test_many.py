"""A list of people: each entry does what the screens would do for one person, or is refused as they refuse."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import origin, tenancy
from colibox.lib.outbox import Mail
from rights import actions, catalogue
from rights.actions.many import entering
from rights.actions.many.entries import Act, Done, Entry, Outcome, Status
from rights.models import AccountLink, Entitlement, Grant
from tests.conftest import make_account, make_link, make_person
from tests.rights.facts import rights_of, verbs
from tests.together import together

ADVANCED = frozenset(right.code for right in catalogue.RIGHTS if right.advanced)
STANDARD = frozenset(right.code for right in catalogue.RIGHTS if right.standard)
NAMES = {"last_name": "Benali", "first_name": "Nadia", "phone": "+33241742088", "town": "Nantes"}


def entry(email: str = "nadia@benali.example", rights: Iterable[str] = ("shipping_ws",), **asked: Any) -> Entry:
    facts = {"identity": NAMES, "about": ADVANCED, "tags": [], "language": "fr", **asked}
    return Entry(email, rights=frozenset(rights), **facts)


def link_of(email: str, account: str = "900138") -> AccountLink:
    return AccountLink.objects.exclude(state="ended").get(account__number=account, email__iexact=email)


def one(by: AccountLink, asked: Entry) -> Outcome:
    """What comes of one entry, which is what was foretold."""
    with translation.override("en"):
        foretold = entering.plan(by=by, entries=[asked])
        [done] = entering.apply(by=by, entries=[asked])
    assert [(done.done, done.status, done.right, done.detail)] == [
        (each.done, each.status, each.right, each.detail) for each in foretold
    ]
    return done


def left_behind() -> tuple[int, ...]:
    models = (AccountLink, Grant, AuditEvent, Mail)
    return (*(model.objects.count() for model in models), sum(AccountLink.objects.values_list("version", flat=True)))


def refused(by: AccountLink, asked: Entry) -> Outcome:
    """The refusal of an entry, which leaves nothing behind."""
    before = left_behind()
    outcome = one(by, asked)
    assert outcome.done == Done.REFUSED and outcome.detail and left_behind() == before
    return outcome


class TestSomebodyNew:
    def test_is_invited_as_the_form_invites(self, cast: SimpleNamespace) -> None:
        asked = entry(rights=["tool_tag", "shipping_ws"], tags=["LYON"])
        outcome = one(cast.owner_link, asked)
        by_list = link_of("nadia@benali.example")
        identity = {**NAMES, "email": "other@benali.example"}
        by_form = actions.invite_advanced(
            by=cast.owner_link, identity=identity, rights=["tool_tag", "shipping_ws"], tags=["LYON"], language="fr"
        )
        assert outcome == Outcome(Done.INVITE, link=by_list.uuid)
        own = {"id", "uuid", "email", "token_digest", "invited_at", "expires_at", "created_at", "_state"}
        assert _facts(by_list, own) == _facts(AccountLink.objects.get(pk=by_form.pk), own)
        for link in (by_list, by_form):
            assert link.expires_at and link.invited_at and link.expires_at - link.invited_at == timedelta(hours=48)
        assert [_facts(g, {"id", "link_id", "given_at", "_state"}) for g in by_list.grants.order_by("right")] == [
            _facts(g, {"id", "link_id", "given_at", "_state"}) for g in by_form.grants.order_by("right")
        ]
        events = [AuditEvent.objects.get(subject=link.uuid) for link in (by_list, by_form)]
        assert len({str(_facts(event, {"id", "at", "subject", "_state"})) for event in events}) == 1
        mails = [Mail.objects.get(about=link.uuid) for link in (by_list, by_form)]
        assert [mail.args for mail in mails] == [{"link": link.pk, "generation": 1} for link in (by_list, by_form)]
        assert mails[0].kind == mails[1].kind
        assert [mail.priority for mail in mails] == [Mail.Priority.BULK, Mail.Priority.INTERACTIVE]

    def test_receives_an_invitation_that_opens(self, cast: SimpleNamespace, arrived: Any) -> None:
        one(cast.owner_link, entry())
        [mail] = arrived()
        assert mail.to == ["nadia@benali.example"] and "/invitations/" in str(mail.body)

    def test_may_have_no_name_yet(self, cast: SimpleNamespace) -> None:
        assert one(cast.owner_link, entry(identity={})).done == Done.INVITE
        link = link_of("nadia@benali.example")
        assert AuditEvent.objects.get(subject=link.uuid).subject_name == str(link) == "nadia@benali.example"

    def test_who_exists_elsewhere_is_told_apart_by_nobody(self, cast: SimpleNamespace, arrived: Any) -> None:
        make_person("elsewhere")
        with translation.override("en"):
            entries = [entry("elsewhere@example.com"), entry("nobody@example.com")]
            known, new = entering.apply(by=cast.owner_link, entries=entries)
        assert (known.done, known.status, known.detail) == (new.done, new.status, new.detail) == ("invite", "ok", "")
        links = [link_of(f"{name}@example.com") for name in ("elsewhere", "nobody")]
        assert links[0].invitee and not links[1].invitee
        events = [AuditEvent.objects.get(subject=link.uuid) for link in links]
        assert (events[0].verb, events[0].after) == (events[1].verb, events[1].after)
        mails = [Mail.objects.get(about=link.uuid) for link in links]
        assert (mails[0].kind, mails[0].priority) == (mails[1].kind, mails[1].priority)
        assert len(arrived()) == 2

    def test_a_plan_asks_nothing_of_other_accounts_nor_of_people(self, cast: SimpleNamespace) -> None:
        with CaptureQueriesContext(connection) as queries, tenancy.scope(accounts=[cast.north.pk]):
            entering.plan(by=cast.owner_link, entries=[entry(), entry(cast.stranger.email)])
        told = [query["sql"] for query in queries if "users_user" in query["sql"]]
        assert len(told) == 1 and f"= {cast.owner_link.pk}" in told[0]  # who asks

    def test_a_standard_user_of_the_account_may_be_invited_too(self, cast: SimpleNamespace) -> None:
        assert one(cast.owner_link, entry(cast.colleague.email)).done == Done.INVITE

    @pytest.mark.parametrize("act", [Act.UPDATE, Act.SUSPEND, Act.UNLINK])
    def test_is_neither_changed_nor_suspended_nor_unlinked(self, cast: SimpleNamespace, act: Act) -> None:
        outcome = refused(cast.owner_link, entry(act=act))
        assert (outcome.status, outcome.detail) == (Status.IDENTITY, "This person is not on your account.")

    def test_is_created_as_a_standard_user_under_a_name_of_their_own(self, cast: SimpleNamespace) -> None:
        make_person("N.Benali", kind="advanced")
        asked = entry(kind="standard", rights=["coliship"], about=STANDARD, tags=None, starts_on="2099-01-01")
        assert one(cast.owner_link, asked).done == Done.INVITE
        link = link_of("nadia@benali.example")
        assert (link.kind, link.username, link.state) == ("standard", "n.benali2", "invited") and link.user
        assert (link.user.kind, link.user.last_name, link.user.town) == ("standard", "Benali", "Nantes")
        assert not link.user.has_usable_password() and link.starts_on and rights_of(link) == ["coliship"]
        assert Mail.objects.count() == 1

    def test_several_of_one_name_and_one_address_are_each_created(self, cast: SimpleNamespace) -> None:
        names = [{**NAMES, "first_name": first} for first in ("Nadia", "Noé", "Nina", "nadia")]
        entries = [entry(kind="standard", rights=["coliship"], tags=None, identity=each) for each in names]
        planned = [outcome.done for outcome in entering.plan(by=cast.owner_link, entries=entries)]
        made = [outcome.done for outcome in entering.apply(by=cast.owner_link, entries=entries)]
        assert planned == made == [Done.INVITE, Done.INVITE, Done.INVITE, Done.UNCHANGED]
        users = AccountLink.objects.filter(email="nadia@benali.example").values_list("username", flat=True)
        assert sorted(users) == ["n.benali", "n.benali2", "n.benali3"]

    @pytest.mark.parametrize(
        ("facts", "column"),
        [
            ({"tags": ["LYON"]}, "tags"),
            ({"rights": ["shipping_ws"]}, ""),
            ({"ends_on": "2020-01-01"}, "ends_on"),
            ({"act": Act.UPDATE}, "email"),
        ],
    )
    def test_is_no_standard_user_beyond_what_the_form_allows(
        self, cast: SimpleNamespace, facts: dict[str, Any], column: str
    ) -> None:
        outcome = refused(cast.owner_link, entry(**{"kind": "standard", "rights": [], "tags": None, **facts}))
        assert outcome.column == column and (outcome.right == "shipping_ws") is ("rights" in facts)

    def test_of_whom_something_is_not_said_is_told_what(self, cast: SimpleNamespace) -> None:
        assert refused(cast.owner_link, entry(lacks=("town", "civility"))).lacks == ("town", "civility")
        here = entry(cast.colleague.email, ["coliship"], kind="standard", identity={}, tags=None, lacks=("town",))
        assert one(cast.owner_link, here).done != Done.REFUSED

    def test_has_an_address(self, cast: SimpleNamespace) -> None:
        assert refused(cast.owner_link, entry("")).status == Status.IDENTITY

    @pytest.mark.parametrize(
        "facts",
        [
            {"identity": {**NAMES, "last_name": "x" * 81}},
            {"identity": {**NAMES, "last_name": "a\0b"}},
            {"identity": {**NAMES, "last_name": "\ud800"}},
            {"identity": {**NAMES, "shoes": "42"}},
            {"tags": ["x" * 41]},
            {"tags": [f"T{n}" for n in range(21)]},
            {"language": "xx"},
            {"kind": "staff"},
            {"email": "a\0@b.example"},
            {"email": "a" * 255},
        ],
    )
    def test_that_no_column_takes_stops_nobody_else(self, cast: SimpleNamespace, facts: dict[str, Any]) -> None:
        outcomes = entering.apply(by=cast.owner_link, entries=[entry(**facts), entry("next@benali.example")])
        assert [(outcome.done, outcome.status) for outcome in outcomes] == [("refused", "identity"), ("invite", "ok")]

    def test_is_found_again_whatever_the_case(self, cast: SimpleNamespace) -> None:
        entries = [entry("A@b.example"), entry("a@B.example"), entry("a@b.example", ["tool_key"])]
        assert [o.done for o in entering.plan(by=cast.owner_link, entries=entries)] == ["invite", "unchanged", "update"]
        assert [o.done for o in entering.apply(by=cast.owner_link, entries=entries)] == [
            "invite",
            "unchanged",
            "update",
        ]
        assert rights_of(link_of("a@b.example")) == ["tool_key"]
        assert link_of("a@b.example").email == "A@b.example"


def _facts(row: Any, own: set[str]) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in own}


class TestSomebodyKnown:
    def test_the_same_again_changes_nothing(self, cast: SimpleNamespace) -> None:
        entries = [entry(f"p{n}@benali.example", ["tool_tag"], tags=["A", "B"]) for n in range(3)]
        entering.apply(by=cast.owner_link, entries=entries)
        before = left_behind()
        for asked in [entries, [entry(each.email.upper(), ["tool_tag"], tags=["B", "A"]) for each in entries]]:
            outcomes = entering.apply(by=cast.owner_link, entries=asked)
            assert {outcome.done for outcome in outcomes} == {Done.UNCHANGED}
        assert outcomes[0].link == link_of("p0@benali.example").uuid
        assert left_behind() == before

    @pytest.mark.parametrize("act", [Act.CREATE, Act.UPDATE])
    def test_has_the_rights_spoken_of_and_keeps_the_others(self, cast: SimpleNamespace, act: Act, arrived: Any) -> None:
        asked = entry(cast.partner.email, ["tool_key"], act=act, about=frozenset({"tool_key", "tool_tag"}), tags=None)
        outcome = one(cast.owner_link, asked)
        assert outcome == Outcome(Done.UPDATE, link=cast.partner_link.uuid)
        assert rights_of(cast.partner_link) == ["shipping_ws", "tool_key"]
        version = cast.partner_link.version
        cast.partner_link.refresh_from_db()
        assert (cast.partner_link.tags, cast.partner_link.version) == (["LYON"], version + 1)
        event = AuditEvent.objects.get(subject=cast.partner_link.uuid)
        assert event.verb == "person changed"
        assert event.before == {"rights": ["shipping_ws", "tool_tag"]}
        assert event.after == {"rights": ["shipping_ws", "tool_key"]}
        [mail] = arrived()
        assert mail.to == [cast.partner.email]
        [queued] = Mail.objects.filter(about=cast.partner_link.uuid)
        assert (queued.args["gained"], queued.args["lost"]) == (["tool_key"], ["tool_tag"])

    def test_has_other_tags(self, cast: SimpleNamespace, arrived: Any) -> None:
        asked = entry(cast.partner.email, ["tool_tag", "shipping_ws"], tags=["PARIS"])
        assert one(cast.owner_link, asked).done == Done.UPDATE
        cast.partner_link.refresh_from_db()
        assert cast.partner_link.tags == ["PARIS"] and verbs(cast.partner_link) == ["person changed"]
        assert arrived() == []

    def test_keeps_their_name(self, cast: SimpleNamespace) -> None:
        one(cast.owner_link, entry(cast.partner.email, ["shipping_ws"]))
        cast.partner_link.refresh_from_db()
        assert cast.partner_link.last_name == cast.partner.last_name

    @pytest.mark.parametrize("state", ["invited", "expired"])
    def test_is_not_invited_again(self, cast: SimpleNamespace, state: str) -> None:
        one(cast.owner_link, entry())
        AccountLink.objects.filter(email="nadia@benali.example").update(state=state)
        before = Mail.objects.count()
        assert one(cast.owner_link, entry(rights=["tool_key"])).done == Done.UPDATE
        link = link_of("nadia@benali.example")
        assert (link.state, link.generation, Mail.objects.count()) == (state, 1, before)

    def test_who_left_is_invited_again(self, cast: SimpleNamespace) -> None:
        AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="ended")
        assert one(cast.owner_link, entry(cast.partner.email)).done == Done.INVITE

    def test_is_suspended_once(self, cast: SimpleNamespace, arrived: Any) -> None:
        asked = entry(cast.partner.email, [], act=Act.SUSPEND)
        assert [one(cast.owner_link, asked).done for _ in range(2)] == [Done.SUSPEND, Done.UNCHANGED]
        cast.partner_link.refresh_from_db()
        assert cast.partner_link.state == "suspended"
        assert rights_of(cast.partner_link) == ["shipping_ws", "tool_tag"]
        assert verbs(cast.partner_link) == ["person suspended"] and len(arrived()) == 1

    def test_is_not_suspended_before_they_accept(self, cast: SimpleNamespace) -> None:
        one(cast.owner_link, entry())
        assert "Only an active access" in refused(cast.owner_link, entry(act=Act.SUSPEND)).detail

    def test_is_unlinked_as_on_screen(self, cast: SimpleNamespace, arrived: Any) -> None:
        other = make_link(cast.north, make_person("other"), rights=["tool_key"])
        assert one(cast.owner_link, entry(cast.partner.email, [], act=Act.UNLINK)).done == Done.UNLINK
        actions.end(link=other, by=cast.owner_link)
        cast.partner_link.refresh_from_db()
        other.refresh_from_db()
        assert cast.partner_link.state == other.state == "ended"
        assert cast.partner_link.ended_at and not cast.partner_link.grants.exists()
        many_event, one_event = (AuditEvent.objects.get(subject=each.uuid) for each in (cast.partner_link, other))
        assert many_event.verb == one_event.verb == "link removed"
        assert many_event.before == {"state": "active", "rights": ["shipping_ws", "tool_tag"]}
        assert one_event.before == {"state": "active", "rights": ["tool_key"]}
        assert len({mail.subject for mail in arrived()}) == 1

    def test_an_invitation_that_is_unlinked_is_dead(self, cast: SimpleNamespace) -> None:
        outcome = one(cast.owner_link, entry())
        one(cast.owner_link, entry(act=Act.UNLINK))
        assert outcome.link
        link = AccountLink.objects.get(uuid=outcome.link)
        assert (link.state, link.token_digest) == ("ended", None)

    def test_the_accepted_link_is_meant_where_an_invitation_has_the_address_too(self, cast: SimpleNamespace) -> None:
        one(cast.owner_link, entry("moved@example.com"))
        type(cast.partner).objects.filter(pk=cast.partner.pk).update(email="moved@example.com")
        assert one(cast.owner_link, entry("moved@example.com", ["coliship"])).link == cast.partner_link.uuid


class TestMaskedAddress:
    @pytest.fixture
    def request_link(self, cast: SimpleNamespace) -> AccountLink:
        person = make_person("masked", last_name="Masquée", first_name="Anne")
        return actions.request_link(by=cast.owner_link, person=person, rights=["tool_key"], tags=[])

    def test_is_known_by_what_the_export_says(self, cast: SimpleNamespace, request_link: AccountLink) -> None:
        named = {"last_name": "MASQUEE", "first_name": "Anne"}
        asked = entry(request_link.masked_email, ["tool_key"], identity=named)
        assert one(cast.owner_link, asked) == Outcome(Done.UNCHANGED, link=request_link.uuid)
        assert one(cast.owner_link, entry(request_link.masked_email, ["coliship"], identity={})).done == Done.UPDATE

    def test_with_another_name_is_nobody(self, cast: SimpleNamespace, request_link: AccountLink) -> None:
        outcome = refused(cast.owner_link, entry(request_link.masked_email, identity=NAMES))
        assert outcome.status == Status.IDENTITY

    def test_that_nobody_has_is_refused(self, cast: SimpleNamespace) -> None:
        assert refused(cast.owner_link, entry("x••••@y••••.fr")).status == Status.IDENTITY

    def test_that_several_have_is_refused(self, cast: SimpleNamespace, request_link: AccountLink) -> None:
        person = make_person("mask2", last_name="Masquée", first_name="Anne")
        actions.request_link(by=cast.owner_link, person=person, rights=["tool_key"], tags=[])
        outcome = refused(cast.owner_link, entry(request_link.masked_email, identity={}))
        assert "Several people" in outcome.detail


class TestStandardUsers:
    def asked(self, email: str, rights: Iterable[str], **facts: Any) -> Entry:
        return entry(email, rights, **{"kind": "standard", "about": STANDARD, "identity": {}, **facts})

    def test_of_an_export_stay_as_they_are(self, cast: SimpleNamespace) -> None:
        assert one(cast.owner_link, self.asked(cast.colleague.email, ["coliship", "invoices"])).done == Done.UNCHANGED

    def test_change_as_advanced_ones_do(self, cast: SimpleNamespace) -> None:
        asked = self.asked(cast.colleague.email, ["coliship"], tags=["LYON"])
        assert one(cast.owner_link, asked).done == Done.UPDATE
        assert rights_of(cast.colleague_link) == ["coliship"]
        cast.colleague_link.refresh_from_db()
        assert cast.colleague_link.tags == []

    def test_cannot_sign_in_once_unlinked(self, cast: SimpleNamespace) -> None:
        assert one(cast.owner_link, self.asked(cast.colleague.email, [], act=Act.UNLINK)).done == Done.UNLINK
        cast.colleague.refresh_from_db()
        assert not cast.colleague.is_active

    def test_of_one_address_are_told_apart_by_name(self, cast: SimpleNamespace) -> None:
        twin = make_person("twin", kind="standard", email=cast.colleague.email, last_name="Twin", first_name="Tom")
        link = make_link(cast.north, twin, rights=["coliship"])
        by_name = {"last_name": "TWIN", "first_name": "tom"}
        asked = self.asked(twin.email, ["coliship"], identity=by_name)
        assert one(cast.owner_link, asked) == Outcome(Done.UNCHANGED, link=link.uuid)
        assert "Several people" in refused(cast.owner_link, self.asked(twin.email, [], identity={})).detail


class TestTheAdministrators:
    def test_stand_in_an_export_with_all_rights_and_stay(self, cast: SimpleNamespace) -> None:
        asked = entry(cast.owner.email, STANDARD, kind="standard", about=STANDARD, identity={})
        assert one(cast.owner_link, asked).done == Done.UNCHANGED

    @pytest.mark.parametrize("act", [Act.CREATE, Act.SUSPEND, Act.UNLINK])
    def test_do_not_change_themselves(self, cast: SimpleNamespace, act: Act) -> None:
        facts: dict[str, Any] = {"act": act, "kind": "standard", "about": STANDARD, "identity": {}}
        outcome = refused(cast.owner_link, entry(cast.owner.email, [], **facts))
        assert outcome.detail == "You cannot change your own access."

    @pytest.mark.parametrize("act", [Act.CREATE, Act.SUSPEND, Act.UNLINK])
    def test_do_not_change_the_owner(self, cast: SimpleNamespace, act: Act) -> None:
        second = make_link(cast.north, make_person("second"), role="administrator")
        facts: dict[str, Any] = {"act": act, "kind": "standard", "about": STANDARD, "identity": {}}
        outcome = refused(second, entry(cast.owner.email, [], **facts))
        assert outcome.detail == "The account's own administrator cannot be changed here."

    def test_have_all_rights(self, cast: SimpleNamespace) -> None:
        make_link(cast.north, make_person("second"), role="administrator")
        assert one(cast.owner_link, entry("second@example.com", catalogue.widest(ADVANCED))).done == Done.UNCHANGED
        assert "all the rights" in refused(cast.owner_link, entry("second@example.com", ["coliship"])).detail


class TestTheCeiling:
    def test_a_right_without_delegation_is_named(self, cast: SimpleNamespace) -> None:
        Entitlement.objects.filter(account=cast.north, right="shipping_ws").update(delegable=False)
        outcome = refused(cast.owner_link, entry(rights=["tool_key", "shipping_ws"]))
        assert (outcome.status, outcome.right) == (Status.RIGHT, "shipping_ws")
        assert "“Franking web service”" in outcome.detail and "contract" in outcome.detail

    def test_a_right_withdrawn_meanwhile_is_refused_at_the_moment_of_writing(self, cast: SimpleNamespace) -> None:
        asked = entry(rights=["shipping_ws"])
        assert entering.plan(by=cast.owner_link, entries=[asked])[0].done == Done.INVITE
        Entitlement.objects.filter(account=cast.north, right="shipping_ws").delete()
        entries = [asked, entry("next@benali.example", ["tool_key"])]
        first, second = entering.apply(by=cast.owner_link, entries=entries)
        assert (first.status, first.right, second.done) == (Status.RIGHT, "shipping_ws", Done.INVITE)

    @pytest.mark.parametrize("right", ["invoices", "nonsense"])
    def test_a_right_of_another_kind_or_of_none_is_refused(self, cast: SimpleNamespace, right: str) -> None:
        assert refused(cast.owner_link, entry(rights=[right])).right == right

    def test_only_what_is_gained_is_asked_about(self, cast: SimpleNamespace) -> None:
        Entitlement.objects.filter(account=cast.north, right="shipping_ws").update(delegable=False)
        kept = entry(cast.partner.email, ["shipping_ws", "tool_key"])
        assert one(cast.owner_link, kept).done == Done.UPDATE
        assert one(cast.owner_link, entry(cast.partner.email, ["tool_key"])).done == Done.UPDATE
        assert rights_of(cast.partner_link) == ["tool_key"]
        assert refused(cast.owner_link, kept).right == "shipping_ws"

    def test_two_scopes_of_one_form_are_an_invalid_choice(self, cast: SimpleNamespace) -> None:
        outcome = refused(cast.owner_link, entry(rights=["tool_key", "tool_consolidated"]))
        assert (outcome.status, outcome.right) == (Status.CHOICE, "tool_consolidated")

    def test_tracking_by_tag_needs_a_tag(self, cast: SimpleNamespace) -> None:
        assert refused(cast.owner_link, entry(rights=["tool_tag"])).status == Status.IDENTITY
        outcome = refused(cast.owner_link, entry(cast.partner.email, ["tool_tag", "shipping_ws"], tags=[]))
        assert outcome.status == Status.IDENTITY and "tag is needed" in outcome.detail
        assert one(cast.owner_link, entry(rights=["tool_tag"], tags=["LYON"])).done == Done.INVITE

    @pytest.mark.parametrize("change", [{"role": "member"}, {"state": "suspended"}, {"state": "ended"}])
    def test_who_no_longer_manages_the_account_does_nothing(
        self, cast: SimpleNamespace, change: dict[str, str]
    ) -> None:
        second = make_link(cast.north, make_person("second"), role="administrator")
        AccountLink.objects.filter(pk=second.pk).update(**change)
        outcome = refused(second, entry(rights=["tool_key", "shipping_ws"]))
        assert (outcome.status, outcome.right) == (Status.RIGHT, "shipping_ws")
        outcome = refused(second, entry(cast.partner.email, [], act=Act.UNLINK))
        assert outcome.status == Status.IDENTITY
        assert outcome.detail == "You no longer manage the people of this account."

    def test_nobody_manages_a_closed_account(self, cast: SimpleNamespace) -> None:
        CustomerAccount.objects.filter(pk=cast.north.pk).update(state="closed")
        assert refused(cast.owner_link, entry()).status == Status.RIGHT


class TestOtherAccounts:
    def test_are_neither_touched_nor_told(self, cast: SimpleNamespace) -> None:
        before = [*AccountLink.objects.filter(account=cast.south).order_by("pk").values()]
        with tenancy.scope(accounts=[cast.north.pk]):
            entries = [
                entry(cast.stranger.email, ["coliship"]),
                entry("only.south@example.com", [], act=Act.UNLINK),
                entry(cast.partner.email, [], act=Act.UNLINK),
            ]
            outcomes = entering.apply(by=cast.owner_link, entries=entries)
        assert [outcome.done for outcome in outcomes] == ["invite", "refused", "unlink"]
        assert [*AccountLink.objects.filter(account=cast.south).order_by("pk").values()] == before
        assert rights_of(cast.partner_south_link) == ["tool_service_consolidated"]
        assert not AuditEvent.objects.filter(account_id=cast.south.pk).exists()

    def test_addresses_of_an_account_out_of_reach_are_unknown(self, cast: SimpleNamespace) -> None:
        sql = "SELECT count(*) FROM rights_known(%s, 'advanced', %s)"
        counts = []
        for account in (cast.north, cast.south):
            with tenancy.scope(accounts=[cast.south.pk]), connection.cursor() as cursor:
                cursor.execute(sql, [account.pk, [cast.partner.email]])
                counts.append(cursor.fetchone()[0])
        assert counts == [0, 1]


def mixed(cast: SimpleNamespace, count: int, tag: str) -> list[Entry]:
    """A list of everything that can happen, in equal parts; the people whom it needs exist."""
    kinds: list[Any] = [
        lambda name: entry(f"new.{name}@example.com"),
        lambda name: entry(f"{name}@example.com", ["tool_key"]),
        lambda name: entry(f"{name}@example.com", ["coliship"]),
        lambda name: entry(f"{name}@example.com", ["tool_key"], tags=["LYON"]),
        lambda name: entry(f"{name}@example.com", [], act=Act.SUSPEND),
        lambda name: entry(f"{name}@example.com", [], act=Act.UNLINK),
        lambda name: entry(f"new.{name}@example.com", ["invoices"]),
        lambda name: entry(f"new.{name}@example.com", ["tool_key", "tool_consolidated"]),
        lambda name: entry(f"new.{name}@example.com", [], act=Act.UPDATE),
        lambda name: entry(f"{name}@example.com", [], act=Act.UPDATE, kind="standard"),
    ]
    entries = []
    for n in range(count):
        name = f"{tag}{n}"
        entries.append(kinds[n % len(kinds)](name))
        if entries[-1].email == f"{name}@example.com":
            make_link(cast.north, make_person(name), rights=["tool_key"])
    return entries


EACH = ["invite", "unchanged", "update", "update", "suspend", "unlink", *["refused"] * 4]


def test_three_hundred_mixed_entries_each_come_to_their_own(cast: SimpleNamespace) -> None:
    entries = mixed(cast, 300, "m")
    with origin.of(origin.Origin(channel="import", reference="import:7")):
        foretold = entering.plan(by=cast.owner_link, entries=entries)
        outcomes = entering.apply(by=cast.owner_link, entries=entries)
    assert [outcome.done for outcome in outcomes] == [outcome.done for outcome in foretold] == EACH * 30
    events = AuditEvent.objects.filter(channel="import", reference="import:7")
    assert events.count() == 30 * 5 and set(events.values_list("actor", flat=True)) == {cast.owner.uuid}
    states = AccountLink.objects.filter(account=cast.north, kind="advanced").values_list("state", flat=True)
    assert {state: list(states).count(state) for state in states} == {
        "invited": 30, "active": 30 * 3 + 1 + 30, "suspended": 30, "ended": 30,
    }  # fmt: skip
    assert {mail.priority for mail in Mail.objects.all()} == {Mail.Priority.BULK}


def test_five_hundred_take_as_many_statements_as_ten(cast: SimpleNamespace) -> None:
    counts = []
    for size in (10, 500):
        entries = mixed(cast, size, f"s{size}.")
        with CaptureQueriesContext(connection) as planned:
            entering.plan(by=cast.owner_link, entries=entries)
        with CaptureQueriesContext(connection) as applied:
            entering.apply(by=cast.owner_link, entries=entries)
        counts.append((len(planned), len(applied)))
    assert counts[0] == counts[1]


def test_nothing_asked_is_nothing_done(cast: SimpleNamespace) -> None:
    before = left_behind()
    assert entering.plan(by=cast.owner_link, entries=[]) == entering.apply(by=cast.owner_link, entries=[]) == []
    assert left_behind() == before


PEOPLE = ["a.berlioz@example.com", "A.BERLIOZ@example.com", "new@x.example", "New@x.example", "c.martin@example.com",
          "850061@example.com", "p••••@e••••.com"]  # fmt: skip

asked = st.builds(
    Entry,
    email=st.sampled_from(PEOPLE),
    act=st.sampled_from(list(Act)),
    kind=st.sampled_from(["advanced", "advanced", "standard"]),
    identity=st.sampled_from([{}, NAMES]),
    rights=st.frozensets(st.sampled_from(sorted(ADVANCED | {"invoices"})), max_size=3),
    about=st.sampled_from([ADVANCED, frozenset(), frozenset({"tool_key", "tool_tag"})]),
    tags=st.sampled_from([None, [], ["LYON"]]),
    language=st.sampled_from(["fr", "en"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(asked, max_size=6), undelegable=st.sampled_from(["shipping_ws", "tool_key"]))
def test_what_is_foretold_is_what_is_done(cast: SimpleNamespace, entries: list[Entry], undelegable: str) -> None:
    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        Entitlement.objects.filter(account=cast.north, right=undelegable).update(delegable=False)
        foretold = entering.plan(by=cast.owner_link, entries=entries)
        done = entering.apply(by=cast.owner_link, entries=entries)
        said = [[(each.done, each.status, each.right, each.detail) for each in all_] for all_ in (foretold, done)]
        assert said[0] == said[1]
        again = entering.apply(by=cast.owner_link, entries=[each for each in entries if each.act is Act.CREATE][-1:])
        assert {each.done for each in again} <= {Done.UNCHANGED, Done.REFUSED, Done.INVITE, Done.UPDATE}
        raise Undo


@pytest.mark.django_db(transaction=True)
def test_two_lists_at_once_invite_each_person_once() -> None:
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        owner = make_person("900138", kind="standard")
        by = make_link(north, owner, role="owner")

    def work(addresses: Iterable[int]) -> Sequence[Outcome]:
        entries = [entry(f"p{n:03}@example.com", ["tool_key"] if n % 2 else ["coliship"]) for n in addresses]
        with transaction.atomic(), tenancy.scope(accounts=[north.pk]):
            return entering.apply(by=by, entries=entries)

    both = together(partial(work, range(400)), partial(work, range(599, 199, -1)))
    made = [outcome.done for each in both for outcome in each]
    assert made.count(Done.INVITE) == 600 and made.count(Done.UNCHANGED) == 200
    with transaction.atomic(), tenancy.everything():
        links = AccountLink.objects.filter(account=north, kind="advanced")
        assert links.count() == links.values("email").distinct().count() == Grant.objects.count() == 600
        assert AuditEvent.objects.count() == Mail.objects.count() == 600


@pytest.mark.django_db(transaction=True)
def test_somebody_invited_at_the_same_moment_is_then_known() -> None:
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        by = make_link(north, make_person("900138", kind="standard"), role="owner")
    invited, outcomes = threading.Event(), []

    def other() -> None:
        try:
            with transaction.atomic(), tenancy.scope(accounts=[north.pk]):
                entering.apply(by=by, entries=[entry("both@example.com", ["tool_key"])])
                invited.set()
                ready.wait(10)
        finally:
            connection.close()

    ready = threading.Event()
    thread = threading.Thread(target=other)
    thread.start()
    assert invited.wait(20)
    threading.Timer(0.5, ready.set).start()
    with transaction.atomic(), tenancy.scope(accounts=[north.pk]):
        outcomes = entering.apply(by=by, entries=[entry("BOTH@example.com", ["coliship"]), entry("mine@example.com")])
        link = AccountLink.objects.get(email="both@example.com")
        assert rights_of(link) == ["coliship"] and verbs(link) == ["person invited", "person changed"]
    thread.join(20)
    assert [outcome.done for outcome in outcomes] == [Done.UPDATE, Done.INVITE]
