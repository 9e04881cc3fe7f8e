"""Draws the pictures of the user guide anew, in both languages: `make pictures`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import invite_advanced, open_mail, someone
from tests.browser.conftest import Visit
from tests.browser.png import reduced

GUIDE = Path(__file__).resolve().parents[2] / "static" / "guide"
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
PEOPLE = """Nom;Prénom;Fonction;Email;Téléphone;Adresse géographique;Code postal;Ville;Tags;Web Service suivi;Service
Lemaître;Claire;Acheteuse;claire.lemaitre@agence.example;241742088;12 rue du Port;1000;Bourg;LYON;oui;Quai 4
Durand;Paul;Acheteur;paul.durand@agence.example;241742089;12 rue du Port;1000;Bourg;LYON;oui;Quai 4
Garçon;Maëlle;Logistique;maelle.garcon@agence.example;241742090;12 rue du Port;1000;Bourg;LYON;peut-être;Quai 4
Nguyen;Théo;Logistique;theo.nguyen;241742091;12 rue du Port;1000;Bourg;LYON;oui;Quai 4
""".encode("cp1252")
"""A file as it comes, with two rows that are wrong."""


@pytest.mark.parametrize("language", LOCALES)
def test_draw_the_pictures(language: str, signed_in: Visit, visit: Visit) -> None:
    admin, partner, third = signed_in("900138"), signed_in("a.berlioz"), signed_in("p.aznar")
    third.goto("/profile/")
    key = third.locator(".key__value").inner_text()
    stranger = visit(locale=LOCALES[language])
    if language == "fr":
        invite_advanced(admin, someone("Nora"), "Web Service suivi")
    for page in (admin, partner):
        speak(page, language)

    def draw(name: str, page: Page) -> None:
        page.mouse.move(0, 0)
        (GUIDE / language).mkdir(parents=True, exist_ok=True)
        (GUIDE / language / f"{name}.png").write_bytes(reduced(page.screenshot(animations="disabled")))

    admin.goto("/accounts/900138/users/")
    draw("users", admin)
    admin.goto("/accounts/900138/users/standard/new/")
    draw("standard", admin)
    admin.goto("/accounts/900138/users/matrix/")
    draw("matrix", admin)
    admin.goto("/accounts/900138/users/?q=berlioz")
    admin.get_by_role("row").filter(has_text="Aline").get_by_role("link").first.click()
    admin.locator("fieldset.form-part").last.evaluate(
        "(rights) => scrollBy(0, rights.getBoundingClientRect().top - 90)"
    )
    draw("person", admin)
    admin.goto("/accounts/900138/users/advanced/link/")
    admin.locator("[name=user_key]").fill(key)
    admin.locator("main form button[type=submit]").click()
    expect(admin.get_by_role("main")).to_contain_text("Aznar")
    draw("link", admin)
    admin.goto("/accounts/900138/users/imports/")
    admin.locator("[type=file]").set_input_files({"name": "agences.csv", "mimeType": "text/csv", "buffer": PEOPLE})
    admin.locator("[enctype] [type=submit]").click()
    expect(admin.locator(".figures")).to_be_visible(timeout=30_000)
    draw("import", admin)
    admin.locator("form[action$='/cancel/'] button").click()
    partner.goto("/profile/rights/")
    draw("rights", partner)
    open_mail(stranger, "nadia.benali@benali.example", "Colibox")
    stranger.frame_locator("iframe").locator("a[href*='/invitations/']").first.click()
    expect(stranger.locator("[name=username]")).to_be_visible()
    draw("invitation", stranger)


def speak(page: Page, language: str) -> None:
    """Switch a person to this language."""
    page.goto("/")
    if page.locator("html").get_attribute("lang") != language:
        page.locator(f"button[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", re.compile(language))
