"""Profiles: who follows one and who copied it, the ceiling over both, a change previewed and done, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent
from colibox.lib import outbox, tenancy
from rights import actions, catalogue
from rights.access import Ceiling
from rights.actions import bulk, following, grants
from rights.actions import profiles as acts
from rights.actions.applying import Chosen, Fitting
from rights.actions.grants import Difference, Move
from rights.actions.many import entering
from rights.actions.many.entries import NO_PROFILE, Done, Entry
from rights.models import AccountLink, Entitlement, Profile
from rights.people.rows import gains_and_losses
from rights.people.standing import standing
from rights.shipped import SHIPPED
from tests.conftest import IDENTITY, make_account, make_link, make_person
from tests.rights.facts import ADVANCED_FORM, STANDARD_FORM, rights_of
from tests.together import together

URL = "/accounts/900138/profiles/"


def shipped(code: str, cast: SimpleNamespace) -> Profile:
    return next(profile for profile in Profile.objects.offered(cast.north.pk) if profile.shipped == code)


def own(cast: SimpleNamespace, *rights: str, name: str = "Agence") -> Profile:
    return acts.create(by=cast.owner_link, name=name, description="", rights=rights)


def take(cast: SimpleNamespace, link: AccountLink, profile: Profile, *, follows: bool = True) -> AccountLink:
    """Give a profile to somebody, as the form does."""
    actions.change(
        link=link, by=cast.owner_link, rights=[], tags=link.tags, version=link.version,
        profile=Chosen(profile, follows),
    )  # fmt: skip
    return now(link)


def now(link: AccountLink) -> AccountLink:
    return AccountLink.objects.get(pk=link.pk)


def digests(page: str) -> list[str]:
    return re.findall(r'name="digest" value="(\w+)"', page)


def change(cast: SimpleNamespace, profile: Profile, *rights: str, **more: Any) -> following.Followers:
    profile = Profile.objects.get(pk=profile.pk)
    facts = {"name": profile.name, "description": "", "version": profile.version, **more}
    return acts.change(profile=profile, by=cast.owner_link, rights=rights, **facts)


class TestShipped:
    def test_their_rights_are_in_the_catalogue_and_exclude_one_another_nowhere(self) -> None:
        for each in SHIPPED:
            rights = [catalogue.BY_CODE[code] for code in each.rights]
            choices = [right.choice for right in rights if right.choice]
            assert len(choices) == len(set(choices))

    def test_every_account_finds_them_and_none_is_written_before_it_is_applied(self, cast: SimpleNamespace) -> None:
        assert len(Profile.objects.offered(cast.north.pk)) == len(SHIPPED)
        assert not Profile.objects.exists()
        take(cast, cast.colleague_link, shipped("shipper", cast))
        [written] = Profile.objects.all()
        assert (written.shipped, written.account, written.name) == ("shipper", cast.north, "Expéditeur")
        assert len(Profile.objects.offered(cast.north.pk)) == len(SHIPPED)

    def test_their_names_are_taken_in_every_language(self, cast: SimpleNamespace) -> None:
        for name in ("EXPEDITEUR", "shipper", "Comptabilité"):
            with pytest.raises(ValidationError):
                own(cast, "coliship", name=name)

    def test_they_are_neither_changed_nor_removed(self, cast: SimpleNamespace) -> None:
        take(cast, cast.colleague_link, shipped("shipper", cast))
        profile = shipped("shipper", cast)
        with pytest.raises(ValidationError):
            change(cast, profile, "coliship")
        with pytest.raises(ValidationError):
            acts.remove(profile=profile, by=cast.owner_link, digest="")


class TestApplying:
    def test_a_profile_gives_what_suits_the_kind_of_user(self, cast: SimpleNamespace) -> None:
        link = take(cast, cast.colleague_link, shipped("shipper", cast))
        assert rights_of(link) == ["coliship", "collection", "returns", "supplies", "tracking_claims"]
        assert link.follows_profile and link.profile_at
        partner = take(cast, cast.partner_link, shipped("shipper", cast), follows=False)
        assert rights_of(partner) == ["coliship", "tool_key"]
        assert partner.profile == link.profile and not partner.follows_profile

    def test_what_the_applier_may_not_give_is_left_out(self, cast: SimpleNamespace) -> None:
        Entitlement.objects.filter(account=cast.north, right="returns").delete()
        Entitlement.objects.filter(account=cast.north, right="supplies").update(delegable=False)
        link = take(cast, cast.colleague_link, shipped("shipper", cast))
        assert rights_of(link) == ["coliship", "collection", "tracking_claims"]
        less = dict(standing(link, Ceiling(cast.owner_link)).less)  # type: ignore[union-attr]
        assert {str(reason) for reason in less.values()} == {
            "Votre compte ne détient pas ce droit.", "Votre contrat ne permet pas de déléguer ce droit.",
        }  # fmt: skip

    def test_a_scope_that_needs_a_tag_waits_for_one(self, cast: SimpleNamespace) -> None:
        luc = make_link(cast.north, make_person("l.luc"))
        luc = take(cast, luc, shipped("contractor", cast))
        assert rights_of(luc) == ["coliship"]
        actions.change(link=luc, by=cast.owner_link, rights=["coliship"], tags=["LYON"], version=luc.version)
        luc = now(luc)
        assert rights_of(luc) == ["coliship", "tool_tag"] and luc.follows_profile

    def test_a_profile_that_gives_nothing_is_refused(self, cast: SimpleNamespace) -> None:
        with pytest.raises(ValidationError) as refusal:
            actions.invite_advanced(
                by=cast.owner_link, identity=IDENTITY, rights=[], tags=[], language="fr",
                profile=Chosen(shipped("accounting", cast), True),
            )  # fmt: skip
        assert refusal.value.message_dict["profile"] == ["Ce profil est réservé aux utilisateurs standard."]

    def test_only_those_that_give_something_are_offered_and_the_others_are_shown_with_why(
        self, cast: SimpleNamespace, sign_in: Any
    ) -> None:
        Entitlement.objects.filter(account=cast.north, right__in=["shipping_ws", "tracking_ws", "pickup_ws"]).delete()
        client, offered = sign_in(cast.owner), {}
        for kind in ("standard", "advanced"):
            response = client.get(f"/accounts/900138/users/{kind}/new/")
            offered[kind] = {profile.shipped for profile in response.context["form"].offered}
            assert "Ce profil est réservé aux utilisateurs standard." in response.content.decode() or kind == "standard"
            form = {"act": "profile", "list": f"kind={kind}", "all": "1"}
            chosen = client.post("/accounts/900138/users/bulk/", form).context["form"]
            assert {profile.shipped for profile in chosen.offered} == offered[kind]
        assert offered["standard"] == {"shipper", "tracking", "service", "accounting", "contractor"}
        assert offered["advanced"] == {"shipper", "tracking", "service", "contractor"}
        assert "réservé aux utilisateurs standard" in client.get(URL).content.decode()

    def test_who_has_people_in_hand_but_no_rights_lets_nobody_follow_one(self, cast: SimpleNamespace) -> None:
        profile = own(cast, "coliship", "tool_consolidated")
        AccountLink.objects.filter(pk=cast.colleague_link.pk).update(role="manager")
        manager, held = now(cast.colleague_link), sorted(rights_of(cast.partner_link))
        act = bulk.Apply(Chosen(profile, follows=True))
        assert [r.reason for r in bulk.plan(act=act, links=[cast.partner_link], by=manager).refusals]
        with pytest.raises(ValidationError) as refusal:
            actions.change(
                link=cast.partner_link, by=manager, rights=held, tags=cast.partner_link.tags,
                version=cast.partner_link.version, profile=Chosen(profile, follows=True),
            )  # fmt: skip
        assert "profile" in refusal.value.message_dict and now(cast.partner_link).profile is None

    def test_newcomers_of_every_form_take_one(self, cast: SimpleNamespace, sign_in: Any) -> None:
        client = sign_in(cast.owner)
        standard = {**STANDARD_FORM, "rights": [], "way": "linked", "profile": "shipper"}
        assert client.post("/accounts/900138/users/standard/new/", standard).status_code == 302
        advanced = {**ADVANCED_FORM, "rights": [], "tool": "", "way": "copied", "profile": "integrator"}
        assert client.post("/accounts/900138/users/advanced/new/", advanced).status_code == 302
        elise, nadia = AccountLink.objects.order_by("-pk")[1], AccountLink.objects.order_by("-pk")[0]
        assert (str(elise.profile), elise.follows_profile) == ("Expéditeur", True)
        assert (str(nadia.profile), nadia.follows_profile) == ("Intégrateur", False)
        assert rights_of(nadia) == ["pickup_ws", "shipping_ws", "tracking_ws"]
        invited = AuditEvent.objects.get(subject=nadia.uuid, verb="person invited")
        assert invited.after["profile"] == "Intégrateur" and invited.after["follows_profile"] is False

    def test_a_way_without_a_profile_or_with_a_foreign_one_is_refused(
        self, cast: SimpleNamespace, sign_in: Any
    ) -> None:
        foreign = acts.create(by=cast.stranger_link, name="Agence", description="", rights=["coliship"])
        for key in ("", str(foreign.uuid), "nothing"):
            form = {**ADVANCED_FORM, "rights": [], "tool": "", "way": "linked", "profile": key}
            response = sign_in(cast.owner).post("/accounts/900138/users/advanced/new/", form)
            assert response.status_code == 200 and response.context["form"].errors["profile"]


@pytest.fixture
def local(cast: SimpleNamespace) -> AccountLink:
    """The colleague as a local administrator of who bears LYON, the partner among them; they hold franking alone."""
    AccountLink.objects.filter(pk=cast.colleague_link.pk).update(role="local", tags=["LYON"])
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(tags=["LYON"])
    cast.colleague_link.grants.all().delete()
    grants.move([Move(cast.colleague_link.pk, Difference(frozenset(["coliship"]), frozenset()))], by=cast.owner_link)
    return now(cast.colleague_link)


class TestLocalAdministrator:
    """Nobody lets others follow what they do not hold themselves: somebody higher would give it without knowing."""

    def test_nobody_follows_through_them_more_than_they_hold(self, cast: SimpleNamespace, local: AccountLink) -> None:
        wide, narrow = own(cast, "coliship", "tool_consolidated", name="Tout"), own(cast, "coliship", "chat")
        partner = now(cast.partner_link)
        with pytest.raises(ValidationError) as refusal:
            actions.change(
                link=partner, by=local, rights=[], tags=partner.tags, version=partner.version,
                profile=Chosen(wide, follows=True),
            )  # fmt: skip
        assert "Suivi consolidé" in refusal.value.message_dict["profile"][0]
        everybody = AccountLink.objects.filter(pk=partner.pk)
        plans = [bulk.plan(act=bulk.Apply(Chosen(wide, way)), links=[partner], by=local) for way in (True, False)]
        assert [(len(plan.changes), len(plan.refusals)) for plan in plans] == [(0, 1), (1, 0)]
        held = {*rights_of(partner)}
        bulk.apply(act=bulk.Apply(Chosen(wide)), links=everybody, by=local)
        assert {*rights_of(partner)} == {"coliship"} | held & {"tool_consolidated"}
        bulk.apply(act=bulk.Apply(Chosen(narrow, follows=True)), links=everybody, by=local)
        assert rights_of(partner) == ["coliship"] and now(partner).follows_profile

    def test_a_save_by_somebody_higher_gives_nothing_on_its_own(self, cast: SimpleNamespace) -> None:
        link = take(cast, cast.colleague_link, own(cast, "coliship", "chat"))
        link.grants.filter(right="chat").delete()
        identity = {**link.identity(), "phone": "+33320999998"}
        actions.change(
            link=link, by=cast.owner_link, rights=["coliship"], tags=[], version=link.version, identity=identity
        )
        assert rights_of(link) == ["coliship"] and now(link).follows_profile

    def test_files_are_for_administrators_of_the_whole_account(self, cast: SimpleNamespace, local: AccountLink) -> None:
        profile = own(cast, "coliship")
        entry = Entry(email=cast.partner.email, kind="advanced", profile=profile.key)
        [outcome] = entering.apply(by=local, entries=[entry])
        assert outcome.done == Done.REFUSED and now(cast.partner_link).profile is None


def test_the_page_asks_as_many_questions_however_many_profiles(cast: SimpleNamespace, sign_in: Any) -> None:
    client, counts = sign_in(cast.owner), []
    for first, last in ((0, 1), (1, 25)):
        made = [own(cast, "coliship", "chat", name=f"Agence {n:02}") for n in range(first, last)]
        for profile in made:
            link = make_link(cast.north, make_person(f"with{profile.pk}"))
            AccountLink.objects.filter(pk=link.pk).update(profile=profile, follows_profile=True)
        assert f"Agence {last - 1:02}" in client.get(URL).content.decode()
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1]


class TestByHand:
    def test_who_follows_and_is_changed_by_hand_has_a_copy(self, cast: SimpleNamespace) -> None:
        link = take(cast, cast.colleague_link, own(cast, "coliship", "returns"))
        actions.change(link=link, by=cast.owner_link, rights=["coliship", "chat"], tags=[], version=link.version)
        link = now(link)
        assert not link.follows_profile and str(link.profile) == "Agence"
        found = standing(link, Ceiling(cast.owner_link))
        assert found and len(found.more) == 1 and len(found.less) == 1

    def test_a_save_that_leaves_the_rights_goes_on_following(self, cast: SimpleNamespace) -> None:
        link = take(cast, cast.colleague_link, own(cast, "coliship", "returns"))
        actions.change(link=link, by=cast.owner_link, rights=["coliship", "returns"], tags=[], version=link.version)
        assert now(link).follows_profile

    def test_the_page_says_so_beforehand_and_how_they_differ(self, cast: SimpleNamespace, sign_in: Any) -> None:
        link = take(cast, cast.colleague_link, shipped("accounting", cast))
        client, url = sign_in(cast.owner), f"/accounts/900138/users/{cast.colleague_link.uuid}/"
        page = client.get(url).content.decode()
        assert "Suit le profil « Expéditeur »" not in page
        assert "Suit le profil «\u202fComptabilité\u202f»" in page and "cette personne ne le suit plus" in page
        form = {**STANDARD_FORM, "email": link.email, "rights": ["invoices"], "version": link.version}
        form |= {"way": "linked", "profile": "accounting"}
        assert client.post(url, form).status_code == 302
        page = client.get(url).content.decode()
        assert "Copié du profil «\u202fComptabilité\u202f»" in page and "1 droit de moins" in page

    @pytest.mark.parametrize("act", [bulk.Give("chat"), bulk.Withdraw("coliship")])
    def test_an_act_on_many_makes_copies_too(self, cast: SimpleNamespace, act: bulk.Act) -> None:
        link = take(cast, cast.colleague_link, own(cast, "coliship", "returns"))
        [foreseen] = bulk.plan(act=act, links=[link], by=cast.owner_link).changes
        assert any("ne le suit plus" in lost for lost in gains_and_losses(foreseen)["lost"])
        bulk.apply(act=act, links=AccountLink.objects.filter(pk=link.pk), by=cast.owner_link)
        assert not now(link).follows_profile and now(link).profile

    def test_none_any_more_leaves_the_rights_as_they_are(self, cast: SimpleNamespace) -> None:
        link = take(cast, cast.colleague_link, own(cast, "coliship", "returns"))
        actions.change(
            link=link, by=cast.owner_link, rights=["coliship", "returns"], tags=[], version=link.version,
            profile=Chosen(),
        )  # fmt: skip
        assert now(link).profile is None and rights_of(link) == ["coliship", "returns"]


class TestChange:
    def test_all_who_follow_change_and_copies_stay(
        self, cast: SimpleNamespace, arrived: Callable[[], list[EmailMessage]]
    ) -> None:
        profile = own(cast, "coliship", "tool_key")
        take(cast, cast.colleague_link, profile)
        take(cast, cast.partner_link, profile, follows=False)
        arrived()
        effect = change(cast, profile, "coliship", "returns", "chat")
        assert (effect.gaining, effect.losing, effect.count) == (1, 0, 1)
        assert rights_of(cast.colleague_link) == ["chat", "coliship", "returns"]
        assert rights_of(cast.partner_link) == ["coliship", "tool_key"]
        [mail] = arrived()
        assert mail.to == [cast.colleague.email] and "Interface de retour" in str(mail.body)
        assert "Vous suivez le profil «\u202fAgence\u202f»" in str(mail.body)
        event = AuditEvent.objects.get(verb="rights profile changed")
        assert event.after == {"rights": ["coliship", "returns", "chat"]}
        assert AuditEvent.objects.filter(reference=f"profile:{profile.uuid}", verb="person changed").count() == 1

    def test_it_is_previewed_then_done(self, cast: SimpleNamespace, sign_in: Any) -> None:
        profile, client = own(cast, "coliship", "invoices"), sign_in(cast.owner)
        take(cast, cast.colleague_link, profile)
        take(cast, cast.partner_link, profile)
        form = {"name": "Agence", "description": "", "version": "1", "rights": ["coliship", "chat"], "tool": "tool_tag"}
        preview = client.post(f"{URL}{profile.uuid}/", form).content.decode()
        assert "2 personnes gagneront des droits." in preview and "1 personne perdra des droits." in preview
        assert rights_of(cast.colleague_link) == ["coliship", "invoices"]
        [digest] = digests(preview)
        done = client.post(f"{URL}{profile.uuid}/", {**form, "digest": digest, "apply": "1"}, follow=True)
        assert "2 personnes ont gagné des droits." in done.content.decode()
        assert rights_of(cast.colleague_link) == ["chat", "coliship"]
        assert rights_of(cast.partner_link) == ["coliship", "tool_tag"]

    def test_a_right_that_reaches_nobody_is_said(self, cast: SimpleNamespace, sign_in: Any) -> None:
        profile = own(cast, "coliship")
        take(cast, cast.partner_link, profile)
        form = {"name": "Agence", "version": "1", "rights": ["coliship", "returns"]}
        page = sign_in(cast.owner).post(f"{URL}{profile.uuid}/", form).content.decode()
        assert "Personne ne gagnera ni ne perdra de droit" in page and "Non donné" in page
        assert "Pour les utilisateurs standard seulement." in page

    def test_what_changed_since_the_preview_is_shown_and_nothing_is_done(
        self, cast: SimpleNamespace, sign_in: Any
    ) -> None:
        profile, client = own(cast, "coliship", "invoices"), sign_in(cast.owner)
        link = take(cast, cast.colleague_link, profile)
        form = {"name": "Agence", "version": "1", "rights": ["coliship"]}
        [digest] = re.findall(
            r'name="digest" value="(\w+)"', client.post(f"{URL}{profile.uuid}/", form).content.decode()
        )
        actions.suspend(link=link, by=cast.owner_link)
        page = client.post(f"{URL}{profile.uuid}/", {**form, "digest": digest, "apply": "1"}).content.decode()
        assert "Rien n’a été fait" in page and rights_of(link) == ["coliship", "invoices"]
        change(cast, profile, "coliship", "invoices", name="Agences")
        page = client.post(f"{URL}{profile.uuid}/", {**form, "apply": "1"}, follow=True).content.decode()
        assert "quelqu’un a modifié ce profil entre-temps" in page

    def test_who_cannot_be_changed_keeps_a_copy(self, cast: SimpleNamespace) -> None:
        profile = own(cast, "coliship", "invoices")
        take(cast, cast.colleague_link, profile)
        AccountLink.objects.filter(pk=cast.colleague_link.pk).update(role="administrator")
        effect = change(cast, profile, "coliship")
        [refused] = effect.alike
        assert list(refused.versions) == [cast.colleague_link.pk] and refused.refusal and not effect.changing
        assert not now(cast.colleague_link).follows_profile
        assert rights_of(cast.colleague_link) == ["coliship", "invoices"]

    def test_only_an_administrator_of_the_account_decides(self, cast: SimpleNamespace) -> None:
        profile = own(cast, "coliship")
        for by in (cast.colleague_link, cast.stranger_link):
            with pytest.raises((ValidationError, Profile.DoesNotExist)):
                acts.create(by=cast.colleague_link, name="X", description="", rights=["coliship"])
            if by == cast.colleague_link:
                with pytest.raises(ValidationError):
                    acts.change(profile=profile, by=by, name="X", description="", rights=["chat"], version=1)

    def test_many_cost_as_many_statements_as_few(self, cast: SimpleNamespace) -> None:
        profile = own(cast, "coliship")

        def cost(*rights: str) -> int:
            with CaptureQueriesContext(connection) as queries:
                change(cast, profile, *rights)
            return len(queries)

        take(cast, cast.partner_link, profile)
        few = cost("pickup_ws", "tool_key")
        for n in range(12):
            take(cast, make_link(cast.north, make_person(f"p.{n}")), profile)
        assert cost("shipping_ws", "tool_consolidated") <= few
        assert rights_of(cast.partner_link) == ["shipping_ws", "tool_consolidated"]


CODES = [right.code for right in catalogue.RIGHTS]
SETS = st.sets(st.sampled_from(CODES), max_size=12).map(
    lambda codes: [code for code in CODES if code in codes and not _twice(code, codes)]
)


def _twice(code: str, codes: set[str]) -> bool:
    """Whether another scope of the same form comes before it."""
    choice = catalogue.BY_CODE[code].choice
    return bool(choice) and any(catalogue.BY_CODE[c].choice == choice for c in CODES[: CODES.index(code)] if c in codes)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=SETS, after=SETS, had=SETS, lost=st.sets(st.sampled_from(CODES)), kept=st.sets(st.sampled_from(CODES)))
def test_what_is_previewed_is_what_is_done(
    cast: SimpleNamespace, before: list[str], after: list[str], had: list[str], lost: set[str], kept: set[str]
) -> None:
    """Whatever the profile was and becomes, whatever the account lost: the preview, the result, and the ceiling."""
    before, after = before or ["coliship"], after or ["chat"]
    sid = transaction.savepoint()
    try:
        profile = own(cast, *before)
        fits = Fitting(before, Ceiling(cast.owner_link))
        for link in (cast.colleague_link, cast.partner_link):
            AccountLink.objects.filter(pk=link.pk).update(profile=profile, follows_profile=True)
            link.grants.all().delete()
            given = fits.fit(kind=link.kind, tags=link.tags).rights
            grants.move([grants.Move(link.pk, Difference(given, frozenset()))], by=cast.owner_link)
        Entitlement.objects.filter(account=cast.north, right__in=lost).delete()
        Entitlement.objects.filter(account=cast.north, right__in=kept).update(delegable=False)
        held = set(Entitlement.objects.filter(account=cast.north).values_list("right", flat=True))
        links = {link.pk: set(rights_of(link)) for link in (cast.colleague_link, cast.partner_link)}
        foreseen = acts.plan(profile=profile, rights=after, by=cast.owner_link)
        done = change(cast, profile, *after, digest=foreseen.digest)
        moves = {pk: each.rights for each in done.changing for pk in each.versions}
        assert moves == {each.link.pk: each.rights for each in foreseen.changes}
        for link in (cast.colleague_link, cast.partner_link):
            was, has = links[link.pk], set(rights_of(link))
            move = moves.get(link.pk, Difference(frozenset(), frozenset()))
            assert has == (was | move.gained) - move.lost
            assert now(link).follows_profile
            assert not (has - was) & (kept | lost)
            assert has & held <= set(after)
            assert {c for c in after if catalogue.BY_CODE[c].suits(link.kind) and c in held - kept} <= has | (
                {"tool_tag", "tool_service_tag"} if not link.tags else set()
            )
    finally:
        transaction.savepoint_rollback(sid)


class TestRemoval:
    def test_who_followed_keeps_their_rights_as_their_own(self, cast: SimpleNamespace, sign_in: Any) -> None:
        profile, client = own(cast, "coliship", "tool_key"), sign_in(cast.owner)
        take(cast, cast.colleague_link, profile)
        take(cast, cast.partner_link, profile, follows=False)
        url = f"{URL}{profile.uuid}/remove/"
        page = client.get(url).content.decode()
        assert "1 personne le suit" in page and "1 personne l’a copié" in page
        [digest] = digests(page)
        assert "Rien n’a été fait" in client.post(url, {"digest": "other"}).content.decode()
        assert client.post(url, {"digest": digest}).status_code == 302
        assert not Profile.objects.filter(pk=profile.pk).exists()
        assert rights_of(cast.colleague_link) == ["coliship"] and rights_of(cast.partner_link) == [
            "coliship",
            "tool_key",
        ]
        assert now(cast.colleague_link).profile is None and not now(cast.colleague_link).follows_profile


class TestMany:
    def test_it_is_given_to_many_and_taken_back(self, cast: SimpleNamespace, sign_in: Any) -> None:
        client, url = sign_in(cast.owner), "/accounts/900138/users/bulk/"
        luc = make_link(cast.north, make_person("l.luc"), rights=["tool_key"])
        chosen = {"act": "profile", "list": "kind=advanced", "link": [str(luc.uuid), str(cast.partner_link.uuid)]}
        assert "Comptabilité" in client.post(url, chosen).content.decode()
        chosen |= {"profile": "contractor", "way": "linked"}
        preview = client.post(url, chosen).content.decode()
        assert (
            "2 personnes suivront «\u202fPrestataire\u202f»." in preview
            and "Suit le profil «\u202fPrestataire\u202f»" in preview
            and "Il faut un tag" in preview
        )
        [digest] = digests(preview)
        page = client.post(url, {**chosen, "apply": "1", "digest": digest}, follow=True).content.decode()
        assert rights_of(luc) == ["coliship"] and rights_of(cast.partner_link) == ["coliship", "tool_tag"]
        assert now(luc).follows_profile
        [reference] = re.findall(r'name="reference" value="([^"]+)"', page)
        client.post(url, {"act": "undo", "reference": reference})
        assert rights_of(luc) == ["tool_key"] and now(luc).profile is None
        assert rights_of(cast.partner_link) == ["shipping_ws", "tool_tag"]

    def test_a_row_names_a_profile_to_follow_to_copy_or_to_leave(self, cast: SimpleNamespace) -> None:
        def ask(email: str, **asked: Any) -> Done:
            given, about = frozenset(asked.pop("rights", ())), frozenset(asked.pop("about", ()))
            entry = Entry(email, identity=IDENTITY, rights=given, about=about | given, **asked)
            [foreseen] = entering.plan(by=cast.owner_link, entries=[entry])
            [done] = entering.apply(by=cast.owner_link, entries=[entry])
            assert foreseen.done == done.done
            return done.done

        partner = cast.partner.email
        assert ask(partner, profile="shipper", rights=["shipping_ws"]) == Done.UPDATE  # what is so already says nothing
        assert rights_of(cast.partner_link) == ["coliship", "tool_key"] and now(cast.partner_link).follows_profile
        assert ask(partner, profile="shipper", rights=["coliship", "tool_key"], about=["chat"]) == Done.UNCHANGED
        assert ask(partner, profile="shipper", rights=["pickup_ws"]) == Done.UPDATE
        assert not now(cast.partner_link).follows_profile
        assert ask(partner, profile=NO_PROFILE) == Done.UPDATE and now(cast.partner_link).profile is None
        assert ask("new@example.com", profile="shipper") == Done.INVITE
        assert ask("other@example.com", profile="shipper", rights=["shipping_ws"]) == Done.INVITE
        invited = {link.email: link for link in AccountLink.objects.filter(state="invited")}
        assert invited["new@example.com"].follows_profile and not invited["other@example.com"].follows_profile
        assert rights_of(invited["other@example.com"]) == ["coliship", "shipping_ws", "tool_key"]
        assert ask("none@example.com", profile="accounting") == Done.REFUSED
        assert ask("none@example.com", profile="gone") == Done.REFUSED


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_profile_and_one_by_hand_at_once_leave_no_follower_with_other_rights() -> None:
    """Whichever comes first: the other finds what it left, as a copy or as a conflict."""
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        owner = make_link(north, make_person("900138", kind="standard"), role="owner")
        links = [make_link(north, make_person(f"p.{n}"), rights=["coliship"]) for n in range(6)]
        profile = acts.create(by=owner, name="Agence", description="", rights=["coliship"])
        AccountLink.objects.filter(pk__in=[link.pk for link in links]).update(profile=profile, follows_profile=True)
        links = [now(link) for link in links]

    def run(act: Callable[[], Any]) -> None:
        with suppress(actions.Conflict), transaction.atomic(), tenancy.everything():
            act()

    def by_hand(link: AccountLink) -> None:
        actions.change(link=link, by=owner, rights=["shipping_ws"], tags=[], version=link.version)

    def of_profile() -> None:
        acts.change(profile=profile, by=owner, name="Agence", description="", rights=["pickup_ws"], version=1)

    together(partial(run, of_profile), *(partial(run, partial(by_hand, link)) for link in links))
    with transaction.atomic(), tenancy.everything():
        for link in links:
            assert rights_of(link) == (["pickup_ws"] if now(link).follows_profile else ["shipping_ws"])


class Cut:
    """Dies at the nth statement that writes, as whoever is killed there does: the database sees a connection end."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.left -= not sql.lstrip().startswith(("SELECT", "SAVEPOINT", "RELEASE"))
        if self.left < 0:
            connection.connection.close()
        return execute(sql, params, many, context)


