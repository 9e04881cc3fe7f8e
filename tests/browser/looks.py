"""Whether everybody can use a page as it looks: it breaks no rule of accessibility and fits its window."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT as AXE
from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESK, PHONE

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Each language in half of the looks: together they see every page large and small, in the light and in the dark.
LOOKS: dict[str, list[tuple[str, ViewportSize, Literal["light", "dark"]]]] = {
    "fr": [("desk", DESK, "light"), ("phone", PHONE, "dark")],
    "en": [("desk", DESK, "dark"), ("phone", PHONE, "light")],
}


def expect_sound(page: Page, *sizes: ViewportSize) -> None:
    """Expect the page to break no rule and to fit: as it is, or in windows of these sizes, of which the last stays."""
    page.evaluate(AXE)
    for size in sizes or [page.viewport_size]:
        if size:
            page.set_viewport_size(size)
        faults = [*broken(page, page.url), *too_wide(page, page.url)]
        assert not faults, "\n".join(faults)


def broken(page: Page, where: str) -> list[str]:
    """The rules that the page breaks, with the place; what a bar half covers while one scrolls is not small."""
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    page.locator("[data-select-bar]").evaluate_all("bars => bars.forEach((bar) => { bar.style.position = 'static'; })")
    options = {"runOnly": RULES, "resultTypes": ["violations"], "iframes": False, "preload": False}
    found = page.evaluate("(options) => axe.run(options).then((results) => results.violations)", options)
    return [f"{where}: {rule['id']} {node['target']} {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def too_wide(page: Page, where: str) -> list[str]:
    """That the page is wider than the window, if it is."""
    beyond = width_beyond(page)
    return [f"{where}: {beyond} pixels too wide"] if beyond > 0 else []


def width_beyond(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    beyond: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return beyond
