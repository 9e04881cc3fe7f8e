"""Journeys of an administrator: change, withdraw, suspend, remove, act on many, find and export."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from tests.browser.acts import (
    advanced_user,
    choose_act,
    expect_message,
    invite_advanced,
    open_mail,
    prove,
    save,
    search,
    someone,
    to_person,
    to_users,
)
from tests.browser.conftest import Visit, Watch

CONFLICT, NOT_FOUND = 409, 404
COLISHIP, TRACKING_WS = "Interface d’affranchissement ColiShip", "Web Service suivi"


def test_rights_change_in_one_save_and_the_open_session_has_lost_them(signed_in: Visit, visit: Visit) -> None:
    lea, page, admin = someone("Léa"), visit(), signed_in("900138")
    advanced_user(admin, page, lea, COLISHIP)
    page.goto("/profile/rights/")
    expect(page.get_by_role("row").filter(has_text=COLISHIP)).to_be_visible()

    to_person(admin, lea)
    admin.get_by_label(COLISHIP).uncheck()
    admin.get_by_label(TRACKING_WS).check()
    expect(admin.locator("[data-gains]")).to_have_text(f"Gagne\u202f: {TRACKING_WS}. Perd\u202f: {COLISHIP}.")
    save(admin)
    expect_message(admin, f"Droits gagnés : {TRACKING_WS}")
    expect_message(admin, f"Droits perdus : {COLISHIP}")

    page.reload()
    expect(page.get_by_role("row").filter(has_text=TRACKING_WS)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=COLISHIP)).to_have_count(0)
    page.goto("/mailbox/")
    open_mail(page, lea.email, "Vos droits sur le compte 900138 ont changé")
    letter = page.frame_locator("iframe").locator("body")
    expect(letter).to_contain_text(TRACKING_WS)
    expect(letter).to_contain_text(COLISHIP)


def test_two_administrators_who_edit_one_person_both_see_both_versions(signed_in: Visit, watch: Watch) -> None:
    yann, first = someone("Yann"), signed_in("900138")
    invite_advanced(first, yann, COLISHIP)
    second = signed_in("900138")
    for page in (first, second):
        to_person(page, yann)
    first.get_by_label(TRACKING_WS).check()
    save(first)
    expect_message(first, "sont enregistrées")

    watch.expect(CONFLICT)
    second.get_by_label("Web Service choix du point de livraison").check()
    save(second)
    expect(second.get_by_role("heading", level=1)).to_contain_text("modification entre-temps")
    rights = second.get_by_role("row").filter(has_text="Droits")
    expect(rights.get_by_role("cell").first).to_contain_text("point de livraison")
    expect(rights.get_by_role("cell").last).to_contain_text(TRACKING_WS)
    second.get_by_role("button", name="Enregistrer ma version à la place").click()
    expect_message(second, "sont enregistrées")
    first.reload()
    expect(first.get_by_label("Web Service choix du point de livraison")).to_be_checked()


def test_a_person_is_suspended_and_taken_back_with_the_undo_of_the_message(
    signed_in: Visit, visit: Visit, watch: Watch
) -> None:
    noe, page, admin = someone("Noé"), visit(), signed_in("900138")
    advanced_user(admin, page, noe, COLISHIP)
    page.goto("/accounts/900138/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    to_users(admin)
    search(admin, noe.last_name)
    row = admin.get_by_role("row").filter(has_text=noe.email)
    row.get_by_role("link", name="Suspendre").click()
    expect(admin.get_by_role("heading", name="Ce qui s’arrête")).to_be_visible()
    expect(admin.get_by_role("main")).to_contain_text(COLISHIP)
    admin.get_by_role("button", name="Suspendre").click()
    expect(row).to_contain_text("Suspendu")

    watch.expect(NOT_FOUND)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cette page n’existe pas")
    admin.get_by_role("button", name="Annuler").click()
    expect_message(admin, "de nouveau actif")
    expect(row).to_contain_text("Actif")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    open_mail(page, noe.email, "suspendu")


def test_links_are_removed_after_a_page_that_says_what_stops(signed_in: Visit, visit: Visit) -> None:
    ines, page, admin = someone("Inès"), visit(), signed_in("900138")
    advanced_user(admin, page, ines, COLISHIP)
    to_users(admin)
    search(admin, ines.last_name)
    row = admin.get_by_role("row").filter(has_text=ines.email)
    row.get_by_role("link", name="Supprimer les liens").click()
    expect(admin.get_by_role("main")).to_contain_text(ines.email)
    expect(admin.get_by_role("main")).to_contain_text(COLISHIP)
    admin.get_by_role("button", name="Supprimer les liens").click()
    expect_message(admin, "sont supprimés")
    search(admin, ines.last_name)
    expect(row).to_have_count(0)
    page.goto("/")
    expect(page.get_by_text("Aucun compte ne vous est ouvert")).to_be_visible()
    open_mail(page, ines.email, "sont supprimés")


def test_the_administrators_own_row_offers_nothing_that_stops(signed_in: Visit) -> None:
    page = signed_in("900138")
    to_users(page)
    own = page.get_by_role("row").filter(has_text="ADMIN").first
    expect(own.get_by_role("link", name="Supprimer les liens")).to_have_count(0)
    expect(own.get_by_role("checkbox")).to_have_count(0)


# A crowd.


def advanced_of(page: Page, crowd: str) -> None:
    """Go to the whole list of the advanced users of the crowd's account."""
    page.goto(f"/accounts/{crowd}/users/?kind=advanced")


