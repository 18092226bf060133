"""Points that stand for an area: inside it, evenly, and about as many as were asked."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.spread import spread_points


@st.composite
def areas(draw):
    """Stars around a middle: from round to very ragged, of any size."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    corners = draw(st.integers(3, 24))
    angle = 2 * np.pi * np.arange(corners) / corners
    far = draw(st.floats(20, 5000)) * rng.uniform(0.2, 1, corners)
    return shapely.Polygon(np.column_stack([250_000 + far * np.cos(angle), 470_000 + far * np.sin(angle)]))


@settings(deadline=None, max_examples=60)
@given(areas(), st.integers(1, 80))
def test_points_lie_inside_and_are_about_as_many_as_asked(area, number):
    points = spread_points(area, number)
    assert shapely.contains_xy(area, points).all()
    assert 0.75 * number <= len(points) <= 3 * number + 3
    np.testing.assert_array_equal(points, spread_points(area, number))


def test_a_square_is_filled_by_equal_squares():
    points = spread_points(shapely.box(0, 0, 100, 100), 4)
    assert points.tolist() == [[25, 25], [75, 25], [25, 75], [75, 75]]


def test_the_middle_of_the_points_is_that_of_the_area():
    area = shapely.Polygon([(0, 0), (900, 0), (900, 300), (300, 300), (300, 900), (0, 900)])
    points = spread_points(area, 60)
    assert np.hypot(*(points.mean(axis=0) - np.array(area.centroid.coords[0]))) < 40


def test_a_ribbon_and_a_single_point_still_have_a_place():
    ribbon = shapely.LineString([(0, 0), (1000, 700)]).buffer(0.5)
    assert shapely.contains_xy(ribbon, spread_points(ribbon, 3)).all()
    assert len(spread_points(shapely.box(0, 0, 10, 10), 1)) == 1


@pytest.mark.parametrize(("area", "number"), [(shapely.Polygon(), 3), (shapely.box(0, 0, 1, 1), 0)])
def test_nothing_to_fill_is_refused(area, number):
    with pytest.raises(ValueError, match=r"surface|number"):
        spread_points(area, number)
