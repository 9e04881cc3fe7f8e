"""What the documents name is there: files they lead to, paths and names in the code, targets of the Makefile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
MADE = {"var"}
"""Folders that appear once the portal has run."""
TOPS = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - MADE
APPS = "users|accounts|rights|imports|tracking|colibox"


def quoted(document: Path, pattern: str) -> Iterator[str]:
    """The words of code in a document that have this form, whole."""
    yield from (word for word in re.findall(r"`([^`\n]+)`", document.read_text()) if re.fullmatch(pattern, word))


def defined(name: str) -> bool:
    """Whether this dotted name leads to a module, and what follows stands in it or, for a room, below it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ROOT.joinpath(*parts[:length])
        files = list(module.rglob("*.py")) if module.is_dir() else [module.with_suffix(".py")]
        if files and files[0].exists():
            texts = "\n".join(file.read_text() for file in files)
            return all(re.search(rf"\b{part}\b", texts) for part in parts[length:])
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
class TestWhatADocumentNames:
    def test_its_links_lead_to_files(self, document: Path) -> None:
        links = re.findall(r"\]\(([^)#]+)", document.read_text())
        files = [link for link in links if not link.startswith(("http:", "https:"))]
        assert [file for file in files if not (document.parent / file).exists()] == []

    def test_its_paths_are_there(self, document: Path) -> None:
        paths = [path for path in quoted(document, r"[\w./-]+/[\w./-]*") if path.split("/")[0] in TOPS]
        assert [
            path for path in paths if not any((folder / path).exists() for folder in (ROOT, ROOT / "templates"))
        ] == []

    def test_its_names_are_in_the_code(self, document: Path) -> None:
        names = quoted(document, rf"(?:{APPS})(?:\.\w+)+(?:\(\))?")
        assert [name for name in names if not name.endswith(".css") and not defined(name.removesuffix("()"))] == []

    def test_what_it_says_to_make_can_be_made(self, document: Path) -> None:
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
        said = {word.split()[1] for word in quoted(document, r"make [a-z-]+.*")}
        assert said - targets == set()
