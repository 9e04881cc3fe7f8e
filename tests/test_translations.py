"""French is complete, and typed as French is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale/fr/LC_MESSAGES/django.po"
NO_BREAK = "\u00a0\u202f"


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> polib.POFile:
    """The catalogue as makemessages would leave it, made in a copy of the tree."""
    copy = tmp_path_factory.mktemp("tree")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if name.endswith((".py", ".html", ".txt", ".po")) and (ROOT / name).exists():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "django", "makemessages", "--locale=fr", "--no-location", "--ignore=tests/*"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True, text=True)
    return polib.pofile(str(copy / "locale/fr/LC_MESSAGES/django.po"))


def test_every_text_of_the_portal_is_in_the_french_catalogue(wanted: polib.POFile) -> None:
    missing = [entry.msgid for entry in wanted if not entry.obsolete and not entry.translated()]
    assert missing == []


def test_the_french_catalogue_holds_nothing_else(wanted: polib.POFile) -> None:
    assert [entry.msgid for entry in wanted.obsolete_entries()] == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    written = {
        (e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in polib.pofile(str(CATALOGUE)).translated_entries()
    }
    compiled = {
        (e.msgctxt, e.msgid): e.msgstr or e.msgstr_plural for e in polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    }
    assert compiled == written


def french() -> list[tuple[str, str]]:
    return [
        (entry.msgid, text)
        for entry in polib.pofile(str(CATALOGUE)).translated_entries()
        for text in (entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr])
    ]


def test_placeholders_survive_translation() -> None:
    """A plural form may leave its number out; nothing may be invented."""
    pattern = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
    wrong = [
        (msgid, text)
        for msgid, text in french()
        if set(pattern.findall(text)) - set(pattern.findall(msgid)) - {"%(n)s", "%(n)d"}
    ]
    assert wrong == []


def test_french_punctuation_has_its_spaces() -> None:
    """Before ; ! ? : and inside « » a space that does not break, as French typography wants it."""
    plain = re.compile(r"https?://\S+|\S+@\S+|<[^>]*>|&\w+;|%\(\w+\)[sd]|\d\d?:\d\d")
    wrong = []
    for _msgid, text in french():
        bare = plain.sub("x", text)
        if re.search(
            rf"(?<![{NO_BREAK}])[;!?](?=\s|$)|(?<![{NO_BREAK}]):(?=\s|$)|«(?![{NO_BREAK}])|(?<![{NO_BREAK}])»", bare
        ):
            wrong.append(text)
    assert wrong == []
