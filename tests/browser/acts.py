"""What people do in a browser, and what they look at."""

from __future__ import annotations

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
    expect(page.get_by_role("link", name="Accueil").first).to_be_visible()


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


def width_beyond(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    beyond: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return beyond
