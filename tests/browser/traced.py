"""How one comes to the pages of histories and reviews in their states, and a review that has suggestions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page

from colibox.lib import tenancy
from rights.actions.reviews import close_review, decide, open_review
from rights.models import AccountLink, ReviewedLink

Go = Callable[[Page, Any], Any]


def make(number: str) -> None:
    """On an account, a review that is done and one that is open, in which something is suggested."""
    with transaction.atomic(), tenancy.everything():
        links = AccountLink.objects.filter(account__number=number)
        owner, deadline = links.get(role="owner"), timezone.localdate() + timedelta(days=30)
        done = open_review(by=owner, name="First review", deadline=deadline)
        decide(campaign=done, rows=ReviewedLink.objects.filter(campaign=done), decision="keep", by=owner)
        close_review(campaign=done, by=owner)
        idle = [link.pk for link in links.filter(state="active", role="member").order_by("pk")[:3]]
        links.filter(pk__in=idle).update(accepted_at=timezone.now() - timedelta(days=200))
        for link in links.filter(pk__in=idle):
            link.user.last_login = None  # type: ignore[union-attr]
            link.user.save(update_fields=["last_login"])  # type: ignore[union-attr]
        open_review(by=owner, name="Second review", deadline=deadline)


def review(where: str = "", *, place: str = "Second review") -> Go:
    """A page of one of the reviews."""

    def go(page: Page, world: Any) -> None:
        page.goto(f"/accounts/{world.admin}/reviews/")
        page.get_by_role("link", name=place, exact=True).click()
        page.goto(f"{page.url.split('?')[0]}{where}")

    return go


def to_decide(button: str) -> Go:
    """What is asked before somebody's access is reduced or suspended."""

    def go(page: Page, world: Any) -> None:
        review("?status=suggested")(page, world)
        page.locator(f"button[form=one][name={button}]").first.click()

    return go
