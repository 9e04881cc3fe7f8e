"""French is complete, and typed as French is."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
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


@pytest.mark.xdist_group("catalogue")  # which is made once
def test_every_text_of_the_portal_is_in_the_french_catalogue(wanted: polib.POFile) -> None:
    missing = [entry.msgid for entry in wanted if not entry.obsolete and not entry.translated()]
    assert missing == []


@pytest.mark.xdist_group("catalogue")
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


def spoken(node: ast.AST, eager: set[str]) -> Iterator[int]:
    """The lines on which these functions are called under a node, but where a language was chosen before."""
    if isinstance(node, ast.With) and any("override" in ast.unparse(item.context_expr) for item in node.items):
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in eager:
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from spoken(child, eager)


def test_no_email_says_anything_before_it_knows_its_reader_s_language() -> None:
    """A worker has a language of its own: what it translates at once must be said under that of the reader."""
    wrong = []
    for path in [*ROOT.glob("*/emails.py"), *ROOT.glob("*/emails/*.py")]:
        module = ast.parse(path.read_text())
        imported = [each for each in module.body if isinstance(each, ast.ImportFrom)]
        known = [alias for each in imported if each.module == "django.utils.translation" for alias in each.names]
        eager = {alias.asname or alias.name for alias in known if "gettext" in alias.name and "lazy" not in alias.name}
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and "outbox.email" in "".join(map(ast.unparse, node.decorator_list)):
                wrong += [f"{path.relative_to(ROOT)}:{line}" for line in spoken(node, eager)]
    assert wrong == []


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
