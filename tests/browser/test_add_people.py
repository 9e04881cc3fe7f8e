"""Journeys of people who come: standard users, advanced users, and the link to a second account."""

from __future__ import annotations

import re

from playwright.sync_api import Dialog, Page, expect

from tests.browser.acts import (
    PASSWORD,
    advanced_menu,
    advanced_user,
    expect_message,
    fill_identity,
    finish_sign_up,
    invite_advanced,
    one_in,
    open_mail,
    press_in_mail,
    save,
    search,
    sign_in,
    someone,
    to_users,
)
from tests.browser.conftest import Portal, Visit, Watch

GONE = 410


def test_a_standard_user_is_added_chooses_a_password_and_sees_their_rights(signed_in: Visit, visit: Visit) -> None:
    claire = someone("Claire")
    admin = signed_in("900138")
    to_users(admin)
    admin.get_by_role("link", name="Ajouter un utilisateur", exact=True).click()
    admin.get_by_label("Mme").check()
    fill_identity(admin, claire)
    admin.get_by_label("Identifiant").fill(claire.username)
    admin.get_by_label("Consultation de mes factures").check()
    expect(admin.get_by_label("Renseigner mes informations partenaires Pass")).to_be_disabled()
    expect(admin.get_by_text("Votre contrat ne permet pas de déléguer ce droit.")).to_be_visible()
    save(admin)
    expect_message(admin, f"Invitation envoyée à {claire.email}")

    page = visit()
    open_mail(page, claire.email, "vous invite sur Colibox")
    press_in_mail(page, "Finaliser mon inscription")
    expect(page.get_by_label("Identifiant")).to_have_value(claire.username)
    expect(page.get_by_label("Identifiant")).to_be_disabled()
    expect(page.get_by_label("Nom", exact=True)).to_have_value(claire.last_name)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue, Claire")
    page.get_by_role("link", name="Aller à l’accueil").click()
    expect(page.get_by_role("main")).to_contain_text("Consultation de mes factures")
    page.get_by_role("link", name="Mes droits").first.click()
    expect(page.get_by_role("row").filter(has_text="Consultation de mes factures")).to_contain_text("Actif")
    expect(page.get_by_role("link", name="Utilisateurs")).to_have_count(0)

    to_users(admin)
    search(admin, claire.last_name)
    expect(admin.get_by_role("row").filter(has_text=claire.email)).to_contain_text("Actif")


def test_an_advanced_user_comes_from_the_mail_to_being_signed_in(signed_in: Visit, visit: Visit) -> None:
    aline = someone("Aline")
    admin = signed_in("900138")
    to_users(admin)
    advanced_menu(admin).hover()
    one_in(advanced_menu(admin)).click()
    fill_identity(admin, aline)
    admin.get_by_role("group", name="Outil de suivi colis sans accès au Service Client").get_by_label(
        "Suivi limité au tag utilisateur"
    ).check()
    admin.get_by_label("Web Service Affranchissement").check()
    save(admin)
    expect(admin.get_by_role("alert")).to_contain_text("Un tag est nécessaire")
    admin.get_by_role("textbox", name="Tag utilisateur").fill("nantes, Paris Sud")
    save(admin)
    expect_message(admin, f"Invitation envoyée à {aline.email}")
    search(admin, aline.last_name)
    expect(admin.get_by_role("row").filter(has_text=aline.email)).to_contain_text(re.compile(r"Invité.*4[78]"))

    page = visit()
    open_mail(page, aline.email, "vous invite sur Colibox")
    letter = page.frame_locator("iframe").locator("body")
    expect(letter).to_contain_text("Comptoir du Nord")
    expect(letter).to_contain_text("Suivi limité au tag utilisateur")
    press_in_mail(page, "Finaliser mon inscription")
    expect(page).to_have_url(re.compile(r"/invitations/current/$"))
    expect(page.get_by_label("Nom", exact=True)).to_have_value(aline.last_name)
    expect(page.get_by_label("E-mail", exact=True)).to_be_disabled()
    page.get_by_label("Ville").fill("Rezé")
    page.get_by_label("Identifiant").fill("c.martin")
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("alert")).to_contain_text("Cet identifiant est pris")
    page.get_by_label("Identifiant").fill(aline.username)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue, Aline")
    user_key = page.get_by_role("region", name="Votre clé utilisateur").locator(".key__value").inner_text()
    secret = page.get_by_role("region", name="Votre clé de connexion").locator(".key__value").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", user_key)
    page.goto("/profile/")
    expect(page.get_by_text(user_key)).to_be_visible()
    expect(page.get_by_label("Ville")).to_have_value("Rezé")
    page.goto("/profile/keys/")
    expect(page.get_by_role("main")).not_to_contain_text(secret)
    open_mail(page, aline.email, "Votre compte Colibox est prêt")
    letter = page.frame_locator("iframe").locator("body")
    expect(letter).to_contain_text("Suivi limité au tag utilisateur")
    expect(letter).to_contain_text("Web Service Affranchissement")
    sign_in(visit(), aline.username)


