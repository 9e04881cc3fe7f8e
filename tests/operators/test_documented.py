"""What docs/operations.md shows of commands is so: each is run, and its answer has the shape that is shown."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import get_commands

from colibox.lib.commands import USAGE
from tests.conftest import make_link, make_person
from tests.imports.conftest import unhurried
from tests.operators.calls import call

__all__ = ["unhurried"]

DOCS = Path(__file__).parents[2] / "docs"
SHOWN = DOCS / "operations.md"
OURS = ("accounts", "colibox", "imports", "rights", "tracking", "users")
ELSEWHERE = {"demo", "createsuperuser"}
"""Shown in other ways: how people are made to try the portal with, and a command of Django's that refuses."""
CHECKED = re.compile(r"(?:ok|FAULT|–) +(\S+(?: \S+)*?)  ")
MORE = "…"
FACT = re.compile(r"( *[a-z][a-z -]*):(?: (.*))?\Z")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
FILES = {
    "accounts.csv": "number;company;email;rights\n"
    "900141;Vélos Pasteur;velos@pasteur.example;all\n"
    "90014;Trop Court;a@b.example;\n"
    "900142;Maison Garance;a@garance.example;teleport\n",
    "people.csv": "Nom;Prénom;Fonction;Email;Téléphone;Adresse géographique;Code postal;Ville;"
    "Web service affranchissement\n"
    "Durand;Aline;Acheteuse;aline.durand@partenaire.example;0241742088;12 rue du Port;44000;Nantes;oui\n",
    "facture.pdf": "%PDF-1.4\n%%EOF\n",
    "letter.pdf": "%PDF-1.4\n%%EOF\n",
    "points.csv": "identifier;name;kind;address_1;postcode;town\n930001;LYON PART DIEU;BPR;35 RUE BOUCHUT;69003;LYON\n",
    "parcels.csv": "number;product;addressee;postcode;town;weight\n"
    "6C03323769975;DOS;Zoé Müller;69003;LYON;1250\n6C033;DOS;Zoé Müller;69003;LYON;1250\n",
    "events.csv": "number;code;at;place\n6C03323769975;PC1;2026-11-02T18:00;LYON\n",
}


@dataclass
class Example:
    """A command as it is shown: what is typed, what it ends with, what it says."""

    line: int
    typed: list[str]
    code: int
    said: list[str]


def examples() -> list[Example]:
    found: list[Example] = []
    blocks = re.finditer(r"^```console\n(.*?)^```", SHOWN.read_text(), re.MULTILINE | re.DOTALL)
    for block in blocks:
        first = SHOWN.read_text()[: block.start(1)].count("\n") + 1
        for number, line in enumerate(block[1].splitlines(), first):
            if line.startswith("$ manage.py "):
                command, _, remark = line.removeprefix("$ manage.py ").partition("  #")
                code = re.search(r"exit code (\d+)", remark)
                found.append(Example(number, shlex.split(command), int(code[1]) if code else 0, []))
            elif line:
                found[-1].said.append(line)
    return found


def shape(line: str) -> Any:
    """What stays of a line whatever the names and numbers in it."""
    if line.startswith("{"):
        return sorted(json.loads(line))
    for form in (CHECKED, FACT):
        if found := form.match(line):
            return found[1]
    parts = line.split(" · ")
    return len(parts) if len(parts) > 1 else NUMBER.sub("0", line)


def shapes(said: list[str], command: str) -> list[Any]:
    """The shapes of what was said; of doctor, what it asked, for it finds other things in a test."""
    kept = [line for line in said if line and (command != "doctor" or CHECKED.match(line) or line == MORE)]
    return [shape(line) for line in kept]


def agree(shown: list[Any], said: list[Any]) -> bool:
    """Whether the one tells of the other, where … stands for any lines."""
    if not shown:
        return not said
    if shown[0] == MORE:
        return any(agree(shown[1:], said[start:]) for start in range(len(said) + 1))
    return bool(said) and shown[0] == said[0] and agree(shown[1:], said[1:])


@pytest.fixture
def world(cast: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The people and files that the examples speak of; nobody waits for workers, which tests have none of."""
    for name in ("operateur", "superviseur"):
        make_person(name, kind="staff")
    make_link(cast.north, make_person("k.leguilloux", last_name="Le Guilloux", first_name="Kadiatou"))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("colibox.lib.health.checks.WORKERS_SECONDS", 0.05)
    return cast


@pytest.mark.usefixtures("world", "unhurried")
def test_every_example_still_answers_in_this_way() -> None:
    for example in examples():
        name, *arguments = example.typed
        code, said, complaint = call(name, *arguments)
        where = f"line {example.line}: {shlex.join(example.typed)}\n{said}{complaint}"
        assert code == example.code or name == "doctor", where
        answered = said.splitlines() or [f"{'Misuse' if code == USAGE else 'Refusal'}: {complaint}"]
        assert agree(shapes(example.said, name), shapes(answered, name)), where


def test_every_command_is_shown() -> None:
    ours = {name for name, app in get_commands().items() if app.partition(".")[0] in OURS}
    assert ours - ELSEWHERE == {example.typed[0] for example in examples()}
