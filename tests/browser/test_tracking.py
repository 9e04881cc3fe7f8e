"""Following parcels in a browser: with a script and without, on a desk and on a phone."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.acts import invite_advanced, someone, to_person
from tests.browser.conftest import PHONE, Visit
from tests.browser.looks import width_beyond

ADVANCED = "l.fontaine"
"""Follows the parcels of several accounts."""


def open_list(page: Page) -> None:
    page.get_by_role("navigation", name="Rubriques").get_by_role("link", name="Suivi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Suivi des colis")


def numbers(page: Page) -> list[str]:
    """The numbers of the parcels shown, as they are written."""
    return page.locator("tbody th a").all_inner_texts()


def test_a_parcel_is_found_while_its_number_is_typed_then_followed(parcels: None, signed_in: Visit) -> None:
    page = signed_in(ADVANCED)
    open_list(page)
    expect(page.locator("tbody tr")).to_have_count(50)
    last = numbers(page)[-1]
    page.locator("body").press("/")
    expect(page.get_by_label("N° de colis, ou son début")).to_be_focused()
    page.get_by_label("Destinataire").press_sequentially("a/")
    expect(page.get_by_label("Destinataire")).to_have_value("a/")
    page.get_by_label("Destinataire").fill("")
    page.get_by_label("N° de colis, ou son début").press_sequentially(last[:11].lower())
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator("tbody th a").first).to_have_text(re.compile(f"^{last[:11]}"))
    assert "number=" in page.url

    page.get_by_label("N° de colis, ou son début").fill(last)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Colis {last}")
    expect(page.locator(".steps-line > li")).to_have_count(5)
    expect(page.get_by_text("Suivi consolidé")).to_be_visible()
    page.get_by_role("button", name="Copier le numéro").click()
    expect(page.get_by_role("button", name="Copié")).to_be_visible()


def test_filters_narrow_the_list_and_chips_take_them_away(parcels: None, signed_in: Visit, tmp_path: Path) -> None:
    page = signed_in(ADVANCED)
    open_list(page)
    page.locator(".toolbar summary").click()
    page.get_by_label("Livré", exact=True).check()
    page.locator("#filter-from").fill("2020-01-01")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.locator(".chip")).to_have_count(2)
    found = page.locator("tbody tr")
    expect(page.locator("tbody .pill--delivered")).to_have_count(found.count())
    page.get_by_role("link", name="Plus anciens").click()
    expect(page.locator(".chip")).to_have_count(2)
    page.get_by_role("link", name="Plus récents").click()

    page.get_by_role("link", name="Exporter").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    download.value.save_as(tmp_path / "parcels.csv")
    lines = list(csv.DictReader(io.StringIO((tmp_path / "parcels.csv").read_text("utf-8-sig")), delimiter=";"))
    assert len(lines) > 50 and all(line["Livré le"] for line in lines)

    page.get_by_role("link", name="Retour à la liste").click()
    page.locator(".chip").first.click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_role("link", name="Retirer tous les filtres").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_the_figures_follow_the_period_and_the_account(parcels: None, signed_in: Visit) -> None:
    page = signed_in(ADVANCED)
    page.goto("/tracking/")
    page.get_by_role("link", name="Tableau de bord").click()
    expect(page.locator(".bars__drawing").first.locator("rect")).to_have_count(30)
    page.get_by_text("90 jours").click()
    expect(page.locator(".bars__drawing").first.locator("rect")).to_have_count(90)
    account = page.locator("#dashboard-account option").nth(1)
    page.locator("#dashboard-account").select_option(account.get_attribute("value"))
    expect(page.locator(".dashboard__about")).to_contain_text(account.inner_text())
    page.locator(".chart__table > summary").first.click()
    expect(page.locator(".chart__table").first.get_by_role("row")).to_have_count(91)


def test_everything_works_without_a_script_and_fits_a_phone(parcels: None, signed_in: Visit) -> None:
    page = signed_in(ADVANCED, java_script_enabled=False, viewport=PHONE)
    open_list(page)
    assert width_beyond_without_script(page)
    page.get_by_label("Destinataire, ou le début de son nom").fill("zzzz")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Aucun colis ne correspond")).to_be_visible()
    page.get_by_role("link", name="Chercher aussi ces mots").click()
    expect(page.get_by_text("Tous les noms ont été parcourus")).to_be_visible()
    page.goto("/tracking/")
    page.locator("tbody th a").first.click()
    expect(page.locator(".steps-line")).to_be_visible()
    page.goto("/tracking/dashboard/")
    page.locator("label", has_text="90 jours").click()
    page.get_by_role("button", name="Afficher").click()
    expect(page.locator(".dashboard__about")).to_contain_text("90 derniers jours")


def width_beyond_without_script(page: Page) -> bool:
    """Whether nothing of the list stands beyond the screen."""
    box = page.locator(".list-frame").bounding_box()
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]


def test_an_administrator_reads_what_somebody_would_see_before_saving(parcels: None, signed_in: Visit) -> None:
    nour, page = someone("Nour"), signed_in("900138")
    invite_advanced(page, nour, "Web Service suivi")
    to_person(page, nour)
    says = page.locator(".would-see")
    page.locator("[name=tool][value=tool_consolidated]").check()
    expect(says).to_contain_text(re.compile(r"Cette personne verrait tous les colis du compte\s: .*\d"))
    page.locator("[name=tool][value=tool_tag]").check()
    expect(says).to_contain_text("ne verrait encore aucun colis")
    assert width_beyond(page) == 0
