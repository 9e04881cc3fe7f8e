"""One act on many people: the preview, the ceiling, what is written, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent, Site
from colibox.lib import origin
from colibox.lib.outbox import Mail
from rights import access, actions
from rights.actions import bulk, dates, handovers
from rights.actions.attaching import attach
from rights.actions.ending import EndOn, Remove
from rights.actions.many import entering
from rights.actions.many.entries import Act, Done, Entry
from rights.actions.many.inviting import RENEWED_AN_HOUR
from rights.actions.spans import Span
from rights.models import AccountLink, Grant
from rights.people.previews import NAMED, Naming
from rights.places import SITE
from tests.conftest import IDENTITY, PASSWORD, make_link, make_person
from tests.rights.facts import ADVANCED_FORM, rights_of, verbs

URL = "/accounts/900138/users/bulk/"
LIST = "/accounts/900138/users/?kind=advanced"


@pytest.fixture
def luc(cast: SimpleNamespace) -> AccountLink:
    return make_link(cast.north, make_person("l.luc", last_name="Luc", first_name="Zoé"), rights=["tool_key"])


def post(client: Client, act: str, **data: Any) -> str:
    response = client.post(URL, {"act": act, "list": "kind=advanced", **data}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def confirm(client: Client, act: str, **data: Any) -> str:
    """Preview, then do what was previewed."""
    preview = post(client, act, **data)
    digest = re.search(r'name="digest" value="(\w+)"', preview)
    assert digest
    return post(client, act, apply="1", digest=digest[1], **data)


def undo(client: Client, page: str) -> str:
    reference = re.search(r'name="reference" value="([^"]+)"', page)
    assert reference
    return post(client, "undo", reference=reference[1])


def test_an_act_asks_which_right_then_shows_who_changes(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    client = sign_in(cast.owner)
    chosen = [str(luc.uuid), str(cast.partner_link.uuid)]
    assert "Voir ce qui change" in post(client, "give", link=chosen)
    preview = post(client, "give", link=chosen, right="shipping_ws")
    assert "1 personne gagnera «" in preview and "1 personne ne peut pas être modifiée" in preview
    assert "Ce droit est déjà donné." in preview
    assert rights_of(luc) == ["tool_key"]


def test_a_right_is_given_as_one_by_one(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink, arrived: Callable[[], list[EmailMessage]]
) -> None:
    confirm(sign_in(cast.owner), "give", link=[str(luc.uuid)], right="shipping_ws")
    assert rights_of(luc) == ["shipping_ws", "tool_key"]
    grant = luc.grants.get(right="shipping_ws")
    assert (grant.given_by, grant.account) == (cast.owner, cast.north)
    event = AuditEvent.objects.get(subject=luc.uuid)
    assert (event.verb, event.channel) == ("person changed", "screen")
    assert (event.before, event.after) == ({"rights": ["tool_key"]}, {"rights": ["shipping_ws", "tool_key"]})
    [mail] = arrived()
    assert mail.to == [luc.email] and "Affranchissement" in str(mail.body)
    before = luc.version
    luc.refresh_from_db()
    assert luc.version == before + 1


def test_what_one_person_and_many_leave_behind_is_the_same(cast: SimpleNamespace, luc: AccountLink) -> None:
    other = make_link(cast.north, make_person("m.max"), rights=["tool_key"])
    actions.change(link=luc, by=cast.owner_link, rights=["coliship", "tool_key"], tags=[], version=luc.version)
    chosen = AccountLink.objects.filter(pk=other.pk)
    bulk.apply(act=bulk.Give("coliship"), links=chosen, by=cast.owner_link)
    one, many = (AuditEvent.objects.get(subject=link.uuid) for link in (luc, other))
    assert (one.verb, one.before, one.after) == (many.verb, many.before, many.after)
    mails = [Mail.objects.get(about=link.uuid) for link in (luc, other)]
    assert mails[0].kind == mails[1].kind
    assert {**mails[0].args, "link": 0} == {**mails[1].args, "link": 0}


def test_a_scope_takes_the_place_of_another_and_undo_brings_it_back(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink
) -> None:
    client = sign_in(cast.owner)
    page = confirm(client, "give", link=[str(luc.uuid)], right="tool_consolidated")
    assert rights_of(luc) == ["tool_consolidated"]
    undo(client, page)
    assert rights_of(luc) == ["tool_key"]


def test_withdrawing_and_undoing_meet_where_they_began(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    client = sign_in(cast.owner)
    page = confirm(client, "withdraw", link=[str(cast.partner_link.uuid), str(luc.uuid)], right="shipping_ws")
    assert rights_of(cast.partner_link) == ["tool_tag"]
    assert "Annulé pour 1 personne" in undo(client, page)
    assert rights_of(cast.partner_link) == ["shipping_ws", "tool_tag"]


@pytest.mark.parametrize("right", ["shipping_ws", "invoices", "nonsense"])
def test_nothing_above_the_ceiling_is_given(cast: SimpleNamespace, sign_in: Any, luc: AccountLink, right: str) -> None:
    cast.north.entitlements.filter(right="shipping_ws").delete()
    page = post(sign_in(cast.owner), "give", link=[str(luc.uuid)], right=right)
    assert 'name="apply"' not in page
    post(sign_in(cast.owner), "give", link=[str(luc.uuid)], right=right, apply="1", digest=bulk.Plan().digest)
    assert rights_of(luc) == ["tool_key"]


def test_a_right_without_delegation_is_shown_disabled_with_its_reason(cast: SimpleNamespace, sign_in: Any) -> None:
    cast.north.entitlements.filter(right="shipping_ws").update(delegable=False)
    html = post(sign_in(cast.owner), "give", link=[str(cast.partner_link.uuid)])
    field = re.search(r'<input type="radio" name="right" value="shipping_ws"[^>]*>', html)
    assert field and "disabled" in field[0]


def test_foreign_and_absent_people_are_the_same_nobody(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    foreign = post(client, "suspend", link=[str(cast.partner_south_link.uuid)])
    absent = post(client, "suspend", link=[str(uuid4())])
    assert "Cochez d’abord" in foreign and "Cochez d’abord" in absent
    page = post(client, "suspend", link=[str(cast.partner_south_link.uuid), str(cast.partner_link.uuid)])
    assert "1 personne sera suspendue" in page


def test_the_administrator_and_oneself_are_left_alone(cast: SimpleNamespace, sign_in: Any) -> None:
    second = make_link(cast.north, make_person("second", kind="standard"), role="administrator")
    page = sign_in(second.user).post(
        URL, {"act": "suspend", "list": "kind=standard", "link": [str(cast.owner_link.uuid), str(second.uuid)]}
    )
    assert 'name="apply"' not in page.content.decode()


def test_a_tag_is_added_removed_and_put_back(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    client, chosen = sign_in(cast.owner), [str(luc.uuid), str(cast.partner_link.uuid)]
    page = confirm(client, "tag", link=chosen, tag="  Nantes ")
    assert AccountLink.objects.get(pk=luc.pk).tags == ["NANTES"]
    assert AccountLink.objects.get(pk=cast.partner_link.pk).tags == ["LYON", "NANTES"]
    undo(client, page)
    assert AccountLink.objects.get(pk=cast.partner_link.pk).tags == ["LYON"]
    assert "1 personne ne peut pas être modifiée" in post(client, "tag", link=chosen, tag="lyon")


def test_the_last_tag_stays_where_tracking_is_limited_to_it(cast: SimpleNamespace, sign_in: Any) -> None:
    page = post(sign_in(cast.owner), "untag", link=[str(cast.partner_link.uuid)], tag="LYON")
    assert 'name="apply"' not in page


def test_a_tag_that_is_none_is_asked_again(cast: SimpleNamespace, sign_in: Any) -> None:
    page = post(sign_in(cast.owner), "tag", link=[str(cast.partner_link.uuid)], tag="x" * 41)
    assert "40 caractères" in page


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("give", "Choisissez un droit"), ("withdraw", "Choisissez un droit"), ("tag", "Saisissez un tag"),
        ("profile", "Choisissez un profil"), ("attach", "Choisissez un sous-compte"), ("ends", "Saisissez un jour"),
    ],
)  # fmt: skip
def test_what_is_asked_and_not_answered_is_asked_again_in_words(
    act: str, says: str, cast: SimpleNamespace, sign_in: Any
) -> None:
    client, chosen = sign_in(cast.owner), [str(cast.partner_link.uuid)]
    asked = post(client, act, link=chosen)
    assert 'name="chosen"' in asked and "Erreur" not in asked
    again = post(client, act, link=chosen, chosen="1")
    assert says in again and ("Erreur" in again or "field-error" in again) and 'name="digest"' not in again


def test_people_are_suspended_and_taken_up_again(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink, arrived: Callable[[], list[EmailMessage]]
) -> None:
    client, chosen = sign_in(cast.owner), [str(luc.uuid), str(cast.partner_link.uuid)]
    page = confirm(client, "suspend", link=chosen)
    assert set(AccountLink.objects.filter(kind="advanced", account=cast.north).values_list("state", flat=True)) == {
        "suspended"
    }
    assert len(arrived()) == 2
    undo(client, page)
    luc.refresh_from_db()
    assert luc.state == "active" and verbs(luc) == ["person suspended", "person reactivated"]


def test_invitations_are_sent_again(
    cast: SimpleNamespace, sign_in: Any, arrived: Callable[[], list[EmailMessage]]
) -> None:
    waiting = [
        AccountLink.objects.create(
            account=cast.north, kind="advanced", state=state, last_name=f"Attente {state}", first_name="A",
            email=f"{state}@example.com", expires_at=timezone.now() - timedelta(hours=1), generation=1,
            token_digest=f"{state}",
        )
        for state in ("invited", "expired")
    ]  # fmt: skip
    page = confirm(sign_in(cast.owner), "resend", all="1")
    assert "2 personnes sont invitées à nouveau" in page and "1 n’a pas pu être modifiée" in page
    for link in waiting:
        before = link.token_digest
        link.refresh_from_db()
        assert link.state == "invited" and link.generation == 2 and link.token_digest != before
        assert link.expires_at and link.expires_at > timezone.now() + timedelta(hours=47)
        assert link.invited_by == cast.owner and verbs(link) == ["invitation resent"]
    assert sorted(mail.to[0] for mail in arrived()) == ["expired@example.com", "invited@example.com"]
    for _again in range(RENEWED_AN_HOUR):
        page = confirm(sign_in(cast.owner), "resend", all="1")
    assert "3 n’ont pas pu être modifiées" in page, "as often as one by one, and no more"
    assert {link.generation for link in AccountLink.objects.filter(accepted_at=None)} == {1 + RENEWED_AN_HOUR}


def test_all_that_match_means_the_list_that_was_seen(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    page = post(sign_in(cast.owner), "give", all="1", list="kind=advanced&q=luc", right="coliship")
    assert "1 personne gagnera" in page and "Berlioz" not in page
    attach(link=luc, by=cast.owner_link, spots={(SITE, Site.objects.create(account=cast.north, name="Lille").pk)})
    page = post(sign_in(cast.owner), "remove", all="1", list="kind=advanced&place=none")
    assert "Les liens avec 1 personne seront supprimés" in page and "Berlioz" in page and "Zoé Luc" not in page
    with origin.of(replace(origin.current(), reference="import:7")):
        actions.suspend(link=luc, by=cast.owner_link)
    page = post(sign_in(cast.owner), "remove", all="1", list="kind=advanced&import=7")
    assert "Les liens avec 1 personne seront supprimés" in page and "Zoé Luc" in page


def test_what_changed_since_the_preview_is_shown_and_nothing_is_done(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink
) -> None:
    client = sign_in(cast.owner)
    preview = post(client, "give", all="1", right="coliship")
    digest = re.search(r'name="digest" value="(\w+)"', preview)
    assert digest
    make_link(cast.north, make_person("late"))
    page = post(client, "give", all="1", right="coliship", apply="1", digest=digest[1])
    assert "Rien n’a été fait" in page
    assert not Grant.objects.filter(right="coliship", link__kind="advanced", account=cast.north).exists()
    assert "Rien n’a été fait" in post(client, "give", all="1", right="coliship", apply="1")


def test_undo_leaves_alone_who_was_changed_since(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    client = sign_in(cast.owner)
    page = confirm(client, "give", link=[str(luc.uuid)], right="coliship")
    luc.grants.filter(right="coliship").delete()
    assert "plus rien à annuler" in undo(client, page)


NO_ACT = "bulk:00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("reference", ["", "\0", "bulk:", f"{NO_ACT}\0", NO_ACT])
def test_undo_of_what_was_no_act_on_many_finds_nothing(cast: SimpleNamespace, sign_in: Any, reference: str) -> None:
    invited = actions.invite_advanced(
        by=cast.owner_link,
        identity={**IDENTITY, "email": "luc@example.com"},
        rights=["shipping_ws"],
        tags=["LYON"],
        language="fr",
    )
    page = post(sign_in(cast.owner), "undo", reference=reference)
    assert "Il n’y a plus rien à annuler." in page
    assert rights_of(invited) == ["shipping_ws"]


def test_undo_of_another_account_finds_nothing(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    page = confirm(sign_in(cast.owner), "suspend", link=[str(luc.uuid)])
    reference = re.search(r'name="reference" value="([^"]+)"', page)
    assert reference
    sign_in(cast.stranger).post("/accounts/850061/users/bulk/", {"act": "undo", "reference": reference[1]})
    luc.refresh_from_db()
    assert luc.state == "suspended"


def test_too_many_at_once_are_refused(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 1)
    assert "Au plus 1 personnes" in post(sign_in(cast.owner), "suspend", all="1")


def test_a_colleague_and_a_stranger_cannot(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    data = {"act": "suspend", "link": [str(luc.uuid)], "list": "kind=advanced", "apply": "1"}
    assert sign_in(cast.colleague).post(URL, data).status_code == 403
    assert sign_in(cast.stranger).post(URL, data).status_code == 404


@pytest.mark.parametrize("act", ["", "delete", "undo"])
def test_an_unknown_act_changes_nothing(cast: SimpleNamespace, sign_in: Any, luc: AccountLink, act: str) -> None:
    events = AuditEvent.objects.count()
    post(sign_in(cast.owner), act, link=[str(luc.uuid)], apply="1")
    assert AuditEvent.objects.count() == events


def test_many_are_written_by_as_many_statements_as_few(cast: SimpleNamespace) -> None:
    def make(start: int, count: int) -> Any:
        pks = [make_link(cast.north, make_person(f"w{n}"), rights=["tool_key"]).pk for n in range(start, start + count)]
        return AccountLink.objects.filter(pk__in=pks)

    few, many = make(0, 2), make(10, 30)
    for act in (bulk.Give("tool_consolidated"), EndOn(timezone.localdate()), Remove()):
        with CaptureQueriesContext(connection) as with_few:
            bulk.apply(act=act, links=few, by=cast.owner_link)
        with CaptureQueriesContext(connection) as with_many:
            bulk.apply(act=act, links=many, by=cast.owner_link)
        assert len(with_many) == len(with_few)


def test_who_shares_a_name_is_told_apart_in_a_preview(cast: SimpleNamespace, sign_in: Any, luc: AccountLink) -> None:
    twins = [
        make_link(cast.north, make_person(f"b.arnaud{n}", first_name="Bruno", last_name="Arnaud"), rights=rights)
        for n, rights in enumerate(([], ["shipping_ws"]))
    ]
    chosen = [str(link.uuid) for link in (*twins, luc)]
    page = post(sign_in(cast.owner), "profile", link=chosen, profile="integrator", way="linked")
    for link in twins:
        assert f"Bruno Arnaud ({link.email})" in page
    assert str(luc) in page and luc.email not in page
    assert page.count("Suit le profil") == 1  # said once for everybody
    assert "3 personnes suivront" in page


def test_of_many_people_a_few_are_named_and_the_others_on_demand(cast: SimpleNamespace) -> None:
    people = [cast.partner_link] * (NAMED + 5)
    named = Naming(people).of(people)
    assert (len(named.first), len(named.others)) == (NAMED, 5)


def test_a_local_administrator_is_told_whom_a_suspension_stops_elsewhere_too(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink
) -> None:
    local = make_person("l.ocal")
    lille, lyon = (Site.objects.create(account=cast.north, name=name) for name in ("Lille", "Lyon"))
    its = make_link(cast.north, local, role="local", rights=["coliship"])
    attach(link=its, by=cast.owner_link, spots={(SITE, lille.pk)})
    attach(link=luc, by=cast.owner_link, spots={(SITE, lille.pk), (SITE, lyon.pk)})
    assert "s’y arrête aussi" in post(sign_in(local), "suspend", link=[str(luc.uuid)])
    assert "s’y arrête aussi" not in post(sign_in(cast.owner), "suspend", link=[str(luc.uuid)])


# Removal.


def test_links_are_removed_as_one_by_one(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink, arrived: Callable[[], list[EmailMessage]]
) -> None:
    other, waiting = make_link(cast.north, make_person("m.max"), rights=["tool_key"]), invited(cast)
    client, chosen = sign_in(cast.owner), [str(each.uuid) for each in (luc, waiting, cast.partner_link)]
    preview = post(client, "remove", link=chosen)
    assert "Les liens avec 3 personnes seront supprimés" in preview and "L’accès à ce compte" in preview
    assert "L’invitation\u202f: elle ne fonctionne plus" in preview and "btn-danger" in preview
    arrived()
    page = confirm(client, "remove", link=chosen)
    assert "Les liens avec 3 personnes sont supprimés." in page and 'name="reference"' not in page
    assert sorted(mail.to[0] for mail in arrived()) == sorted([cast.partner.email, luc.email])
    actions.end(link=other, by=cast.owner_link)
    one, many = (AuditEvent.objects.get(subject=link.uuid) for link in (other, luc))
    assert (one.verb, one.before, one.after) == (many.verb, many.before, many.after)
    mails = [Mail.objects.get(about=link.uuid) for link in (other, luc)]
    assert mails[0].kind == mails[1].kind and {**mails[0].args, "link": 0} == {**mails[1].args, "link": 0}
    left = AccountLink.objects.get(pk=cast.partner_link.pk)
    assert (left.state, rights_of(left), verbs(waiting)[-1]) == ("ended", [], "link removed")
    assert access.can(cast.partner, "tool_service_consolidated", cast.south)
    assert "plus rien à annuler" in post(client, "undo", reference=many.reference)
    again = client.post("/accounts/900138/users/advanced/new/", {**ADVANCED_FORM, "email": luc.email})
    assert "Reprendre ces droits" in again.content.decode()


def invited(cast: SimpleNamespace) -> AccountLink:
    identity = {**IDENTITY, "email": "attend@example.com", "last_name": "Attente"}
    return actions.invite_advanced(
        by=cast.owner_link, identity=identity, rights=["shipping_ws"], tags=[], language="fr"
    )


def test_a_standard_user_removed_with_others_can_no_longer_sign_in(cast: SimpleNamespace, sign_in: Any) -> None:
    chosen = {"link": [str(cast.colleague_link.uuid)], "list": "kind=standard"}
    assert "Le compte utilisateur\u202f: il est fermé" in post(sign_in(cast.owner), "remove", **chosen)
    confirm(sign_in(cast.owner), "remove", **chosen)
    assert not Client().login(username="c.martin", password=PASSWORD)


def test_who_cannot_be_removed_stays_and_the_preview_says_why(tiers: SimpleNamespace, sign_in: Any) -> None:
    handovers.name_successor(to=tiers.partner_link, by=tiers.owner_link)
    for by, whom in (
        (tiers.administrator_link, (tiers.owner_link, tiers.administrator_link, tiers.partner_link)),
        (tiers.manager_link, (tiers.local_link, tiers.manager_link, tiers.administrator_link)),
    ):
        planned = bulk.plan(act=Remove(), links=whom, by=by)
        assert [refusal.link for refusal in planned.refusals] == list(whom) and not planned.changes
    page = post(sign_in(tiers.owner), "remove", link=[str(tiers.partner_link.uuid)])
    assert "doit reprendre le compte" in page and 'name="apply"' not in page
    with pytest.raises(ValidationError, match="doit reprendre le compte"):
        actions.end(link=tiers.partner_link, by=tiers.owner_link)
    [outcome] = entering.plan(
        by=tiers.owner_link, entries=[Entry(email=tiers.partner.email, act=Act.UNLINK, kind="advanced")]
    )
    assert outcome.done is Done.REFUSED and "reprendre le compte" in outcome.detail


def test_a_local_administrator_removes_only_whom_they_manage_wherever_they_work(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink
) -> None:
    lille, lyon = (Site.objects.create(account=cast.north, name=name) for name in ("Lille", "Lyon"))
    its = make_link(cast.north, make_person("l.ocal"), role="local", rights=["coliship"])
    here, elsewhere = luc, make_link(cast.north, make_person("ailleurs", last_name="Ailleurs"))
    for link, sites in ((its, [lille]), (here, [lille]), (elsewhere, [lille, lyon])):
        attach(link=link, by=cast.owner_link, spots={(SITE, site.pk) for site in sites})
    page = post(sign_in(its.user), "remove", all="1")
    assert "Les liens avec 1 personne seront supprimés" in page and "que vous ne gérez pas" in page
    confirm(sign_in(its.user), "remove", all="1")
    states = AccountLink.objects.filter(pk__in=[here.pk, elsewhere.pk, cast.partner_link.pk])
    assert dict(states.values_list("pk", "state")) == {
        here.pk: "ended", elsewhere.pk: "active", cast.partner_link.pk: "active",
    }  # fmt: skip


def test_a_membership_manager_is_offered_what_is_not_about_rights(tiers: SimpleNamespace, sign_in: Any) -> None:
    offered = {
        person: re.findall(r'name="act" value="(\w+)"', sign_in(person).get(LIST).content.decode())
        for person in (tiers.owner, tiers.manager)
    }
    assert offered[tiers.manager] == ["resend", "ends", "suspend", "reactivate", "remove"]
    assert offered[tiers.owner] == ["give", "withdraw", "profile", "tag", "untag", *offered[tiers.manager]]


# The end date.


def test_an_end_date_is_given_taken_away_and_put_back(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink, arrived: Callable[[], list[EmailMessage]]
) -> None:
    client, today = sign_in(cast.owner), timezone.localdate()
    soon, later = today + timedelta(days=9), today + timedelta(days=90)
    AccountLink.objects.filter(pk=luc.pk).update(ends_on=soon)
    chosen = [str(luc.uuid), str(cast.partner_link.uuid)]
    assert 'name="ends_on"' in post(client, "ends", link=chosen)
    preview = post(client, "ends", link=chosen, ends="on", ends_on=f"{later}")
    assert f"L’accès de 2 personnes prendra fin le {later:%d/%m/%Y}" in preview
    assert f"Date de fin\u202f: {later:%d/%m/%Y}, au lieu du {soon:%d/%m/%Y}" in preview
    page = confirm(client, "ends", link=chosen, ends="on", ends_on=f"{later}")
    assert {*AccountLink.objects.filter(uuid__in=chosen).values_list("ends_on", flat=True)} == {later}
    assert sorted(mail.to[0] for mail in arrived()) == sorted([luc.email, cast.partner.email])
    undo(client, page)
    assert [AccountLink.objects.get(pk=link.pk).ends_on for link in (luc, cast.partner_link)] == [soon, None]
    page = confirm(client, "ends", link=chosen, ends="never")
    assert "L’accès de 1 personne n’a plus de date de fin. 1 n’a pas pu être modifiée." in page
    assert AccountLink.objects.get(pk=luc.pk).ends_on is None
    undo(client, page)
    assert AccountLink.objects.get(pk=luc.pk).ends_on == soon
    assert verbs(luc) == ["dates changed"] * 4
    AccountLink.objects.filter(pk=luc.pk).update(ends_on=today + timedelta(days=1))
    assert "plus rien à annuler" in undo(client, page)


def test_what_one_end_date_and_many_leave_behind_is_the_same(cast: SimpleNamespace, luc: AccountLink) -> None:
    other, day = make_link(cast.north, make_person("m.max"), rights=["tool_key"]), timezone.localdate()
    luc.refresh_from_db()
    dates.change_dates(link=luc, by=cast.owner_link, version=luc.version, span=Span(None, day), rights={})
    bulk.apply(act=EndOn(day), links=AccountLink.objects.filter(pk=other.pk), by=cast.owner_link)
    one, many = (AuditEvent.objects.get(subject=link.uuid) for link in (luc, other))
    assert (one.verb, one.before, one.after) == (many.verb, many.before, many.after)
    mails = [Mail.objects.get(about=link.uuid) for link in (luc, other)]
    assert mails[0].kind == mails[1].kind and {**mails[0].args, "link": 0} == {**mails[1].args, "link": 0}


def test_a_day_that_cannot_be_is_asked_again_and_who_begins_later_is_left_out(
    cast: SimpleNamespace, sign_in: Any, luc: AccountLink
) -> None:
    client, today = sign_in(cast.owner), timezone.localdate()
    chosen = [str(luc.uuid), str(cast.partner_link.uuid)]
    for typed, says in (("", "Saisissez un jour"), ("2020-01-01", "passé"), ("zz", "Saisissez un jour")):
        page = post(client, "ends", link=chosen, chosen="1", ends="on", ends_on=typed)
        assert says in page and "error-summary" in page and 'name="digest"' not in page
    AccountLink.objects.filter(pk=luc.pk).update(starts_on=today + timedelta(days=30))
    page = post(client, "ends", link=chosen, ends="on", ends_on=f"{today + timedelta(days=9)}")
    assert "L’accès de 1 personne prendra fin" in page and "avant le premier" in page


def test_to_let_many_accesses_last_longer_is_to_give_their_rights_again(tiers: SimpleNamespace) -> None:
    today = timezone.localdate()
    AccountLink.objects.filter(pk=tiers.partner_link.pk).update(ends_on=today + timedelta(days=9))
    links = AccountLink.objects.filter(pk=tiers.partner_link.pk)
    for by, days, changed in (
        (tiers.manager_link, 20, 0), (tiers.local_link, None, 0), (tiers.manager_link, 5, 1),
        (tiers.administrator_link, None, 1),
    ):  # fmt: skip
        day = today + timedelta(days=days) if days else None
        done, _reference = bulk.apply(act=EndOn(day), links=links, by=by)
        assert len(done.changes) == changed, (by, days)
