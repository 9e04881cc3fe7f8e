"""A support visit: begun with a reason, read only under its banner, told by mail, ended; on a telephone, in French."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.acts import open_mail, prove
from tests.browser.conftest import PHONE, Visit, Watch
from tests.browser.looks import expect_sound

FORBIDDEN = 403
REASON = "Ticket 48213, un colis manque dans la liste"


def test_staff_look_at_the_portal_as_somebody_sees_it(visit: Visit, signed_in: Visit, watch: Watch) -> None:
    watch.expect(FORBIDDEN)
    staff = signed_in("operateur", viewport=PHONE)
    staff.goto("/operator/users/user/?q=c.martin")
    staff.locator("#result_list tbody tr").first.get_by_role("link").first.click()
    staff.get_by_role("link", name="Voir le portail comme cette personne").click()
    prove(staff)
    staff.get_by_label("Motif").fill("court")
    staff.get_by_role("button", name="Commencer la visite").click()
    expect(staff.get_by_text("Dites pourquoi")).to_be_visible()
    staff.get_by_label("Motif").fill(REASON)
    staff.get_by_role("button", name="Commencer la visite").click()

    banner = staff.get_by_role("region", name="Visite d’assistance")
    expect(banner).to_contain_text("Claire Martin (c.martin)")
    expect(banner).to_contain_text(REASON)
    expect_sound(staff)
    staff.goto("/profile/rights/")
    expect(banner).to_be_visible()
    expect_sound(staff)
    staff.goto("/profile/")
    staff.locator("main form button[type=submit]").first.click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Pas pendant une visite d’assistance")
    expect_sound(staff)
    staff.goto("/auth/sessions/")
    expect(staff.get_by_role("heading", level=1)).to_have_text("Pas pendant une visite d’assistance")

    staff.get_by_role("link", name="Poursuivre la visite").click()
    banner.get_by_role("button", name="Terminer la visite").click()
    expect(staff.get_by_text("Vous êtes de nouveau vous-même")).to_be_visible()
    staff.goto("/")
    expect(banner).to_have_count(0)

    reader = visit()
    open_mail(reader, "c.martin@comptoir", "L’assistance regarde Colibox comme Claire Martin")
    expect(reader.frame_locator("iframe").locator("body")).to_contain_text(REASON)
