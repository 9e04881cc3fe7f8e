"""What a browser says of itself, in two words that a person recognises."""

from __future__ import annotations

import re
from dataclasses import dataclass

BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bChromium/|\bHeadlessChrome/"),
    ("Safari", r"\bSafari/"),
)
"""The first that fits: nearly all browsers claim to be Safari as well, many to be Chrome."""

SYSTEMS = (
    ("Windows", r"\bWindows\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("macOS", r"\bMacintosh\b|\bMac OS X\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


@dataclass(frozen=True)
class Device:
    """A browser and the system it runs on; an empty text for what is not recognised."""

    browser: str
    system: str

    @property
    def is_phone(self) -> bool:
        """Whether it is held in the hand."""
        return self.system in {"iPhone", "iPad", "Android"}


def read(user_agent: str) -> Device:
    """The browser and the system that a User-Agent header names."""
    return Device(_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent))


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, user_agent)), "")
