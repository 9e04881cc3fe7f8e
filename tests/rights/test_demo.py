"""The demonstration data."""

import json
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command

from colibox.lib import tenancy
from rights.models import AccountLink
from users.models import User


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    with tenancy.everything():
        return {"people": User.objects.count(), "links": AccountLink.objects.count()}


@pytest.mark.django_db
def test_the_demonstration_has_people_in_every_state_and_may_run_twice() -> None:
    assert "900138" in demo("--people", "30")
    before = counts()
    with tenancy.everything():
        states = set(AccountLink.objects.values_list("state", flat=True))
    assert states == {"active", "invited", "expired", "suspended"}
    demo("--people", "30")
    assert counts() == before


@pytest.mark.django_db
def test_a_trial_says_what_it_would_make_and_makes_nothing() -> None:
    said = demo("--people", "3", "--parcels", "5", "--pickup-points", "4", "--dry-run")
    assert "3 people added on 900138." in said and "5 parcels added." in said and "this is what would be" in said
    assert counts() == {"people": 0, "links": 0}
    facts = json.loads(demo("--people", "2", "--dry-run", "--json"))
    assert (facts["people"], facts["dry_run"]) == (2, True) and counts()["people"] == 0


@pytest.mark.django_db
def test_its_administrator_signs_in_with_the_account_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLIBOX_DEMO_PASSWORD", "un mot de passe à nous")
    demo()
    assert authenticate(username="900138", password="un mot de passe à nous") is not None


@pytest.mark.django_db
def test_a_portal_in_use_is_left_alone() -> None:
    demo("--if-empty")
    before = counts()
    assert demo("--if-empty", "--people", "5") == ""
    assert counts() == before
