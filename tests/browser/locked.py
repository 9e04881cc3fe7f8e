"""A session that was left alone: locked, and sent something before anybody unlocks it."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page, expect

from colibox.lib.sessions import SessionStore
from rights.idle import LOCKED
from tests.browser.acts import prove

COOKIE = "session"


def make(key: str) -> None:
    """Lock the session of this key, as half an hour without anybody does."""
    session = SessionStore(key)
    session[LOCKED] = time.time()
    session.save()


def cookie_of(page: Page) -> Any:
    """The cookie of who is signed in: its value is the key of their session."""
    return next(cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE)


def sent(page: Page, world: Any) -> None:
    """What was sent to a locked session, shown to who unlocks it."""
    page.goto("/profile/")
    page.locator("[name=function]").fill("Somebody who went by")
    cookie: Any = {**cookie_of(page), "value": world.locked}
    page.context.add_cookies([cookie])
    page.locator("main form:has([name=function]) [type=submit]").click()
    expect(page.locator("main input[type=password]")).to_be_visible()
    prove(page)
    expect(page.get_by_text("Somebody who went by")).to_be_visible()
