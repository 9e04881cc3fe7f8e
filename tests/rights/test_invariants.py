"""What the database refuses, whatever forms and actions let through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import keys
from rights.models import AccountLink, Entitlement, Grant
from tests.conftest import make_link, make_person
from users.models import User

Attempt = Callable[[SimpleNamespace], Any]


def link(cast: SimpleNamespace, **fields: Any) -> AccountLink:
    new = {"account": cast.north, "kind": "advanced", "state": "invited", "expires_at": timezone.now()}
    return AccountLink.objects.create(**{**new, "email": "x@x.example", "last_name": "X", "first_name": "X", **fields})


def grant(cast: SimpleNamespace, **fields: Any) -> Grant:
    return Grant.objects.create(
        **{"account": cast.north, "link": cast.partner_link, "right": "coliship", "given_by_name": "ADMIN", **fields}
    )


def update(row: Any, **fields: Any) -> int:
    updated: int = type(row).objects.filter(pk=row.pk).update(**fields)
    return updated


REFUSED: dict[str, tuple[str, Attempt]] = {
    "two live links of one person on one account": (
        "one_live_link_a_person",
        lambda cast: make_link(cast.north, cast.partner),
    ),
    "two invitations of one address, whatever its case": (
        "one_invitation_an_email",
        lambda cast: [link(cast), link(cast, email="X@X.example")],
    ),
    "two requests to one person": (
        "one_request_a_person",
        lambda cast: [link(cast, email="", invitee=cast.partner), link(cast, email="", invitee=cast.partner)],
    ),
    "a standard user on two accounts": (
        "standard_user_has_one_link",
        lambda cast: make_link(cast.south, cast.colleague),
    ),
    "a standard user moved to a second account after the first ended": (
        "standard_user_has_one_link",
        lambda cast: [update(cast.colleague_link, state="ended"), make_link(cast.south, cast.colleague)],
    ),
    "two owners of one account": ("one_owner_an_account", lambda cast: update(cast.partner_link, role="owner")),
    "an active link without a person": (
        "active_link_has_a_person",
        lambda cast: link(cast, state="active", accepted_at=timezone.now()),
    ),
    "an active link that nobody accepted": (
        "active_link_has_a_person",
        lambda cast: update(cast.partner_link, accepted_at=None),
    ),
    "an invitation without a deadline": ("invitation_has_a_deadline", lambda cast: link(cast, expires_at=None)),
    "a standard link without a person": ("standard_link_has_a_person", lambda cast: link(cast, kind="standard")),
    "a standard link of an advanced person": (
        "link_of_same_kind",
        lambda cast: update(cast.partner_link, kind="standard"),
    ),
    "an advanced link of a standard person": (
        "link_of_same_kind",
        lambda cast: update(cast.colleague_link, kind="advanced"),
    ),
    "a role that is unknown": ("link_role_is_known", lambda cast: update(cast.partner_link, role="king")),
    "a state that is unknown": ("link_state_is_known", lambda cast: update(cast.partner_link, state="asleep")),
    "a link that ends before it starts": (
        "link_ends_after_it_starts",
        lambda cast: update(
            cast.partner_link, starts_on=timezone.localdate(), ends_on=timezone.localdate() - timedelta(days=1)
        ),
    ),
    "one secret for two invitations": (
        "token_digest",
        lambda cast: [link(cast, token_digest="d" * 64), link(cast, email="y@y.example", token_digest="d" * 64)],
    ),
    "one right twice on a link": ("one_grant_a_right", lambda cast: grant(cast, right="shipping_ws")),
    "two scopes of one form of the tracking tool": (
        "one_scope_a_variant",
        lambda cast: [grant(cast, right="tool_key", choice="tool"), grant(cast, right="tool_x", choice="tool")],
    ),
    "a grant on a link of another account": (
        "grant_on_own_account",
        lambda cast: grant(cast, link=cast.partner_south_link),
    ),
    "a grant moved to another account": (
        "grant_on_own_account",
        lambda cast: cast.partner_link.grants.update(account=cast.south),
    ),
    "one right held twice by an account": (
        "one_entitlement_a_right",
        lambda cast: Entitlement.objects.create(account=cast.north, right="coliship"),
    ),
    "two advanced users of one address, whatever its case": (
        "one_advanced_user_an_email",
        lambda cast: make_person("other", email="A.Berlioz@EXAMPLE.com"),
    ),
    "two people of one user name, whatever its case": (
        "one_person_a_username",
        lambda cast: make_person("A.BERLIOZ", email="other@example.com"),
    ),
    "an advanced user without a user key": (
        "user_key_for_advanced_users",
        lambda cast: update(cast.partner, user_key=None),
    ),
    "a standard user with a user key": (
        "user_key_for_advanced_users",
        lambda cast: update(cast.colleague, user_key=keys.new_user_key()),
    ),
    "a customer among the carrier's staff": ("only_staff_is_staff", lambda cast: update(cast.partner, is_staff=True)),
    "a customer with all powers": ("only_staff_is_staff", lambda cast: update(cast.partner, is_superuser=True)),
    "a person without an address": ("person_has_email", lambda cast: update(cast.partner, email="")),
    "a standard user without an account": (
        "needs a link",
        lambda cast: make_person("orphan", kind="standard"),
    ),
    "an account number of five digits": (
        "number_of_six_digits",
        lambda cast: CustomerAccount.objects.create(number="90013", company="X", email="x@x.example"),
    ),
    "a changed event of the trace": (
        "permission denied",
        lambda cast: AuditEvent.objects.update(verb="y"),
    ),
    "a removed event of the trace": (
        "permission denied",
        lambda cast: AuditEvent.objects.all().delete(),
    ),
    "somebody in a group of Django's": ("permission denied", lambda cast: cast.partner.groups.create(name="x")),
    "somebody with a permission of Django's": (
        "permission denied",
        lambda cast: User.user_permissions.through.objects.create(user=cast.partner, permission_id=1),
    ),
    "a migration that nobody applied": (
        "permission denied",
        lambda cast: MigrationRecorder.Migration.objects.create(app="rights", name="9999_x"),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(cast: SimpleNamespace, what: str) -> None:
    name, attempt = REFUSED[what]
    with pytest.raises(Error) as refusal, transaction.atomic():
        attempt(cast)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert name in str(refusal.value)


def test_the_database_allows_what_comes_after(cast: SimpleNamespace) -> None:
    update(cast.partner_link, state="ended")
    make_link(cast.north, cast.partner)
    update(cast.partner_south_link, state="ended", email="x@x.example")
    link(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_copies_a_persons_data_to_accepted_links_only(cast: SimpleNamespace) -> None:
    update(cast.partner_south_link, state="ended")
    waiting = link(cast, invitee=cast.partner, email="", last_name="Masked")
    update(cast.partner, last_name="Delarue", email="new@example.com")
    for row in (cast.partner_link, cast.partner_south_link, waiting):
        row.refresh_from_db()
    assert (cast.partner_link.last_name, cast.partner_link.email) == ("Delarue", "new@example.com")
    assert cast.partner_south_link.last_name == "Berlioz"
    assert (waiting.last_name, waiting.email) == ("Masked", "")


def test_a_new_address_that_is_also_invited_on_the_same_account_is_no_obstacle(cast: SimpleNamespace) -> None:
    link(cast, email="new@example.com")
    update(cast.partner, email="new@example.com")
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.email == "new@example.com"
