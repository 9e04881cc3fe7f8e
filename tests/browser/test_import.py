"""Many people from a file, from the template to the last corrected row; and from a pasted list."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.acts import Someone, advanced_menu, open_mail, someone, to_users
from tests.browser.conftest import PHONE, Visit
from tests.browser.looks import width_beyond

NUMBER = "850061"
IMPORTS = f"/accounts/{NUMBER}/users/imports/"
PATIENCE = 30_000
Table = list[dict[str, str]]


def lines_of(download: Download) -> tuple[list[str], Table]:
    """The heads and the rows of a CSV file that was downloaded."""
    path = download.path()
    reader = csv.DictReader(io.StringIO(Path(path).read_text("utf-8-sig")), delimiter=";")
    rows = list(reader)
    return list(reader.fieldnames or []), rows


def as_excel_saves(heads: list[str], rows: Table) -> bytes:
    """The file as French Excel writes it: semicolons, Windows' encoding."""
    file = io.StringIO()
    writer = csv.DictWriter(file, heads, delimiter=";", lineterminator="\r\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("cp1252", "replace")


def filled_in(person: Someone, **other: str) -> dict[str, str]:
    """A row of the template; what Excel does to telephone numbers and postcodes is done."""
    return {
        "Nom": person.last_name, "Prénom": person.first_name, "Fonction": "Chargée d’expédition",
        "Email": person.email, "Téléphone": "241742088", "Adresse géographique": "12 rue du Port",
        "Code postal": "1000", "Ville": "Bourg-en-Bresse", "Tags": "LYON", "Web Service suivi": "oui", **other,
    }  # fmt: skip


def downloaded_template(page: Page, kind: str = "CSV") -> Download:
    with page.expect_download() as download:
        page.get_by_role("link", name=kind, exact=kind == "CSV").first.click()
    return download.value


def send(page: Page, content: bytes, name: str = "équipe.csv") -> None:
    """Send a file from the page of the imports, and wait until it is read."""
    page.goto(IMPORTS)
    page.get_by_label("Votre fichier").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Import n° \d+$"))
    expect(page.locator(".pill").first).not_to_have_text("Lecture en cours", timeout=PATIENCE)


def start(page: Page, button: str) -> None:
    """Start the import, and wait until it is done."""
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("heading", name="L’import est terminé")).to_be_visible(timeout=PATIENCE)


def figure(page: Page, word: str) -> Locator:
    """The figure above a word: 3 à inviter."""
    return page.locator(".figures__one").filter(has_text=word).locator("dd")


