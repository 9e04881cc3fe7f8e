"""Charts as numbers that a template draws in SVG: across in per cent, upwards in pixels; text keeps its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colibox.lib.numbers import thousands

HEIGHT = 160
"""Pixels between the line of zero and the top."""
TOP = 20
"""Pixels above, for what the uppermost line says."""
GAP = 0.25
"""The part of a bar's place that is left empty."""


@dataclass(frozen=True)
class Bar:
    """One bar: where it stands, how high it is, what it says."""

    label: str
    value: int
    x: str
    middle: str
    width: str
    y: int
    height: int
    anchor: str
    """How its label stands under it; empty when it is not shown."""

    @property
    def shown(self) -> str:
        return thousands(self.value)


@dataclass(frozen=True)
class Bars:
    """A chart of bars that stand side by side."""

    bars: list[Bar]
    ticks: list[str]
    """What the lines across stand for: the uppermost, the one in the middle, zero."""
    lines: tuple[int, ...] = (TOP, TOP + HEIGHT // 2, TOP + HEIGHT)
    label: int = TOP + HEIGHT + 18


@dataclass(frozen=True)
class Share:
    """A bar that lies: a part of the largest, and its share of all."""

    key: str
    label: str
    value: int
    width: str
    percent: int
    """Zero of what is some, but less than one in a hundred."""

    @property
    def shown(self) -> str:
        return thousands(self.value)


def bars(values: Sequence[tuple[str, int]], *, labelled: int = 0) -> Bars:
    """Bars of these values; of many only so many are labelled, the last among them."""
    most = ceiling(max((value for _, value in values), default=0))
    each = -(-len(values) // labelled) if labelled else 1
    place = 100 / max(len(values), 1)
    drawn = []
    for number, (label, value) in enumerate(values):
        height = round(HEIGHT * value / most)
        shown = (len(values) - 1 - number) % each == 0
        drawn.append(
            Bar(
                label=label,
                value=value,
                x=f"{place * (number + GAP / 2):.3f}%",
                middle=f"{place * (number + 0.5):.3f}%",
                width=f"{place * (1 - GAP):.3f}%",
                y=TOP + HEIGHT - height,
                height=height,
                anchor=_anchor(number, len(values)) if shown else "",
            )
        )
    return Bars(drawn, [thousands(tick) for tick in (most, most // 2, 0)])


def shares(values: Sequence[tuple[str, str, int]]) -> list[Share]:
    """Lying bars of these values, each a key, a label and a number."""
    most = max((value for _, _, value in values), default=0) or 1
    total = sum(value for _, _, value in values) or 1
    return [
        Share(key, label, value, f"{100 * value / most:.2f}%", round(100 * value / total))
        for key, label, value in values
    ]


def ceiling(most: int) -> int:
    """The even round number at or above another: 2, 4, 6, 8, 10, 20, 40 …"""
    step = 1
    while True:
        for digit in (2, 4, 6, 8, 10):
            if most <= digit * step:
                return digit * step
        step *= 10


def _anchor(number: int, count: int) -> str:
    """A label in the middle of its bar, but inside the chart at its ends when bars are narrow."""
    if count > 15 and number > count - 3:
        return "end"
    return "start" if count > 15 and number < 2 else "middle"
