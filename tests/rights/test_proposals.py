"""What a release changes of shipped profiles is proposed: shown, told once, adopted or declined by an administrator."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage

from accounts.models import AuditEvent
from rights.actions import bulk
from rights.actions import profiles as acts
from rights.actions.applying import Chosen, hold
from rights.models import AccountLink, Profile
from rights.tasks import propose_profiles
from tests.rights.facts import rights_of

URL = "/accounts/900138/profiles/"
Arrived = Callable[[], list[EmailMessage]]


@pytest.fixture
def outdated(cast: SimpleNamespace) -> Profile:
    """The shipped profile “Suivi” as a former release shipped it; two people follow it."""
    profile = hold(["tracking"], account_id=cast.north.pk)["tracking"]
    profile.rights = ["tracking_claims", "coliview"]
    profile.save()
    colleague = AccountLink.objects.filter(pk=cast.colleague_link.pk)
    bulk.apply(act=bulk.Apply(Chosen(profile, follows=True)), links=colleague, by=cast.owner_link)
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(
        profile=profile, follows_profile=True
    )  # gave them nothing
    return profile


def verbs(profile: Profile) -> list[str]:
    found = AuditEvent.objects.filter(subject=profile.uuid).order_by("pk")
    return [event.verb.removeprefix("rights profile ") for event in found]


def page(client: Any, profile: Profile) -> tuple[str, dict[str, str]]:
    """The page of a proposal, and what it would post."""
    html = client.get(f"{URL}{profile.uuid}/proposal/").content.decode()
    return html, dict(re.findall(r'name="(proposal|digest)" value="(\w+)"', html))


def test_it_is_told_once_and_changes_nothing(cast: SimpleNamespace, outdated: Profile, arrived: Arrived) -> None:
    arrived()
    assert [propose_profiles(), propose_profiles()] == [1, 0]
    [mail] = arrived()
    assert mail.to == [cast.owner.email] and "Suivi" in mail.subject
    body = str(mail.body)
    assert "Tableau de bord" in body and "ColiView" in body and "/accounts/900138/profiles/" in body
    assert rights_of(cast.colleague_link) == ["coliview", "tracking_claims"] and verbs(outdated) == ["change proposed"]


def test_an_administrator_sees_who_gains_and_loses_then_adopts_it(
    cast: SimpleNamespace, outdated: Profile, sign_in: Any, arrived: Arrived
) -> None:
    client = sign_in(cast.owner)
    assert "Colibox propose une modification de «\u202fSuivi\u202f»" in client.get(URL).content.decode()
    html, shown = page(client, outdated)
    assert "2 personnes gagneront des droits." in html and "personne" in html
    arrived()
    done = client.post(f"{URL}{outdated.uuid}/proposal/", shown, follow=True).content.decode()
    assert "2 personnes ont gagné" in done and "Colibox propose" not in done
    assert rights_of(cast.colleague_link) == ["dashboard", "tracking_claims"]
    assert {mail.to[0] for mail in arrived()} == {cast.colleague.email, cast.partner.email}
    assert verbs(outdated) == ["proposal adopted"] and propose_profiles() == 0
    assert client.get(f"{URL}{outdated.uuid}/proposal/").status_code == 302


def test_declined_it_is_proposed_no_more_and_can_still_be_adopted(
    cast: SimpleNamespace, outdated: Profile, sign_in: Any, arrived: Arrived
) -> None:
    client = sign_in(cast.owner)
    _html, shown = page(client, outdated)
    arrived()
    client.post(f"{URL}{outdated.uuid}/proposal/", {**shown, "decline": "1"})
    assert (propose_profiles(), arrived()) == (0, [])
    html = client.get(URL).content.decode()
    assert "Colibox propose une" not in html and "a été écartée" in html
    assert rights_of(cast.colleague_link) == ["coliview", "tracking_claims"]
    html, shown = page(client, outdated)
    assert 'name="decline"' not in html
    client.post(f"{URL}{outdated.uuid}/proposal/", shown)
    assert rights_of(cast.colleague_link) == ["dashboard", "tracking_claims"]
    assert verbs(outdated) == ["proposal declined", "proposal adopted"]


def test_a_later_release_is_proposed_again_and_what_was_not_shown_is_not_done(
    cast: SimpleNamespace, outdated: Profile, sign_in: Any
) -> None:
    client = sign_in(cast.owner)
    Profile.objects.filter(pk=outdated.pk).update(proposed="0" * 32, declined=True)
    assert "Colibox propose" in client.get(URL).content.decode() and propose_profiles() == 1
    _html, shown = page(client, outdated)
    for stale in ({**shown, "proposal": "0" * 32}, {**shown, "digest": "0" * 32}):
        assert "Rien n’a été fait" in client.post(f"{URL}{outdated.uuid}/proposal/", stale).content.decode()
    assert rights_of(cast.colleague_link) == ["coliview", "tracking_claims"]


def test_what_nobody_follows_becomes_what_is_shipped_at_once(
    cast: SimpleNamespace, outdated: Profile, arrived: Arrived
) -> None:
    AccountLink.objects.filter(profile=outdated).update(follows_profile=False)
    arrived()
    assert (propose_profiles(), arrived(), verbs(outdated)) == (1, [], ["renewed"])
    outdated.refresh_from_db()
    assert outdated.proposal is None and rights_of(cast.colleague_link) == ["coliview", "tracking_claims"]


def test_only_administrators_of_the_account_decide(cast: SimpleNamespace, outdated: Profile, sign_in: Any) -> None:
    digest = outdated.proposal.digest  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        acts.adopt(profile=outdated, by=cast.colleague_link, proposal=digest)
    with pytest.raises(ValidationError):
        acts.decline(profile=outdated, by=cast.colleague_link, proposal=digest)
    for person, status in ((cast.colleague, 403), (cast.stranger, 404)):
        assert sign_in(person).post(f"{URL}{outdated.uuid}/proposal/", {"proposal": digest}).status_code == status


def test_what_is_no_longer_shipped_is_the_accounts_own(cast: SimpleNamespace, outdated: Profile, sign_in: Any) -> None:
    Profile.objects.filter(pk=outdated.pk).update(shipped="gone", name="Ancien")
    names = [str(profile) for profile in Profile.objects.offered(cast.north.pk)]
    assert names[0] == "Ancien" and "Suivi" in names
    assert propose_profiles() == 0 and sign_in(cast.owner).get(f"{URL}{outdated.uuid}/").status_code == 200
