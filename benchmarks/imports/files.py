"""The files that are imported: French people, each with an address of their own, and one row in forty refused."""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from benchmarks.population import FIRST, LAST

RIGHTS = {
    "shipping_ws": "Web Service Affranchissement",
    "tracking_ws": "Web Service suivi",
    "tool_consolidated": "Outil de suivi colis sans accès au Service Client – Suivi consolidé",
    "pickup_ws": "Web Service choix du point de livraison",
}
GIVEN = ("shipping_ws", "tracking_ws", "tool_consolidated")
"""Of these each person gets one to three, two on average; the fourth may not be passed on."""
HEADER = [
    "Nom", "Prénom", "Fonction", "Email", "Téléphone", "Adresse", "Adresse, ligne 2", "Code postal", "Ville", "Pays",
    "Tag", *RIGHTS.values(),
]  # fmt: skip
TOWNS = (("59800", "Lille"), ("44000", "Nantes"), ("01000", "Bourg-en-Bresse"), ("42000", "Saint-Étienne"))
FUNCTIONS = ("Agent d’exploitation", "Chargée de transport", "Préparateur", "Service client", "Intégrateur")
REFUSED_EVERY = 40

Row = dict[str, str]


def people(count: int, *, seed: int = 1) -> Iterator[Row]:
    """So many rows, the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        row = _person(number, chance)
        if number % REFUSED_EVERY == REFUSED_EVERY // 2:
            _spoil(row, number // REFUSED_EVERY)
        yield row


def _person(number: int, chance: random.Random) -> Row:
    last, first = chance.choice(LAST.split()), chance.choice(FIRST.split())
    postcode, town = chance.choice(TOWNS)
    rights = chance.sample(GIVEN, chance.randint(1, len(GIVEN)))
    return {
        "Nom": last,
        "Prénom": first,
        "Fonction": chance.choice(FUNCTIONS),
        "Email": f"{_plain(first)}.{_plain(last)}{number}@filiale{chance.randrange(997)}.example",
        "Téléphone": f"02 41 {number // 10_000 % 100:02} {number // 100 % 100:02} {number % 100:02}",
        "Adresse": f"{1 + number % 180} rue de l’Église",
        "Adresse, ligne 2": "Bâtiment B" if number % 5 == 0 else "",
        "Code postal": postcode,
        "Ville": town,
        "Pays": "France",
        "Tag": town.upper() if number % 3 else "",
        **{heading: "oui" if code in rights else "non" for code, heading in RIGHTS.items()},
    }


def _spoil(row: Row, nth: int) -> None:
    """One of the four faults, in turn."""
    spoilt = (
        ("Email", row["Email"].replace("@", " chez ")),
        ("Code postal", "440000"),
        (RIGHTS["shipping_ws"], "peut-être"),
        (RIGHTS["pickup_ws"], "oui"),
    )
    heading, value = spoilt[nth % len(spoilt)]
    row[heading] = value


def _plain(name: str) -> str:
    return unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode().lower()


def refused(count: int) -> int:
    """How many of so many rows."""
    return (count + REFUSED_EVERY // 2 - 1) // REFUSED_EVERY


def write(path: Path, count: int) -> Path:
    """The file as Excel saves it in France: semicolons, UTF-8 with a mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADER, delimiter=";")
        writer.writeheader()
        writer.writerows(people(count))
    return path
