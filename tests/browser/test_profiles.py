"""A journey of an administrator: make a profile, give it, change it after a preview, and retouch one person by hand."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.acts import advanced_user, expect_message, open_mail, save, someone, to_person
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.looks import expect_sound

COLISHIP, TRACKING_WS = "Interface d’affranchissement ColiShip", "Web Service suivi"
PICKUP_WS = "Web Service choix du point de livraison"


def test_a_profile_is_given_changed_after_a_preview_and_retouched(signed_in: Visit, visit: Visit) -> None:
    lea, page, admin = someone("Léa"), visit(), signed_in("900138")
    advanced_user(admin, page, lea, COLISHIP)
    profile = f"Agence {lea.last_name}"

    admin.goto("/accounts/900138/administration/")
    admin.get_by_role("link", name="Profils", exact=True).click()
    expect_sound(admin, PHONE, DESK)
    admin.get_by_role("link", name="Ajouter un profil").click()
    admin.get_by_label("Nom du profil").fill(profile)
    admin.get_by_label(COLISHIP).check()
    admin.get_by_label(PICKUP_WS).check()
    save(admin)
    expect_message(admin, f"Le profil «\u202f{profile}\u202f» est prêt")

    to_person(admin, lea)
    boxes = admin.get_by_label(COLISHIP)
    expect(boxes).to_be_visible()
    admin.get_by_label("Suit un profil").check()
    expect(boxes).to_be_hidden()
    admin.get_by_label("Quel profil").select_option(label=profile)
    save(admin)
    expect_message(admin, f"Droits gagnés : {PICKUP_WS}")
    standing = admin.get_by_role("region", name="Profil")
    expect(standing).to_contain_text(f"Suit le profil «\u202f{profile}\u202f»")
    expect(standing).to_contain_text("Les droits sont exactement ceux du profil.")
    expect_sound(admin, PHONE, DESK)

    admin.goto("/accounts/900138/profiles/")
    admin.get_by_role("link", name=profile, exact=True).click()
    admin.get_by_label(PICKUP_WS).uncheck()
    admin.get_by_label(TRACKING_WS).check()
    admin.get_by_role("button", name="Voir ce qui change").click()
    expect(admin.get_by_role("heading", level=2).first).to_have_text(
        re.compile(r"1 personne gagnera des droits\. 1 personne perdra des droits\.")
    )
    expect(admin.get_by_role("main")).to_contain_text(lea.last_name)
    expect_sound(admin, PHONE, DESK)
    admin.get_by_role("button", name="Revenir au formulaire, ne rien changer").click()
    expect(admin.get_by_label(TRACKING_WS)).to_be_checked()
    admin.get_by_role("button", name="Voir ce qui change").click()
    admin.get_by_role("button", name="Modifier le profil").click()
    expect_message(admin, "1 personne a gagné des droits. 1 personne a perdu des droits.")

    open_mail(page, lea.email, "Vos droits sur le compte 900138 ont changé")
    letter = page.frame_locator("iframe").locator("body")
    expect(letter).to_contain_text(TRACKING_WS)
    expect(letter).to_contain_text(PICKUP_WS)

    to_person(admin, lea)
    expect(admin.get_by_role("main")).to_contain_text("cette personne ne le suit plus")
    admin.get_by_label(PICKUP_WS).check()
    save(admin)
    expect(standing).to_contain_text(f"Copié du profil «\u202f{profile}\u202f»")
    expect(standing).to_contain_text("1 droit de plus.")


def test_a_profile_is_made_with_the_keyboard_alone(signed_in: Visit) -> None:
    page, name = signed_in("900138"), someone("Clavier").last_name
    page.goto("/accounts/900138/profiles/")
    page.get_by_role("link", name="Ajouter un profil").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Nom du profil").focus()
    page.keyboard.type(name)
    for _field in ("description", "first right"):
        page.keyboard.press("Tab")
    expect(page.get_by_label(COLISHIP)).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("Nom du profil").focus()
    page.keyboard.press("Enter")
    expect_message(page, f"Le profil «\u202f{name}\u202f» est prêt")


def test_a_profile_is_made_changed_and_removed_without_javascript_on_a_phone(signed_in: Visit) -> None:
    page, name = signed_in("900138", java_script_enabled=False, viewport=PHONE), someone("Sans").last_name
    page.goto("/accounts/900138/profiles/new/")
    page.get_by_label("Nom du profil").fill(name)
    save(page)
    expect(page.get_by_role("main")).to_contain_text("Choisissez au moins un droit")
    page.get_by_label(COLISHIP).check()
    save(page)
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label(TRACKING_WS).check()
    save(page)
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text(TRACKING_WS)
    page.get_by_role("link", name=f"Supprimer {name}").click()
    page.get_by_role("button", name="Supprimer le profil").click()
    expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
