"""Labels and deposit slips as PDF: read again by a bar code reader and by whoever extracts the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pypdfium2
import pytest
import zxingcpp
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from colibox.lib.rtl import visual
from colibox.lib.writing import BOX, ELLIPSIS, capitals, fitted, printable, width
from tracking.labels import Address, Label, Paper, Slip, SlipLine, code128, datamatrix, deposit_slip, render, routing

PDFS = [paper for paper in Paper if paper.language == "PDF"]

SENDER = Address(company="Comptoir du Nord", line2="12 rue de la Monnaie", postcode="59000", town="Lille")
ADDRESSEE = Address(
    last_name="Dupont-Lefèvre", first_name="Éléonore", line0="Étage 3", line1="Bâtiment B",
    line2="127 bis avenue du Général-de-Gaulle", line3="La Croix-Blanche", postcode="94240", town="L'Haÿ-les-Roses",
    mobile="+33612345678", door_code1="12A45", door_code2="B7788", intercom="DUPONT",
)  # fmt: skip
HOME = Label(
    number="6A15984040331", product="DOM", product_label="Domicile", account="900138", sender=SENDER,
    addressee=ADDRESSEE, weight=1250, created=date(2026, 11, 22), reference="CMD-2026-000123", tag="Boutique",
    instructions="Laisser chez la gardienne",
)  # fmt: skip
ABROAD = replace(
    HOME, number="CF105226750FR", product="COLI", signature=True,
    addressee=Address(company="Müller & Söhne", line2="Königsstraße 12", postcode="10115", town="Köln", country="DE"),
)  # fmt: skip
PICKUP = replace(HOME, number="6C03323769975", product="HD", pickup_id="123456", pickup_name="Poste Paris Louvre")
ODD = replace(
    ABROAD, return_label=True, product_label="W" * 400, reference="(\\) Tj ET " * 9, instructions="word " * 400,
    addressee=Address(
        company="W" * 500,
        last_name="שרה לוי (אב) 12", first_name="😀👨‍👩‍👧 محمد", line2="東京都 " * 20, line3="\x00\n\x1b^XA",
        postcode="1" * 30, town="ﷺ" * 90, country="??", mobile="9" * 80, door_code1="\u202e0" * 40,
    ),
)  # fmt: skip


def pages(made: bytes) -> Iterator[pypdfium2.PdfPage]:
    document = pypdfium2.PdfDocument(made)
    try:
        for page in document:
            yield page
            page.close()
    finally:
        document.close()


def codes(made: bytes, dpi: int) -> list[set[str]]:
    """What a reader finds on each page printed with so many dots an inch."""
    return [
        {found.text for found in zxingcpp.read_barcodes(page.render(scale=dpi / 72, grayscale=True).to_pil())}
        for page in pages(made)
    ]


def text(made: bytes) -> str:
    found = []
    for page in pages(made):
        layer = page.get_textpage()
        found.append(layer.get_text_range())
        layer.close()
    return re.sub(r"\s+", " ", "\n".join(found))


def wanted(label: Label) -> set[str]:
    to = label.addressee
    routed = routing.routing(label.number, to.postcode, to.country)
    return {label.number, routed, f"{label.number};{to.country};{to.postcode};{label.reference}"}


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("paper", PDFS)
def test_a_reader_finds_every_bar_code(paper: Paper, dpi: int) -> None:
    labels = [HOME, ABROAD, PICKUP]
    together = paper is Paper.PDF_A4_300dpi
    expected = [set().union(*map(wanted, labels))] if together else [wanted(label) for label in labels]
    assert codes(render(labels, paper), dpi) == expected


@pytest.mark.parametrize("paper", PDFS)
def test_a_label_says_all_there_is_to_say(paper: Paper) -> None:
    said = text(render([HOME], paper))
    for part in (
        "6A 15984 04033 1", "DOM", "Domicile", "Sans signature", "Comptoir du Nord", "12 rue de la Monnaie",
        "59000 LILLE", "Éléonore Dupont-Lefèvre", "Étage 3", "Bâtiment B", "127 bis avenue du Général-de-Gaulle",
        "La Croix-Blanche",
        "94240 L HAY LES ROSES", "+33612345678", "12A45 / B7788", "DUPONT", "Laisser chez la gardienne", "1,25 kg",
        "22/11/2026", "CMD-2026-000123", "900138", "Boutique", "EXPÉDITEUR", "DESTINATAIRE",
    ):  # fmt: skip
        assert part in said, part


def test_what_is_particular_is_said_too() -> None:
    said = text(render([ABROAD, PICKUP, replace(HOME, return_label=True)], Paper.PDF_10x15_300dpi))
    for part in ("10115 KOLN", "ALLEMAGNE", "Remise contre signature", "123456 Poste Paris Louvre", "RETOUR"):
        assert part in said, part
    with translation.override("en"):
        assert "GERMANY" in (said := text(render([ABROAD], Paper.PDF_10x10_300dpi)))
    assert "ADDRESSEE" in said


@pytest.mark.parametrize("paper", PDFS)
def test_whatever_is_written_stays_on_the_paper_and_leaves_the_bar_codes_readable(paper: Paper) -> None:
    assert all("CF105226750FR" in found for found in codes(render([ODD], paper), 203))
    for page in pages(render([ODD], paper)):
        wide, high = page.get_size()
        layer = page.get_textpage()
        for rank in range(layer.count_rects()):
            left, bottom, right, top = layer.get_rect(rank)
            assert left >= 0 and bottom >= 0 and right <= wide and top <= high
        layer.close()


def test_pages_are_as_large_as_the_paper_and_as_many_as_needed() -> None:
    for paper in PDFS:
        made = render([HOME] * 5, paper)
        sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in pages(made)]
        assert sizes == [paper.size] * (2 if paper is Paper.PDF_A4_300dpi else 5)


@pytest.mark.parametrize("paper", Paper)
def test_a_reprint_is_the_same_to_the_byte(paper: Paper) -> None:
    stored = json.loads(json.dumps(ODD.as_dict()))
    assert Label.from_dict({**stored, "unheard_of": 1}) == ODD
    assert render([Label.from_dict(stored), HOME], paper) == render([ODD, HOME], paper)


def test_a_name_is_never_an_operator_or_an_object_of_the_document() -> None:
    evil = ") Tj ET Q endstream endobj 1 0 obj <</OpenAction<</S/JavaScript/JS(app.alert(1))>>>> %\\\r\n("
    label = replace(
        HOME, number=f"6A15984040331{evil}", reference=evil, instructions=evil, tag=evil,
        addressee=replace(ADDRESSEE, company=evil, town=evil), sender=replace(SENDER, company=evil),
    )  # fmt: skip
    made = render([label], Paper.PDF_10x15_300dpi)
    for word in (b"JavaScript", b"OpenAction", b"app.alert"):
        assert word not in made
    document = pypdfium2.PdfDocument(made)
    assert document.get_metadata_dict(skip_empty=True)["Author"] == "Colibox"
    assert "<" not in document.get_metadata_dict()["Title"]
    document.close()
    assert ") Tj ET Q" in text(made)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.integers(0, 99_999))
def test_any_name_can_be_printed(name: str, town: str, grams: int) -> None:
    label = replace(HOME, addressee=Address(last_name=name, town=town, postcode=town), reference=name, weight=grams)
    for paper in (Paper.PDF_10x10_300dpi, Paper.ZPL_10x15_203dpi, Paper.DPL_10x12_300dpi):
        assert render([label], paper)
    line, size = fitted(name, 12, 100)
    assert width(line, size) <= 100.01


def test_what_is_far_too_long_is_printed_all_the_same() -> None:
    huge = "9é\ud800" * 100_000
    label = replace(HOME, number=huge, reference=huge, addressee=Address(**dict.fromkeys(vars(ADDRESSEE), huge)))
    assert all(render([label], paper) for paper in Paper)


def test_what_the_fonts_lack_is_a_box_and_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert printable("Zoé 😀👍🏽 Martin\r\nfoo\u200f\x00") == f"Zoé {BOX} Martin foo"
    assert fitted("court", 12, 100) == ("court", 12)
    shrunk, size = fitted("un peu trop long", 12, 70)
    assert shrunk == "un peu trop long" and 12 * 0.72 <= size < 12
    assert fitted("x" * 200, 12, 70)[0].endswith(ELLIPSIS)
    assert capitals("L'Haÿ-les-Roses") == "L HAY LES ROSES"


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Zoé 12", "Zoé 12"),
        ("שלום", "םולש"),
        ("שלום 12", "12 םולש"),
        ("rue שלום (אב) 3", "rue 3 (בא) םולש"),
        ("سلام", "\ufee1\ufefc\ufeb3"),
    ],
)
def test_right_to_left_is_drawn_as_it_is_read(written: str, drawn: str) -> None:
    assert visual(written) == drawn


def test_the_routing_code_is_the_published_one() -> None:
    assert routing.routing("6A15984040331", "75001", "FR") == "0075001116A1598404033801250L"
    assert len(routing.routing("", "", "??")) == 28


def test_symbols_are_those_of_the_standards() -> None:
    assert code128.modules("6C03323769975") == 134
    for length in (1, 3, 9, 17, 30, 44, 62, 80, 114, 140, 174):
        cells = datamatrix.matrix("Az" * (length // 2) + "A" * (length % 2))
        image = bytes(0 if cell else 255 for row in _widened(cells) for cell in row)
        side = (len(cells) + 4) * 4
        read = zxingcpp.read_barcodes(memoryview(image).cast("B", (side, side)))
        assert [len(found.text) for found in read] == [length]


def _widened(cells: tuple[bytes, ...]) -> Iterator[bytes]:
    """Four dots a cell, two cells of quiet zone."""
    empty = bytes(len(cells) + 4)
    for row in (empty, empty, *(b"\0\0" + row + b"\0\0" for row in cells), empty, empty):
        yield from [bytes(cell for cell in row for _ in range(4))] * 4


def slip(count: int) -> Slip:
    lines = [
        SlipLine(
            number=HOME.number, product_label="Domicile" if rank % 2 else "Retour", addressee=f"Client {rank} 😀 שרה",
            postcode="94240", town="Cachan", country="FR", weight=1000, reference=f"R{rank}",
        )
        for rank in range(count)
    ]  # fmt: skip
    made = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
    return Slip(number=1234, account="900138", sender=SENDER, created=made, by="Odile Hervé", parcels=lines)


def test_a_deposit_slip_lists_counts_and_weighs() -> None:
    made = deposit_slip(slip(81))
    assert made == deposit_slip(slip(81))
    assert codes(made, 203) == [{"0000001234"}] * 3
    said = text(made)
    for part in (
        "Bordereau de dépôt", "n° 1234", "900138", "22/11/2026", "Odile Hervé", "Client 80", "94240 CACHAN", "R80",
        "40 colis, 40,00 kg", "41 colis, 41,00 kg", "81 colis, 81,00 kg", "Page 3 sur 3", "Transporteur", "Expéditeur",
    ):  # fmt: skip
        assert part in said, part


def test_a_short_slip_is_one_page() -> None:
    assert len(list(pages(deposit_slip(slip(1))))) == 1
    assert "1 colis" in text(deposit_slip(slip(1)))
