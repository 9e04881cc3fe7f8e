"""The sketch of pickup points: as far and in the direction that they are."""

from __future__ import annotations

from math import hypot

from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.pickup import distance
from tracking.sketch import REACH, SIDE, sketch

LILLE = (50.6292, 3.0573)
near = st.tuples(st.floats(50.4, 50.85), st.floats(2.7, 3.4))


def test_north_is_up_and_east_is_on_the_right() -> None:
    drawn = sketch(LILLE, [(50.64, 3.0573), (50.6292, 3.08)])
    places = {spot.number: (spot.x, spot.y) for spot in drawn.spots}
    assert places[1][0] == SIDE / 2 and places[1][1] < SIDE / 2
    assert places[2][0] > SIDE / 2 and places[2][1] == SIDE / 2
    assert [spot.number for spot in drawn.spots] == [2, 1]  # the nearest over the others


def test_circles_stand_for_round_distances() -> None:
    assert [circle.metres for circle in sketch(LILLE, [(50.6600, 3.0573)]).circles] == [1_000, 2_000]
    assert [circle.metres for circle in sketch(LILLE, [LILLE]).circles] == [100]
    assert sketch(LILLE, []).spots == []


@settings(max_examples=50, deadline=None)
@given(st.lists(near, min_size=1, max_size=8))
def test_every_point_is_drawn_inside_and_as_far_as_it_is(points: list[tuple[float, float]]) -> None:
    drawn = sketch(LILLE, points)
    most = max(distance(LILLE, point) for point in points)
    for spot in drawn.spots:
        far = hypot(spot.x - SIDE / 2, spot.y - SIDE / 2)
        assert far <= SIDE / 2
        assert abs(far - REACH * distance(LILLE, points[spot.number - 1]) / most) < 2
