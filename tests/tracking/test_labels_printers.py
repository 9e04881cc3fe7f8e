"""Labels in the languages of label printers: what they hold, and that nothing written in an address is a command."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from tracking.labels import Address, Label, Paper, mark, render
from tracking.labels.dpl import plain
from tracking.labels.zpl import escaped

ZPL = [paper for paper in Paper if paper.language == "ZPL"]
DPL = [paper for paper in Paper if paper.language == "DPL"]

SENDER = Address(company="Comptoir du Nord", line2="12 rue de la Monnaie", postcode="59000", town="Lille")
ADDRESSEE = Address(last_name="Lefèvre", first_name="Zoé", line2="3 quai Éole", postcode="94240", town="Cachan")
LABEL = Label(
    number="6A15984040331", product="DOM", product_label="Domicile", account="900138", sender=SENDER,
    addressee=ADDRESSEE, weight=1250, created=date(2026, 11, 22), reference="CMD-2026-000123",
)  # fmt: skip
EVIL = "^XZ^XA^FO1,1~JA~DGR:X_5E\\&\\<FP36>\x02L\rD11\r1X1100000000000l99999999\rE\x01#\n\x1b\x00é漢😀"
EVERYWHERE = replace(
    LABEL, number=LABEL.number + EVIL, reference=EVIL, tag=EVIL, instructions=EVIL, product=EVIL, product_label=EVIL,
    account=EVIL, pickup_id=EVIL, pickup_name=EVIL, commercial_name=EVIL, customer_label=EVIL,
    sender=Address(**dict.fromkeys(Address.__dataclass_fields__, EVIL)),
    addressee=Address(**dict.fromkeys(Address.__dataclass_fields__, EVIL)),
)  # fmt: skip

COMMANDS = {"XA", "CI", "PW", "LL", "LH", "FO", "FT", "GF", "GB", "FS", "A0", "FR", "FH", "FD", "BY", "BC", "BX", "XZ"}
"""All the commands a label uses."""


RECORDS = (
    r"A[12]",
    r"1911S0[01]\d{8}P\d{3}P\d{3}.{1,255}",
    r"1X11000\d{8}(l\d{8}|b\d{16})",
    r"1e0\d\d{3}\d{8}B[0-9A-Z]+",
    r"1W1c[0-9A-Z]{2}000\d{8}2000000000.+",
)
"""The records of a Datamax label: overlap, text, line or box, bar code, Data Matrix."""


def commands(made: str) -> list[str]:
    """What a Zebra printer takes for commands: whatever follows a caret or a tilde."""
    return [found.upper() for found in re.findall(r"[\^~](..)", made)]


def read_fields(made: str) -> list[str]:
    """The data of each field as the printer reads them."""
    raw = re.findall(r"\^FH_\^FD(.*?)\^FS", made, re.DOTALL)
    return [re.sub(rb"_([0-9A-F]{2})", lambda m: bytes.fromhex(m[1].decode()), r.encode()).decode() for r in raw]


@pytest.mark.parametrize("paper", ZPL)
def test_a_label_for_zebra_printers_is_one_format_of_the_size_of_the_paper(paper: Paper) -> None:
    made = render([LABEL, LABEL], paper).decode("ascii")
    assert made.startswith("^XA\n^CI28\n") and made.endswith("^XZ\n") and commands(made).count("XA") == 2
    wide, high = (round(side / 25.4 * paper.dpi) for side in paper.size)
    assert f"^PW{wide}\n^LL{high}\n" in made
    assert set(commands(made)) <= COMMANDS
    assert commands(made).count("BC") == 4 and commands(made).count("BX") == 2
    assert all(int(x) < wide and int(y) < high for x, y in re.findall(r"\^F[OT](\d+),(\d+)", made))
    assert {"6A15984040331", "6A15984040331;FR;94240;CMD-2026-000123", "6A 15984 04033 1"} <= set(read_fields(made))
    assert {"Zoé Lefèvre", "3 quai Éole", "94240 CACHAN", "1,25 kg", "EXPÉDITEUR"} <= set(read_fields(made))


@pytest.mark.parametrize("paper", [*ZPL, *DPL])
def test_bars_are_whole_dots_wide_enough_to_be_read(paper: Paper) -> None:
    made = render([LABEL], paper).decode("latin-1")
    pattern = r"\^BY(\d+)" if paper.language == "ZPL" else r"(?m)^1e0(\d)"
    bars = [int(dots) for dots in re.findall(pattern, made.replace("\r", "\n"))]
    assert len(bars) == 2 and all(dots * 25.4 / paper.dpi >= 0.24 for dots in bars)


@pytest.mark.parametrize("paper", ZPL)
def test_no_name_is_a_command_of_a_zebra_printer(paper: Paper) -> None:
    made = render([EVERYWHERE], paper).decode("ascii")
    assert set(commands(made)) <= COMMANDS
    assert commands(made).count("XA") == commands(made).count("XZ") == 1
    assert "~" not in made and not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", made)


def test_field_data_is_hexadecimal_but_for_letters_digits_and_spaces() -> None:
    assert escaped("A1 ^~_\\é") == "A1 _5E_7E_5F_5C_C3_A9"


def test_a_name_in_another_script_is_drawn_as_dots() -> None:
    label = replace(LABEL, addressee=replace(ADDRESSEE, last_name="שרה", first_name=""))
    plainly, drawn = (render([each], Paper.ZPL_10x15_203dpi).decode() for each in (LABEL, label))
    assert plainly.count("^GFA") + 1 == drawn.count("^GFA")
    for total, across, data in re.findall(r"\^GFA,(\d+),\d+,(\d+),([0-9A-F]*)", drawn):
        assert len(data) == 2 * int(total) and int(total) % int(across) == 0


@pytest.mark.parametrize("paper", DPL)
def test_a_label_for_datamax_printers_is_one_format_in_records(paper: Paper) -> None:
    made = render([LABEL], paper).decode("latin-1")
    head, *records = made.removesuffix("\rE\r").split("\r")
    assert [head, *records[:4]] == ["\x02m", "\x02L", "D11", "ySE1", "A2"]
    assert "1W1c" in made and "B6A15984040331\r" in made and "3 quai Éole\r" in made
    for record in records[4:]:
        assert any(re.fullmatch(form, record) for form in RECORDS), record


@pytest.mark.parametrize("paper", DPL)
def test_no_name_is_a_command_of_a_datamax_printer(paper: Paper) -> None:
    made = render([EVERYWHERE], paper).decode("latin-1")
    assert made.count("\x02") == 2 and made.count("\rE\r") == 1 and not set("\x00\x01\n\x1b\\^~") & set(made)
    assert made.count("\rD11\r") == 1
    for record in made.split("\r")[5:-2]:
        assert any(re.fullmatch(form, record) for form in RECORDS), record
    assert plain("Łódź Œuvre’s ½ 漢") == "Lódz OEuvre's ½ ?"


def test_the_mark_is_the_same_in_dots() -> None:
    rows = mark.bitmap(64)
    dark = sum(row.count("1") for row in rows) / 64**2
    assert len(rows) == 64 and 0.3 < dark < 0.7
