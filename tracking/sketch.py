"""A sketch of where pickup points are around an address: numbers that a template draws in SVG, for no map is ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from tracking.pickup import A_DEGREE, Position, distance

SIDE = 240
"""The sketch is a square of so many units, the address in its middle."""
REACH = 104
"""The farthest point is so far from the middle."""
STEPS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
"""The metres that a circle may stand for."""


@dataclass(frozen=True)
class Spot:
    """A point under its number in the list."""

    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Circle:
    """What is as far from the address."""

    metres: int
    radius: float

    @property
    def top(self) -> float:
        return SIDE / 2 - self.radius


@dataclass(frozen=True)
class Sketch:
    """North is up; the nearest come last, so that they are drawn over the others."""

    spots: list[Spot]
    circles: list[Circle]
    side: int = SIDE
    middle: int = SIDE // 2


def sketch(where: Position, points: Sequence[Position]) -> Sketch:
    """The points around a position, the first of them under number 1."""
    most = max((distance(where, point) for point in points), default=0.0) or float(STEPS[0])
    scale = REACH / most
    spots = [_spot(number, where, point, scale) for number, point in enumerate(points, 1)]
    steps = [step for step in STEPS if step <= most][-2:] or [STEPS[0]]
    return Sketch(spots[::-1], [Circle(step, round(step * scale, 1)) for step in steps if step * scale <= SIDE / 2])


def _spot(number: int, where: Position, point: Position, scale: float) -> Spot:
    """Degrees become metres as on a plane: on a sketch of some kilometres nobody sees that the earth is none."""
    latitude, longitude = where
    east = (point[1] - longitude) * A_DEGREE * cos(radians(latitude))
    north = (point[0] - latitude) * A_DEGREE
    return Spot(number, round(SIDE / 2 + east * scale, 1), round(SIDE / 2 - north * scale, 1))
