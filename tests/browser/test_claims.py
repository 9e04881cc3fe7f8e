"""A claim from end to end: filed from a parcel, answered by staff, told by mail, closed; on a phone, by keyboard."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.acts import expect_message, open_mail
from tests.browser.conftest import PHONE, Visit, Watch
from tests.browser.looks import width_beyond

FORBIDDEN = 403


def open_parcel(page: Page) -> str:
    """Open the newest parcel of the list; its number as one reads it."""
    page.goto("/tracking/")
    page.locator("tbody tr").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\d{5}"))
    return page.get_by_role("heading", level=1).inner_text().strip()


def file_claim(page: Page, text: str) -> None:
    """File a claim on the parcel that is open."""
    page.get_by_role("link", name="Faire une réclamation").click()
    page.get_by_label("Endommagé").check()
    page.get_by_label("Ce qui s’est passé").fill(text)
    page.get_by_role("button", name="Envoyer la réclamation").click()


def test_a_claim_is_filed_answered_told_by_mail_and_closed(parcels: None, signed_in: Visit) -> None:
    page, staff = signed_in("900138"), signed_in("operateur")
    open_parcel(page)
    file_claim(page, "Le carton est ouvert.\nIl manque deux pièces.")
    expect_message(page, "est envoyée")
    expect(page.locator(".thread__message")).to_have_count(1)
    address = page.url

    page.goto(page.url)  # a second claim for the same reason is led to the first
    page.locator("aside").get_by_role("link").first.click()
    file_claim(page, "Encore.")
    expect(page.get_by_role("alert")).to_contain_text("pour le même motif")
    page.locator("aside").get_by_role("link", name="Endommagé").click()
    assert page.url == address

    staff.goto("/operator/tracking/claim/")
    staff.locator("#result_list tbody tr").last.get_by_role("link").first.click()
    expect(staff.get_by_text("Il manque deux pièces.")).to_be_visible()
    staff.locator(".answer textarea").fill("Nous vous remboursons.")
    staff.get_by_role("button", name="Envoyer la réponse").click()
    expect(staff.get_by_text("a reçu une réponse")).to_be_visible()

    open_mail(page, "contact@comptoir", "Le service client a répondu")
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Nous vous remboursons.")
    page.goto(address)
    expect(page.locator(".thread__message--staff")).to_contain_text("Nous vous remboursons.")
    page.get_by_role("button", name="Clôturer la réclamation").click()
    expect_message(page, "est clôturée")
    page.get_by_label("Votre message").fill("Merci.")
    page.get_by_role("button", name="Envoyer et rouvrir").click()
    expect(page.locator(".thread__message")).to_have_count(3)
    page.goto("/tracking/claims/?status=open")
    expect(page.get_by_role("row").filter(has_text="Endommagé").first).to_be_visible()


def test_a_claim_is_filed_on_a_phone_by_keyboard_without_a_script(parcels: None, signed_in: Visit) -> None:
    page = signed_in("900138", viewport=PHONE, java_script_enabled=False)
    open_parcel(page)
    page.get_by_role("link", name="Faire une réclamation").press("Enter")
    page.get_by_role("button", name="Envoyer la réclamation").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choisissez ce sur quoi porte la réclamation")
    page.get_by_label("En retard ou perdu").focus()
    page.keyboard.press("Space")
    page.get_by_label("Ce qui s’est passé").fill("Rien ne bouge depuis une semaine. " + "x" * 200)
    page.get_by_role("button", name="Envoyer la réclamation").press("Enter")
    expect_message(page, "est envoyée")
    for path in (page.url, "/tracking/claims/"):
        page.goto(path)
        assert page.locator("main").is_visible()


def test_nothing_is_wider_than_a_phone(parcels: None, signed_in: Visit) -> None:
    page = signed_in("900138", viewport=PHONE)
    page.goto("/tracking/claims/")
    assert width_beyond(page) <= 0
    page.locator("tbody").get_by_role("link").first.click()
    assert width_beyond(page) <= 0


def test_without_access_to_customer_service_there_is_no_trace_of_it(
    parcels: None, signed_in: Visit, watch: Watch
) -> None:
    page = signed_in("l.fontaine")
    open_parcel(page)
    expect(page.get_by_role("link", name=re.compile("réclamation", re.IGNORECASE))).to_have_count(0)
    watch.expect(FORBIDDEN)
    for address in ("/tracking/claims/", f"{page.url}claim/"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