def test_people_are_found_sorted_filtered_and_paged(signed_in: Visit, crowd: str) -> None:
    page = signed_in(crowd)
    to_users(page, crowd)
    search(page, "elo")
    expect(page.get_by_role("row").filter(has_text="Éloïse").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Bruno")).to_have_count(0)

    advanced_of(page, crowd)
    expect(page.get_by_role("row")).to_have_count(26)
    header = page.get_by_role("columnheader", name="Prénom")
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Adèle")
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Zoé")
    pages = page.get_by_role("navigation", name="Pages de la liste")
    pages.get_by_role("link", name="Page 2", exact=True).click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(pages.locator("[aria-current=page]")).to_contain_text("2")
    pages.get_by_role("link", name="100", exact=True).click()
    expect(page.get_by_role("row")).to_have_count(101)


def test_filters_are_chips_that_go_away_one_by_one_and_stay_in_the_address(signed_in: Visit, crowd: str) -> None:
    page = signed_in(crowd)
    advanced_of(page, crowd)
    page.locator("summary", has_text="Filtrer").click()
    page.get_by_label("Détient le droit", exact=True).select_option(label=COLISHIP)
    page.get_by_label("Porte le tag").fill("LYON")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.locator("tbody tr").first).to_contain_text("LYON")
    chips = page.get_by_role("list", name="Filtres actifs")
    expect(chips.get_by_role("listitem")).not_to_have_count(0)
    address = page.url
    chips.get_by_role("link").filter(has_text="LYON").click()
    expect(page).not_to_have_url(address)
    expect(page).to_have_url(re.compile("right=coliship"))
    page.goto(address)
    expect(page.locator("tbody tr").first).to_contain_text("LYON")
    page.get_by_role("link", name="Retirer tous les filtres").click()
    expect(page).not_to_have_url(re.compile("right="))


