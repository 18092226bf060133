"""The hexagon grid: fixed, without gaps, and blind to the data."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from analysis.grid import as_metres, hex_cells, hex_polygon, hex_union, neighbours

CELL = 100.0
RD = st.tuples(st.floats(0, 300_000), st.floats(300_000, 620_000))


@given(st.lists(RD, min_size=1, max_size=50))
def test_every_point_lies_in_its_own_cell(points):
    cells = hex_cells(np.array(points), CELL)
    for (q, r), point in zip(cells, points, strict=True):
        assert hex_polygon(q, r, CELL).distance(shapely.Point(point)) < 1e-6


def test_a_cell_is_100_metres_from_flat_side_to_flat_side():
    cell = hex_polygon(0, 0, CELL)
    assert cell.bounds[2] - cell.bounds[0] == pytest.approx(100)
    assert cell.area == pytest.approx(100**2 * np.sqrt(3) / 2)
    assert cell.centroid.coords[0] == pytest.approx((0, 0))


@given(st.integers(-3000, 3000), st.integers(-6000, 6000))
def test_neighbours_touch_along_a_whole_side(q, r):
    own = hex_polygon(q, r, CELL)
    for near in neighbours((q, r)):
        other = hex_polygon(*near, CELL)
        assert own.intersection(other).length == pytest.approx(CELL / np.sqrt(3), abs=1e-6)
        assert len(set(own.exterior.coords) & set(other.exterior.coords)) == 2


def test_the_union_of_a_ring_has_no_slivers():
    cells = [(2500, 5400), *neighbours((2500, 5400))]
    union = hex_union(cells, CELL)
    assert union.geom_type == "Polygon"
    assert len(union.interiors) == 0
    assert union.area == pytest.approx(7 * hex_polygon(0, 0, CELL).area)


@pytest.mark.parametrize(
    ("xy", "words"),
    [
        ([[6.89, 52.22], [6.9, 52.2]], "degrees"),
        ([[52.22, 6.89]], "degrees"),
        ([[-77.0, 38.9]], "degrees"),
        ([[257000, 471000], [np.nan, 471000]], "1 points without finite coordinates, first at index 1"),
        ([[257000, np.inf]], "finite"),
        ([257000, 471000], "shape"),
        ([[257000, 471000, 3]], "shape"),
    ],
)
def test_what_is_no_place_in_metres_is_refused(xy, words):
    with pytest.raises(ValueError, match=words):
        as_metres(xy)


def test_empty_input_is_no_error():
    assert as_metres([]).shape == (0, 2)
    assert hex_cells([], CELL).shape == (0, 2)


@pytest.mark.parametrize("cell", [0, -1, np.nan])
def test_a_cell_without_size_is_refused(cell):
    with pytest.raises(ValueError, match="positive"):
        hex_cells([[257000, 471000]], cell)