def killed(act: Callable[[], Any], nth: int) -> bool:
    """Whether an act dies at its nth writing statement; else it is done."""
    try:
        with transaction.atomic(), tenancy.everything(), connection.execute_wrapper(Cut(nth)):
            act()
    except Error:
        return True
    finally:
        connection.close()
    return False


@pytest.mark.django_db(transaction=True)
def test_who_is_killed_while_thousands_change_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it happens; what is then asked again is done, written and told once to each."""
    monkeypatch.setattr(following, "TOGETHER", 2)
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        owner = make_link(north, make_person("900138", kind="standard"), role="owner")
        links = [make_link(north, make_person(f"p.{n}"), rights=["coliship"]) for n in range(4)]
        profile = acts.create(by=owner, name="Agence", description="", rights=["coliship"])
        AccountLink.objects.filter(pk__in=[link.pk for link in links]).update(profile=profile, follows_profile=True)
        AccountLink.objects.filter(pk=links[3].pk).update(first_name="", last_name="", state="suspended")

    def all_of_it() -> list[object]:
        with transaction.atomic(), tenancy.everything():
            people = AccountLink.objects.filter(account=north).order_by("pk")
            return [
                *people.values_list("version", "profile", "follows_profile"),
                *(rights_of(link) for link in people),
                *Profile.objects.values_list("version", "rights"),
                (AuditEvent.objects.count(), outbox.Mail.objects.count()),
            ]

    def change() -> None:
        acts.change(profile=profile, by=owner, name="Agence", description="", rights=["pickup_ws"], version=1)

    def remove() -> None:
        acts.remove(profile=profile, by=owner, digest=acts.plan_removal(profile=profile))

    for act, least in ((change, 11), (remove, 6)):
        before, nth = all_of_it(), 0
        while killed(act, nth):
            assert all_of_it() == before
            nth += 1
        assert nth >= least and all_of_it() != before
    with transaction.atomic(), tenancy.everything():
        assert [rights_of(link) for link in links] == [["pickup_ws"]] * 4
        told = AuditEvent.objects.filter(verb="person changed", reference=f"profile:{profile.uuid}").order_by("pk")
        assert list(told.values_list("subject_name", flat=True)) == [str(now(link)) for link in links] * 2
        assert outbox.Mail.objects.filter(kind__endswith="rights_changed").count() == 3  # the fourth has no access


def test_the_list_finds_who_has_a_profile_by_any_of_its_names(cast: SimpleNamespace, sign_in: Any) -> None:
    take(cast, cast.colleague_link, shipped("shipper", cast))
    take(cast, cast.partner_link, own(cast, "coliship"), follows=False)
    client = sign_in(cast.owner)
    for name, there, absent in (("EXPEDITEUR", "Martin", "Berlioz"), ("shipper", "Martin", "Berlioz"),
                                ("agence", "Berlioz", "Martin")):  # fmt: skip
        page = client.get("/accounts/900138/users/", {"profile": name}).content.decode()
        assert there in page and absent not in page
    assert "?profile=Exp%C3%A9diteur" in client.get(URL).content.decode()


def test_the_page_that_removes_a_profile_reads_the_people_it_names(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest of thousands is worked out by the database, and is the one that is compared under their locks."""
    monkeypatch.setattr("rights.views.profiles.NAMED", 2)
    profile = own(cast, "tool_key")
    for number in range(5):
        take(cast, make_link(cast.north, make_person(f"f{number}", last_name=f"Nom{number}")), profile)
    client, url = sign_in(cast.owner), f"{URL}{profile.uuid}/remove/"
    page = client.get(url).content.decode()
    assert "Nom0" in page and "Nom1…" in page and "Nom2" not in page
    assert "5 personnes le suivent" in page
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest and client.post(url, {"digest": digest[1]}).status_code == 302
    assert not Profile.objects.filter(pk=profile.pk).exists()
