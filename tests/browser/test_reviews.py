"""A review of access from its opening to its statement; a document from the carrier to who reads it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acts import expect_message, open_mail, prove
from tests.browser.conftest import PHONE, Portal, Visit
from tests.browser.looks import expect_sound

ACCOUNT = "/accounts/900138/"
SMALL_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def filter_by(page: Page, label: str, choice: str) -> None:
    page.get_by_label(label, exact=True).select_option(choice)
    page.get_by_role("button", name="Afficher").click()


def test_a_review_is_opened_decided_and_closed(signed_in: Visit) -> None:
    page = signed_in("900138")
    page.goto(f"{ACCOUNT}administration/")
    page.get_by_role("link", name="Revues des accès").click()
    page.get_by_role("link", name="Continuer").click()
    expect(page.get_by_text("Suggéré\u202f: suspendre")).to_be_visible()
    expect_sound(page)
    page.get_by_role("link", name="Toutes les suivre").click()
    expect(page.get_by_role("button", name="Suivre les 2 suggestions")).to_be_visible()
    expect_sound(page)
    page.get_by_role("link", name="Retour à la liste").click()
    page.get_by_role("link", name="Clôturer la revue").click()
    page.get_by_role("button", name="Clôturer la revue").click()
    page.goto(f"{ACCOUNT}reviews/")
    name = f"Revue {uuid4().hex[:6]}"
    page.get_by_label("Nom de la revue").fill(name)
    page.get_by_role("button", name="Ouvrir la revue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    address = page.url
    expect_sound(page)

    row = page.get_by_role("row").filter(has_text="Claire Martin")
    row.get_by_role("button", name="Garder").click()
    expect_message(page, "1 personne garde son accès")
    expect(row).to_contain_text("Gardé")

    page.get_by_role("row").filter(has_text="Kadiatou").get_by_role("button", name="Réduire").click()
    expect_sound(page)
    page.get_by_label("Web service choix du point de livraison").or_(
        page.get_by_label("Web Service Choix du point de Livraison")
    ).first.check()
    page.get_by_role("button", name="Retirer ces droits").click()
    expect_message(page, "1 personne a moins de droits")

    for person in ("Maeve O’Connor", "Luc Fontaine"):
        page.get_by_role("row").filter(has_text=person).get_by_role("checkbox").check()
    expect(page.get_by_text("2 personnes sélectionnées")).to_be_visible()
    page.locator(".bulk").get_by_role("button", name="Garder").click()
    expect_message(page, "2 personnes gardent leur accès")

    phone = signed_in("900138", viewport=PHONE, java_script_enabled=False)
    phone.goto(address)
    filter_by(phone, "Décision", "undecided")
    expect(phone.get_by_role("row").filter(has_text="Claire Martin")).to_have_count(0)
    assert phone.locator("main").is_visible()
    small = signed_in("900138", viewport=PHONE)
    small.goto(address)
    expect_sound(small)

    page.get_by_role("button", name="État (PDF)").click()
    prove(page)  # and then the button again
    with page.expect_download() as pdf:
        page.get_by_role("button", name="État (PDF)").click()
    assert Path(pdf.value.path()).read_bytes().startswith(b"%PDF-")
    with page.expect_download() as table:
        page.get_by_role("button", name="État (CSV)").click()
    assert "Réduit" in Path(table.value.path()).read_text("utf-8-sig")

    page.get_by_role("link", name="Clôturer la revue").click()
    expect_sound(page)
    expect(page.get_by_role("heading", name="Encore non décidés")).to_be_visible()
    page.get_by_role("button", name="Clôturer la revue").click()
    expect_message(page, "est clôturée")
    expect(page.get_by_role("button", name="Garder")).to_have_count(0)


@pytest.fixture
def invoice(portal: Portal, tmp_path: Path) -> str:
    """The number of an invoice that the carrier added by a command."""
    number = f"F-{uuid4().hex[:8]}"
    file = tmp_path / "facture.pdf"
    file.write_bytes(SMALL_PDF)
    what = (
        "--account",
        "900138",
        "--kind",
        "invoice",
        "--number",
        number,
        "--date",
        "2026-11-02",
        "--amount",
        "1234.5",
    )
    portal.manage("add_document", str(file), *what)
    return number


def test_a_document_goes_from_the_carrier_to_who_has_the_right(invoice: str, signed_in: Visit, tmp_path: Path) -> None:
    staff, page = signed_in("operateur"), signed_in("s.boumaza")
    number = f"T-{uuid4().hex[:8]}"
    staff.goto("/operator/accounts/document/")
    staff.get_by_role("link", name="Ajouter un document").click()
    for field, value in (
        ("account_number", "900138"), ("number", number), ("title", "Conditions 2027"), ("issued_on", "2026-11-03"),
    ):  # fmt: skip
        staff.locator(f"[name={field}]").fill(value)
    staff.locator("[name=kind]").select_option("prices")
    file = tmp_path / "tarifs.csv"
    file.write_text("Produit;Prix\nDomicile;5,84\n")
    staff.locator("[name=file]").set_input_files(file)
    staff.get_by_role("button", name="Ajouter le document").click()
    expect(staff.get_by_text("est à la disposition du compte").first).to_be_visible()

    page.goto(ACCOUNT)
    expect_sound(page)
    page.get_by_role("link", name="Mes factures").click()
    expect_sound(page)
    row = page.get_by_role("row").filter(has_text=invoice)
    expect(row).to_contain_text("234,50")
    with page.expect_download() as saved:
        row.get_by_role("button", name="Télécharger").click()
    assert saved.value.suggested_filename == "facture.pdf"
    assert Path(saved.value.path()).read_bytes() == SMALL_PDF
    filter_by(page, "Année", "2025")
    expect(page.get_by_role("row").filter(has_text=invoice)).to_have_count(0)

    page.goto(f"{ACCOUNT}prices/")
    with page.expect_download() as saved:
        page.get_by_role("row").filter(has_text=number).get_by_role("button", name="Télécharger").click()
    assert saved.value.suggested_filename == "tarifs.csv"
    open_mail(page, "contact@comptoir", f"Facture {invoice} du compte 900138")

    small = signed_in("900138", viewport=PHONE)
    for path in ("invoices/", "prices/", "terms/", "customer-service/", ""):
        small.goto(ACCOUNT + path)
        expect_sound(small)
    tile = small.get_by_role("link", name="Interface de commande de consommables")
    expect(tile).to_have_attribute("rel", "noopener noreferrer")
    expect(small.get_by_text("Pas encore disponible.").first).to_be_visible()