def test_the_key_of_the_search_leads_to_it_and_is_a_sign_where_one_types(signed_in: Visit, crowd: str) -> None:
    page = signed_in(crowd)
    to_users(page, crowd)
    field = page.get_by_role("searchbox")
    expect(field).to_have_attribute("title", "Touche / pour rechercher")
    for modified in ("Control+/", "Alt+/", "Meta+/"):
        page.get_by_role("main").press(modified)
        expect(field).not_to_be_focused()
    page.get_by_role("main").press("Shift+/")  # as French keyboards type it
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.press("/")
    expect(field).to_have_value("/")
    for path in ("contacts/", "history/"):
        page.goto(f"/accounts/{crowd}/{path}")
        first = page.get_by_role("main").get_by_role("searchbox").first
        expect(first).to_have_attribute("aria-keyshortcuts", "/")
        page.locator("body").press("/")
        expect(first).to_be_focused()

    page.goto("/profile/")
    page.get_by_role("button", name="Désactiver les raccourcis").click()
    expect_message(page, "Les raccourcis clavier sont désactivés.")
    other = signed_in(crowd)
    for path in (f"/accounts/{crowd}/users/", f"/accounts/{crowd}/contacts/"):
        for each in (page, other):
            each.goto(path)
            each.locator("body").press("/")
            expect(each.get_by_role("main").get_by_role("searchbox").first).not_to_be_focused()
            expect(each.locator(".search__key")).to_have_count(0)


def test_a_search_that_finds_nobody_says_so_and_offers_a_way_back(signed_in: Visit, crowd: str) -> None:
    page = signed_in(crowd)
    to_users(page, crowd)
    search(page, "personne ne porte ce nom")
    page.get_by_role("main").get_by_role("link", name="Retirer tous les filtres").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_a_right_is_given_to_many_after_a_preview_and_taken_back(signed_in: Visit, crowd: str) -> None:
    page = signed_in(crowd)
    advanced_of(page, crowd)
    page.get_by_label("Sélectionner la page").check()
    expect(page.get_by_text("25 personnes sélectionnées")).to_be_visible()
    choose_act(page, "Droits", "Donner un droit")
    page.get_by_role("group", name="Suivi").get_by_label(TRACKING_WS, exact=True).check()
    page.get_by_role("button", name="Voir ce qui change").click()
    gain = page.get_by_role("heading", name=re.compile(r"\d+ personnes? gagner(a|ont) «"))
    count = gain.inner_text().split()[0]
    expect(page.get_by_role("main")).to_contain_text(f"Gagné : {TRACKING_WS}")
    expect(page.get_by_role("heading", name=re.compile("ne peu(ven)?t pas"))).to_be_visible()
    page.get_by_role("button", name="Donner un droit").click()
    expect_message(page, f"{count} personnes ont gagné «")
    page.get_by_role("button", name="Annuler").click()
    expect_message(page, "Annulé pour")


def test_a_tag_goes_to_all_that_match_beyond_the_page(signed_in: Visit, crowd: str) -> None:
    page, tag = signed_in(crowd), someone("Tag").last_name.upper()
    page.goto(f"/accounts/{crowd}/users/?kind=advanced&tag=ROUBAIX")
    page.get_by_label("Sélectionner la page").check()
    everybody = page.get_by_label(re.compile("Sélectionner les"))
    everybody.check()
    count = re.sub(r"\D", "", page.locator("[data-select-count]").inner_text())
    assert int(count) > 25
    choose_act(page, "Tags", "Ajouter un tag")
    page.get_by_label("Tag", exact=True).fill(tag)
    page.get_by_role("button", name="Voir ce qui change").click()
    expect(page.get_by_role("heading", name=f"{count} personnes recevront le tag {tag}")).to_be_visible()
    page.get_by_role("button", name="Ajouter un tag").click()
    expect_message(page, f"{count} personnes ont reçu le tag {tag}")
    page.goto(f"/accounts/{crowd}/users/?kind=advanced&tag={tag}")
    expect(page.get_by_role("caption")).to_contain_text(count)


def exported(page: Page, kind: str) -> Path:
    """The file of the list, in this format."""
    to_users(page)
    page.get_by_role("link", name="Exporter les utilisateurs avancés").click()
    prove(page)
    page.get_by_label(kind).check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Télécharger").click()
    return Path(waiting.value.path())


def test_the_export_opens_in_a_spreadsheet(signed_in: Visit) -> None:
    page = signed_in("900138")
    raw = exported(page, "CSV").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    berlioz = next(row for row in rows if row["Nom"] == "Berlioz")
    assert berlioz["Prénom"] == "Aline"
    assert "a.berlioz" not in raw.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(exported(page, "XLSX").read_bytes()))
    names = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert "Berlioz" in names
