"""`manage.py set_owner`, as an operator types it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

from colibox.lib import tenancy
from colibox.lib.outbox.models import Mail
from rights.models import AccountLink
from tests.conftest import make_person
from tests.operators.calls import answer, call
from users.models import User

SOMEBODY = "direction@lumen.example"


def owner(cast: SimpleNamespace) -> AccountLink:
    return AccountLink.objects.for_account(cast.north).get(role="owner")


@pytest.fixture
def nobody(cast: SimpleNamespace) -> SimpleNamespace:
    """North, without an owner."""
    AccountLink.objects.filter(pk=cast.owner_link.pk).update(state="ended")
    return cast


def test_an_account_without_owner_gets_one_who_is_invited(nobody: SimpleNamespace) -> None:
    assert answer("set_owner", "900138", SOMEBODY, "--dry-run")["done"] == "invited"
    assert not Mail.objects.exists()
    assert answer("set_owner", "900138", SOMEBODY)["owner"] == "900138-2"
    assert (owner(nobody).state, owner(nobody).email) == ("invited", SOMEBODY)
    assert answer("set_owner", "900138", SOMEBODY)["done"] == "nothing: the invitation is still good"
    assert Mail.objects.count() == 1


def test_an_owner_who_never_came_is_asked_again_or_somebody_else_is(nobody: SimpleNamespace) -> None:
    answer("set_owner", "900138", SOMEBODY)
    first = owner(nobody).token_digest
    AccountLink.objects.filter(role="owner").update(expires_at=timezone.now() - timedelta(hours=1))
    assert answer("set_owner", "900138", SOMEBODY)["done"] == "invited again"
    second = owner(nobody).token_digest
    assert answer("set_owner", "900138", "other@lumen.example")["done"] == "invited again"
    assert len({first, second, owner(nobody).token_digest}) == 3
    assert User.objects.get(links=owner(nobody)).email == "other@lumen.example"


def test_who_owns_an_account_is_not_put_out(cast: SimpleNamespace) -> None:
    assert answer("set_owner", "900138", cast.owner.email)["done"] == "nothing: it is so"
    code, _said, complaint = call("set_owner", "900138", SOMEBODY)
    assert code == 1 and "see handover" in complaint
    assert call("set_owner", "123456", SOMEBODY)[0] == 2
    assert call("set_owner", "900138", "nowhere")[0] == 1


def test_an_address_that_is_none_invites_nobody(nobody: SimpleNamespace) -> None:
    assert call("set_owner", "900138", "nowhere")[0] == 1
    with tenancy.everything():
        assert not AccountLink.objects.filter(account=nobody.north, role="owner", state="invited").exists()


def test_two_members_of_staff_hand_an_account_over(cast: SimpleNamespace, tmp_path: Path) -> None:
    for name in ("odile", "omar"):
        make_person(name, kind="staff")
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7 %%EOF")
    ask = ("handover", "ask", "900138", "--to", "a.berlioz", "--reason", "M. Martin left the company")
    assert call(*ask)[0] == 2
    assert call(*ask, "--staff", "odile")[0] == 2  # no proof
    code, _said, complaint = call("handover", "ask", "900138", "--to", "n.obody", "--staff", "odile")
    assert code == 2 and "Nobody on the account 900138 has the user name n.obody." in complaint
    empty = tmp_path / "empty.pdf"
    empty.touch()
    page = tmp_path / "page.pdf"
    page.write_bytes(b"<html>")
    code, _said, complaint = call(*ask, "--staff", "odile", "--proof", str(page))
    assert code == 1 and "neither a PDF nor a picture" in complaint
    for wrong, why in (
        (("--staff", "c.martin", "--proof", str(letter)), "c.martin is the user name of no member of staff"),
        (("--staff", "odile", "--proof", str(empty)), "empty.pdf is empty"),
        (("--staff", "odile", "--proof", str(letter), "--reason", "Left"), "10 characters"),
    ):
        code, _said, complaint = call(*ask, *wrong)
        assert (code, why in complaint) == (2, True), complaint
    asked = (*ask, "--staff", "odile", "--proof", str(letter))
    assert answer(*asked, "--dry-run")["state"] == "asked"
    assert answer("handover", "status", "900138")["changes"] == []
    assert answer(*asked)["successor"] == "Aline Berlioz"
    assert answer(*asked)["done"] == "nothing: it was asked"
    assert call("handover", "confirm", "900138", "--staff", "odile")[0] == 1
    assert answer("handover", "confirm", "900138", "--staff", "omar")["state"] == "accepted"
    [change] = answer("handover", "status", "900138")["changes"]
    assert (change["former"], change["forced"]) == ("900138 ADMIN", "by the carrier")
    over = answer("handover", "withdraw", "900138", "--staff", "odile")
    assert (over["state"], over["due"]) == ("cancelled", "")
    assert call("handover", "withdraw", "900138", "--staff", "odile")[0] == 1
