"""Who administers: roles, what each may do to whom, and the page that shows it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from accounts.models import AuditEvent, Site, SubAccount
from colibox.lib.outbox import Mail
from rights import bounds
from rights.access import Ceiling
from rights.actions import bulk, grants, handovers, invitations, links, roles
from rights.actions.many import entering
from rights.actions.many.entries import Act, Done, Entry
from rights.actions.reach import check_reach, refusal
from rights.models import AccountLink, Attachment, Handover
from tests.conftest import IDENTITY, PASSWORD, make_link, make_person

Role = AccountLink.Role


def refused(act: Any, **facts: Any) -> str:
    """What the refusal says, in English."""
    with translation.override("en"):
        with pytest.raises(ValidationError) as caught:
            act(**facts)
        return " ".join(caught.value.messages)


@pytest.fixture
def places(tiers: SimpleNamespace) -> SimpleNamespace:
    """A sub-account with a site, a site apart, and somebody at each."""
    lyon = SubAccount.objects.create(account=tiers.north, number="01", name="Lyon")
    dock = Site.objects.create(account=tiers.north, name="Quai", sub_account=lyon)
    apart = Site.objects.create(account=tiers.north, name="Nantes")
    people = {}
    there: dict[str, dict[str, Any]] = {"lyon": {"sub_account": lyon}, "dock": {"site": dock}, "apart": {"site": apart}}
    for name, place in there.items():
        people[name] = make_link(tiers.north, make_person(f"p.{name}"))
        Attachment.objects.create(account=tiers.north, link=people[name], **place)
    return SimpleNamespace(lyon=lyon, dock=dock, apart=apart, people=people)


def managed_by(link: AccountLink) -> set[str]:
    return {other.username for other in bounds.people_of(link)} - {link.username}


def test_a_local_administrator_manages_who_bears_one_of_their_tags(tiers: SimpleNamespace) -> None:
    assert managed_by(tiers.local_link) == {"a.berlioz"}


def test_a_sub_account_covers_its_sites(tiers: SimpleNamespace, places: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=tiers.local_link.pk).update(tags=[])
    tiers.local_link.refresh_from_db()
    Attachment.objects.create(account=tiers.north, link=tiers.local_link, sub_account=places.lyon)
    assert managed_by(tiers.local_link) == {"p.lyon", "p.dock"}


def test_a_site_covers_itself_alone(tiers: SimpleNamespace, places: SimpleNamespace) -> None:
    Attachment.objects.create(account=tiers.north, link=tiers.local_link, site=places.dock)
    assert managed_by(tiers.local_link) == {"p.dock", "a.berlioz"}


def test_without_place_and_tag_a_local_administrator_manages_nobody(tiers: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=tiers.local_link.pk).update(tags=[])
    tiers.local_link.refresh_from_db()
    assert managed_by(tiers.local_link) == set()


def test_nobody_acts_on_a_peer_or_a_superior(tiers: SimpleNamespace) -> None:
    order = ["owner", "administrator", "local", "manager", "colleague"]
    links = {name: getattr(tiers, f"{name}_link") for name in order}
    allowed = {(by, on) for by in order for on in order if refusal(links[on], links[by]) is None}
    below = {"owner": order[1:], "administrator": order[2:], "local": ["colleague"], "manager": ["colleague"]}
    assert allowed == {(by, on) for by, those in below.items() for on in those}


def test_an_action_on_whom_one_does_not_manage_is_refused(tiers: SimpleNamespace) -> None:
    assert "do not manage this person" in refused(check_reach, link=tiers.colleague_link, by=tiers.local_link)
    check_reach(tiers.partner_link, tiers.local_link)
    outside = bulk.plan(act=bulk.Suspend(), links=[tiers.colleague_link, tiers.partner_link], by=tiers.local_link)
    assert [change.link for change in outside.changes] == [tiers.partner_link]


def test_a_local_administrator_gives_what_they_hold_and_nothing_else(tiers: SimpleNamespace) -> None:
    ceiling = Ceiling(tiers.local_link)
    assert [right.code for right in ceiling.grantable("standard")] == ["invoices"]
    assert "do not hold" in refused(
        links.change,
        link=tiers.partner_link,
        by=tiers.local_link,
        rights=["tool_tag", "shipping_ws", "tracking_ws"],
        tags=["LYON"],
        version=tiers.partner_link.version,
    )


@pytest.mark.parametrize("tags", [["LYON", "PARIS"], [], ["PARIS"]])
def test_a_local_administrator_moves_only_their_own_tags(tags: list[str], tiers: SimpleNamespace) -> None:
    said = refused(
        links.change, link=tiers.partner_link, by=tiers.local_link, rights=["shipping_ws"], tags=tags, version=1
    )
    assert "tags" in said


def test_whom_a_local_administrator_invites_is_theirs(tiers: SimpleNamespace, places: SimpleNamespace) -> None:
    Attachment.objects.create(account=tiers.north, link=tiers.local_link, site=places.dock)
    identity = {**IDENTITY, "email": "neuf@example.com", "last_name": "Neuf"}
    facts = {"by": tiers.local_link, "identity": identity, "rights": [], "tags": [], "language": "fr"}
    link = invitations.invite_advanced(**facts)
    assert link in bounds.people_of(tiers.local_link)


def test_by_tags_alone_nobody_is_invited_without_one(tiers: SimpleNamespace) -> None:
    facts = {"by": tiers.local_link, "identity": IDENTITY, "rights": [], "language": "fr"}
    assert "one of yours" in refused(invitations.invite_advanced, tags=[], **facts)
    assert "only your own tags" in refused(invitations.invite_advanced, tags=["PARIS"], **facts)
    identity = {**IDENTITY, "email": "neuf@example.com"}
    link = invitations.invite_advanced(**{**facts, "identity": identity}, tags=["LYON"])
    assert link in bounds.people_of(tiers.local_link)


def test_a_membership_manager_gives_and_withdraws_nothing(tiers: SimpleNamespace) -> None:
    link, facts = tiers.partner_link, {"by": tiers.manager_link, "version": 1}
    rights = ["tool_tag", "shipping_ws"]
    for wanted, tags in ((["shipping_ws"], ["LYON"]), ([*rights, "tracking_ws"], ["LYON"]), (rights, ["LYON", "X"])):
        assert "not rights" in refused(links.change, link=link, rights=wanted, tags=tags, **facts)
    for act in (bulk.Give("tracking_ws"), bulk.Withdraw("shipping_ws"), bulk.AddTag("X"), bulk.RemoveTag("LYON")):
        assert bulk.plan(act=act, links=[link], by=tiers.manager_link).changes == []
    assert bulk.plan(act=bulk.Suspend(), links=[link], by=tiers.manager_link).changes


def test_a_membership_manager_corrects_data_on_a_form_whose_rights_are_closed(
    tiers: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(tiers.manager)
    address = reverse("rights:person", args=["900138", tiers.colleague_link.uuid])
    page = client.get(address).content.decode()
    assert "Vous gérez les personnes, pas les droits" in page
    identity = {**tiers.colleague_link.identity(), "function": "Cheffe de quai", "civility": "mme", "version": 1}
    client.post(address, identity)
    tiers.colleague_link.refresh_from_db()
    assert tiers.colleague_link.function == "Cheffe de quai"
    assert set(tiers.colleague_link.grants.values_list("right", flat=True)) == {"coliship", "invoices"}
    refused_page = client.post(address, {**identity, "version": 2, "rights": ["coliship", "invoices", "prices"]})
    assert refused_page.status_code == 200
    assert not tiers.colleague_link.grants.filter(right="prices").exists()


@pytest.mark.parametrize("who", ["local", "manager"])
def test_who_may_not_give_somebodys_rights_does_not_move_the_mails_that_open_their_sign_in(
    who: str, tiers: SimpleNamespace, sign_in: Any
) -> None:
    Attachment.objects.create(
        account=tiers.north, link=tiers.local_link, site=Site.objects.create(account=tiers.north, name="Quai")
    )
    Attachment.objects.create(account=tiers.north, link=tiers.colleague_link, site=Site.objects.get())
    by, former = getattr(tiers, f"{who}_link"), tiers.colleague.email
    identity = {**tiers.colleague_link.identity(), "email": "autre@evil.example"}
    facts = {"link": tiers.colleague_link, "rights": ["coliship", "invoices"], "tags": [], "version": 1}
    assert "account changes it" in refused(links.change, by=by, identity=identity, **facts)
    client = sign_in(by.user)
    address = reverse("rights:person", args=["900138", tiers.colleague_link.uuid])
    assert "un administrateur du compte la change" in client.get(address).content.decode()
    client.post(address, {**identity, "civility": "mme", "version": 1, "rights": facts["rights"]})
    tiers.colleague.refresh_from_db()
    assert tiers.colleague.email == former
    tiers.colleague_link.grants.exclude(right="invoices" if who == "local" else "").delete()
    change = {**facts, "rights": ["invoices"] if who == "local" else []}
    change["version"] = AccountLink.objects.get(pk=tiers.colleague_link.pk).version
    assert "administrator" in refused(links.change, by=by, identity=identity, **change), "rights withdrawn come back"
    AccountLink.objects.filter(pk=tiers.colleague_link.pk).update(state="suspended", accepted_at=None)
    links.change(by=by, identity=identity, **change)  # whom they could have invited themselves
    tiers.colleague.refresh_from_db()
    assert tiers.colleague.email == "autre@evil.example"


def test_nobody_moves_the_address_of_who_is_to_take_over(tiers: SimpleNamespace, sign_in: Any) -> None:
    identity = {**tiers.colleague_link.identity(), "email": "autre@evil.example"}
    facts = {"link": tiers.colleague_link, "rights": ["coliship", "invoices"], "tags": [], "version": 1}
    handovers.name_successor(to=tiers.colleague_link, by=tiers.owner_link)
    handovers.offer(to=tiers.colleague_link, by=tiers.owner_link)
    for by in (tiers.administrator_link, tiers.owner_link):
        assert "take over" in refused(links.change, by=by, identity=identity, **facts)
    handovers.forget_successor(by=tiers.owner_link)
    handovers.cancel(change=Handover.objects.get(state="offered"), by=tiers.owner)
    links.change(by=tiers.administrator_link, identity=identity, **facts)
    tiers.colleague.refresh_from_db()
    assert tiers.colleague.email == "autre@evil.example"


def test_a_membership_manager_saves_somebody_who_bears_a_tag(tiers: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(tiers.manager)
    address = reverse("rights:person", args=["900138", tiers.partner_link.uuid])
    assert client.post(address, {"version": 1}).status_code == 302
    tiers.partner_link.refresh_from_db()
    assert tiers.partner_link.tags == ["LYON"]


def test_what_an_administrator_gives_survives_an_invitation_by_a_membership_manager(tiers: SimpleNamespace) -> None:
    identity = {**IDENTITY, "email": "neuf@example.com"}
    link = invitations.invite_advanced(by=tiers.manager_link, identity=identity, rights=[], tags=[], language="fr")
    links.change(link=link, by=tiers.owner_link, rights=["tracking_ws"], tags=[], version=link.version)
    assert link.grants.get().given_by == tiers.owner
    assert grants.drop_above_ceiling(link, by=tiers.manager_link) == []


# Roles.


def test_the_owner_names_administrators_and_nobody_else_does(tiers: SimpleNamespace) -> None:
    roles.set_role(link=tiers.partner_link, by=tiers.owner_link, role=Role.ADMINISTRATOR)
    assert AccountLink.objects.get(pk=tiers.partner_link.pk).administers
    for by in (tiers.administrator_link, tiers.local_link, tiers.manager_link):
        refused(roles.set_role, link=tiers.colleague_link, by=by, role=Role.ADMINISTRATOR)
        refused(roles.set_role, link=tiers.partner_link, by=by, role=Role.MEMBER)
        refused(roles.set_role, link=tiers.owner_link, by=by, role=Role.MEMBER)


def test_an_administrator_names_local_ones_and_managers(tiers: SimpleNamespace) -> None:
    for role in (Role.LOCAL, Role.MANAGER, Role.MEMBER):
        link = roles.set_role(link=tiers.colleague_link, by=tiers.administrator_link, role=role)
        assert link.role == role
    event = AuditEvent.objects.filter(verb="role changed").latest("pk")
    assert (event.before["role"], event.after["role"]) == ("manager", "member")
    assert Mail.objects.filter(kind__endswith="role_changed").count() == 3


def test_ownership_is_never_given_as_a_role(tiers: SimpleNamespace) -> None:
    assert "cannot give" in refused(roles.set_role, link=tiers.colleague_link, by=tiers.owner_link, role=Role.OWNER)


def test_somebody_without_an_active_access_is_given_no_role(tiers: SimpleNamespace) -> None:
    AccountLink.objects.filter(pk=tiers.colleague_link.pk).update(state="suspended")
    said = refused(roles.set_role, link=tiers.colleague_link, by=tiers.owner_link, role=Role.LOCAL)
    assert "active access" in said


def test_a_role_does_not_reach_into_another_account(tiers: SimpleNamespace) -> None:
    refused(roles.set_role, link=tiers.partner_south_link, by=tiers.owner_link, role=Role.LOCAL)


# The pages.


def test_the_page_says_who_manages_whom(tiers: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(tiers.owner).get(reverse("rights:administrators", args=["900138"])).content.decode()
    for text in ("Propriétaire", "Administrateur local", "Gestionnaire", "LYON"):
        assert text in page


def test_somebody_is_found_by_name_and_given_a_role(tiers: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(tiers.owner)
    address = reverse("rights:role", args=["900138", tiers.colleague_link.uuid])
    found = client.get(reverse("rights:administrators", args=["900138"]), {"q": "martin"}).content.decode()
    assert address in found
    asked = client.post(address, {"role": "local"}).headers["Location"]
    assert asked.startswith("/auth/reauthenticate/")
    assert client.post(asked, {"password": PASSWORD}).headers["Location"].endswith("/administrators/")
    tiers.colleague_link.refresh_from_db()
    assert tiers.colleague_link.is_local


def test_an_administrator_sees_why_they_cannot_name_another(tiers: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(tiers.administrator)
    address = reverse("rights:role", args=["900138", tiers.colleague_link.uuid])
    assert "Seul le propriétaire nomme des administrateurs" in client.get(address).content.decode()
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    assert client.post(address, {"role": "administrator"}).status_code == 200
    tiers.colleague_link.refresh_from_db()
    assert tiers.colleague_link.role == Role.MEMBER


def test_the_users_page_of_a_local_administrator_shows_their_people_alone(tiers: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(tiers.local)
    for view in ("users", "matrix", "export"):
        page = client.get(reverse(f"rights:{view}", args=["900138"]), {"kind": "advanced"}).content.decode()
        assert "X Manager" not in page and "x.manager" not in page
    page = client.get(reverse("rights:users", args=["900138"])).content.decode()
    assert "a.berlioz" in page
    assert "c.martin" not in page and "ADMIN" not in page
    found = client.get(reverse("rights:users", args=["900138"]), {"q": "martin"}).content.decode()
    assert "c.martin" not in found


# Files and lists.


def outcome(by: AccountLink, entry: Entry) -> Done:
    [found] = entering.apply(by=by, entries=[entry])
    return found.done


def test_files_act_on_nobody_who_administers_as_much(tiers: SimpleNamespace) -> None:
    second = make_link(tiers.north, make_person("x.second"), role="administrator")
    for other, done in ((second, Done.REFUSED), (tiers.manager_link, Done.SUSPEND)):
        entry = Entry(email=other.email, act=Act.SUSPEND)
        assert outcome(tiers.administrator_link, entry) is done


def test_files_are_for_those_who_manage_everybody(tiers: SimpleNamespace, sign_in: Any) -> None:
    entry = Entry(email=tiers.partner.email, act=Act.SUSPEND)
    for by, person in ((tiers.local_link, tiers.local), (tiers.manager_link, tiers.manager)):
        assert outcome(by, entry) is Done.REFUSED
        client = sign_in(person)
        assert client.get(reverse("imports:imports", args=["900138"])).status_code == 403
        assert reverse("imports:imports", args=["900138"]) not in client.get(
            reverse("rights:users", args=["900138"])
        ).content.decode()  # fmt: skip


def test_the_page_of_a_person_says_their_role_and_leads_to_it(tiers: SimpleNamespace, sign_in: Any) -> None:
    address = reverse("rights:person", args=["900138", tiers.local_link.uuid])
    role = reverse("rights:role", args=["900138", tiers.local_link.uuid])
    page = sign_in(tiers.owner).get(address).content.decode()
    assert "Administrateur local · LYON" in page and role in page
    assert role not in sign_in(tiers.manager).get(address).content.decode()
    named = sign_in(tiers.owner).get(role).content.decode()
    assert "il gérerait 1 personne" in named and "LYON" in named


def test_a_local_administrator_is_told_whose_people_they_manage(tiers: SimpleNamespace, sign_in: Any) -> None:
    for name in ("users", "administration"):
        page = sign_in(tiers.local).get(reverse(f"rights:{name}", args=["900138"])).content.decode()
        assert "Vous gérez les personnes de : LYON" in page.replace("\u202f", " ")


def test_a_membership_manager_is_told_once_that_rights_are_not_theirs(tiers: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(tiers.manager).get(reverse("rights:person", args=["900138", tiers.partner_link.uuid]))
    assert page.content.decode().count("Vous gérez les personnes, pas les droits") == 1


def test_a_successor_who_can_no_longer_succeed_is_shown_as_such(tiers: SimpleNamespace, sign_in: Any) -> None:
    handovers.name_successor(to=tiers.partner_link, by=tiers.owner_link)
    AccountLink.objects.filter(pk=tiers.partner_link.pk).update(state="suspended")
    page = sign_in(tiers.owner).get(reverse("rights:administrators", args=["900138"])).content.decode()
    assert "ne peut plus prendre la suite" in page


def test_the_owner_reads_on_every_page_that_the_account_is_about_to_pass(tiers: SimpleNamespace, sign_in: Any) -> None:
    change = handovers.offer(to=tiers.partner_link, by=tiers.owner_link)
    handovers.accept_account(change=change, by=tiers.partner)
    address = reverse("rights:handover", args=[change.uuid])
    for person, told in ((tiers.owner, True), (tiers.administrator, False)):
        for name in ("rights:users", "accounts:account", "rights:administrators"):
            page = sign_in(person).get(reverse(name, args=["900138"])).content.decode()
            assert (address in page) is told, name


def test_all_who_are_found_are_counted_and_reached_page_by_page(cast: SimpleNamespace, sign_in: Any) -> None:
    for number in range(12):
        make_link(cast.north, make_person(f"arnaud{number:02}", last_name=f"Arnaud {number:02}"))
    client, url = sign_in(cast.owner), reverse("rights:administrators", args=["900138"])
    first = client.get(url, {"q": "arnaud"}).content.decode()
    assert "12 personnes trouvées" in first and "Arnaud 09" in first and "Arnaud 11" not in first
    assert "Arnaud 11" in client.get(url, {"q": "arnaud", "page": "2"}).content.decode()
