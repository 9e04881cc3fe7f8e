"""The history of an account, of a person and of oneself, and access until a day, as people use them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import expect_message, invite_advanced, prove, save, someone, to_person
from tests.browser.conftest import PHONE, Visit
from tests.browser.looks import expect_sound


def events(page: Page) -> str:
    return page.locator("main").inner_text()


def test_what_was_done_is_found_filtered_and_taken_away(signed_in: Visit, tmp_path: Path) -> None:
    admin, person = signed_in("900138"), someone("Jeanne")
    invite_advanced(admin, person, "Web Service Affranchissement")
    admin.goto("/accounts/900138/administration/")
    admin.get_by_role("main").get_by_role("link", name="Historique").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Historique du compte")
    admin.get_by_role("searchbox", name="Sur qui").fill(person.last_name)
    admin.get_by_role("button", name="Rechercher").click()
    expect(admin.get_by_role("list", name="Filtres actifs")).to_contain_text(person.last_name)
    assert f"900138 ADMIN a invité {person.full_name}." in events(admin)
    assert "Web Service Affranchissement" in events(admin)
    admin.get_by_role("link", name="Exporter").click()
    prove(admin)
    with admin.expect_download() as taken:
        admin.get_by_role("button", name="Télécharger").click()
    assert f"900138 ADMIN a invité {person.full_name}." in Path(taken.value.path()).read_text("utf-8-sig")
    admin.goto("/accounts/900138/history/?family=files")
    assert "a exporté l’historique" in events(admin)
    admin.goto("/profile/history/")
    expect(admin.get_by_role("heading", level=1)).to_have_text("Mon historique")
    assert f"a invité {person.full_name}" in events(admin)


def test_an_access_is_given_an_end_extended_and_its_story_told(signed_in: Visit) -> None:
    admin, person = signed_in("900138"), someone("Marius")
    invite_advanced(admin, person, "Web Service Affranchissement")
    to_person(admin, person)
    pages = admin.get_by_role("navigation", name="Pages de cette personne")
    pages.get_by_role("link", name="Dates").click()
    admin.get_by_text("Dates de chaque droit", exact=True).click()
    expect_sound(admin)
    last = date.today() + timedelta(days=40)
    admin.get_by_label("Date de fin").fill(str(last))
    save(admin)
    expect_message(admin, "Les dates d’accès sont enregistrées")
    admin.get_by_role("button", name="3 mois").click()
    expect_message(admin, "Accès prolongé jusqu’au")
    pages.get_by_role("link", name="Historique").click()
    expect(admin.get_by_text(re.compile("a prolongé l’accès"))).to_be_visible()
    assert f"{last:%d/%m/%Y} → " in " ".join(events(admin).split())
    pages.get_by_role("link", name="Accès et droits").click()
    expect(admin.get_by_role("region", name="Accès au compte")).to_contain_text("Date de fin")


@pytest.mark.parametrize("address", ["/accounts/900138/history/", "/profile/history/"])
def test_a_history_fits_a_phone_and_has_no_barrier(signed_in: Visit, address: str) -> None:
    page = signed_in("900138", viewport=PHONE)
    page.goto(address)
    page.get_by_text("Filtrer", exact=True).click()
    expect_sound(page)
