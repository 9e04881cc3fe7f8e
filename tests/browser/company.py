"""How one comes to the pages of contacts and profiles in their states; what a release proposes, made in the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from playwright.sync_api import Page, expect

from colibox.lib import tenancy
from rights.actions.applying import hold
from rights.models import AccountLink
from tests.browser.acts import prove, someone

FORMER = ["tracking_claims", "coliview"]
"""What the shipped profile “Suivi” gave before a release changed it."""
Go = Callable[[Page, Any], Any]


def propose(number: str) -> None:
    """Let somebody of an account follow a shipped profile that a release changed since."""
    with transaction.atomic(), tenancy.everything():
        link = AccountLink.objects.filter(account__number=number, role="member", state="active").order_by("pk")[0]
        profile = hold(["tracking"], account_id=link.account_id)["tracking"]
        profile.rights = FORMER
        profile.save()
        AccountLink.objects.filter(pk=link.pk).update(profile=profile, follows_profile=True)


def _to(page: Page, world: Any, where: str) -> None:
    page.goto(f"/accounts/{world.admin}/{where}")


def _added(page: Page, world: Any) -> Any:
    """The row of a contact without address or web access."""
    name = someone("Odile").last_name
    _to(page, world, "contacts/new/")
    page.locator("[name=last_name]").fill(name)
    page.locator("[name=access]").uncheck()
    page.locator("main .form-foot button").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_be_visible()
    return row


def contacts(page: Page, world: Any) -> None:
    expect(_added(page, world)).to_be_visible()


def contact_in_place(icon: str, *, sent: bool = False) -> Go:
    """The row of a contact as a form, behind one of its icons; sent without what it needs."""

    def go(page: Page, world: Any) -> None:
        _added(page, world).locator(f"a:has(use[href$='#{icon}'])").click()
        form = page.locator(".row-form form")
        expect(form.locator("input:focus")).to_be_visible()
        if sent:
            form.locator("[name=last_name], [name=email]").first.fill("")
            form.locator("button[type=submit]").click()
            expect(form.locator("[aria-invalid=true]").first).to_be_visible()

    return go


def contact_page(where: str = "") -> Go:
    """The page of a contact as it is without JavaScript."""

    def go(page: Page, world: Any) -> None:
        url = _added(page, world).locator("a:has(use[href$='#pencil'])").get_attribute("href") or ""
        page.goto(url.partition("?")[0] + where)

    return go


def contacts_deleted(page: Page, world: Any) -> None:
    """The list after a removal: its undo, and what was removed lately."""
    _added(page, world).locator("button:has(use[href$='#trash'])").click()
    page.locator("details.removed > summary").click()


def contacts_export(page: Page, world: Any) -> None:
    _to(page, world, "contacts/export/?q=a&role=claims")
    prove(page)
    expect(page.locator("[name=format]").first).to_be_visible()


def profile(where: str = "", *, sent: bool = False) -> Go:
    """The pages of a profile of the account: its form, with a fault, its removal."""

    def go(page: Page, world: Any) -> None:
        name = someone("Profil").last_name
        _to(page, world, "profiles/new/")
        page.locator("[name=name]").fill(name)
        page.locator("[name=rights][value=coliship]").check()
        page.locator("main .form-foot button").click()
        page.get_by_role("link", name=name, exact=True).click()
        if sent:
            page.locator("[name=name]").fill("")
            page.locator("main .form-foot button").click()
            expect(page.locator("[aria-invalid=true]").first).to_be_visible()
        if where:
            page.goto(page.url + where)

    return go


def proposal(page: Page, world: Any) -> None:
    """What a release would change, before one decides."""
    _to(page, world, "profiles/")
    page.locator("main a[href$='/proposal/']").first.click()
    expect(page.locator("[name=proposal]")).to_be_attached()
