"""Our mark, the parcel of static/mark.svg in black, as polygons and as dots."""

from __future__ import annotations

from functools import cache

Polygon = tuple[tuple[float, float], ...]

SIDE = 32
"""Of the square the coordinates are on."""

SIDES: tuple[Polygon, ...] = (
    ((16, 2.5), (28, 9), (16, 15.5), (4, 9)),
    ((4, 11.2), (15, 17.2), (15, 29.5), (4, 23.3)),
    ((28, 11.2), (17, 17.2), (17, 29.5), (28, 23.3)),
)
TAPE: Polygon = ((20.2, 4.8), (23.4, 6.5), (11.6, 12.9), (8.4, 11.2))
"""Left white on the top."""


@cache
def bitmap(size: int) -> list[str]:
    """Rows of 1 for black and 0 for white."""
    middles = [(dot + 0.5) * SIDE / size for dot in range(size)]
    return ["".join("1" if _black(x, y) else "0" for x in middles) for y in middles]


def _black(x: float, y: float) -> bool:
    return any(_inside(side, x, y) for side in SIDES) and not _inside(TAPE, x, y)


def _inside(polygon: Polygon, x: float, y: float) -> bool:
    """Whether a ray to the right crosses the outline an odd number of times."""
    edges = zip(polygon, (*polygon[1:], polygon[0]), strict=True)
    crossed = [x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 for (x1, y1), (x2, y2) in edges if (y1 > y) != (y2 > y)]
    return sum(crossed) % 2 == 1
