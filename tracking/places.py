"""French postcodes and the towns they belong to: validity, the names that addresses use, about where they are.

Read from data/communes.csv.gz when first asked; the lines stay as they are, only those asked for are taken apart.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from colibox.lib.text import fold

FILE = Path(__file__).parent / "data" / "communes.csv.gz"
POSTCODE = re.compile(r"(?:0\d|[1-8]\d|9[0-5])\d{3}|97[1-8]\d\d|98[04678]\d\d", re.ASCII)
"""Those of the départements, of territories, of Monaco, and of armies in the field, which begin with 00."""
CEDEX = re.compile(r"\bCEDEX\b.*")
QUARTER = re.compile(r"^(PARIS|LYON|MARSEILLE) \d{1,2}(ER|E|EME)?$")
SAINT = re.compile(r"\bSAINT(E?S?)\b")

TERRITORIES = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT", "977": "BL", "978": "MF",
    "980": "MC", "984": "TF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
OF_ITS_OWN = {"97133": "BL", "97150": "MF"}


class Town(NamedTuple):
    """A town under one of its postcodes; its people are those of this postcode, about."""

    postcode: str
    routing: str
    name: str
    insee: str
    population: int
    latitude: float
    longitude: float

    @property
    def country(self) -> str:
        """The ISO code of two letters: FR, or that of an overseas territory or Monaco."""
        return country(self.postcode)


def is_postcode(text: str) -> bool:
    """Whether this can be a postcode of France, its territories or Monaco."""
    return POSTCODE.fullmatch(text) is not None


def country(postcode: str) -> str:
    """The ISO code of the country or territory that a French postcode belongs to."""
    return OF_ITS_OWN.get(postcode) or TERRITORIES.get(postcode[:3], "FR")


def routing(name: str) -> str:
    """A town's name as the last line of an address has it: capitals, no accent, no sign, ST for SAINT."""
    words = re.sub(r"[^0-9a-z]+", " ", fold(name)).strip().upper()
    return SAINT.sub(r"ST\1", words)


def towns(postcode: str) -> list[Town]:
    """The towns of a postcode, the largest first; none when nobody has it."""
    return sorted(_between(postcode, postcode), key=_size) if is_postcode(postcode) else []


def find(postcode: str, town: str) -> Town | None:
    """The town of this name under this postcode, however it is written.

    Postcodes of organisations (CEDEX) are in no list: their town is looked for in the département.
    """
    asked = routing(town)
    wanted = QUARTER.sub(r"\1", CEDEX.sub("", asked).strip())
    if found := [each for each in towns(postcode) if {asked, wanted} & {each.routing, routing(each.name)}]:
        return min(found, key=lambda each: routing(each.name) != wanted)  # a town's own name before the one it shares
    if is_postcode(postcode) and (wanted != asked or not towns(postcode)):
        return min((each for each in _department(postcode) if each.routing == wanted), key=_size, default=None)
    return None


def locate(postcode: str, town: str = "") -> tuple[float, float] | None:
    """About where an address is, as latitude and longitude: its town, the towns of its postcode, its département."""
    if found := find(postcode, town):
        return found.latitude, found.longitude
    near = towns(postcode) or (sorted(_department(postcode), key=_size) if is_postcode(postcode) else [])
    return (near[0].latitude, near[0].longitude) if near else None


def sample(chance: Random, count: int) -> list[Town]:
    """So many towns, each as often as people live there; always the same for the same chance."""
    towns_, weights = _weighed()
    return chance.choices(towns_, cum_weights=weights, k=count)


def _size(town: Town) -> tuple[int, str]:
    return -town.population, town.routing


def _department(postcode: str) -> list[Town]:
    start = postcode[: 3 if postcode >= "97" else 2]
    return _between(start, start)


def _between(first: str, last: str) -> list[Town]:
    """The towns whose postcode begins with something from `first` to `last`: lines begin with the postcode."""
    lines = _lines()
    return [_town(line) for line in lines[bisect_left(lines, first) : bisect_left(lines, last + "~")]]


def _town(line: str) -> Town:
    postcode, routed, name, insee, population, latitude, longitude = line.split(",")
    return Town(postcode, routed, name, insee, int(population), float(latitude), float(longitude))


@lru_cache(maxsize=1)
def _lines() -> list[str]:
    return gzip.decompress(FILE.read_bytes()).decode().splitlines()


@lru_cache(maxsize=1)
def _weighed() -> tuple[list[Town], list[int]]:
    people = [town for town in map(_town, _lines()) if town.population and town.country == "FR"]
    return people, list(accumulate(town.population for town in people))
