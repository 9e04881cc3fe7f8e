"""How fast labels are drawn: one core, one PDF a label, against an empty page of the same PDF library, in one run.

The two take turns and the clock is that of the process, so that whatever else the machine does slows them alike.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tracking.labels import Label

GOAL = 50
"""Labels a second a core, PDF included."""


def prepared(count: int) -> list[Label]:
    """So many labels that differ where labels of a day differ."""
    from tracking.labels import Address, Label

    sender = Address(company="Comptoir du Nord", line2="12 rue de la Monnaie", postcode="59000", town="Lille")
    to = Address(
        first_name="Éléonore", line0="Étage 3, appartement 12", line1="Bâtiment B", line3="La Croix-Blanche",
        town="L'Haÿ-les-Roses", mobile="+33 6 12 34 56 78", door_code1="12A45", intercom="DUPONT",
    )  # fmt: skip
    label = Label(
        number="", product="DOM", product_label="Domicile sans signature", account="900138", sender=sender,
        addressee=to, weight=1250, created=date(2026, 11, 22), instructions="Laisser chez la gardienne",
    )  # fmt: skip
    return [
        replace(
            label, number=f"6A{n:010d}{n % 10}", reference=f"CMD-{n:06}", weight=250 + n,
            addressee=replace(to, last_name=f"Dupont {n}", line2=f"{n} rue des Lilas", postcode=f"{10000 + n % 80000}"),
        )
        for n in range(count)
    ]  # fmt: skip


def empty_page() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(io.BytesIO(), pagesize=(283.5, 425.2), invariant=1, pageCompression=1)
    canvas.showPage()
    return bytes(canvas.getpdfdata())


def rate(count: int, work: Callable[[], object]) -> float:
    """How many a second of processor time."""
    began = time.process_time()
    work()
    return count / (time.process_time() - began)


def measure(count: int, rounds: int) -> dict[str, list[float]]:
    from tracking.labels import Paper, render

    labels = prepared(count * (rounds + 1) * 5)  # each is drawn once: no cache of a reprint helps
    rates: dict[str, list[float]] = {}

    def at_once(paper: Paper) -> Callable[[], object]:
        mine = [labels.pop() for _ in range(count)]
        return lambda: render(mine, paper)

    def each(paper: Paper) -> Callable[[], object]:
        mine = [labels.pop() for _ in range(count)]
        return lambda: [render([label], paper) for label in mine]

    for number in range(rounds + 1):
        turns: dict[str, Callable[[], object]] = {
            "empty_page": lambda: [empty_page() for _ in range(count)],
            "pdf": each(Paper.PDF_10x15_300dpi),
            "pdf_of_many": at_once(Paper.PDF_10x15_300dpi),
            "zpl": each(Paper.ZPL_10x15_203dpi),
            "dpl": each(Paper.DPL_10x15_203dpi),
        }
        for name, work in sorted(turns.items(), reverse=number % 2 == 1):
            found = rate(count, work)
            if number:  # the first round reads the fonts
                rates.setdefault(name, []).append(found)
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=100, help="how many labels a round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    os.environ.update(DEBUG="1", DATABASE_URL="postgresql://nobody@localhost/none")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colibox.settings")
    django.setup()
    rates = measure(given.labels, given.rounds)
    told = {name: round(statistics.median(found)) for name, found in rates.items()}
    for name, found in told.items():
        print(f"{name:12} {found:6} a second")
    print(
        f"Goal {GOAL} labels a second. What limits: cutting two fonts to the glyphs of each document, then its objects."
    )
    ratios = {
        f"label_{name}": round(statistics.median(b / a for a, b in zip(found, rates["empty_page"], strict=True)), 2)
        for name, found in rates.items()
        if name != "empty_page"
    }
    print(json.dumps({"ratios": ratios, "per_second": told}))


if __name__ == "__main__":
    main()
