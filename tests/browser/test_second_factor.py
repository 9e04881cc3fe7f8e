"""The journeys of a second factor: an app and its recovery codes, a passkey, an account that requires one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.acts import PASSWORD, advanced_user, expect_message, prove, sign_in, someone
from tests.browser.conftest import DESK, PHONE, Portal, Visit, Watch
from tests.browser.looks import expect_sound

LIST = "/auth/2fa/"
TOOL = "Web Service suivi"
GUARDED, MEMBER = "690033", "demo.690033.0"
"""An account that other tests leave alone, for it is going to be shut to most; somebody on it."""


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app with this secret shows."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def sign_out(page: Page) -> None:
    page.goto("/auth/logout/")
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/auth/login/"))


def give_password(page: Page, username: str) -> None:
    page.goto("/auth/login/")
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deuxième étape")


def is_home(page: Page) -> None:
    expect(page.locator(".person")).to_be_visible()  # the page to sign in welcomes, too


def set_up_app(page: Page) -> str:
    """Set an app up, from the list of second factors; its secret."""
    page.goto(LIST)
    page.get_by_role("link", name="Activer une application").click()
    prove(page)
    page.get_by_text("Impossible à scanner").click()
    secret = page.locator(".key__value").inner_text()
    expect(page.get_by_role("img", name=re.compile("QR code"))).to_have_js_property("complete", True)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes codes de secours")
    return secret


def test_an_app_asks_for_its_code_and_a_recovery_code_replaces_it(signed_in: Visit, visit: Visit) -> None:
    lea, page = someone("Léa"), visit()
    advanced_user(signed_in("900138"), page, lea, TOOL)
    page.goto(LIST)
    expect(page.get_by_text("Vous n’avez pas encore de second facteur")).to_be_visible()
    expect_sound(page, PHONE, DESK)
    secret = set_up_app(page)
    expect_sound(page, PHONE, DESK)
    code = page.locator(".codes li").nth(2).inner_text()

    sign_out(page)
    give_password(page, lea.username)
    expect_sound(page, PHONE, DESK)
    page.get_by_label("Code").fill("000 000")
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Ce code est faux")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret, steps=1))
    page.get_by_role("button", name="Valider").click()
    is_home(page)

    sign_out(page)
    give_password(page, lea.username)
    page.get_by_role("link", name="Je n’ai plus mon appareil").click()
    expect(page.get_by_text("aucun administrateur")).to_be_visible()
    expect_sound(page, PHONE, DESK)
    page.get_by_role("link", name="Retour à la connexion").click()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Valider").click()
    is_home(page)
    page.goto(LIST)
    expect(page.get_by_role("region", name="Codes de secours")).to_contain_text("Il reste 9 codes")


@pytest.fixture
def device() -> Iterator[list[CDPSession]]:
    """The authenticators of this test's browsers, taken out at its end."""
    sessions: list[CDPSession] = []
    yield sessions
    for session in sessions:
        session.detach()


def plug_in(page: Page, device: list[CDPSession]) -> None:
    """Give the browser an authenticator that recognises its owner."""
    session = page.context.new_cdp_session(page)
    device.append(session)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_takes_the_second_step_and_signs_in_alone(
    signed_in: Visit, visit: Visit, device: list[CDPSession]
) -> None:
    marc, page = someone("Marc"), visit()
    advanced_user(signed_in("900138"), page, marc, TOOL)
    plug_in(page, device)
    page.goto(LIST)
    page.get_by_role("link", name="Ajouter une clé d’accès").click()
    prove(page)
    page.get_by_label("Nom de la clé d’accès").fill("Portable du bureau")
    expect_sound(page, PHONE, DESK)
    page.get_by_role("button", name="Ajouter une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes codes de secours")

    sign_out(page)
    give_password(page, marc.username)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    is_home(page)
    sign_out(page)
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    is_home(page)

    page.goto("/auth/2fa/webauthn/reauthenticate/?next=/auth/2fa/")
    expect_sound(page, PHONE, DESK)
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("region", name="Clés d’accès")).to_contain_text("dernière utilisation")
    page.get_by_role("link", name="Retirer Portable du bureau").click()
    page.get_by_role("button", name="Retirer la clé d’accès").click()
    expect_message(page, "La clé d’accès est retirée.")
    expect(page.get_by_text("Vous n’avez pas encore de second facteur")).to_be_visible()


def test_an_account_that_requires_one_lets_in_who_sets_it_up(visit: Visit, portal: Portal, watch: Watch) -> None:
    portal.manage("demo", "--people", "1", "--account", GUARDED)
    admin, page = visit(), visit()
    sign_in(admin, GUARDED)
    sign_in(page, MEMBER)
    admin.goto(f"/accounts/{GUARDED}/security/")
    expect(admin.get_by_text("Vous n’avez pas vous-même de second facteur")).to_be_visible()
    expect(admin.get_by_label("Exigée à partir du")).to_have_count(0)
    set_up_app(admin)

    admin.goto(f"/accounts/{GUARDED}/administration/")
    admin.get_by_role("main").get_by_role("link", name="Sécurité").click()
    expect(admin.get_by_role("row").filter(has_text="@demo.example")).to_be_visible()
    expect_sound(admin, PHONE, DESK)
    admin.get_by_label("Exigée à partir du").fill(date.today().isoformat())
    admin.get_by_role("button", name="Exiger la double authentification").click()
    expect(admin.get_by_role("heading", level=1)).to_contain_text("n’entre")
    expect_sound(admin, PHONE, DESK)
    admin.get_by_role("main").get_by_role("button", name="Exiger").click()
    expect_message(admin, "prévenue")

    page.goto("/")
    expect(page.get_by_text("est en pause")).to_be_visible()
    expect_sound(page, PHONE, DESK)
    watch.expect(403)
    page.goto(f"/accounts/{GUARDED}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("est en pause")
    page.get_by_role("main").get_by_role("link", name="Activer ma double authentification").click()
    set_up_app(page)
    page.goto(f"/accounts/{GUARDED}/")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("en pause")
