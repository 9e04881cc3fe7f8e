"""How a company is divided, in a browser: places made, people attached and found, a group read; on a phone too."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.acts import choose_act, expect_message, save, someone, to_users
from tests.browser.conftest import PHONE, Portal, Visit
from tests.browser.looks import expect_sound

ACCOUNT = "/accounts/900138"


def add_site(page: Page, name: str) -> None:
    """Add a site under a sub-account, from the tab of administration."""
    page.goto(f"{ACCOUNT}/")
    page.get_by_role("navigation", name="Pages de ce compte").get_by_role("link", name="Administration").click()
    page.get_by_role("link", name="Sous-comptes et sites").click()
    page.get_by_role("link", name="Ajouter un site").click()
    page.get_by_label("Nom", exact=True).fill(name)
    page.get_by_label("Sous-compte").select_option(label="02 Région Ouest")
    page.get_by_label("Ville").fill("Brest")
    save(page)


def test_a_site_is_made_people_are_attached_found_and_let_go(signed_in: Visit) -> None:
    page, name = signed_in("900138"), f"Brest {someone('x').last_name}"
    add_site(page, name)
    expect_message(page, f"{name} est ajouté")
    expect_sound(page)
    add_site(page, name.upper())
    expect(page.get_by_role("alert")).to_contain_text("Un site porte déjà ce nom")

    to_users(page)
    page.get_by_role("row").filter(has_text="c.martin").get_by_role("link", name="Modifier").click()
    page.get_by_label(name, exact=True).check()
    expect_sound(page)
    save(page)
    expect_message(page, "sont enregistrées")

    to_users(page)
    page.locator("#asking details > summary").first.click()
    page.get_by_label("Site", exact=True).first.fill(name.lower())
    page.get_by_role("button", name="Appliquer").click()
    expect(page.get_by_role("row").filter(has_text="c.martin")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="s.boumaza")).to_have_count(0)
    expect_sound(page)

    page.goto(f"{ACCOUNT}/users/?kind=standard&q=boumaza&columns=site&columns=role&columns=profile")
    page.get_by_role("row").filter(has_text="s.boumaza").get_by_role("checkbox").check()
    choose_act(page, "Lieux", "Rattacher à un lieu")
    page.get_by_label(name, exact=True).check()
    expect_sound(page)
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.locator("main")).to_contain_text(f"1 personne sera rattachée à {name}")
    expect_sound(page)
    page.get_by_role("button", name="Rattacher à un lieu").click()
    expect(page.get_by_role("row").filter(has_text="s.boumaza")).to_contain_text(name)
    page.get_by_role("button", name="Annuler").click()
    expect_message(page, "Annulé pour 1 personne")

    page.goto(f"{ACCOUNT}/sites/")
    page.get_by_role("row").filter(has_text=name).get_by_role("link", name="Retirer").click()
    expect(page.locator("main")).to_contain_text("1 personne y est rattachée")
    expect_sound(page)
    page.get_by_label("Où vont ces personnes").select_option(label="Lyon Confluence")
    page.get_by_role("button", name="Retirer").click()
    expect_message(page, f"{name} est retiré")


def test_among_many_places_those_typed_are_suggested_and_those_ticked_stay(portal: Portal, signed_in: Visit) -> None:
    portal.manage("shell", "-v", "0", "-c", "from tests.browser import structure; structure.make('690033', 60)")
    page = signed_in("690033")
    page.goto("/accounts/690033/users/advanced/new/")
    words, boxes = page.get_by_label("Chercher un sous-compte ou un site"), page.locator("[name=places]")
    expect(boxes).to_have_count(0)
    words.press_sequentially("entrepôt 5")
    expect(page.get_by_role("status").filter(has_text="lieux trouvés")).to_be_visible()
    page.get_by_label("Entrepôt 57 (01 Région Ouest)").check()
    expect_sound(page)
    words.fill("région")
    page.get_by_label("01 Région Ouest", exact=True).check()
    words.fill("zzz")
    expect(page.get_by_role("status").filter(has_text="ne s’appelle ainsi")).to_be_visible()
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        expect(box).to_be_checked()


def test_the_pages_of_a_company_are_usable_on_a_phone(signed_in: Visit) -> None:
    page = signed_in("900138", viewport=PHONE)
    for path in (
        "administration/",
        "sites/",
        "sites/new/",
        "sites/sub-accounts/new/",
        "users/?kind=standard",
        "group/",
    ):
        page.goto(f"{ACCOUNT}/{path}")
        expect_sound(page)
    page.goto(f"{ACCOUNT}/group/")
    page.get_by_role("searchbox").fill("aznar")
    page.get_by_role("button", name="Rechercher").click()
    expect(page.get_by_role("row").filter(has_text="Paul Aznar")).to_contain_text("850061")
    expect(page.locator("tbody tr")).to_have_count(1)
