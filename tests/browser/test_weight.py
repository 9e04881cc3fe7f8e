"""How much a page makes a browser fetch, on the first visit and on a later one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

FIRST_VISIT = 150_000
LATER_VISIT = 25_000
PAGES = ("/", "/accounts/770512/", "/accounts/770512/users/", "/accounts/770512/users/advanced/new/", "/profile/")


@contextmanager
def fetched(page: Page) -> Iterator[list[int]]:
    """The bytes that came over the wire, as the browser counts them, one number for each file."""
    session, sizes = page.context.new_cdp_session(page), list[int]()

    def finished(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    session.send("Network.enable")
    session.on("Network.loadingFinished", finished)
    yield sizes
    session.detach()


def load(page: Page, path: str) -> None:
    page.goto(path, wait_until="networkidle")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_first_page_of_a_newcomer_is_light(visit: Visit) -> None:
    page = visit()
    with fetched(page) as sizes:
        load(page, "/auth/login/")
    assert sum(sizes) <= FIRST_VISIT
    with fetched(page) as again:
        load(page, "/auth/password/reset/")
    assert sum(again) <= LATER_VISIT


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_light_on_a_first_and_on_a_later_visit(
    visit: Visit, session_of: Callable[[str], Any], crowd: str, path: str
) -> None:
    page = visit(storage_state=session_of(crowd))
    with fetched(page) as first:
        load(page, path)
    assert sum(first) <= FIRST_VISIT, sizes_of(first)
    with fetched(page) as later:
        load(page, path)
    assert sum(later) <= LATER_VISIT, sizes_of(later)


def sizes_of(sizes: list[int]) -> str:
    return f"{sum(sizes)} bytes: {sorted(sizes, reverse=True)}"


def test_files_are_named_by_their_content_and_kept_for_good(page: Page) -> None:
    kept = []

    def answered(response: Any) -> None:
        if "/static/" in response.url:
            kept.append(response.headers.get("cache-control", ""))

    page.on("response", answered)
    load(page, "/auth/login/")
    assert kept
    assert all("immutable" in value for value in kept)
