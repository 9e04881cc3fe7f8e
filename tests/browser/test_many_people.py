"""A journey of an administrator: the people of one import, an end date for all of them, and their removal."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.acts import choose_act, expect_message, prove, someone
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.looks import expect_sound

NUMBER = "900138"
PASTE = f"/accounts/{NUMBER}/users/imports/list/"
READ = 30_000


def test_the_people_of_an_import_get_an_end_date_together_and_leave_together(signed_in: Visit) -> None:
    page, people = signed_in(NUMBER), [someone("Ambre"), someone("Basile"), someone("Coline")]
    page.goto(PASTE)
    page.get_by_label("Adresses e-mail").fill("\n".join(f"{each.full_name} <{each.email}>" for each in people))
    page.get_by_label("Web Service suivi").check()
    page.get_by_role("button", name="Voir ce qui changera").click()
    page.get_by_role("button", name="Inviter 3 personnes").click(timeout=READ)
    page.get_by_role("link", name="Voir ces personnes").click(timeout=READ)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(page.get_by_role("list", name="Filtres actifs")).to_contain_text("Import n°")

    page.locator("summary", has_text="Filtrer").click()
    page.get_by_label("Rattaché nulle part").check()
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_role("list", name="Filtres actifs").get_by_role("listitem")).to_have_count(3)
    expect(rows).to_have_count(3)

    # An end date, by keyboard.
    page.get_by_label("Sélectionner la page").check()
    menu = page.locator("[data-select-bar]:visible summary", has_text="Accès")
    menu.press("Enter")
    menu.press("ArrowDown")
    expect(page.get_by_role("button", name="Renvoyer l’invitation", exact=True)).to_be_focused()
    expect_sound(page, PHONE, DESK)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fixer la date de fin")
    page.get_by_role("button", name="Voir ce qui change").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Saisissez un jour")
    expect_sound(page, PHONE, DESK)
    last = date.today() + timedelta(days=60)
    page.get_by_label("Dernier jour").fill(f"{last}")
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.get_by_role("main")).to_contain_text(f"L’accès de 3 personnes prendra fin le {last:%d/%m/%Y}.")
    expect_sound(page, PHONE, DESK)
    page.get_by_role("button", name="Fixer la date de fin").click()
    expect_message(page, f"L’accès de 3 personnes prend désormais fin le {last:%d/%m/%Y}.")
    expect(page).to_have_url(re.compile(r"place=none&import=\d+"))
    narrowed = re.sub(r"&columns=\w+", "", page.url)

    # What the list shows leaves as a file.
    page.goto(f"{narrowed}&columns=ends_on")
    page.get_by_role("link", name="Exporter", exact=True).click()
    prove(page)
    page.get_by_label("Seulement celles que la liste affiche").check()
    expect_sound(page, PHONE, DESK)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Télécharger").click()
    text = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert text[0] == "Nom;Prénom;Email;Statut;Droits;Date de fin" and len(text) == 4
    assert text[1].endswith(f";Web Service suivi;{last}")

    # Their removal, on a phone.
    page.set_viewport_size(PHONE)
    page.goto(narrowed)
    for row in rows.all():
        row.get_by_role("checkbox").check()
    choose_act(page, "Accès", "Supprimer les liens")
    expect(page.get_by_role("main")).to_contain_text("Les liens avec 3 personnes seront supprimés.")
    expect(page.get_by_role("main")).to_contain_text("L’invitation\u202f: elle ne fonctionne plus")
    expect_sound(page, PHONE, DESK)
    page.get_by_role("button", name="Supprimer les liens").click()
    expect_message(page, "Les liens avec 3 personnes sont supprimés.")
    expect(page.get_by_role("button", name="Annuler")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("Personne ne correspond")
    page.goto(f"/accounts/{NUMBER}/history/")
    expect(page.get_by_role("main")).to_contain_text("a retiré le lien avec")
