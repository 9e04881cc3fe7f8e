"""The journey of a connection key: made, seen once, narrowed, replaced without an interruption, ended."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import advanced_user, expect_message, open_mail, prove, save, someone
from tests.browser.conftest import Visit

TRACKING_WS = "Web Service suivi"
WHOLE = re.compile(r"cpk_\w{8}_\w{38}")


def keys_of(page: Page) -> Page:
    page.goto("/profile/keys/")
    return page


def test_a_key_is_made_replaced_and_ended(signed_in: Visit, visit: Visit) -> None:
    lea, page = someone("Léa"), visit()
    advanced_user(signed_in("900138"), page, lea, TRACKING_WS)
    expect(keys_of(page).get_by_role("row").filter(has_text="Première clé")).to_contain_text("Tous mes comptes")

    page.get_by_role("link", name="Nouvelle clé").click()
    prove(page)
    page.get_by_label("Nom de la clé").fill("Boutique")
    accounts = page.get_by_label("900138 Comptoir du Nord")
    expect(accounts).to_be_hidden()
    page.get_by_label("Seulement ces comptes").focus()
    page.keyboard.press("Space")
    accounts.check()
    page.get_by_label("après le jour que je choisis").check()
    page.get_by_label("Dernier jour").fill("2026-01-01")
    save(page, "Créer la clé")
    expect(page.locator(".error-summary")).to_contain_text("Ce jour est passé")
    page.get_by_label("dans 90 jours").check()
    save(page, "Créer la clé")
    first = page.locator(".key__value").inner_text()
    assert WHOLE.fullmatch(first)
    expect(page.locator(".example")).to_contain_text(f"X-Okapi-Key: {first}")
    page.get_by_role("link", name="Je l’ai copiée").click()
    expect(page.get_by_role("row").filter(has_text="Boutique")).to_contain_text("900138")
    expect(page.locator("body")).not_to_contain_text(first)

    page.get_by_role("link", name="Boutique").click()
    page.get_by_label("Adresses d’où elle peut être utilisée").fill("198.51.100.0/24")
    save(page)
    expect_message(page, "est modifiée")
    expect(page.get_by_role("listitem").filter(has_text="Modifiée")).to_contain_text("de partout → 198.51.100.0/24")

    page.get_by_role("link", name="La remplacer").click()
    expect(page.get_by_role("heading", name="Ce qui s’arrête")).to_be_visible()
    page.get_by_label("encore 7 jours").check()
    save(page, "Remplacer la clé")
    second = page.locator(".key__value").inner_text()
    assert WHOLE.fullmatch(second) and second != first
    rows = keys_of(page).get_by_role("row").filter(has_text="Boutique")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="prend fin le")).to_contain_text(first[:12])

    rows.filter(has_text="prend fin le").get_by_role("link").click()
    page.get_by_role("link", name="L’arrêter").click()
    page.get_by_role("button", name="Arrêter la clé").click()
    expect_message(page, "est arrêtée")
    page.get_by_text("Clés qui ne fonctionnent plus").first.click()
    expect(page.get_by_role("row").filter(has_text="Remplacée")).to_have_count(1)
    open_mail(page, lea.email, "Une clé de connexion a été arrêtée")
    letter = page.frame_locator("iframe").locator("body")
    expect(letter).to_contain_text("900138 Comptoir du Nord")
    expect(letter).not_to_contain_text(first)


def test_who_holds_no_web_service_right_reads_why_there_is_no_key(signed_in: Visit) -> None:
    page = keys_of(signed_in("c.martin"))
    expect(page.locator(".empty")).to_contain_text("Demandez ce droit à l’administrateur")
    expect(page.get_by_role("link", name="Créer une clé")).to_have_count(0)