def test_the_menu_of_advanced_users_opens_by_keyboard(signed_in: Visit) -> None:
    page = signed_in("900138")
    to_users(page)
    menu, one = advanced_menu(page).locator("summary"), one_in(advanced_menu(page))
    menu.focus()
    page.keyboard.press("Enter")
    expect(one).to_be_visible()
    page.keyboard.press("Escape")
    expect(one).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(one).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Création d’un compte utilisateur avancé")


def test_the_same_person_is_linked_to_a_second_account_by_their_user_key(signed_in: Visit, visit: Visit) -> None:
    maeve = someone("Maeve")
    page = visit()
    user_key = advanced_user(signed_in("900138"), page, maeve, "Interface d’affranchissement ColiShip")

    south = signed_in("850061")
    to_users(south, "850061")
    south.get_by_role("link", name="Associer un utilisateur avancé").click()
    south.get_by_label("Clé utilisateur").fill("7K4M-2P9X-H3QD-V")
    south.get_by_role("button", name="Rechercher").click()
    expect(south.get_by_role("alert")).to_be_visible()
    south.get_by_label("Clé utilisateur").fill(user_key.lower().replace("-", " "))
    south.get_by_role("button", name="Rechercher").click()
    card = south.get_by_role("region", name="Informations du compte utilisateur")
    expect(card).to_contain_text(maeve.last_name)
    expect(card).to_contain_text("Nantes")
    expect(card).to_contain_text(f"{maeve.email[0]}••••@e••••.example")
    expect(card).not_to_contain_text(maeve.email)
    south.get_by_label("Web Service suivi").check()
    save(south)
    expect_message(south, "Invitation envoyée")

    page.goto("/")
    expect(page.get_by_role("main")).not_to_contain_text("Vos 2 comptes")
    open_mail(page, maeve.email, "Sud Expéditions souhaite vous associer")
    press_in_mail(page, "Voir la demande")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sud Expéditions")
    page.get_by_role("button", name="Accepter").click()
    expect_message(page, "850061")
    page.goto("/")
    expect(page.get_by_role("heading", name="Vos 2 comptes")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Interface d’affranchissement ColiShip")
    expect(page.get_by_role("main")).to_contain_text("Web Service suivi")


def test_somebody_who_exists_is_asked_and_not_created_again(signed_in: Visit, visit: Visit) -> None:
    paul, page = someone("Paul"), visit()
    advanced_user(signed_in("900138"), page, paul, "Web Service suivi")
    invite_advanced(signed_in("850061"), paul, "Web Service suivi", number="850061")
    open_mail(page, paul.email, "Sud Expéditions souhaite vous associer")
    press_in_mail(page, "Voir la demande")
    page.get_by_role("button", name="Refuser").click()
    expect_message(page, "850061")
    page.goto("/")
    expect(page.get_by_role("main")).not_to_contain_text("Sud Expéditions")


def test_an_expired_invitation_shows_a_neutral_page_that_asks_for_a_new_one(
    signed_in: Visit, visit: Visit, portal: Portal, watch: Watch
) -> None:
    remi = someone("Rémi")
    admin = signed_in("900138")
    invite_advanced(admin, remi, "Web Service suivi")
    page = visit()
    open_mail(page, remi.email, "vous invite sur Colibox")
    let_expire(portal, remi.email)
    watch.expect(GONE)
    press_in_mail(page, "Finaliser mon inscription")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")
    expect(page.get_by_role("main")).not_to_contain_text(remi.last_name)
    page.get_by_role("button", name="Demander un nouveau lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre demande est notée")
    unknown = visit()
    unknown.goto("/invitations/nothing-like-a-token/")
    expect(unknown.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")

    open_mail(admin, "contact@comptoir-du-nord.example", f"{remi.full_name} demande")
    press_in_mail(admin, "Voir")
    admin.get_by_role("button", name="Renvoyer l’invitation").click()
    expect_message(admin, f"Invitation envoyée à {remi.email}")
    page.goto("/mailbox/")
    expect(page.get_by_role("row").filter(has_text=remi.email)).to_have_count(2)
    finish_sign_up(page, remi)


def let_expire(portal: Portal, email: str) -> None:
    """Let the 48 hours of an invitation pass, as the clock would."""
    portal.manage(
        "shell", "--no-imports", "-c",
        "from datetime import timedelta\n"
        "from django.db import transaction\n"
        "from django.utils import timezone\n"
        "from colibox.lib import tenancy\n"
        "from rights.models import AccountLink\n"
        "past = timezone.now() - timedelta(minutes=1)\n"
        "with transaction.atomic(), tenancy.everything():\n"
        f"    assert AccountLink.objects.filter(email={email!r}).update(expires_at=past) == 1\n",
    )  # fmt: skip


def test_leaving_a_form_with_changes_is_asked_about(signed_in: Visit) -> None:
    page: Page = signed_in("900138")
    page.goto("/accounts/900138/users/advanced/new/")
    page.get_by_label("Nom", exact=True).fill("Pas encore")
    asked = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Retour à la liste sans sauvegarde").click()
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Pas encore")
    assert asked == ["beforeunload"]
