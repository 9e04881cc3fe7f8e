"""Journeys of signing in: the right password, the wrong one, the forgotten one."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import open_mail, press_in_mail, sign_in
from tests.browser.conftest import Visit


def test_an_administrator_signs_in_with_the_account_number_and_out_again(page: Page) -> None:
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/auth/login/"))
    expect(page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    sign_in(page, "900138")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bienvenue")
    page.get_by_role("banner").locator("summary", has_text="ADMIN").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/profile/")
    expect(page).to_have_url(re.compile(r"/auth/login/\?next=/profile/"))


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(page: Page) -> None:
    said = []
    for username in ("900138", "nobody.knows.me"):
        page.goto("/auth/login/")
        page.get_by_label("Identifiant").fill(username)
        page.get_by_label("Mot de passe", exact=True).fill("ce-n-est-pas-le-bon")
        page.get_by_role("button", name="Valider").click()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("incorrect")
        expect(page.get_by_label("Mot de passe", exact=True)).to_have_value("")
        said.append(alert.inner_text())
    assert said[0] == said[1]


def test_a_forgotten_password_is_chosen_anew_from_the_link_of_a_mail(page: Page) -> None:
    new = "quatre mots bien choisis"
    page.goto("/auth/login/")
    page.get_by_role("link", name="Mot de passe oublié").click()
    page.get_by_label("Identifiant").fill("m.oconnor")
    page.get_by_label("E-mail").fill("maeve.o-connor@partenaire.example")
    page.get_by_role("button", name="Envoyer le lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Consultez vos e-mails")
    open_mail(page, "maeve.o-connor@partenaire.example", "mot de passe")
    press_in_mail(page, "Choisir un nouveau mot de passe")
    page.get_by_label("Nouveau mot de passe").fill("trop court")
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(page.get_by_role("alert")).to_contain_text("12 caractères")
    page.get_by_label("Nouveau mot de passe").fill(new)
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre mot de passe est modifié")
    page.get_by_role("link", name="Se connecter").click()
    sign_in(page, "m.oconnor", new)
    open_mail(page, "maeve.o-connor@partenaire.example", "modifié")


def test_the_link_of_a_forgotten_password_works_once(visit: Visit) -> None:
    page = visit()
    page.goto("/auth/password/reset/")
    page.get_by_label("Identifiant").fill("y.tanguy")
    page.get_by_label("E-mail").fill("y.tanguy@comptoir-du-nord.example")
    page.get_by_role("button", name="Envoyer le lien").click()
    open_mail(page, "y.tanguy@comptoir-du-nord.example", "mot de passe")
    link = page.frame_locator("iframe").get_by_role("link", name="Choisir un nouveau mot de passe")
    address = link.get_attribute("href") or ""
    page.goto(address)
    page.get_by_label("Nouveau mot de passe").fill("un autre mot de passe long")
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre mot de passe est modifié")
    later = visit()
    later.goto(address)
    expect(later.get_by_role("heading", level=1)).to_have_text("Ce lien n’est plus valable")
    expect(later.get_by_role("link", name="Demander un nouveau lien")).to_be_visible()


def test_nobody_learns_whether_a_name_and_an_address_belong_together(page: Page) -> None:
    answers = []
    for username, email in (
        ("j.lefevre", "j.lefevre@comptoir-du-nord.example"),
        ("j.lefevre", "somebody@else.example"),
        ("nobody.knows.me", "somebody@else.example"),
    ):
        page.goto("/auth/password/reset/")
        page.get_by_label("Identifiant").fill(username)
        page.get_by_label("E-mail").fill(email)
        page.get_by_role("button", name="Envoyer le lien").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Consultez vos e-mails")
        answers.append(page.get_by_role("main").inner_text())
    assert len(set(answers)) == 1
