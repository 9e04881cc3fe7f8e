"""Which addresses ask for proof less than five minutes old that it is still you, in one table; no other one does."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.files import PDF, File
from colibox.lib import sealed
from rights.actions import handovers
from rights.models import Handover
from tests.conftest import PASSWORD, make_person
from tests.test_access import TABLE, Objects, address_of, make_objects, session_of
from tests.users.test_factors import give_app
from users import resetting

ASKS = "/auth/reauthenticate/"
IN_TWO_WEEKS = (timezone.localdate() + timedelta(days=14)).isoformat()

PROOF: dict[str, tuple[str, dict[str, Any]]] = {
    # sign-in: my address, my keys, my second factors
    "users:email": ("get", {}),
    "users:renew_user_key": ("get", {}),
    "mfa_activate_totp": ("get", {}),
    "mfa_deactivate_totp": ("get", {}),
    "mfa_add_webauthn": ("get", {}),
    "mfa_generate_recovery_codes": ("get", {}),
    "mfa_view_recovery_codes": ("get", {}),
    "mfa_download_recovery_codes": ("get", {}),
    "rights:new_key": ("get", {}),
    "rights:rotate_key": ("get", {}),
    # who administers, and what the account asks of sign-in
    "rights:hand_over": ("get", {}),
    "rights:role": ("post", {"role": "local"}),
    "rights:account_security": ("post", {"day": IN_TWO_WEEKS}),
    "rights:reset_factor": ("get", {}),
    # many people's data as a file
    "rights:export": ("get", {}),
    "rights:export_group": ("get", {}),
    "rights:export_contacts": ("get", {}),
    "accounts:history_export": ("get", {}),
    "rights:review_statement": ("post", {}),
}
"""The address, how it is asked, and with what. Others ask in some cases only: those have tests of their own."""

PROVING = {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
"""They ask, that is what they are for."""


@pytest.fixture
def objects(cast: SimpleNamespace) -> Objects:
    return make_objects(cast)


def asks(response: Any) -> bool:
    return response.status_code == 302 and str(response.headers["Location"]).startswith(ASKS)


def test_these_addresses_ask_for_proof_and_no_other(cast: SimpleNamespace, objects: Objects) -> None:
    give_app(cast.partner)
    give_app(cast.colleague)
    give_app(cast.owner)
    codes = {"seed": sealed.seal("0" * 40), "used_mask": 0}
    Authenticator.objects.create(user=cast.owner, type="recovery_codes", data=codes)
    found, wanted = {}, {}
    sessions = {person: session_of(person) for person in (cast.owner, cast.partner)}
    for name in TABLE.keys() - PROVING:
        row = TABLE[name]
        method, data = PROOF.get(name, (row.method, {}))
        address = address_of(name, objects)
        if name == "rights:reset_factor":
            address = reverse(name, args=["900138", cast.colleague_link.uuid])
        person = cast.partner if name in ("users:renew_user_key", "rights:rotate_key") else cast.owner
        client = Client(raise_request_exception=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = sessions[person]
        with transaction.atomic():
            response = getattr(client, method)(address, data)
            transaction.set_rollback(True)
        found[name], wanted[name] = asks(response), name in PROOF
        assert response.streaming is False or list(response)
    assert found == wanted


@pytest.mark.parametrize(
    "name", ["rights:hand_over", "users:email", "rights:export_contacts", "rights:review_statement"]
)
def test_once_given_the_proof_holds_for_what_comes_next(name: str, cast: SimpleNamespace, objects: Objects) -> None:
    method, data = PROOF[name]
    client = Client()
    client.force_login(cast.owner)
    client.post(ASKS, {"password": PASSWORD})
    assert not asks(getattr(client, method)(address_of(name, objects), data))


def test_what_was_sent_and_then_left_is_not_done_by_the_next_proof(cast: SimpleNamespace) -> None:
    """Who was asked for the password, thought again and comes back to look has not sent it a second time."""
    address = reverse("rights:hand_over", args=["900138", cast.partner_link.uuid])
    for comes_back in (True, False):
        client = Client()
        client.force_login(cast.owner)
        assert asks(client.post(address, {"act": "offer"}))
        said = "ce qui vient d’être envoyé à"
        assert said in client.get(f"{ASKS}?next={address}").content.decode()
        if comes_back:
            assert asks(client.get(address))
            assert said not in client.get(f"{ASKS}?next={address}").content.decode()
        client.post(f"{ASKS}?next={address}", {"password": PASSWORD})
        assert Handover.objects.exists() is not comes_back
    give_app(cast.owner)
    address = reverse("mfa_deactivate_totp")
    client = Client()
    client.force_login(cast.owner)
    assert asks(client.post(address)) and asks(client.get(address))
    client.post(f"{ASKS}?next={address}", {"password": PASSWORD})
    assert Authenticator.objects.filter(user=cast.owner).exists()


def test_staff_prove_it_before_they_ask_and_before_they_confirm(cast: SimpleNamespace) -> None:
    first, second = make_person("agent.a", kind="staff"), make_person("agent.b", kind="staff")
    give_app(cast.partner)
    cast.partner.refresh_from_db()
    reason: dict[str, Any] = {
        "staff": first,
        "reason": "M. Martin est parti en juin.",
        "proof": File(b"%PDF", PDF, "x.pdf"),
    }
    change = handovers.ask_forced(to=cast.partner_link, **reason)
    reset = resetting.ask(person=cast.partner, by=first, reason="Rappelée")
    client = Client()
    client.force_login(second)
    confirm = {"confirm": "1"}
    for address, data in {
        reverse("admin:rights_handover_ask") + "?number=900138": None,
        reverse("admin:users_user_factors", args=[cast.colleague.pk]): None,
        reverse("admin:rights_handover_decide", args=[change.pk]): confirm,
        reverse("admin:users_factorreset_decide", args=[reset.pk]): confirm,
    }.items():
        assert asks(client.post(address, data) if data else client.get(address)), address


def test_where_somebodys_mails_go_is_moved_by_who_proves_it(tiers: SimpleNamespace) -> None:
    client, link = Client(), tiers.colleague_link
    client.force_login(tiers.administrator)
    address = reverse("rights:person", args=["900138", link.uuid])
    typed = {**link.identity(), "civility": "mme", "version": 1, "rights": ["coliship", "invoices"]}
    assert not asks(client.post(address, {**typed, "function": "Cheffe de quai"}))
    moved = {**typed, "version": 2, "email": "autre@example.com"}
    assert asks(client.post(address, moved))
    link.refresh_from_db()
    assert (link.function, link.email) == ("Cheffe de quai", "c.martin@example.com")
    client.post(ASKS, {"password": PASSWORD})
    client.post(address, moved)
    link.refresh_from_db()
    assert link.email == "autre@example.com"
