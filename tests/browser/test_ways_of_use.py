"""The same portal on a phone, without JavaScript, by keyboard alone, in the dark and in the other language."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.acts import (
    advanced_menu,
    advanced_user,
    choose_act,
    expect_message,
    fill_identity,
    one_in,
    open_mail,
    save,
    search,
    sign_in,
    someone,
    to_users,
)
from tests.browser.conftest import PHONE, Visit
from tests.browser.looks import width_beyond

# A phone.


def test_on_a_phone_rows_are_cards_and_the_menu_answers_the_thumb(signed_in: Visit) -> None:
    page = signed_in("900138", viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/accounts/900138/users/?kind=advanced")
    row = page.get_by_role("row").filter(has_text="Berlioz")
    expect(row).to_be_visible()
    box = row.bounding_box()
    assert box is not None
    assert 80 < box["height"] < 130
    assert box["width"] <= PHONE["width"]
    assert width_beyond(page) <= 0
    suspend = row.get_by_role("link", name="Suspendre")
    expect(suspend).to_be_hidden()
    row.locator("summary", has_text="Plus Aline Berlioz").tap()
    expect(suspend.locator(".act")).to_be_in_viewport(ratio=1)
    page.get_by_label("Sélectionner la page").check()
    row.get_by_role("checkbox").uncheck()
    expect(page.locator("[data-select-bar]")).to_be_in_viewport()
    assert width_beyond(page) <= 0
    advanced_menu(page).locator("summary").tap()
    one_in(advanced_menu(page)).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Création d’un compte utilisateur avancé")
    person = someone("Maxime")
    fill_identity(page, person)
    page.get_by_label("Web Service suivi").check()
    save(page)
    expect_message(page, f"Invitation envoyée à {person.email}")
    assert width_beyond(page) <= 0


def test_what_is_pressed_on_a_phone_is_large_enough(signed_in: Visit) -> None:
    page = signed_in("900138", viewport=PHONE, has_touch=True, is_mobile=True)
    to_users(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, summary, .btn, .icon-button)")]
          .filter((each) => each.checkVisibility())
          .map((each) => [each.textContent.trim(), each.getBoundingClientRect()])
          .filter(([, box]) => box.width < 24 || box.height < 24)
          .map(([words, box]) => `${words} ${box.width}×${box.height}`)"""
    )
    assert small == []


# Without JavaScript.


def test_an_advanced_user_is_invited_without_javascript(signed_in: Visit) -> None:
    page, person = signed_in("900138", java_script_enabled=False), someone("Sans")
    to_users(page)
    advanced_menu(page).locator("summary").click()
    one_in(advanced_menu(page)).click()
    fill_identity(page, person)
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Choisissez au moins un droit")
    page.get_by_label("Web Service suivi").check()
    save(page)
    expect_message(page, f"Invitation envoyée à {person.email}")
    search(page, person.last_name)
    expect(page.get_by_role("row").filter(has_text=person.email)).to_contain_text("Invité")


def test_a_tag_goes_to_many_without_javascript(signed_in: Visit, crowd: str) -> None:
    page, tag = signed_in(crowd, java_script_enabled=False), someone("Tag").last_name.upper()
    page.goto(f"/accounts/{crowd}/users/?kind=advanced")
    for row in page.locator("tbody tr").all()[:3]:
        row.get_by_role("checkbox").check()
    choose_act(page, "Tags", "Ajouter un tag")
    page.get_by_label("Tag", exact=True).fill(tag)
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.get_by_role("heading", name=f"3 personnes recevront le tag {tag}")).to_be_visible()
    page.get_by_role("button", name="Ajouter un tag").click()
    expect_message(page, f"3 personnes ont reçu le tag {tag}")
    page.get_by_role("button", name="Annuler").click()
    expect_message(page, "Annulé pour 3 personnes")


# By keyboard.


def test_the_first_tab_leads_past_the_frame(signed_in: Visit) -> None:
    page = signed_in("900138")
    page.goto("/accounts/900138/users/advanced/new/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()


def test_an_advanced_user_is_invited_by_keyboard_alone(signed_in: Visit) -> None:
    page, person = signed_in("900138"), someone("Clavier")
    page.goto("/accounts/900138/users/advanced/new/")
    page.get_by_role("link", name="Aller au contenu").focus()
    page.keyboard.press("Enter")
    answers = (person.last_name, person.first_name, "Agent", person.email, "0241742088", "12 rue du Port", "", "")
    for answer in (*answers, "44000", "Nantes"):
        page.keyboard.press("Tab")
        page.keyboard.type(answer)
    expect(page.get_by_label("Ville")).to_have_value("Nantes")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.get_by_label("Web Service suivi").evaluate("(box) => box === document.activeElement"):
            break
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect_message(page, f"Invitation envoyée à {person.email}")


def test_the_focus_is_seen_on_everything_that_the_tab_key_reaches(signed_in: Visit) -> None:
    page = signed_in("900138")
    to_users(page)
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const style = getComputedStyle(document.activeElement);
              const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              return ringed || style.boxShadow !== "none" ? "" : document.activeElement.outerHTML;
            }"""
        )
        assert seen == ""


# Dark, and in English.


def test_the_dark_theme_is_kept(signed_in: Visit) -> None:
    page = signed_in("900138")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    page.get_by_role("button", name="Sombre").click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    page.goto("/profile/")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_role("button", name="Sombre")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Comme mon appareil").click()
    page.emulate_media(color_scheme="light")
    expect(html).to_have_attribute("data-bs-theme", "light")


def test_the_language_stays_with_the_person_and_reaches_their_mails(signed_in: Visit, visit: Visit) -> None:
    gwen, page, admin = someone("Gwen"), visit(), signed_in("900138")
    advanced_user(admin, page, gwen, "Web Service suivi")
    page.goto("/profile/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My data")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    elsewhere = visit()
    sign_in(elsewhere, gwen.username)
    expect(elsewhere.get_by_role("link", name="Home").first).to_be_visible()

    to_users(admin)
    search(admin, gwen.last_name)
    admin.get_by_role("row").filter(has_text=gwen.email).get_by_role("link", name="Supprimer les liens").click()
    admin.get_by_role("button", name="Supprimer les liens").click()
    open_mail(page, gwen.email, "Your link with the account 900138 is removed")


def test_the_language_of_the_browser_is_spoken_to_strangers(visit: Visit) -> None:
    page = visit(locale="en-GB")
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome")
    page.get_by_role("button", name=re.compile("FR")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bienvenue")