def row_of(page: Page | Locator, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def test_from_the_template_to_the_last_corrected_row(signed_in: Visit, visit: Visit) -> None:
    page = signed_in(NUMBER)
    to_users(page, NUMBER)
    advanced_menu(page).locator("summary").click()
    advanced_menu(page).get_by_role("link", name="Importer un fichier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ajouter plusieurs utilisateurs au compte")
    heads, _example = lines_of(downloaded_template(page))
    first, second, third = someone("Zoé"), someone("Aïcha"), someone("Léon")
    rows = [
        filled_in(first), filled_in(second, **{"Web Service suivi": "peut-être"}),
        filled_in(third, Email="pas une adresse"),
    ]  # fmt: skip

    send(page, as_excel_saves(heads, rows))
    expect(figure(page, "à inviter")).to_have_text("1")
    expect(figure(page, "refusées")).to_have_text("2")
    expect(page.get_by_role("region", name="Comment votre fichier a été lu")).to_contain_text("Windows-1252")
    expect(page.get_by_role("region", name="Comment votre fichier a été lu")).to_contain_text("zéro du début rendu")
    wrong = page.get_by_role("region", name="Ce qui ne va pas dans les lignes refusées")
    expect(row_of(wrong, "peut-être").get_by_role("rowheader")).to_contain_text("3")
    expect(row_of(wrong, "pas une adresse").get_by_role("rowheader")).to_contain_text("4")

    start(page, "Inviter 1 personne")
    expect(row_of(page, first.email)).to_contain_text("Traitement OK")
    expect(row_of(page, "Aïcha")).to_contain_text("Choix invalide")
    expect(row_of(page, "Léon")).to_contain_text("Erreur sur les informations de l’utilisateur")
    with page.expect_download() as download:
        page.locator("form:has(input[value=refused])").get_by_role("button", name="CSV").click()
    heads, refused = lines_of(download.value)
    assert [row["Nom"] for row in refused] == [second.last_name, third.last_name]

    refused[0]["Web Service suivi"], refused[1]["Email"] = "oui", third.email
    send(page, as_excel_saves(heads, refused), "corrigé.csv")
    start(page, "Inviter 2 personnes")
    expect(page.get_by_role("heading", name="L’import est terminé.")).to_be_visible()
    row_of(page, third.email).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(third.last_name)
    open_mail(visit(), third.email, "vous invite sur Colibox")


def test_the_same_file_again_changes_nothing_and_says_so(signed_in: Visit) -> None:
    page = signed_in(NUMBER)
    page.goto(IMPORTS)
    heads, _example = lines_of(downloaded_template(page))
    content = as_excel_saves(heads, [filled_in(someone("Maëlle"))])
    send(page, content)
    start(page, "Inviter 1 personne")
    send(page, content)
    expect(page.get_by_role("main")).to_contain_text("Voulez-vous importer ce fichier une seconde fois")
    expect(page.get_by_role("main")).to_contain_text("Il n’y a rien à changer")
    expect(page.get_by_role("button", name="Inviter")).to_have_count(0)
    page.get_by_role("button", name="Abandonner cet import").click()
    expect(page.get_by_role("heading", name="Cet import a été abandonné.")).to_be_visible()


def test_the_result_waits_on_the_page_of_imports(signed_in: Visit) -> None:
    page = signed_in(NUMBER)
    page.goto(IMPORTS)
    heads, _example = lines_of(downloaded_template(page))
    person = someone("Nadia")
    send(page, as_excel_saves(heads, [filled_in(person)]), "bordeaux.csv")
    start(page, "Inviter 1 personne")
    page.goto(IMPORTS)
    results = page.get_by_role("region", name="Récupération des résultats")
    expect(results).to_contain_text("bordeaux.csv")
    expect(results).to_contain_text(re.compile(r"Votre fichier est disponible jusqu’au\s: \d\d/\d\d/\d{4}"))
    with page.expect_download() as download:
        results.get_by_role("button", name="Récupérer les résultats", exact=True).click()
    _heads, rows = lines_of(download.value)
    assert (rows[0]["Statut"], rows[0]["Email"]) == ("Traitement OK", person.email)


def test_a_file_that_is_none_is_refused_with_a_sentence(signed_in: Visit) -> None:
    page = signed_in(NUMBER)
    send(page, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 200, "liste.pdf")
    expect(page.get_by_role("main")).to_contain_text("Ce fichier n’a pas pu être lu")
    page.get_by_role("link", name="Envoyer un fichier corrigé").click()
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez le fichier que vous avez rempli.")


def test_a_file_can_be_dropped(signed_in: Visit) -> None:
    page = signed_in(NUMBER)
    page.goto(IMPORTS)
    expect(page.get_by_text("Vous pouvez aussi le déposer dans ce cadre.")).to_be_visible()
    dropped = page.evaluate_handle(
        """() => {
          const all = new DataTransfer();
          all.items.add(new File(["Nom;Email"], "déposé.csv"));
          return all;
        }"""
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": dropped})
    assert page.evaluate("document.querySelector('[type=file]').files[0].name") == "déposé.csv"


def test_addresses_are_pasted_and_rights_chosen_once(signed_in: Visit) -> None:
    page, first, second = signed_in(NUMBER), someone("Inès"), someone("Hugo")
    to_users(page, NUMBER)
    advanced_menu(page).locator("summary").click()
    advanced_menu(page).get_by_role("link", name="Coller plusieurs adresses").click()
    page.get_by_label("Adresses e-mail").fill(f"{first.full_name} <{first.email}>; {second.email}\nnobody@")
    page.get_by_label("Web Service suivi").check()
    page.get_by_role("button", name="Voir ce qui changera").click()
    expect(page.get_by_role("heading", name="Ce qui va se passer")).to_be_visible(timeout=PATIENCE)
    expect(figure(page, "refusée")).to_have_text("1")
    start(page, "Inviter 2 personnes")
    expect(row_of(page, second.email)).to_contain_text("Traitement OK")


def test_the_whole_way_without_javascript(signed_in: Visit) -> None:
    page, person = signed_in(NUMBER, java_script_enabled=False), someone("Sans")
    page.goto(IMPORTS)
    expect(page.get_by_text("Vous pouvez aussi le déposer dans ce cadre.")).to_be_hidden()
    heads, _example = lines_of(downloaded_template(page))
    send(page, as_excel_saves(heads, [filled_in(person)]))
    start(page, "Inviter 1 personne")
    expect(row_of(page, person.email)).to_contain_text("Traitement OK")


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
def test_on_a_phone_no_page_is_too_wide(signed_in: Visit, language: str) -> None:
    page = signed_in(NUMBER, viewport=PHONE, has_touch=True, is_mobile=True, locale=language)
    page.goto(IMPORTS)
    assert width_beyond(page) <= 0
    heads, _example = lines_of(downloaded_template(page))
    person = someone("Théophile")
    send(page, as_excel_saves(heads, [filled_in(person), filled_in(person, Email="x" * 80)]))
    assert width_beyond(page) <= 0
    start(page, "Inviter 1 personne")
    assert width_beyond(page) <= 0
    expect(row_of(page, person.email)).to_be_visible()
    page.goto(f"{IMPORTS}list/")
    assert width_beyond(page) <= 0
