"""Franking in a browser: with a script and without, on a desk and on a phone, to the label and the slip."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import expect_message, save
from tests.browser.conftest import PHONE, Visit
from tests.browser.looks import width_beyond

LIST = "/accounts/900138/shipping/"
FILE = """Produit;Poids (kg);Nom;Prénom;Numéro et voie;Code postal;Ville;Référence client
DOM;1,25;Durand;Camille;5 rue du Bellay;69003;Lyon;CMD-1
DOM;31;Martin;Claire;2 quai de la Loire;44000;Nantes;CMD-2
DOS;0,5;Le Goff;Yann;12 quai de la Fosse;44000;Nantes;CMD-3
"""


def fill_addressee(page: Page) -> None:
    """To whom it goes, as the form asks for it."""
    page.locator("#id_addressee_last_name").fill("Durand")
    page.locator("#id_addressee_first_name").fill("Camille")
    page.locator("#id_addressee_line2").fill("5 rue du Bellay")
    page.locator("#id_addressee_postcode").press_sequentially("59000")
    page.locator("#id_addressee_town").fill("Lille")


def fetched(page: Page, path: str) -> str:
    """What kind of content this browser gets from an address."""
    response = page.request.get(path)
    assert response.ok
    return response.headers["content-type"]


def test_a_parcel_for_a_pickup_point_is_franked_by_keyboard_and_printed(signed_in: Visit) -> None:
    page = signed_in("900138")
    page.goto(LIST)
    page.locator("main").get_by_role("link", name="Affranchir un colis").first.click()
    expect(page.locator(".sender__line")).to_contain_text("Comptoir du Nord")
    expect(page.locator("#pickup")).to_be_hidden()
    page.get_by_label("Produit").select_option("HD")
    expect(page.locator("#pickup")).to_be_visible()
    page.get_by_label("Poids en kilogrammes").fill("1,25")
    fill_addressee(page)
    expect(page.locator("#addressee_towns option[value=Lille]")).to_have_count(1)
    page.get_by_role("button", name="Chercher les points de retrait").press("Enter")
    expect(page.locator(".point")).not_to_have_count(0)
    page.locator("#id_pickup_point_0").focus()
    page.keyboard.press("Space")
    page.locator("#id_reference").press("Enter")  # franks, not looks for points again
    expect(page.locator("#id_addressee_mobile_error")).to_contain_text("portable manque")
    expect(page.locator("#id_pickup_point_0")).to_be_checked()
    page.locator("#id_addressee_mobile").fill("06 12 34 56 78")
    page.locator("#id_addressee_email").fill("camille@example.fr")
    save(page, "Affranchir le colis")
    expect_message(page, "Le colis est affranchi")
    number = page.url.rstrip("/").rsplit("/", 1)[1]
    assert re.fullmatch(r"6M\d{11}", number)

    assert fetched(page, f"{LIST}{number}/label/?paper=ZPL_10x15_203dpi") == "application/zpl"
    page.reload()
    expect(page.get_by_label("Format")).to_have_value("ZPL_10x15_203dpi")
    assert fetched(page, f"{LIST}{number}/label/?paper=PDF_10x15_300dpi") == "application/pdf"

    page.get_by_role("link", name="Affranchir un autre colis").click()
    expect(page.get_by_label("Produit")).to_have_value("HD")
    expect(page.locator("#id_addressee_last_name")).to_have_value("")
    page.goto(LIST)
    page.get_by_role("row").filter(has_text="Camille Durand").first.get_by_role("checkbox").check()
    expect(page.locator("[data-select-count]")).to_have_text("1 colis coché")
    page.get_by_role("button", name="Éditer un bordereau de dépôt").click()
    expect_message(page, "est édité, avec 1 colis")
    assert fetched(page, page.get_by_role("link", name="PDF").first.get_attribute("href") or "") == "application/pdf"

    page.goto(f"{LIST}{number}/")
    page.get_by_role("link", name="Annuler ce colis").click()
    expect(page.get_by_role("heading", name="Ce qui s’arrête")).to_be_visible()
    save(page, "Annuler le colis")
    expect(page.get_by_role("row").filter(has_text="Annulé").first).to_contain_text("Camille Durand")


def test_without_a_script_and_on_a_phone_a_point_is_found_too(signed_in: Visit) -> None:
    page = signed_in("900138", java_script_enabled=False, viewport=PHONE)
    page.goto(f"{LIST}new/")
    page.get_by_label("Produit").select_option("HD")
    page.get_by_label("Poids en kilogrammes").fill("2")
    fill_addressee(page)
    page.locator("#id_addressee_mobile").fill("0612345678")
    page.locator("#id_addressee_email").fill("camille@example.fr")
    page.get_by_role("button", name="Chercher les points de retrait").click()
    expect(page.locator(".error-summary")).to_have_count(0)
    expect(page.locator("#id_addressee_last_name")).to_have_value("Durand")
    page.locator(".point__hours summary").first.click()
    expect(page.locator(".point__hours dl").first).to_be_visible()
    page.locator("#id_pickup_point_1").check()
    save(page, "Affranchir le colis")
    expect_message(page, "Le colis est affranchi")
    page.goto(LIST)
    expect(page.get_by_role("row").filter(has_text="Camille Durand").first).to_be_visible()


def test_a_file_is_checked_franked_and_printed_at_once(signed_in: Visit) -> None:
    page = signed_in("900138", viewport=PHONE)
    page.goto(f"{LIST}file/")
    page.get_by_label("Votre fichier").set_input_files(
        {"name": "colis.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.get_by_role("row").filter(has_text="CMD-2")).to_contain_text("Le poids est incorrect")
    save(page, "Affranchir 2 colis")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 colis sont affranchis")
    page.reload()  # sent again: the same two parcels
    expect(page.get_by_role("heading", level=1)).to_have_text("2 colis sont affranchis")
    with page.expect_popup() as printed:
        page.get_by_role("button", name="Imprimer toutes les étiquettes").click()
    printed.value.close()
    assert width_beyond(page) <= 0
    page.goto(f"{LIST}by-others/")
    expect(page.get_by_role("row").filter(has_text="900138 ADMIN")).to_contain_text("kg")
