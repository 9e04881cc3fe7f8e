"""Journeys in the directory of contacts: rows changed in place, web access, deletion and undo, without JavaScript."""

from __future__ import annotations

import re

from axe_playwright_python.base import AXE_SCRIPT as AXE
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.acts import Someone, expect_message, open_mail, save, someone
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.looks import LOOKS, broken, width_beyond

URL = "/accounts/900138/contacts/"


def last_name(within: Page | Locator) -> Locator:
    return within.get_by_role("textbox", name="Nom", exact=True)


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


def sound(page: Page, where: str) -> None:
    """Expect the page to break no rule and to fit, on a desk in the light and on a phone in the dark."""
    page.evaluate(AXE)
    for name, size, theme in LOOKS["fr"]:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert broken(page, f"{where}, {name}") == []
        assert width_beyond(page) <= 0
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")


def asks_before_leaving(page: Page) -> None:
    """Expect a link to another page to ask first, and stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Utilisateurs").first.click()
    expect(page.locator("[data-in-place]")).to_be_visible()
    assert asked == ["beforeunload"]


def add(page: Page, person: Someone) -> Locator:
    """Add a contact without web access, in place: their row."""
    page.get_by_role("link", name="Ajouter un contact").first.click()
    expect(page).to_have_url(re.compile("/contacts/$"))
    expect(last_name(page)).to_be_focused()
    last_name(page).fill(person.last_name)
    page.get_by_label("Prénom").fill(person.first_name)
    page.get_by_label("Factures").check()
    access = page.get_by_label("Créer un accès web")
    expect(access).not_to_be_checked()
    expect(page.get_by_label("Profil web")).to_be_hidden()
    access.check()
    expect(page.get_by_label("Profil web")).to_be_visible()
    access.uncheck()
    save(page)
    expect_message(page, "figure maintenant dans les contacts")
    return row_of(page, person.last_name)


def test_a_contact_is_kept_with_the_keyboard_from_adding_to_undoing(signed_in: Visit) -> None:
    page, person = signed_in("900138"), someone("Odette")
    page.goto("/accounts/900138/administration/")
    page.get_by_role("main").get_by_role("link", name="Contacts").click()
    row = add(page, person)
    expect(row).to_contain_text("Factures")
    expect(row).to_contain_text("Pas d’accès web")

    pencil = row.get_by_role("link", name="Modifier")
    pencil.focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name=f"Modifier {person.full_name}")
    expect(last_name(form)).to_be_focused()
    sound(page, "row as a form")
    form.get_by_label("Fonction").fill("Trésorière")
    asks_before_leaving(page)
    form.get_by_label("Fonction").focus()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Escape")
    expect(form.get_by_label("Fonction")).to_have_value("Trésorière")
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Escape")
    expect(pencil).to_be_focused()
    expect(row).not_to_contain_text("Trésorière")

    page.keyboard.press("Enter")
    form.get_by_label("Téléphone").fill("12")
    page.keyboard.press("Enter")
    expect(form.get_by_label("Téléphone")).to_be_focused()
    expect(form.get_by_label("Téléphone")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Téléphone").fill("03 20 12 34 56")
    form.get_by_label("Prénom").fill("Odette-Marie")
    page.keyboard.press("Enter")
    expect_message(page, "sont enregistrées")
    expect(page.locator("#messages")).to_be_in_viewport()
    expect(row).to_contain_text("Odette-Marie")
    expect(pencil).to_be_focused()

    row.get_by_role("link", name="Créer un accès web").click()
    page.get_by_role("textbox", name="E-mail", exact=True).fill(person.email)
    page.get_by_label("Profil web").select_option(label="Intégrateur")
    page.get_by_role("button", name="Envoyer l’invitation", exact=True).press("Enter")
    expect(row).to_contain_text("Invité")
    expect(row.get_by_role("link", name="Intégrateur")).to_be_visible()
    row.get_by_role("button", name="Renvoyer l’invitation").click()
    expect_message(page, "L’ancien lien ne fonctionne plus")
    sound(page, "contacts")

    row.get_by_role("link", name="Supprimer").click()
    expect(page.get_by_label("Supprimer aussi son accès web")).to_be_checked()
    page.get_by_label("Supprimer aussi son accès web").uncheck()
    page.get_by_role("button", name="Supprimer").click()
    expect_message(page, "ne figure plus dans les contacts")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Annuler").click()
    expect_message(page, "est de nouveau dans les contacts")
    expect(row).to_contain_text("Intégrateur")
    open_mail(page, person.email, "vous invite sur Colibox")


def test_somebody_else_saved_meanwhile(signed_in: Visit) -> None:
    person, first, second = someone("Paul"), signed_in("900138"), signed_in("900138")
    first.goto(URL)
    add(first, person)
    for page in (first, second):
        page.goto(f"{URL}?q={person.last_name}")
        row_of(page, person.last_name).get_by_role("link", name="Modifier").click()
    for page, function in ((first, "Directeur"), (second, "Comptable")):
        page.get_by_role("textbox", name="Fonction").fill(function)
    first.get_by_role("button", name="Enregistrer").click()
    expect_message(first, "sont enregistrées")
    second.get_by_role("button", name="Enregistrer").click()
    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("Comptable")
    expect(alert).to_contain_text("Directeur")
    second.get_by_role("link", name="Annuler").click()
    expect(row_of(second, person.last_name)).to_contain_text("Directeur")


def test_contacts_are_kept_without_javascript_on_a_phone(visit: Visit, signed_in: Visit) -> None:
    page, person = signed_in("900138", java_script_enabled=False, viewport=PHONE), someone("Simone")
    page.goto(URL)
    page.get_by_role("link", name="Ajouter un contact").first.click()
    last_name(page).fill(person.last_name)
    expect(page.get_by_label("Créer un accès web")).not_to_be_checked()
    save(page)
    row = row_of(page, person.last_name)
    row.get_by_role("link", name="Modifier").click()
    page.get_by_label("Fonction").fill("Trésorière")
    page.get_by_role("link", name="Annuler").click()
    expect(row).not_to_contain_text("Trésorière")
    row.get_by_role("link", name="Modifier").click()
    page.get_by_label("Fonction").fill("Trésorière")
    page.get_by_role("button", name="Enregistrer").click()
    expect(row).to_contain_text("Trésorière")
    row.get_by_role("button", name="Supprimer").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Annuler").click()
    expect(row).to_contain_text("Trésorière")
    page.get_by_role("link", name="Modifier vos coordonnées").click()
    page.get_by_label("Fonction").fill("Administratrice")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("region", name=re.compile("^Vous"))).to_contain_text("Administratrice")


def test_a_member_changes_their_own_card_and_sees_whom_to_ask(signed_in: Visit) -> None:
    page = signed_in("c.martin")
    page.goto("/accounts/900138/")
    page.get_by_role("main").get_by_role("link", name="Contacts").click()
    expect(page.get_by_role("region", name="Votre administrateur")).to_contain_text("900138 ADMIN")
    expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_role("link", name="Modifier vos coordonnées").click()
    expect(last_name(page)).to_be_focused()
    page.get_by_label("Fonction").fill("Cheffe d’expédition")
    sound(page, "own card")
    page.get_by_label("Fonction").press("Enter")
    expect_message(page, "Vos données sont enregistrées")
    expect(page.get_by_role("region", name=re.compile("^Vous"))).to_contain_text("Cheffe d’expédition")
