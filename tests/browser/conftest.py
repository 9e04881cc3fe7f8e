"""A portal that really runs, browsers that tell what they complain about, and what people do in them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    expect,
)

from colibox.embedded import process, programs
from tests.browser.acts import PASSWORD, sign_in

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
READY_SECONDS = 120.0
PATIENCE = 10_000
HERE = Path(__file__).parent

Visit = Callable[..., Page]

expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the journeys of a file on one portal, one after the other; the table of states is shared by language."""
    for item in items:
        if item.path.parent == HERE and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Nothing to empty: the portal has a cache of its own."""


# The portal.


@dataclass
class Portal:
    """One portal of this test session, on data of its own."""

    url: str
    var: Path

    def manage(self, *arguments: str) -> str:
        """Run a management command as the portal's processes would."""
        command = [sys.executable, "manage.py", *arguments]
        done = process.run(command, env=self._environment(), cwd=programs.ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        children: list[tuple[int, str]] = json.loads((self.var / "processes.json").read_text())
        words = Path(f"/proc/{children[-1][0]}/environ").read_bytes().decode().split("\0")
        return dict(word.split("=", 1) for word in words if "=" in word)


@pytest.fixture(scope="session")
def portal() -> Iterator[Portal]:
    """The portal, started as `make run` starts it, and ended with the session whatever happens to the session."""
    var = Path(tempfile.mkdtemp(prefix="colibox-browser-", dir="/tmp"))
    var.chmod(0o755)  # PostgreSQL runs as another user when we are root
    port, output = programs.free_port(), var / "output"
    launcher = process.spawn(
        [sys.executable, "-m", "colibox.embedded"], log=output, env=_launcher_environment(var, port), cwd=programs.ROOT
    )
    try:
        _wait_until_ready(launcher, output)
        yield Portal(f"http://localhost:{port}", var)
    finally:
        process.end(launcher, with_signal=signal.SIGTERM, grace=40)
        shutil.rmtree(var, ignore_errors=True)


def _launcher_environment(var: Path, port: int) -> dict[str, str]:
    """The environment of this session without what would make the portal use somebody else's servers."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "COLIBOX_VAR": str(var), "PORT": str(port), "COLIBOX_DEMO_PASSWORD": PASSWORD}


def _wait_until_ready(launcher: subprocess.Popen[bytes], output: Path) -> None:
    def said() -> bool:
        return launcher.poll() is not None or "Colibox is ready" in output.read_text()

    process.wait_until(said, seconds=READY_SECONDS)
    if "Colibox is ready" not in output.read_text():
        pytest.exit(f"The portal did not start:\n{process.tail(output, 30)}", returncode=1)


@pytest.fixture(scope="session")
def crowd(portal: Portal) -> str:
    """The number of an account with 300 people more than the others have."""
    portal.manage("demo", "--people", "300", "--account", "770512")
    return "770512"


@pytest.fixture(scope="session")
def parcels(portal: Portal) -> None:
    """A network of parcels over all the accounts, some of them claimed about."""
    portal.manage("demo", "--parcels", "400")


# The browser.


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium: nothing is downloaded."""
    chromium = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)
    if chromium is None:
        pytest.exit("They need Chromium. On Debian: sudo apt-get install -y chromium-headless-shell", returncode=1)
    return {**browser_type_launch_args, "executable_path": chromium}


@dataclass
class Watch:
    """What the browsers of one test complained about: the console, refused contents, failed requests."""

    expected: set[int] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of this browser."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught {error.error}"))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def expect(self, *statuses: int) -> None:
        """Answers that this test provokes on purpose."""
        self.expected.update(statuses)

    def _console(self, message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource: the server responded")  # told by _answered
        if message.type in ("error", "warning") and not answered:
            self.complaints.append(f"{message.type} on {message.page and message.page.url}: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that was left, a file that was saved
            self.complaints.append(f"{request.failure} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """The complaints of this test's browsers: there must be none that it did not expect."""
    watch = Watch()
    yield watch
    assert watch.complaints == []


@pytest.fixture
def visit(browser: Browser, portal: Portal, watch: Watch) -> Iterator[Visit]:
    """Open a browser of its own, as another person at another computer does."""
    opened: list[BrowserContext] = []

    def open_browser(**options: Any) -> Page:
        standard = {
            "base_url": portal.url,
            "locale": "fr-FR",
            "timezone_id": "Europe/Paris",
            "viewport": DESK,
            "permissions": ["clipboard-write"],  # a Chromium with windows gives it for a click
        }
        context = browser.new_context(**{**standard, **options})
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        watch.follow(context)
        return context.new_page()

    yield open_browser
    for context in opened:
        context.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    """A browser in which nobody is signed in."""
    return visit()


@pytest.fixture(scope="session")
def session_of(browser: Browser, portal: Portal) -> Callable[[str], Any]:
    """The cookies of a person, who signs in once through the page."""

    @cache
    def session(username: str) -> Any:
        context = browser.new_context(base_url=portal.url, locale="fr-FR")
        sign_in(context.new_page(), username)
        state = context.storage_state()
        context.close()
        return state

    return session


@pytest.fixture
def signed_in(visit: Visit, session_of: Callable[[str], Any]) -> Visit:
    """Open a browser in which this person is signed in already, at home."""

    def open_browser(username: str, **options: Any) -> Page:
        page = visit(storage_state=session_of(username), **options)
        page.goto("/")
        return page

    return open_browser
