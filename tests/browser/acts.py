"""What people do in a browser, and what they look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

PASSWORD = "lune-bleue-sur-la-colline"
MAIL_TRIES = 40


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in on the page, from wherever one is."""
    page.goto("/auth/login/")
    page.get_by_label("Identifiant").fill(username)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("link", name=re.compile("^(Accueil|Home)$")).first).to_be_visible()


def prove(page: Page) -> None:
    """Give the password again if the page asks for it first."""
    if "/reauthenticate/" in page.url:
        page.locator("main input[type=password]").fill(PASSWORD)
        page.locator("main form button[type=submit]").last.click()


def open_mail(page: Page, address: str, subject: str) -> None:
    """Open the newest e-mail to an address about something, once it has arrived."""
    page.goto("/mailbox/")
    letter = page.get_by_role("row").filter(has_text=address).filter(has_text=subject).first
    for _ in range(MAIL_TRIES):
        if _appears(letter):
            break
        page.reload()
    letter.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(subject)


def _appears(what: Locator) -> bool:
    try:
        expect(what).to_be_visible(timeout=500)
    except AssertionError:
        return False
    return True


def press_in_mail(page: Page, button: str) -> None:
    """Press the button of the e-mail that is open."""
    page.frame_locator("iframe").get_by_role("link", name=button).click()


@dataclass
class Someone:
    """A person nobody has heard of before this test."""

    first_name: str
    last_name: str
    email: str
    username: str

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def someone(first_name: str) -> Someone:
    """Make up a person whose names no other test and no other run has."""
    letters = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:8])
    return Someone(first_name, letters.capitalize(), f"{letters}@essai.example", f"{first_name[0].lower()}.{letters}")


def to_users(page: Page, number: str = "900138") -> None:
    """Go to the people of an account, by the links."""
    page.goto(f"/accounts/{number}/")
    page.get_by_role("navigation", name="Pages de ce compte").get_by_role("link", name="Utilisateurs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gestion des utilisateurs")


def advanced_menu(page: Page) -> Locator:
    """The menu of the ways to add an advanced user, closed or open."""
    return page.locator("details", has=page.get_by_text("Ajouter un utilisateur avancé", exact=True))


def one_in(menu: Locator) -> Locator:
    """The entry of that menu that adds one person."""
    return menu.get_by_role("link", name="Ajouter un utilisateur", exact=True)


def to_person(page: Page, person: Someone, number: str = "900138") -> None:
    """Search for somebody in the list and open their page."""
    to_users(page, number)
    search(page, person.last_name)
    page.get_by_role("row").filter(has_text=person.email).get_by_role("link", name="Modifier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(person.last_name)


def search(page: Page, words: str) -> None:
    """Type words into the search of the list and send them."""
    box = page.get_by_role("searchbox")
    box.fill(words)
    box.press("Enter")


def choose_act(page: Page, menu: str, act: str) -> None:
    """Choose what to do with the people ticked, from a menu of the bar below them."""
    page.locator("[data-select-bar]:visible").locator("summary", has_text=menu).click()
    page.get_by_role("button", name=act, exact=True).click()


def fill_identity(page: Page, person: Someone) -> None:
    """Fill in who somebody is, as any form of people asks for it."""
    page.get_by_label("Nom", exact=True).fill(person.last_name)
    page.get_by_label("Prénom").fill(person.first_name)
    page.get_by_label("Fonction").fill("Responsable transport")
    page.get_by_label("E-mail", exact=True).fill(person.email)
    page.get_by_label("Téléphone").fill("02 41 74 20 88")
    page.get_by_label("Adresse géographique").fill("12 rue du Port")
    page.get_by_label("Code postal").fill("44000")
    page.get_by_label("Ville").fill("Nantes")


def save(page: Page, button: str = "Enregistrer") -> None:
    """Press the button that saves."""
    page.get_by_role("button", name=button, exact=True).click()


def expect_message(page: Page, text: str) -> None:
    """Expect the page to tell this."""
    expect(page.locator("#messages")).to_contain_text(text)


def invite_advanced(page: Page, person: Someone, *rights: str, number: str = "900138") -> None:
    """Invite an advanced user with these rights."""
    page.goto(f"/accounts/{number}/users/advanced/new/")
    fill_identity(page, person)
    for right in rights:
        page.get_by_label(right, exact=True).check()
    save(page)
    expect_message(page, f"Invitation envoyée à {person.email}")


def finish_sign_up(page: Page, person: Someone) -> None:
    """Follow the link of the invitation and choose a user name and a password."""
    open_mail(page, person.email, "vous invite sur Colibox")
    press_in_mail(page, "Finaliser mon inscription")
    page.get_by_label("Identifiant").fill(person.username)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bienvenue, {person.first_name}")


def advanced_user(admin: Page, page: Page, person: Someone, *rights: str) -> str:
    """Bring an advanced user from the invitation to their own page; their user key."""
    invite_advanced(admin, person, *rights)
    finish_sign_up(page, person)
    section = page.get_by_role("region", name="Votre clé utilisateur")
    return section.locator(".key__value").inner_text()
