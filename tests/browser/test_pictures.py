"""The pictures that the guide names exist, are of the size it says, and are light."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.png import size

ROOT = Path(__file__).resolve().parents[2]
HEAVIEST = 60_000
NAMED = [
    name
    for language in ("fr", "en")
    for name in re.findall(r'src="(guide/[^"]+)"', (ROOT / f"templates/guide/guide_{language}.html").read_text())
]


@pytest.mark.parametrize("name", NAMED)
def test_a_picture_of_the_guide_is_there_and_light(name: str) -> None:
    picture = (ROOT / "static" / name).read_bytes()
    assert size(picture) == (1280, 800)
    assert len(picture) <= HEAVIEST


def test_both_guides_show_the_same_pictures() -> None:
    french, english = ({name.split("/")[-1] for name in NAMED if f"/{code}/" in name} for code in ("fr", "en"))
    assert french == english != set()
