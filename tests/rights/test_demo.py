"""The demonstration data."""

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
