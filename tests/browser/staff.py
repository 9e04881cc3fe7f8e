"""The carrier's staff of the table of states: who they are, what they may look at, and how they come there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from playwright.sync_api import Page, expect

from accounts.files import PDF, File
from accounts.models import CustomerAccount
from colibox.lib import tenancy
from rights.actions import handovers
from rights.models import AccountLink, Handover
from tests.browser.acts import prove
from tests.conftest import make_person

ACCOUNT = "850061"


def make(language: str) -> None:
    """A member of staff who reads this language, and a change of owner that waits for a second one."""
    with transaction.atomic(), tenancy.everything():
        staff = make_person(username(language), kind="staff", language=language)
        account = CustomerAccount.objects.get(number=ACCOUNT)
        if Handover.objects.for_account(account).under_way().exists():
            return
        to = AccountLink.objects.active().filter(account=account, role="member", ends_on=None).first()
        assert to is not None
        reason = "Mrs Garance left the company, letter of the head of the company of the second of November"
        handovers.ask_forced(to=to, staff=staff, reason=reason, proof=File(b"%PDF-1.7", PDF, "letter.pdf"))


def username(language: str) -> str:
    return f"staff.{language}"


def at(path: str) -> Callable[[Page, Any], Any]:
    """A page, once the password is given where it is asked for."""

    def go(page: Page, world: Any) -> None:
        page.goto(f"/operator/{path}")
        prove(page)
        expect(page.locator("#content")).to_be_visible()

    return go


def first(path: str, act: str = "") -> Callable[[Page, Any], Any]:
    """The page of the first row of a list, or what can be done from there."""

    def go(page: Page, world: Any) -> None:
        page.goto(f"/operator/{path}")
        page.locator("#result_list tbody a").first.click()
        if act:
            page.locator(f".object-tools a[href*='{act}']").click()
            prove(page)
        expect(page.locator("#content h1")).to_be_visible()

    return go
